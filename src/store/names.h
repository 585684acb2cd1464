/* SPDX-License-Identifier: Apache-2.0 */
/* store/names.h - things found by their name: a hash table that lanes and accounts share. */
#ifndef STORE_NAMES_H
#define STORE_NAMES_H

#include <stdint.h>

#include "base/str.h"

/* The first member of what is kept; name is owned by it and NUL-terminated. */
struct named {
	char *name;
	uint32_t hash, len;
	size_t users; /* gone when nobody uses it any more */
};

struct names { /* zero-initialise */
	struct named **v;
	size_t n, room;
};

/* The thing of that name with one user more, made (zeroed, `size` bytes) when it is new. */
void *names_use(struct names *t, struct str name, size_t size) MUST_USE;
struct named *names_find(const struct names *t, struct str name); /* or NULL */
/* One user less.  True when it was the last: it is out of the table, free what it owns but the name, then
 * names_free. */
bool names_leave(struct names *t, struct named *x) MUST_USE;
void names_free(struct named *x);
/* Frees the table and all in it; clear (NULL: nothing to do) frees what a thing owns but its name. */
void names_drop(struct names *t, void (*clear)(struct named *x));

#endif
