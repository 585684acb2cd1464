/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/embedded_inner.h"
#include "store/fault.h"

/* The start: read again what the index does not know, fill the live table, settle sessions that
 * never ended.  When the index is gone or damaged, all segments are read again: that gives every
 * live message as it was, and the trails of those that ended as far as the segments reach. */

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
	if (!index_load(s->index, s->live, s->o.now_ms, e))
		return false;
	live_each_message(s->live, count_live, s);
	live_clock_mend(s->live, s->o.now_ms, s->o.wait_max_ms ? s->o.wait_max_ms : LIVE_WAIT_MAX_MS);
	return true;
}

static bool catch_up(struct embedded *s, struct err *e)
{
	s->sip = index_key(s->index);
	index_set_key_keep(s->index, s->o.key_keep_ms);
	return replay_new(s, e) && index_file_readers(s, &s->ask, &s->lookup, e) && load(s, e);
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
	index_file_mark_broken(s);
	return index_file_open(s, e) && catch_up(s, e);
}

/* how many, and the newest of them. */
static void tell_heads(struct embedded *s, uint32_t n, uint32_t no, const char *mend)
{
	char what[80];
	int len = snprintf(what, sizeof(what), "segment %u", no);
	if (n > 1)
		snprintf(what + len, sizeof(what) - (size_t)len, " and %u more", n - 1);
	if (n)
		trouble_text(s, "read bodies", what, mend);
}

static void tell_headless(struct embedded *s)
{
	uint32_t n = 0, no = 0;
	for (size_t i = 0; i < s->segments.n; i++)
		if (s->segments.v[i]->headless) {
			n++;
			no = s->segments.v[i]->no;
		}
	tell_heads(
		s, n, no,
		"the disk does not give the header: look at `dmesg`; mail that stands there waits until it "
		"does, and is kept for a month while there is room; what came just before the start is "
		"found by the first start that can read it and all behind it");
	tell_heads(s, s->segments.damaged, s->segments.damaged_no,
		   "the header is damaged, so none of its messages can be read; the file is left as it is: "
		   "look at `dmesg`");
}

static bool recover_own(struct embedded *s, struct err *e)
{
	CLEANUP(mem_free) char *bodies = mem_printf("%s/bodies", s->path);
	if (mkdirat(s->dir, "bodies", 0700) && errno != EEXIST)
		return store_fault(e, errno, "make", bodies);
	s->bodies_dir = openat(s->dir, "bodies", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->bodies_dir < 0)
		return store_fault(e, errno, "open", bodies);
	if (!segments_open(&s->segments, s->bodies_dir, true, s->o.segment_bytes, e))
		return false;
	room_begin(s);
	if (!index_file_open(s, e))
		return false;
	tell_headless(s);
	if (fsync(s->dir))
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

/* ---- what never was ---- */

struct ghosts {
	struct embedded *s;
	struct store_id *v;
	size_t n, room;
};

/* A segment is given back only when the messages with a piece in it have ended.  One that is alive without it
 * was most likely never answered: its piece was missing at an earlier start, which left it out, and its
 * record was read again since then, when the index was made anew.  A segment lost in another way may have
 * held what was. */
static void find_ghost(void *user, struct live_message *m)
{
	struct ghosts *g = user;
	const struct body_piece *p;
	size_t n = live_pieces(m, &p), i = 0;
	while (i < n && !segments_dropped(&g->s->segments, p[i].segment))
		i++;
	if (i == n)
		return;
	if (g->n == g->room) {
		g->room = g->room ? g->room * 2 : 16;
		g->v = mem_grow(g->v, g->room, sizeof(*g->v));
	}
	g->v[g->n++] = live_id(m);
}

/* Marked as ended: so it stays, whatever becomes of the index. */
static void end_ghost(struct embedded *s, struct store_id id)
{
	char text[STORE_ID_TEXT];
	pthread_mutex_lock(&s->live_lock);
	struct live_message *m = live_find(s->live, id);
	uint32_t n = m ? live_nrcpts(m) : 0;
	pthread_mutex_unlock(&s->live_lock);
	for (uint32_t i = 0; i < n; i++) {
		const struct store_mark mark = { .id = id,
						 .rcpt = i,
						 .state = STORE_CANCELLED,
						 .at_ms = s->o.now_ms,
						 .next_ms = STORE_NEVER,
						 .why = STR_LIT("a part of its text is missing; if its "
								"sender had our 250, it is lost") };
		submit_internal(s, &mark); /* of one that has ended it is lost */
	}
	trouble_text(s, "read message", store_id_text(id, text),
		     "a part of its text is missing, it is not sent; if its sender had our 250, it is lost");
}

static void recover_ghosts(struct embedded *s)
{
	struct ghosts g = { .s = s };
	pthread_mutex_lock(&s->live_lock);
	live_each_message(s->live, find_ghost, &g);
	pthread_mutex_unlock(&s->live_lock);
	for (size_t i = 0; i < g.n; i++)
		end_ghost(s, g.v[i]);
	free(g.v);
}

/* ---- sessions that never ended ---- */

bool recover_unfinished(struct embedded *s, struct err *e)
{
	recover_ghosts(s);
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
