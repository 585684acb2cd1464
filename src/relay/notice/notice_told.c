/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/notice/notice_told.h"

enum { PAGE = 200, FIRST_SPANS = 4 };

/* Anybody may write such a name into a mail; our mark stands in its envelope. */
static bool is_ours(struct store *s, struct store_id id)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_trail t;
	struct err e = { 0 };
	return store_trail(s, id, a, &t, &e) == 1 && (t.message.flags & STORE_OWN_NOTICE);
}

bool notice_told_is_report(struct store *s, const struct store_hit *hit, struct notice_span *out)
{
	return !hit->reverse_path.len && notice_span_read(hit->message_id, out) && is_ours(s, hit->id);
}

static void add(struct notice_told *t, struct store *s, const struct store_hit *hit)
{
	struct notice_span span;
	if (!notice_told_is_report(s, hit, &span))
		return;
	t->v = arena_grow(t->arena, t->v, t->n, &t->room, FIRST_SPANS, sizeof(*t->v));
	t->v[t->n++] = span;
}

static bool find_all(struct notice_told *t, struct relay *r, int64_t since_ms, struct err *e)
{
	CLEANUP(mem_free) char *cursor = NULL;
	struct store_query q = { .recipient = t->sender, .since_ms = since_ms, .limit = PAGE };
	do {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct store_hits hits;
		q.cursor = str_of(cursor);
		if (r->draining || !store_find(r->store, &q, a, &hits, e))
			return false;
		for (size_t i = 0; i < hits.n; i++)
			add(t, r->store, &hits.v[i]);
		mem_free(&cursor);
		cursor = hits.cursor ? mem_strdup(hits.cursor) : NULL;
		net_loop_sleep(r->loop, net_loop_now_ms(r->loop) + 1);
	} while (cursor);
	return true;
}

bool notice_told_find(struct notice_told *t, struct relay *r, struct str sender, int64_t since_ms,
		      struct err *e)
{
	if (t->arena && str_iequal(t->sender, sender))
		return true;
	notice_told_clear(t);
	t->arena = arena_new();
	t->sender = arena_str(t->arena, sender);
	if (find_all(t, r, since_ms, e))
		return true;
	notice_told_clear(t);
	return false;
}

bool notice_told_has(const struct notice_told *t, struct store_id about, enum notice_kind kind,
		     struct notice_place p)
{
	for (size_t i = 0; i < t->n; i++)
		if (store_id_same(t->v[i].about, about) && notice_span_has(&t->v[i], kind, p))
			return true;
	return false;
}

void notice_told_clear(struct notice_told *t)
{
	arena_free(&t->arena);
	*t = (struct notice_told){ 0 };
}
