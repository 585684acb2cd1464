/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/embedded_inner.h"
#include "store/fault.h"

/* The start: read again what the index does not know, fill the live table, settle sessions that
 * never ended.  When the index is gone or damaged, all segments are read again: that gives every
 * live message as it was, and the trails of those that ended as far as the segments reach. */

/* A record counts only when every piece it names is there: else it was never acknowledged. */
static bool pieces_there(struct embedded *s, const struct record_bytes *r)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_message m = { 0 };
	struct body_shape shape;
	if (!unpack_message(record_meta(r), a, &m, &shape))
		return false;
	struct record_bytes piece = { 0 };
	bool ok = true;
	for (size_t i = 0; i < shape.npieces && ok; i++)
		ok = segment_read(&s->segments, shape.pieces[i].segment, shape.pieces[i].offset, &piece,
				  NULL) &&
		     piece.record.body_len == shape.pieces[i].len;
	buf_clear(&piece.bytes);
	return ok;
}

enum { REPLAY_BATCH = 4096 };

bool replay_record(void *user, uint32_t segment, uint64_t offset, const struct record_bytes *r, struct err *e)
{
	struct replay *p = user;
	struct embedded *s = p->s;
	struct live_place next = { segment, offset + record_room(&r->record) };
	if (r->record.type != RECORD_MARKS && !pieces_there(s, r))
		return true;
	struct err why = { 0 };
	enum index_trouble t = index_apply(s->index, segment, offset, &r->record, record_meta(r), &why);
	if (t == INDEX_SKIP) {
		__atomic_add_fetch(&s->skipped, 1, __ATOMIC_RELAXED);
		trouble_report(s, &why);
		t = INDEX_FINE;
	}
	if (t == INDEX_FINE && ++p->in_batch >= REPLAY_BATCH) {
		p->in_batch = 0;
		t = index_commit(s->index, next, &why);
		if (t == INDEX_FINE)
			t = index_checkpoint(s->index, &why);
		if (t == INDEX_FINE)
			t = index_begin(s->index, &why);
	}
	if (t != INDEX_FINE && e)
		*e = why;
	return t == INDEX_FINE;
}

/* Where the records of segment i end, as its successor says; the last one is read to its end. */
static uint64_t valid_until(const struct segments *g, size_t i)
{
	const struct segment *next = i + 1 < g->n ? g->v[i + 1] : NULL;
	if (next && next->no == g->v[i]->no + 1 && next->before && next->before < g->v[i]->bytes)
		return next->before;
	return g->v[i]->bytes;
}

static bool replay_segment(struct replay *p, size_t i, struct live_place *at, struct err *e)
{
	struct embedded *s = p->s;
	struct segment *g = s->segments.v[i];
	struct segment_scan scan = { &s->segments, valid_until(&s->segments, i), 0, replay_record, p };
	uint64_t from = g->no == at->segment ? at->offset : 0;
	if (!segment_scan(&scan, g, from, &g->end, e))
		return false;
	if (scan.skipped && i + 1 < s->segments.n) {
		char what[80];
		snprintf(what, sizeof(what), "%llu bytes of segment %u", (unsigned long long)scan.skipped,
			 g->no);
		trouble_text(s, "read bodies", what, "the disk changed them; look at `dmesg`");
	}
	*at = (struct live_place){ g->no, g->end };
	return true;
}

static bool replay(struct embedded *s, struct err *e)
{
	struct replay p = { .s = s };
	struct live_place at = index_position(s->index);
	if (index_begin(s->index, e) != INDEX_FINE)
		return false;
	for (size_t i = 0; i < s->segments.n; i++)
		if (s->segments.v[i]->no >= at.segment && !replay_segment(&p, i, &at, e)) {
			index_rollback(s->index);
			return false;
		}
	if (s->segments.last_no < at.segment)
		s->segments.last_no = at.segment; /* its file is gone; its number is not used again */
	s->indexed = at;
	return index_commit(s->index, at, e) == INDEX_FINE;
}

/* ---- the live table ---- */

static void count_live(void *user, struct live_message *m)
{
	struct embedded *s = user;
	const struct body_piece *p;
	size_t n = live_pieces(m, &p);
	segments_live(&s->segments, live_place_of(m).segment, 1);
	for (size_t i = 0; i < n; i++)
		segments_live(&s->segments, p[i].segment, 1);
}

static bool load(struct embedded *s, struct err *e)
{
	s->live = live_new((uint64_t)s->o.now_ms << 16);
	if (!index_load(s->index, s->live, e))
		return false;
	live_each_message(s->live, count_live, s);
	live_clock_mend(s->live, s->o.now_ms);
	return true;
}

static bool catch_up(struct embedded *s, struct err *e)
{
	s->sip = index_key(s->index);
	index_set_key_keep(s->index, s->o.key_keep_ms);
	return replay(s, e) && index_file_readers(s, &s->ask, &s->lookup, e) && load(s, e);
}

/* Damage may show only when rows are read; then once more, with an index made anew. */
static bool catch_up_or_anew(struct embedded *s, struct err *e)
{
	struct err why = { 0 };
	if (catch_up(s, &why))
		return true;
	if (!index_broken(s->index) && !index_broken(s->ask) && !index_broken(s->lookup)) {
		if (e)
			*e = why;
		return false;
	}
	index_close(&s->lookup);
	index_close(&s->ask);
	index_close(&s->index);
	live_free(&s->live);
	broken_mark(s);
	return index_file_open(s, e) && catch_up(s, e);
}

static bool recover_own(struct embedded *s, struct err *e)
{
	CLEANUP(mem_free) char *bodies = mem_printf("%s/bodies", s->path);
	if (mkdirat(s->dir, "bodies", 0700) && errno != EEXIST)
		return store_fault(e, errno, "make", bodies);
	s->bodies_dir = openat(s->dir, "bodies", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->bodies_dir < 0)
		return store_fault(e, errno, "open", bodies);
	if (!segments_open(&s->segments, s->bodies_dir, true, s->o.segment_bytes, e) ||
	    !index_file_open(s, e))
		return false;
	/* After a kill the last records may be in memory only; what is written on the strength of them is
	 * not. */
	if (fsync(s->dir) || !segments_settle(&s->segments, e))
		return store_fault(e, errno, "sync", s->path);
	if (!catch_up_or_anew(s, e))
		return false;
	s->last_seq = index_last_seq(s->index);
	house_begin(s);
	return true;
}

static bool recover_read(struct embedded *s, struct err *e)
{
	s->bodies_dir = openat(s->dir, "bodies", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->bodies_dir < 0)
		return store_fault(e, errno, "open", s->path);
	return segments_open(&s->segments, s->bodies_dir, false, s->o.segment_bytes, e) &&
	       index_file_readers(s, &s->ask, &s->lookup, e);
}

static bool open_suppressed(struct embedded *s, struct err *e)
{
	uint64_t skipped;
	if (!suppressed_open(s->dir, s->o.mode == STORE_OWN, &s->suppressed, &skipped, e))
		return false;
	if (skipped)
		trouble_text(s, "read the list of suppressed addresses", s->path,
			     "a part of it was damaged and is passed over; look at `dmesg`");
	return true;
}

bool recover(struct embedded *s, struct err *e)
{
	if (!open_suppressed(s, e))
		return false;
	return s->o.mode == STORE_OWN ? recover_own(s, e) : recover_read(s, e);
}

bool recover_unfinished(struct embedded *s, struct err *e)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(mem_free) struct live_open *open = NULL;
	pthread_mutex_lock(&s->live_lock);
	size_t n = live_open_sessions(s->live, &open);
	pthread_mutex_unlock(&s->live_lock);
	for (size_t i = 0; i < n; i++) {
		struct store_mark m;
		pthread_mutex_lock(&s->ask_lock);
		bool ok = index_unfinished(s->ask, &open[i], a, &m, e);
		pthread_mutex_unlock(&s->ask_lock);
		if (!ok)
			return false;
		m.at_ms = m.next_ms = s->o.now_ms;
		submit_internal(s, &m);
	}
	return true;
}
