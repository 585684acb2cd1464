/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>

#include "store/embedded_inner.h"
#include "store/fault.h"

/* The segments read into the index: what it does not know yet, at a start, or all of them. */

enum { REPLAY_BATCH = 4096 };

struct replay {
	struct embedded *s;
	bool settles;           /* at a start */
	bool again;             /* what the index has read before, too */
	uint32_t last, settled; /* segments that are on the disk */
	uint32_t failed;        /* the segment that ended reading again; 0: none did */
	size_t in_batch;
};

/* ---- messages ---- */

/* After a kill a record or a piece may be in memory only; what is written on the strength of it is not. */
static bool settle(struct replay *p, uint32_t segment, struct err *e)
{
	if (!p->settles || segment == p->last || segment == p->settled)
		return true;
	p->settled = segment;
	return segments_settle(&p->s->segments, segment, e);
}

enum pieces { PIECES_THERE, PIECES_MISSING, PIECES_UNKNOWN };

static bool note_unread(struct embedded *s, uint32_t no, struct err *e)
{
	segments_unread(&s->segments, no, true);
	return index_note_unread(s->index, no, e) == INDEX_FINE;
}

/* No word about the piece: out of files, out of memory.  A bad sector is one. */
static bool is_trouble_of_ours(const struct err *e)
{
	return e->kind == ERR_SYS && e->code != ENOENT && !store_fault_of_disk((int)e->code);
}

/* A segment is dropped only when the message that has a piece in it has ended, and a message that has not
 * ended yet was acknowledged: so that piece was there. */
static enum pieces look_at_pieces(struct replay *p, const struct body_shape *shape, struct err *e)
{
	struct segments *g = &p->s->segments;
	CLEANUP(record_clear) struct record_bytes there = { 0 };
	for (size_t i = 0; i < shape->npieces; i++) {
		const struct body_piece *piece = &shape->pieces[i];
		struct err why = { 0 };
		if (segments_dropped(g, piece->segment))
			continue;
		bool read = segment_read(g, piece->segment, piece->offset, &there, &why);
		if (!read && is_trouble_of_ours(&why)) {
			*e = why;
			return PIECES_UNKNOWN;
		}
		if (!read && why.kind == ERR_SYS && why.code != ENOENT &&
		    !note_unread(p->s, piece->segment, e))
			return PIECES_UNKNOWN;
		if (!read || there.record.body_len != piece->len)
			return PIECES_MISSING;
		if (!settle(p, piece->segment, e))
			return PIECES_UNKNOWN;
	}
	return PIECES_THERE;
}

static void missing(struct replay *p, struct store_id id)
{
	char text[STORE_ID_TEXT];
	__atomic_add_fetch(&p->s->skipped, 1, __ATOMIC_RELAXED);
	trouble_text(
		p->s, "read message", store_id_text(id, text),
		"a part of its text is missing: a kill or a power cut came while it was written and it was "
		"never answered, or the disk changed it: look at `dmesg`");
}

/* A message counts only when every piece it names is there. */
static enum pieces pieces_of(struct replay *p, const struct record_bytes *r, struct err *e)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_message m = { 0 };
	struct body_shape shape;
	if (r->record.type == RECORD_MARKS || !unpack_message(record_meta(r), a, &m, &shape))
		return PIECES_THERE; /* of a form nobody knows: index_apply says so */
	enum pieces found = look_at_pieces(p, &shape, e);
	if (found == PIECES_MISSING)
		missing(p, r->record.id);
	return found;
}

/* ---- records ---- */

/* A segment_scan's fn; user is the replay. */
static bool replay_record(void *user, uint32_t segment, uint64_t offset, const struct record_bytes *r,
			  struct err *e)
{
	struct replay *p = user;
	struct embedded *s = p->s;
	struct live_place next = { segment, offset + record_room(&r->record) };
	struct err why = { 0 };
	enum pieces found = pieces_of(p, r, e);
	if (found != PIECES_THERE)
		return found == PIECES_MISSING;
	enum index_trouble t = index_apply(s->index, segment, offset, &r->record, record_meta(r), &why);
	if (t == INDEX_SKIP) {
		__atomic_add_fetch(&s->skipped, 1, __ATOMIC_RELAXED);
		trouble_report(s, &why);
		t = INDEX_FINE;
	}
	/* Read again, states are older for a while than they were: nobody is to see them so. */
	if (t == INDEX_FINE && !p->again && ++p->in_batch >= REPLAY_BATCH) {
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

/* Where the records of segment i end, as its successor says; the last one is read to its end, and one whose
 * successor is headless: rather mail that was refused for a sync that failed than none that was answered. */
static uint64_t valid_until(const struct segments *g, size_t i)
{
	const struct segment *next = i + 1 < g->n ? g->v[i + 1] : NULL;
	if (next && next->no == g->v[i]->no + 1 && next->before && next->before < g->v[i]->bytes)
		return next->before;
	return g->v[i]->bytes;
}

static void tell_skipped(struct embedded *s, const struct segment_scan *scan, uint32_t no)
{
	char what[80];
	if (scan->unread)
		snprintf(what, sizeof(what), "segment %u", no);
	else
		snprintf(what, sizeof(what), "%llu bytes of segment %u", (unsigned long long)scan->skipped,
			 no);
	if (scan->unread)
		trouble_text(
			s, "read bodies", what,
			"the disk did not give a part of it: look at `dmesg`; mail that stands there is "
			"neither sent nor found until a start can read it and all behind it; it is kept for "
			"a month while there is room");
	else if (scan->skipped)
		trouble_text(
			s, "read bodies", what,
			"no whole record stands there: a write was cut short (a kill, a power cut, a full "
			"disk), and then nothing that was answered is lost; or the disk changed them: look "
			"at `dmesg`");
}

static bool replay_segment(struct replay *p, size_t i, struct live_place *at, struct err *e)
{
	struct embedded *s = p->s;
	struct segment *g = s->segments.v[i];
	struct segment_scan scan = { &s->segments, valid_until(&s->segments, i), 0, replay_record, p, false };
	uint64_t from = g->no == at->segment ? at->offset : 0;
	if (!segment_scan(&scan, g, from, &g->end, e))
		return false;
	if (scan.unread && g->end < g->bytes)
		g->end = g->bytes; /* its successor is to say that there may be more */
	if (scan.unread && p->again) {
		p->failed = g->no;
		return false;
	}
	if (!g->headless) /* told already */
		tell_skipped(s, &scan, g->no);
	*at = (struct live_place){ g->no, g->end };
	if (scan.unread)
		return note_unread(s, g->no, e);
	if (!from)
		segments_unread(&s->segments, g->no, false);
	return from || index_forget_unread(s->index, g->no, g->no, e) == INDEX_FINE;
}

/* ---- what the disk did not give ---- */

/* A segment_scan's fn, for who asks only whether it can be read. */
static bool no_matter(void *user, uint32_t segment, uint64_t offset, const struct record_bytes *r,
		      struct err *e)
{
	(void)user;
	(void)segment;
	(void)offset;
	(void)r;
	(void)e;
	return true;
}

static bool can_be_read(struct embedded *s, size_t i)
{
	uint64_t end;
	struct segment_scan scan = { &s->segments, valid_until(&s->segments, i), 0, no_matter, NULL, false };
	return segment_scan(&scan, s->segments.v[i], 0, &end, NULL) && !scan.unread;
}

/* The newest segment from `no` on that can't be read; 0: all can. */
static uint32_t newest_unreadable(struct embedded *s, uint32_t no)
{
	for (size_t i = s->segments.n; i && s->segments.v[i - 1]->no >= no; i--)
		if (!can_be_read(s, i - 1))
			return s->segments.v[i - 1]->no;
	return 0;
}

/* The next after segment `no` that is noted and still there; 0: none. */
static uint32_t next_noted(struct embedded *s, uint32_t no)
{
	struct segment g;
	while ((no = index_next_unread(s->index, no)) && !segments_look(&s->segments, no, &g))
		continue;
	return no;
}

static void keep_noted(struct embedded *s)
{
	for (uint32_t no = 0; (no = next_noted(s, no));)
		segments_unread(&s->segments, no, true);
}

static void tell_waits(struct embedded *s, uint32_t no, uint32_t for_no)
{
	char what[80], mend[160];
	snprintf(what, sizeof(what), "segment %u", no);
	snprintf(mend, sizeof(mend),
		 "what stands there is read by the first start to which the disk gives segment %u whole, "
		 "too: look at `dmesg`",
		 for_no);
	trouble_text(s, "read bodies", what, mend);
}

/* A path to a disk may fail for a while, and mail that was answered stand there.  The index goes on without
 * it, and from the first such segment on all are read once more when they can be: all, for what became of a
 * message stands behind it.  Each is asked once, the newest first: 0 or where to begin. */
static uint32_t readable_again(struct embedded *s)
{
	uint32_t first = next_noted(s, 0);
	uint32_t bad = first ? newest_unreadable(s, first) : 0;
	if (bad > first)
		tell_waits(s, first, bad);
	return first ? next_noted(s, bad) : 0;
}

static bool replay_segments(struct replay *p, struct live_place *at, struct err *e)
{
	struct segments *g = &p->s->segments;
	if (g->n && index_forget_unread(p->s->index, 0, g->v[0]->no - 1, e) != INDEX_FINE)
		return false;
	for (size_t i = 0; i < g->n; i++)
		if (g->v[i]->no >= at->segment && !replay_segment(p, i, at, e))
			return false;
	return true;
}

static bool replay_from(struct replay *p, struct live_place at, struct err *e)
{
	struct embedded *s = p->s;
	if (index_begin(s->index, e) != INDEX_FINE)
		return false;
	if (!replay_segments(p, &at, e) || index_commit(s->index, at, e) != INDEX_FINE) {
		index_rollback(s->index);
		return false;
	}
	if (s->segments.last_no < at.segment)
		s->segments.last_no = at.segment; /* its file is gone; its number is not used again */
	s->indexed = at;
	return true;
}

/* In one transaction: where a segment can't be read after all, marks are missing that the index has, and mail
 * that was handed over would wait again.  So it stays as it was. */
static bool read_again(struct replay *p, uint32_t no, struct err *e)
{
	char what[80];
	p->again = true;
	bool read = replay_from(p, (struct live_place){ no, 0 }, e);
	p->again = false;
	if (!read) {
		keep_noted(p->s);
		if (p->failed)
			tell_waits(p->s, no, p->failed);
		else
			trouble_report(p->s, e);
		return false;
	}
	snprintf(what, sizeof(what), "segment %u and those behind it", no);
	trouble_text(p->s, "read bodies", what,
		     "the disk gives them whole again: mail that stood there is back");
	return true;
}

static uint32_t newest_known(const struct segments *g)
{
	size_t n = g->n;
	while (n && g->v[n - 1]->headless)
		n--;
	return n ? g->v[n - 1]->no : 0;
}

bool replay_new(struct embedded *s, struct err *e)
{
	struct replay p = { .s = s, .settles = true };
	struct live_place at = index_position(s->index);
	struct err why = { 0 };
	uint32_t newest = newest_known(&s->segments);
	if (newest && !settle(&p, newest, e))
		return false;
	p.last = p.settled;
	keep_noted(s);
	uint32_t no = readable_again(s);
	if (no && no <= at.segment && read_again(&p, no, &why))
		return true;
	return replay_from(&p, at, e);
}

/* All that is on disk, from the oldest segment on.  What is not synced yet still waits for the indexer. */
bool replay_all(struct embedded *s, struct err *e)
{
	struct replay p = { .s = s };
	struct live_place at = { 0, 0 };
	struct segment g;
	uint64_t until;
	if (index_begin(s->index, e) != INDEX_FINE)
		return false;
	while (segments_after(&s->segments, at.segment, &g, &until)) {
		struct segment_scan scan = { &s->segments, until, 0, replay_record, &p, false };
		at.segment = g.no;
		if (!segment_scan(&scan, &g, 0, &at.offset, e) || (scan.unread && !note_unread(s, g.no, e))) {
			index_rollback(s->index);
			return false;
		}
	}
	s->indexed = at;
	return index_commit(s->index, at, e) == INDEX_FINE;
}
