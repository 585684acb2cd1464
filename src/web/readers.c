/* SPDX-License-Identifier: Apache-2.0 */
/* Handles on the store to look with, one for each thread that answers. */
#include "web/readers.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "relay/relay_inner.h"

enum { LOOK_AGAIN_MS = 2000 };

struct reader {
	struct store *store;
	ino_t file; /* of the index that it looks at */
};

struct readers {
	char *data, *index;
	pthread_mutex_t lock; /* guards the rest */
	pthread_cond_t given;
	struct reader *all;
	struct reader **free; /* that nobody has */
	size_t n, nfree;
	ino_t file; /* of the index as it is now, seen at looked_ms */
	int64_t looked_ms;
};

static ino_t file_of(const struct readers *r)
{
	struct stat st;
	return stat(r->index, &st) ? 0 : st.st_ino;
}

static bool open_one(struct readers *r, struct reader *x, struct err *e)
{
	const struct store_options o = { .path = r->data, .mode = STORE_READ, .now_ms = relay_now_ms() };
	struct store *fresh = NULL;
	ino_t file = file_of(r);
	if (!store_open(&o, &fresh, e))
		return false;
	store_close(&x->store);
	*x = (struct reader){ fresh, file };
	return true;
}

struct readers *readers_new(const char *data, size_t n, struct err *e)
{
	CLEANUP(readers_free) struct readers *r = mem_alloc(sizeof(*r));
	r->data = mem_strdup(data);
	r->index = mem_printf("%s/index.db", data);
	r->all = mem_alloc(n * sizeof(*r->all));
	r->free = mem_grow(NULL, n, sizeof(struct reader *));
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->given, NULL);
	while (r->n < n) {
		if (!open_one(r, &r->all[r->n], e))
			return NULL;
		r->free[r->nfree++] = &r->all[r->n++];
	}
	return STEAL(r);
}

void readers_free(struct readers **rp)
{
	struct readers *r = *rp;
	if (!r)
		return;
	for (size_t i = 0; i < r->n; i++)
		store_close(&r->all[i].store);
	pthread_mutex_destroy(&r->lock);
	pthread_cond_destroy(&r->given);
	free(r->all);
	free(r->free);
	free(r->data);
	free(r->index);
	mem_free(rp);
}

/* A damaged index is made anew in another file: who still looked at the old one would see nothing new. */
static bool is_stale(struct readers *r, const struct reader *x)
{
	int64_t now = relay_now_ms();
	if (now >= r->looked_ms + LOOK_AGAIN_MS || now < r->looked_ms) {
		r->file = file_of(r);
		r->looked_ms = now;
	}
	return r->file && r->file != x->file;
}

struct reader *readers_take(struct readers *r)
{
	struct err none = { 0 };
	pthread_mutex_lock(&r->lock);
	while (!r->nfree)
		pthread_cond_wait(&r->given, &r->lock);
	struct reader *x = r->free[--r->nfree];
	bool stale = is_stale(r, x);
	pthread_mutex_unlock(&r->lock);
	if (stale)
		(void)open_one(r, x, &none); /* it is being made: the next one tries again */
	return x;
}

struct store *reader_store(const struct reader *x)
{
	return x->store;
}

void readers_give(struct readers *r, struct reader *x)
{
	pthread_mutex_lock(&r->lock);
	r->free[r->nfree++] = x;
	pthread_cond_signal(&r->given);
	pthread_mutex_unlock(&r->lock);
}
