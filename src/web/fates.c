/* SPDX-License-Identifier: Apache-2.0 */
#include "web/fates.h"

#include <jansson.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>

#include "batch/results.h"
#include "batch/roll.h"
#include "catalog/cause_json.h"
#include "web/endpoints.h"
#include "web/web_inner.h"

enum {
	REST = 10,              /* times what the counting took */
	COUNTED_MAX = 64 << 20, /* of a journal: some 400,000 rows */
};

struct fates {
	pthread_mutex_t counting; /* by one at a time, for seconds perhaps */
	pthread_mutex_t lock;     /* guards the rest, for a moment */
	char id[ROLL_ID_BYTES];
	json_t *counted; /* of that id; NULL: it could not be */
	int64_t at_ms, took_ms;
};

struct fates *fates_new(void)
{
	struct fates *f = mem_alloc(sizeof(*f));
	pthread_mutex_init(&f->counting, NULL);
	pthread_mutex_init(&f->lock, NULL);
	return f;
}

void fates_free(struct fates **fp)
{
	struct fates *f = *fp;
	if (!f)
		return;
	json_decref(f->counted);
	pthread_mutex_destroy(&f->lock);
	pthread_mutex_destroy(&f->counting);
	mem_free(fp);
}

/* ---- counting ---- */

static void keep_if_not_well(void *ctx, const struct result *r)
{
	json_t *list = ctx;
	CLEANUP(buf_clear) struct buf line = { 0 };
	if (!result_has_failed(r) || json_array_size(list) >= FATES_SHOWN)
		return;
	result_json(&line, r);
	json_array_append_new(list, json_loadb(buf_str(&line).p, buf_str(&line).len, 0, NULL));
}

static json_t *told(struct web_call *c, const struct results_summary *s, json_t *not_well)
{
	json_t *o = json_object(), *states = json_object();
	for (unsigned i = 0; i < STORE_STATES; i++)
		if (s->count[i])
			json_object_set_new(states, result_state_name((enum store_state)i),
					    json_integer((json_int_t)s->count[i]));
	if (s->gone)
		json_object_set_new(states, "unknown", json_integer((json_int_t)s->gone));
	json_object_set_new(o, "recipients", json_integer((json_int_t)s->n));
	json_object_set_new(o, "states", states);
	json_object_set_new(o, "summary", text_json(results_words(s, c->arena)));
	json_object_set(o, "not_well", not_well);
	return o;
}

static json_t *count(struct web_call *c, const char *path)
{
	struct err ignored = { 0 }; /* what is damaged stays so: the batch is shown without */
	CLEANUP(journal_free) struct journal *j = NULL;
	json_t *list = json_array();
	const struct results_user user = { keep_if_not_well, list, false };
	struct results_summary s;
	if (journal_open(path, JOURNAL_LOOK, &j, &ignored) <= 0) {
		json_decref(list);
		return NULL;
	}
	messages_catch_up(c);
	struct reader *look = readers_take(c->web->readers);
	bool ok = results_make(j, reader_store(look), &user, &s, &ignored);
	readers_give(c->web->readers, look);
	json_t *o = ok ? told(c, &s, list) : NULL;
	json_decref(list);
	return o;
}

/* ---- for all who look ---- */

/* Under f->counting. */
static bool is_fresh(const struct fates *f, const char *id, int64_t now_ms)
{
	return !strcmp(f->id, id) && now_ms >= f->at_ms && now_ms < f->at_ms + f->took_ms * (REST + 1);
}

/* The same; what cannot be counted is not tried again at once either. */
static void renew(struct fates *f, struct web_call *c, const char *id, const char *path)
{
	int64_t begin = relay_now_ms();
	json_t *o = count(c, path);
	pthread_mutex_lock(&f->lock);
	json_decref(f->counted);
	f->counted = o;
	snprintf(f->id, sizeof(f->id), "%s", id);
	f->at_ms = begin;
	f->took_ms = relay_now_ms() - begin;
	pthread_mutex_unlock(&f->lock);
}

static json_t *last_of(struct fates *f, const char *id)
{
	pthread_mutex_lock(&f->lock);
	json_t *o = f->counted && !strcmp(f->id, id) ? json_deep_copy(f->counted) : NULL;
	pthread_mutex_unlock(&f->lock);
	return o;
}

bool fates_begin(struct fates *f)
{
	return !pthread_mutex_trylock(&f->counting);
}

void fates_end(struct fates *f)
{
	pthread_mutex_unlock(&f->counting);
}

json_t *fates_of(struct web_call *c, const char *id)
{
	struct fates *f = c->web->fates;
	struct stat st;
	const char *path = roll_journal_path(web_data_folder(c), id, c->arena);
	if (!*path || stat(path, &st) || st.st_size > COUNTED_MAX)
		return NULL;
	if (fates_begin(f)) {
		if (!is_fresh(f, id, relay_now_ms()))
			renew(f, c, id, path);
		fates_end(f);
	}
	return last_of(f, id);
}
