/* SPDX-License-Identifier: Apache-2.0 */
/* What came after a place of the disk: for who tells others of each change and was cut off. */
#include "store/embedded_inner.h"

struct telling {
	store_change_fn *each;
	void *user;
	bool enough; /* each said so */
};

static bool tell_one(struct telling *t, struct store_id id, const struct store_mark *mark)
{
	t->enough = !t->each(t->user, id, mark);
	return !t->enough;
}

static bool tell_marks(struct telling *t, const struct record_bytes *r)
{
	struct mark_reader m;
	if (!mark_reader_begin(&m, record_meta(r)))
		return true;
	while (!t->enough && mark_reader_next(&m))
		(void)tell_one(t, m.mark.id, &m.mark);
	return !t->enough;
}

static bool tell_record(void *user, uint32_t segment, uint64_t offset, const struct record_bytes *r,
			struct err *e)
{
	struct telling *t = user;
	(void)segment;
	(void)offset;
	(void)e;
	if (r->record.type == RECORD_MARKS)
		return tell_marks(t, r);
	return r->record.type != RECORD_MESSAGE || tell_one(t, r->record.id, NULL);
}

struct store_place look_place(struct store *base)
{
	struct segments *g = &embedded_of(base)->segments;
	struct store_place p = { 0, 0 };
	pthread_mutex_lock(&g->lock);
	const struct segment *last = g->current ? g->current : g->n ? g->v[g->n - 1] : NULL;
	/* One of an earlier run, where none could be made since, is on disk whole. */
	if (last)
		p = (struct store_place){ last->no,
					  last == g->current || last->bad ? last->synced : last->end };
	pthread_mutex_unlock(&g->lock);
	return p;
}

bool look_changes(struct store *base, struct store_place from, store_change_fn *each, void *user,
		  struct err *e)
{
	struct embedded *s = embedded_of(base);
	struct telling t = { each, user, false };
	struct segment g;
	uint64_t until, end;
	uint32_t no = from.segment ? from.segment - 1 : 0;
	while (segments_after(&s->segments, no, &g, &until)) {
		struct segment_scan scan = { &s->segments, until, 0, tell_record, &t, false };
		if (!segment_scan(&scan, &g, g.no == from.segment ? from.offset : 0, &end, e))
			return t.enough;
		no = g.no;
	}
	return true;
}
