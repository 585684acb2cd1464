/* SPDX-License-Identifier: Apache-2.0 */
/* What came after a place of the disk: for who tells others of each change and was cut off. */
#include "store/embedded_inner.h"

struct telling {
	store_change_fn *each;
	void *user;
};

static bool tell_marks(const struct telling *t, const struct record_bytes *r)
{
	struct mark_reader m;
	bool more = mark_reader_begin(&m, record_meta(r));
	while (more && mark_reader_next(&m))
		more = t->each(t->user, m.mark.id, &m.mark);
	return true;
}

static bool tell_record(void *user, uint32_t segment, uint64_t offset, const struct record_bytes *r,
			struct err *e)
{
	const struct telling *t = user;
	(void)segment;
	(void)offset;
	(void)e;
	if (r->record.type == RECORD_MARKS)
		return tell_marks(t, r);
	return r->record.type != RECORD_MESSAGE || t->each(t->user, r->record.id, NULL);
}

struct store_place look_place(struct store *base)
{
	struct segments *g = &embedded_of(base)->segments;
	struct store_place p = { 0, 0 };
	pthread_mutex_lock(&g->lock);
	if (g->current)
		p = (struct store_place){ g->current->no, g->current->synced };
	else if (g->n)
		p = (struct store_place){ g->v[g->n - 1]->no, g->v[g->n - 1]->synced };
	pthread_mutex_unlock(&g->lock);
	return p;
}

bool look_changes(struct store *base, struct store_place from, store_change_fn *each, void *user,
		  struct err *e)
{
	struct embedded *s = embedded_of(base);
	struct telling t = { each, user };
	struct segment g;
	uint64_t until, end;
	uint32_t no = from.segment ? from.segment - 1 : 0;
	while (segments_after(&s->segments, no, &g, &until)) {
		struct segment_scan scan = { &s->segments, until, 0, tell_record, &t, false };
		if (!segment_scan(&scan, &g, g.no == from.segment ? from.offset : 0, &end, e))
			return false;
		no = g.no;
	}
	return true;
}
