/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "store/crc.h"
#include "store/embedded_inner.h"

/* One group: check each change, append all, sync once, make it so.
 *
 * Why nothing acknowledged can be lost: an outcome STORE_DONE is given only after
 * segments_sync returned true, which covers this group's records, every piece a
 * message of it names (their segments were dirty until now), and, since segments
 * are synced with their folder when they are made, the names of those files. */

static void answer(struct embedded *s, struct change *c, struct store_done d)
{
	if (c->internal)
		return;
	d.user = c->user;
	outcome_put(&s->outcomes, &d);
}

static void withdraw(struct embedded *s, struct change *c, struct store_done d)
{
	c->withdrawn = true;
	answer(s, c, d);
}

/* ---- messages ---- */

static bool seen_before(struct embedded *s, const uint64_t key[2], struct store_id *id)
{
	return keys_get(s->keys, key, id) ||
	       (s->lookup && index_seen(s->lookup, key, __atomic_load_n(&s->house_ms, __ATOMIC_RELAXED), id));
}

/* Leaves out the recipients that came before.  False: all of them did, *first is the message. */
static bool without_duplicates(struct embedded *s, struct change *c, struct store_id *first)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_message m = { 0 };
	struct body_shape shape;
	if (!unpack_message(buf_str(&c->meta), a, &m, &shape))
		return true; /* packed by ourselves: can't be */
	size_t n = 0;
	for (size_t i = 0; i < m.nrcpts; i++) {
		uint64_t key[2];
		struct store_id before;
		keys_hash(s->sip, m.account, m.key, m.rcpts[i].address, key);
		if (!seen_before(s, key, &before)) {
			m.rcpts[n++] = m.rcpts[i];
			keys_put(s->keys, key, c->record.id, c->order);
		} else if (before.seq != c->record.id.seq && !first->seq) {
			*first = before;
		}
	}
	c->duplicates = (uint32_t)(m.nrcpts - n);
	m.nrcpts = n;
	if (!n || !c->duplicates)
		return n;
	struct buf fewer = { 0 }; /* m points into the old one */
	pack_message(&fewer, &m, &shape);
	buf_clear(&c->meta);
	c->meta = fewer;
	c->record.meta_len = (uint32_t)buf_waiting(&c->meta);
	c->record.meta_crc = store_crc(0, buf_str(&c->meta).p, buf_waiting(&c->meta));
	return true;
}

static bool new_key(struct embedded *s, struct change *c, struct store_id *first)
{
	if (!c->has_key)
		return true;
	if (!c->key[0] && !c->key[1])
		return without_duplicates(s, c, first);
	if (seen_before(s, c->key, first))
		return false;
	keys_put(s->keys, c->key, c->record.id, c->order);
	return true;
}

static void forget_keys(struct embedded *s, struct change *c)
{
	struct message_reader r;
	if (!c->has_key || !message_reader_begin(&r, buf_str(&c->meta)))
		return;
	while (message_reader_rcpt(&r)) {
		uint64_t key[2];
		keys_hash(s->sip, r.m.account, r.m.key, r.rcpt.address, key);
		keys_drop(s->keys, key);
	}
}

static void check_message(struct embedded *s, struct change *c)
{
	struct message_reader r;
	struct store_id first = { 0 };
	if (!body_still_good(c->body)) {
		struct store_done d = { .verdict = STORE_FAILED };
		ERR_FILL(&d.err, ERR_LIMIT, 0, "store message", "a part of its text could not be written");
		withdraw(s, c, d);
		return;
	}
	message_reader_begin(&r, buf_str(&c->meta));
	if (!c->record.id.seq)
		c->record.id = new_id(s, r.m.arrived_ms);
	c->order = ++s->order;
	if (!new_key(s, c, &first)) {
		withdraw(s, c,
			 (struct store_done){
				 .verdict = STORE_DUPLICATE, .id = first, .duplicates = c->duplicates });
	}
}

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
		live_add_rcpt(s->live, m, i, r.rcpt.state, r.rcpt.lane, r.rcpt.next_ms, r.rcpt.expires_ms,
			      r.rcpt.tries, false);
	live_set_pieces(s->live, m, c->body->pieces, c->body->npieces);
	struct live_message *ended = live_take_ended(s->live, m);
	if (!ended)
		count_places(s, m, 1);
	live_message_free(&ended);
}

/* ---- messages moved ---- */

static bool unchanged(struct live_message *m, struct str meta)
{
	struct message_reader r;
	bool same = message_reader_begin(&r, meta) && r.m.nrcpts == live_nrcpts(m);
	for (uint32_t i = 0; same && message_reader_rcpt(&r); i++)
		same = live_same(m, i, &r.rcpt);
	return same && !r.u.bad;
}

static void check_moved(struct embedded *s, struct change *c)
{
	pthread_mutex_lock(&s->live_lock);
	struct live_message *m = live_find(s->live, c->record.id);
	c->withdrawn = !m || !unchanged(m, buf_str(&c->meta)) || !body_still_good(c->body);
	pthread_mutex_unlock(&s->live_lock);
}

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

static bool mark_allowed(struct embedded *s, const struct store_mark *m)
{
	if (!live_has_ended(s->live, m))
		return live_check(s->live, m);
	/* Ended: only reports may follow.  The index knows its state, once it has caught up. */
	if (m->epoch || store_state_live(m->state) || !s->lookup)
		return false;
	pthread_mutex_unlock(&s->live_lock);
	index_let_go(s->lookup); /* what is flushed now is to be seen */
	indexer_flush(s);
	enum store_state now = index_state(s->lookup, m->id, m->rcpt);
	pthread_mutex_lock(&s->live_lock);
	return store_state_may_follow(now, m->state);
}

static void undo_marks(struct embedded *s, struct change *c, size_t n)
{
	struct mark_reader r;
	mark_reader_begin(&r, buf_str(&c->meta));
	for (size_t i = 0; i < n && mark_reader_next(&r); i++)
		live_undo(s->live, &r.mark);
}

static void check_marks(struct embedded *s, struct change *c)
{
	struct mark_reader r;
	mark_reader_begin(&r, buf_str(&c->meta));
	pthread_mutex_lock(&s->live_lock);
	size_t n = 0;
	while (mark_reader_next(&r)) {
		if (!mark_allowed(s, &r.mark)) {
			undo_marks(s, c, n);
			withdraw(s, c,
				 (struct store_done){
					 .verdict = STORE_LOST, .id = r.mark.id, .rcpt = r.mark.rcpt });
			break;
		}
		n++;
	}
	pthread_mutex_unlock(&s->live_lock);
}

static void message_ended(struct embedded *s, struct live_message *m)
{
	count_places(s, m, -1);
	live_message_free(&m);
}

static size_t marks_live(struct embedded *s, struct change *c)
{
	struct mark_reader r;
	size_t n = 0;
	mark_reader_begin(&r, buf_str(&c->meta));
	for (; mark_reader_next(&r); n++) {
		struct live_message *ended = NULL;
		int64_t event =
			(int64_t)c->place.segment << 32 | (int64_t)(c->place.offset + RECORD_HEADER + r.at);
		if (live_apply(s->live, &r.mark, event, &ended))
			message_ended(s, ended);
	}
	return n;
}

/* ---- the group ---- */

static void check(struct embedded *s, struct change *c)
{
	if (c->record.type == RECORD_MESSAGE)
		check_message(s, c);
	else if (c->record.type == RECORD_MOVED)
		check_moved(s, c);
	else
		check_marks(s, c);
}

/* After keys_forget: what the keys do not tell any more, the index does as it is seen from here on. */
static void check_all(struct embedded *s, struct queue *group)
{
	if (s->lookup)
		index_hold(s->lookup);
	for (struct change *c = group->head; c; c = c->next)
		check(s, c);
	if (s->lookup)
		index_let_go(s->lookup);
}

/* Takes withdrawn changes out of the group. */
static void sift(struct queue *group)
{
	struct queue kept;
	queue_init(&kept);
	for (struct change *c; (c = queue_get(group));) {
		if (c->withdrawn)
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
	if (!ok)
		segments_abandon(&s->segments, g);
	return ok && segments_sync(&s->segments, e);
}

static void make_it_so(struct embedded *s, struct queue *group)
{
	size_t messages = 0, marks = 0;
	pthread_mutex_lock(&s->live_lock);
	for (struct change *c = group->head; c; c = c->next) {
		if (c->record.type == RECORD_MESSAGE) {
			message_lives(s, c);
			messages++;
		} else if (c->record.type == RECORD_MOVED) {
			message_moves(s, c);
		} else {
			marks += marks_live(s, c);
		}
	}
	pthread_mutex_unlock(&s->live_lock);
	__atomic_add_fetch(&s->messages, messages, __ATOMIC_RELAXED);
	__atomic_add_fetch(&s->marks, marks, __ATOMIC_RELAXED);
	__atomic_add_fetch(&s->groups, 1, __ATOMIC_RELAXED);
}

static void all_done(struct embedded *s, struct queue *group)
{
	for (struct change *c = group->head; c; c = c->next) {
		answer(s, c,
		       (struct store_done){
			       .verdict = STORE_DONE, .id = c->record.id, .duplicates = c->duplicates });
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
		pthread_mutex_lock(&s->live_lock);
		if (c->record.type == RECORD_MARKS)
			undo_marks(s, c, STORE_MARKS_MAX);
		else if (c->record.type == RECORD_MESSAGE)
			forget_keys(s, c);
		pthread_mutex_unlock(&s->live_lock);
		answer(s, c, (struct store_done){ .verdict = STORE_FAILED, .id = c->record.id, .err = *e });
		change_free(&c);
	}
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
		answer(s, c, d);
}

void write_group(struct embedded *s, struct queue *group)
{
	struct err e = { 0 };
	if (group->head && group->head->suppression) {
		write_suppressions(s, group);
		return;
	}
	size_t moves = group->head && group->head->record.type == RECORD_MOVED ? group->n : 0;
	struct index *fresh = __atomic_exchange_n(&s->next_lookup, NULL, __ATOMIC_ACQ_REL);
	if (fresh) {
		index_close(&s->lookup);
		s->lookup = fresh;
	}
	pthread_mutex_lock(&s->index_lock);
	uint64_t indexed = s->indexed_order;
	pthread_mutex_unlock(&s->index_lock);
	keys_forget(s->keys, indexed);
	check_all(s, group);
	sift(group);
	if (group->head && !append(s, group, &e)) {
		all_failed(s, group, &e);
	} else if (group->head) {
		make_it_so(s, group);
		all_done(s, group);
	}
	__atomic_sub_fetch(&s->moving, moves, __ATOMIC_RELEASE);
}
