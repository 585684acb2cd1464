/* SPDX-License-Identifier: Apache-2.0 */
#include "store/embedded_inner.h"

/* One group: check each change, append all, sync once, make it so.
 *
 * Why nothing acknowledged can be lost: an outcome STORE_DONE is given only after
 * segments_sync returned true, which covers this group's records, every piece a
 * message of it names (their segments were dirty until now), and, since segments
 * are synced with their folder when they are made, the names of those files. */

/* ---- messages ---- */

/* Each record and piece of a live message keeps its segment. */
static void count_places(struct embedded *s, const struct live_message *m, int by)
{
	const struct body_piece *p;
	size_t n = live_pieces(m, &p);
	segments_live(&s->segments, live_place_of(m).segment, by);
	for (size_t i = 0; i < n; i++)
		segments_live(&s->segments, p[i].segment, by);
}

static void message_lives(struct embedded *s, struct change *c)
{
	struct message_reader r;
	message_reader_begin(&r, buf_str(&c->meta));
	struct live_message *m = live_add(s->live, c->record.id, (uint32_t)r.m.nrcpts, c->place,
					  r.m.arrived_ms, r.m.size, r.m.account);
	for (uint32_t i = 0; message_reader_rcpt(&r); i++)
		live_add_rcpt(s->live, m, i, &r.rcpt, LIVE_NO_DOT);
	live_set_pieces(s->live, m, c->body->pieces, c->body->npieces);
	struct live_message *ended = live_take_ended(s->live, m);
	if (!ended)
		count_places(s, m, 1);
	if (!ended && !c->body->npieces)
		fresh_put(&s->fresh, c->record.id, buf_str(&c->meta), &c->head, &c->tail);
	live_message_free(&ended);
}

/* ---- messages moved ---- */

static void message_moves(struct embedded *s, struct change *c)
{
	struct live_message *m = live_find(s->live, c->record.id);
	if (!m)
		return;
	count_places(s, m, -1);
	live_move(m, c->place);
	live_set_pieces(s->live, m, c->body->pieces, c->body->npieces);
	count_places(s, m, 1);
	__atomic_add_fetch(&s->moved, 1, __ATOMIC_RELAXED);
}

/* ---- marks ---- */

static void message_ended(struct embedded *s, struct live_message *m)
{
	count_places(s, m, -1);
	live_message_free(&m);
}

static size_t marks_live(struct embedded *s, struct change *c, size_t ngroup)
{
	struct mark_reader r;
	size_t n = 0;
	mark_reader_begin(&r, buf_str(&c->meta));
	for (; mark_reader_next(&r); n++) {
		struct live_message *ended = NULL;
		int64_t event =
			(int64_t)c->place.segment << 32 | (int64_t)(c->place.offset + RECORD_HEADER + r.at);
		lookup_changes(s, r.mark.id, ngroup);
		if (live_apply(s->live, &r.mark, event, &ended))
			message_ended(s, ended);
	}
	return n;
}

/* ---- the group ---- */

/* Takes withdrawn changes out of the group; to known: those that are still to be answered. */
static void sift(struct queue *group, struct queue *known)
{
	struct queue kept;
	queue_init(&kept);
	queue_init(known);
	for (struct change *c; (c = queue_get(group));) {
		if (c->withdrawn && c->before.seq)
			queue_put(known, c);
		else if (c->withdrawn)
			change_free(&c);
		else
			queue_put(&kept, c);
	}
	queue_join(group, &kept);
}

static uint64_t room_of(const struct queue *group)
{
	uint64_t n = 0;
	for (const struct change *c = group->head; c; c = c->next)
		n += record_room(&c->record);
	return n;
}

static size_t add_iov(struct iovec *v, const void *p, size_t n)
{
	v->iov_base = (void *)(uintptr_t)p;
	v->iov_len = n;
	return n ? 1 : 0;
}

/* Lays the group's records out from offset on.  heads and iov have room for all. */
static size_t lay_out(struct queue *group, const struct segment *g, uint64_t offset,
		      unsigned char (*heads)[RECORD_HEADER], struct iovec *iov)
{
	static const char padding[RECORD_ALIGN];
	size_t n = 0;
	for (struct change *c = group->head; c; c = c->next, heads++) {
		uint64_t room = record_room(&c->record);
		struct str meta = buf_str(&c->meta), head = buf_str(&c->head), tail = buf_str(&c->tail);
		c->place = (struct live_place){ g->no, offset };
		record_write(&c->record, g->salt, offset, *heads);
		n += add_iov(&iov[n], *heads, RECORD_HEADER);
		n += add_iov(&iov[n], meta.p, meta.len);
		n += add_iov(&iov[n], head.p, head.len);
		n += add_iov(&iov[n], tail.p, tail.len);
		n += add_iov(&iov[n], padding,
			     (size_t)(room - RECORD_HEADER - meta.len - head.len - tail.len));
		offset += room;
	}
	return n;
}

/* What is answered as failed must not come back, and some piece of it may stand in another segment.  Until
 * the next one's header says so, a start after a kill would find it in the system's memory. */
static void give_up(struct embedded *s, struct segment *g, uint64_t offset)
{
	struct err e = { 0 };
	segments_abandon(&s->segments, g, offset);
	if (!segments_rotate(&s->segments, time_now(s), &e))
		err_clear(&e); /* the next group tries again, and says so */
}

static bool append(struct embedded *s, struct queue *group, struct err *e)
{
	struct segment *g;
	uint64_t offset, room = room_of(group);
	if (segments_full(&s->segments, room) && !segments_rotate(&s->segments, time_now(s), e))
		return false;
	if (!segments_reserve(&s->segments, room, &g, &offset))
		return ERR_FILL(e, ERR_LIMIT, 0, "store", "a group of %llu bytes", (unsigned long long)room);
	CLEANUP(mem_free) unsigned char(*heads)[RECORD_HEADER] = mem_grow(NULL, group->n, RECORD_HEADER);
	CLEANUP(mem_free) struct iovec *iov = mem_grow(NULL, group->n * 5, sizeof(*iov));
	size_t n = lay_out(group, g, offset, heads, iov);
	bool ok = segment_write(g, offset, iov, n, e);
	segment_appended(&s->segments, g, ok);
	ok = ok && segments_sync(&s->segments, e);
	if (!ok)
		give_up(s, g, offset);
	return ok;
}

static void make_it_so(struct embedded *s, struct queue *group)
{
	size_t messages = 0, marks = 0;
	pthread_mutex_lock(&s->live_lock);
	for (struct change *c = group->head; c; c = c->next) {
		if (c->record.type == RECORD_MESSAGE) {
			message_lives(s, c);
			lookup_changes(s, c->record.id, group->n);
			messages++;
		} else if (c->record.type == RECORD_MOVED) {
			message_moves(s, c);
		} else {
			marks += marks_live(s, c, group->n);
		}
	}
	pthread_mutex_unlock(&s->live_lock);
	__atomic_add_fetch(&s->messages, messages, __ATOMIC_RELAXED);
	__atomic_add_fetch(&s->marks, marks, __ATOMIC_RELAXED);
	__atomic_add_fetch(&s->groups, 1, __ATOMIC_RELAXED);
}

static void all_done(struct embedded *s, struct queue *group)
{
	indexer_expect(s, group->n);
	for (struct change *c = group->head; c; c = c->next)
		change_answer(s, c,
			      (struct store_done){ .verdict = STORE_DONE,
						   .id = c->record.id,
						   .duplicates = c->duplicates });
	outcomes_ring(&s->outcomes);
	for (struct change *c = group->head; c; c = c->next) {
		/* The index needs the envelope only; the body's memory and pins go now. */
		buf_clear(&c->head);
		buf_clear(&c->tail);
		if (c->body)
			body_free(&c->body->base);
		c->body = NULL;
	}
	indexer_take(s, group);
}

static void all_failed(struct embedded *s, struct queue *group, const struct err *e)
{
	for (struct change *c; (c = queue_get(group));) {
		write_unchecked(s, c);
		change_answer(s, c,
			      (struct store_done){ .verdict = STORE_FAILED, .id = c->record.id, .err = *e });
		change_free(&c);
	}
	outcomes_ring(&s->outcomes);
	trouble_report(s, e);
}

static void write_suppressions(struct embedded *s, struct queue *group)
{
	struct str packed[GROUP_CHANGES];
	struct store_done d = { .verdict = STORE_DONE };
	size_t n = 0;
	for (struct change *c = group->head; c; c = c->next)
		packed[n++] = buf_str(&c->meta);
	if (!suppressed_write(s->suppressed, packed, n, &d.err)) {
		d.verdict = STORE_FAILED;
		trouble_report(s, &d.err);
	}
	for (struct change *c; (c = queue_get(group)); change_free(&c))
		change_answer(s, c, d);
	outcomes_ring(&s->outcomes);
}

void write_group(struct embedded *s, struct queue *group)
{
	struct err e = { 0 };
	if (group->head && group->head->suppression) {
		write_suppressions(s, group);
		return;
	}
	size_t moves = group->head && group->head->record.type == RECORD_MOVED ? group->n : 0;
	lookup_renew(s);
	write_check(s, group);
	outcomes_ring(&s->outcomes);
	struct queue known;
	sift(group, &known);
	bool failed = group->head && !append(s, group, &e);
	if (failed) {
		all_failed(s, group, &e);
	} else if (group->head) {
		make_it_so(s, group);
		all_done(s, group);
	}
	write_known(s, &known, failed ? &e : NULL);
	__atomic_sub_fetch(&s->moving, moves, __ATOMIC_RELEASE);
}
