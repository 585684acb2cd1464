/* SPDX-License-Identifier: Apache-2.0 */
/* base/arena.h - memory of one session, message or document, dropped at once.
 *
 * Pointers from an arena live until arena_free(); nothing is freed singly. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/mem.h"
#include "base/str.h"

struct arena;

struct arena *arena_new(void) MUST_USE;
void arena_free(struct arena **a); /* sets *a to NULL; NULL is fine */

void *arena_alloc(struct arena *a, size_t n) MUST_USE; /* zeroed, aligned for any type */
void *arena_raw(struct arena *a, size_t n) MUST_USE;   /* the same, not zeroed: the caller fills all of it */

/* Room for one more behind v[0..n): v itself, or a copy with twice the room (first where v has none; the rest
 * zeroed).  The old place stays with the arena. */
void *arena_grow(struct arena *a, void *v, size_t n, size_t *room, size_t first, size_t size) MUST_USE;

/* Copies; the result is NUL-terminated. */
char *arena_dup(struct arena *a, const void *p, size_t n) MUST_USE;
char *arena_strdup(struct arena *a, const char *s) MUST_USE;
char *arena_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3) MUST_USE;
struct str arena_str(struct arena *a, struct str s) MUST_USE;

/* Bytes handed out so far, for tests of bounded memory. */
size_t arena_used(const struct arena *a);

/* A list of strings that grows in an arena.  v[0..n) are never NULL. */
struct strlist {
	const char **v;
	size_t n;
	size_t room;
};

void strlist_add(struct strlist *l, struct arena *a, const char *s); /* copies s */
/* The same without a copy: s lives as long as the arena. */
void strlist_put(struct strlist *l, struct arena *a, const char *s);
bool strlist_has(const struct strlist *l, const char *s); /* ASCII case ignored */
const char *strlist_join(const struct strlist *l, struct arena *a, const char *between) MUST_USE;

#endif
