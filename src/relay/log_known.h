/* SPDX-License-Identifier: Apache-2.0 */
/* relay/log_known.h - which changes a file of lines tells of already: its last LOG_KNOWN_BYTES. */
#ifndef RELAY_LOG_KNOWN_H
#define RELAY_LOG_KNOWN_H

#include "base/str.h"
#include "store/siphash.h"

enum { LOG_KNOWN_BYTES = 64 << 20 };

struct log_known {
	struct sip_key key;
	uint64_t *v; /* of the head of each line, and of whom it tells (relay/log_line.h) */
	size_t n, room;
	uint64_t last; /* of the id in the last line: others of its message may have been cut off */
};

/* Adds a file's; the newest last.  What cannot be read is not known. */
void log_known_read(struct log_known *k, const char *path);
void log_known_sort(struct log_known *k); /* before it is asked */
bool log_known_has(const struct log_known *k, struct str what); /* a head, or whom */
/* Whether the message is that of the last line. */
bool log_known_is_last(const struct log_known *k, struct str whom);
void log_known_clear(struct log_known *k);

#endif
