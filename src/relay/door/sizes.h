/* SPDX-License-Identifier: Apache-2.0 */
/* relay/door/sizes.h - how large a message each lane's next server takes, as it last announced (SIZE, RFC
 * 1870).
 *
 * So that what it would refuse is refused at our own door, while the sender is listening. */
#ifndef RELAY_SIZES_H
#define RELAY_SIZES_H

#include <stdint.h>

#include "relay/settings.h"

enum {
	SIZES_MAX = 20000,
	SIZES_KEEP_MS = 24 * 3600 * 1000,
	SIZES_WRITE_MS = 4 * 3600 * 1000,
	SIZES_TIDY_MS = 60 * 1000 /* a full table is looked through once in so long */
};

struct sizes;

/* What a lane's size is kept by: with the smarthost and its port, as another one takes what it takes.  r: the
 * lane's route, NULL none. */
struct str sizes_key(const struct relay_route *r, struct str lane, struct arena *a);

/* path: of a file in which they are kept over a restart; NULL: none. */
struct sizes *sizes_new(const char *path, int64_t now_ms) MUST_USE;
void sizes_free(struct sizes **s); /* NULL is fine */

/* size 0: it announced none.  Of several hosts of one lane the last one counts. */
void sizes_learn(struct sizes *s, struct str key, long size, int64_t now_ms);
long sizes_of(const struct sizes *s, struct str key, int64_t now_ms); /* 0: not known, or none */

#endif
