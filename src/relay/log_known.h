/* SPDX-License-Identifier: Apache-2.0 */
/* relay/log_known.h - which changes a file of lines tells of already: its last LOG_KNOWN_BYTES. */
#ifndef RELAY_LOG_KNOWN_H
#define RELAY_LOG_KNOWN_H

#include "base/str.h"
#include "store/siphash.h"

enum { LOG_KNOWN_BYTES = 64 << 20 };

struct log_known {
	struct sip_key key;
	uint64_t *v; /* of the head of each line, and of whom it tells (relay/log_line.h), in order */
	size_t n, room;
};

/* What cannot be read is not known. */
void log_known_read(struct log_known *k, const char *path);
bool log_known_has(const struct log_known *k, struct str what); /* a head, or whom */
void log_known_clear(struct log_known *k);

#endif
