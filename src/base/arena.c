/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <pthread.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/sanitizer.h"

enum { ARENA_BLOCK_BYTES = 4096, ARENA_BLOCK_MOST = 64 * 1024 };

struct block {
	struct block *next;
	size_t used, size;
	alignas(max_align_t) char bytes[];
};

struct arena {
	struct block *first; /* the block that is being filled; full ones follow */
	size_t used;
};

/* First blocks of arenas that are gone, for the next ones of the same thread: most arenas live for one
 * command or one message.  The sanitizer is to see who looks into one that is gone. */
enum { SPARE_BLOCKS_MAX = SANITIZER_ADDRESS ? 0 : 32 };

static _Thread_local struct {
	struct block *first;
	unsigned n;
	bool told; /* the thread's end will free them */
} spare;
static pthread_key_t at_thread_end;

static void free_list(struct block *b)
{
	for (struct block *next; b; b = next) {
		next = b->next;
		free(b);
	}
}

static void free_spare(void *first)
{
	(void)first;
	free_list(spare.first);
	spare.first = NULL;
	spare.n = 0;
	spare.told = false;
}

static void make_key(void)
{
	if (pthread_key_create(&at_thread_end, free_spare))
		mem_out();
}

static void tell_thread_end(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, make_key);
	spare.told = pthread_setspecific(at_thread_end, &spare) == 0;
}

static struct block *block_new(size_t size)
{
	struct block *b = size == ARENA_BLOCK_BYTES ? spare.first : NULL;
	if (!b) {
		b = mem_grow(NULL, 1, sizeof(*b) + size);
		b->size = size;
		return b;
	}
	spare.first = b->next;
	spare.n--;
	return b;
}

static void block_free(struct block *b)
{
	if (b->size != ARENA_BLOCK_BYTES || spare.n + 1 > SPARE_BLOCKS_MAX) {
		free(b);
		return;
	}
	if (!spare.told)
		tell_thread_end();
	b->next = spare.first;
	spare.first = b;
	spare.n++;
}

struct arena *arena_new(void)
{
	return mem_alloc(sizeof(struct arena));
}

void arena_free(struct arena **a)
{
	if (!*a)
		return;
	for (struct block *b = (*a)->first, *next; b; b = next) {
		next = b->next;
		block_free(b);
	}
	free(*a);
	*a = NULL;
}

/* Apart, so that the usual way is short. */
__attribute__((noinline)) static struct block *block_add(struct arena *a, size_t n)
{
	struct block *b = a->first;
	size_t usual = b && b->size < ARENA_BLOCK_MOST ? 2 * b->size
		       : b                             ? ARENA_BLOCK_MOST
						       : ARENA_BLOCK_BYTES;
	size_t size = n > usual ? n : usual;
	b = block_new(size);
	b->used = 0;
	b->next = a->first;
	a->first = b;
	return b;
}

void *arena_raw(struct arena *a, size_t n)
{
	const size_t align = alignof(max_align_t);
	n = n ? (n + align - 1) / align * align : align;
	struct block *b = a->first;
	if (!b || b->size - b->used < n)
		b = block_add(a, n);
	void *p = b->bytes + b->used;
	b->used += n;
	a->used += n;
	return p;
}

void *arena_alloc(struct arena *a, size_t n)
{
	return memset(arena_raw(a, n), 0, n ? n : 1);
}

void *arena_grow(struct arena *a, void *v, size_t n, size_t *room, size_t first, size_t size)
{
	if (n < *room)
		return v;
	*room = *room ? 2 * *room : first;
	void *more = arena_alloc(a, *room * size);
	return n ? memcpy(more, v, n * size) : more;
}

char *arena_dup(struct arena *a, const void *p, size_t n)
{
	char *q = arena_raw(a, n + 1);
	if (n)
		memcpy(q, p, n);
	q[n] = '\0';
	return q;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return arena_dup(a, s, strlen(s));
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	enum { SHORT = 512 }; /* most are */
	char text[SHORT];
	va_list ap, again;
	va_start(ap, fmt);
	va_copy(again, ap);
	int n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	size_t size = n < 0 ? 0 : (size_t)n;
	char *s = size < SHORT ? arena_dup(a, text, size) : arena_raw(a, size + 1);
	if (size >= SHORT)
		vsnprintf(s, size + 1, fmt, again);
	va_end(again);
	return s;
}

struct str arena_str(struct arena *a, struct str s)
{
	return (struct str){ arena_dup(a, s.p, s.len), s.len };
}

size_t arena_used(const struct arena *a)
{
	return a->used;
}

void strlist_put(struct strlist *l, struct arena *a, const char *s)
{
	l->v = arena_grow(a, l->v, l->n, &l->room, 4, sizeof(*l->v));
	l->v[l->n++] = s;
}

void strlist_add(struct strlist *l, struct arena *a, const char *s)
{
	strlist_put(l, a, arena_strdup(a, s));
}

bool strlist_has(const struct strlist *l, const char *s)
{
	for (size_t i = 0; i < l->n; i++)
		if (!strcasecmp(l->v[i], s))
			return true;
	return false;
}

const char *strlist_join(const struct strlist *l, struct arena *a, const char *between)
{
	const char *s = "";
	for (size_t i = 0; i < l->n; i++)
		s = arena_printf(a, "%s%s%s", s, i ? between : "", l->v[i]);
	return s;
}
