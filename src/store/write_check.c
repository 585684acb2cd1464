/* SPDX-License-Identifier: Apache-2.0 */
#include "store/crc.h"
#include "store/embedded_inner.h"

/* What may be written of a group, before any of it is. */

void change_answer(struct embedded *s, struct change *c, struct store_done d)
{
	if (c->internal)
		return;
	d.user = c->user;
	bool idle = s->o.done && s->o.done(s->o.report_user, &d);
	outcome_put(&s->outcomes, &d, idle);
}

static void withdraw(struct embedded *s, struct change *c, struct store_done d)
{
	c->withdrawn = true;
	change_answer(s, c, d);
}

/* ---- messages ---- */

/* False with *e: nobody knows. */
static bool seen_before(struct embedded *s, const uint64_t key[2], struct store_id *id, struct err *e)
{
	int64_t now = __atomic_load_n(&s->house_ms, __ATOMIC_RELAXED);
	return keys_get(s->keys, key, id) || (s->lookup && index_seen(s->lookup, key, now, id, e) > 0);
}

static void forget_rcpts(struct embedded *s, const struct store_message *m, size_t n)
{
	uint64_t key[2];
	for (size_t i = 0; i < n; i++) {
		keys_hash(s->sip, m->account, m->key, m->rcpts[i].address, key);
		keys_drop(s->keys, key);
	}
}

static void pack_again(struct change *c, const struct store_message *m, const struct body_shape *shape)
{
	struct buf meta = { 0 }; /* m points into the old one */
	pack_message(&meta, m, shape);
	buf_clear(&c->meta);
	c->meta = meta;
	c->record.meta_len = (uint32_t)buf_waiting(&c->meta);
	c->record.meta_crc = store_crc(0, buf_str(&c->meta).p, buf_waiting(&c->meta));
}

/* Leaves out the recipients that came before and are not to be sent to again.  False: that is all of them,
 * *first is the message; or, with *e, that nobody knows. */
static bool without_duplicates(struct embedded *s, struct change *c, struct store_id *first, struct err *e)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_message m = { 0 };
	struct body_shape shape;
	if (!unpack_message(buf_str(&c->meta), a, &m, &shape))
		return true; /* packed by ourselves: can't be */
	struct earlier earlier = { .renews = c->renews };
	size_t n = 0, nvain = 0;
	for (size_t i = 0; i < m.nrcpts; i++) {
		uint64_t key[2];
		struct store_id before;
		keys_hash(s->sip, m.account, m.key, m.rcpts[i].address, key);
		bool seen = seen_before(s, key, &before, e), other = seen && before.seq != c->record.id.seq;
		bool vain = other && write_again(s, &m, key, before, &earlier, e);
		if (e->kind != ERR_NONE)
			break;
		if (!seen || (vain && c->renews)) {
			m.rcpts[n++] = m.rcpts[i];
			keys_put(s->keys, key, c->record.id, c->order);
			continue;
		}
		nvain += vain || !other;
		if (other && !first->seq)
			*first = before;
	}
	c->in_vain = nvain == m.nrcpts;
	keys_free(&earlier.free);
	if (e->kind != ERR_NONE) {
		forget_rcpts(s, &m, n);
		return false;
	}
	c->duplicates = (uint32_t)(m.nrcpts - n);
	m.nrcpts = n;
	if (n && c->duplicates)
		pack_again(c, &m, &shape);
	return n;
}

static bool is_whole(const struct change *c)
{
	return c->whole[0] || c->whole[1];
}

static bool new_key(struct embedded *s, struct change *c, struct store_id *first, struct err *e)
{
	if (!c->has_key)
		return true;
	if (!c->key[0] && !c->key[1])
		return without_duplicates(s, c, first, e);
	if (seen_before(s, c->key, first, e))
		return !is_whole(c) && without_duplicates(s, c, first, e);
	c->spent = e->kind == ERR_NONE && is_whole(c) && seen_before(s, c->whole, first, e);
	if (c->spent || e->kind != ERR_NONE)
		return false;
	keys_put(s->keys, c->key, c->record.id, c->order);
	if (is_whole(c))
		keys_put(s->keys, c->whole, c->record.id, c->order);
	return true;
}

static void forget_keys(struct embedded *s, struct change *c)
{
	struct message_reader r;
	if (!c->has_key || !message_reader_begin(&r, buf_str(&c->meta)))
		return;
	if (is_whole(c)) {
		keys_drop(s->keys, c->key);
		keys_drop(s->keys, c->whole);
		return;
	}
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
	struct store_done d = { .verdict = STORE_FAILED };
	if (!body_still_good(c->body)) {
		ERR_FILL(&d.err, ERR_LIMIT, 0, "store message", "a part of its text could not be written");
		withdraw(s, c, d);
		return;
	}
	message_reader_begin(&r, buf_str(&c->meta));
	c->record.id = body_id(&c->body->base, r.m.arrived_ms);
	c->order = ++s->order;
	c->withdrawn = !new_key(s, c, &first, &d.err);
	if (d.err.kind != ERR_NONE) /* taken without that, it might be sent twice; left out, never */
		withdraw(s, c, d);
	else
		c->before = first;
}

/* What came before may be of this very group: it is not there before the group is on disk. */
void write_known(struct embedded *s, struct queue *known, const struct err *failed)
{
	for (struct change *c; (c = queue_get(known)); change_free(&c)) {
		struct store_done d = { .verdict = c->spent ? STORE_SPENT : STORE_DUPLICATE,
					.id = c->before,
					.in_vain = c->in_vain,
					.duplicates = c->duplicates };
		if (failed)
			d = (struct store_done){ .verdict = STORE_FAILED, .err = *failed };
		change_answer(s, c, d);
	}
	outcomes_ring(&s->outcomes);
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

/* ---- marks ---- */

/* False with *e: nobody knows. */
static bool mark_allowed(struct embedded *s, const struct store_mark *m, struct err *e)
{
	if (!live_has_ended(s->live, m))
		return live_check(s->live, m);
	/* Ended: only reports may follow.  The index knows its state, once it has caught up. */
	if (m->epoch || store_state_live(m->state) || !s->lookup)
		return false;
	pthread_mutex_unlock(&s->live_lock);
	enum store_state now = STORE_NO_STATE;
	if (lookup_all_of(s, m->id))
		now = index_state(s->lookup, m->id, m->rcpt, e);
	else
		ERR_FILL(e, ERR_LIMIT, 0, "store mark", "the index stands still, so its state is not known");
	pthread_mutex_lock(&s->live_lock);
	return e->kind == ERR_NONE && store_state_may_follow(now, m->state);
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
	struct store_done d = { .verdict = STORE_LOST };
	mark_reader_begin(&r, buf_str(&c->meta));
	pthread_mutex_lock(&s->live_lock);
	size_t n = 0;
	while (mark_reader_next(&r)) {
		if (!mark_allowed(s, &r.mark, &d.err)) {
			undo_marks(s, c, n);
			d.verdict = d.err.kind != ERR_NONE ? STORE_FAILED : STORE_LOST;
			d.id = r.mark.id;
			d.rcpt = r.mark.rcpt;
			withdraw(s, c, d);
			break;
		}
		n++;
	}
	pthread_mutex_unlock(&s->live_lock);
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
void write_check(struct embedded *s, struct queue *group)
{
	if (s->lookup)
		index_hold(s->lookup);
	for (struct change *c = group->head; c; c = c->next)
		check(s, c);
	if (s->lookup)
		index_let_go(s->lookup);
	/* Where a new one waits, that was the one before: it is made anew already. */
	bool anew = __atomic_load_n(&s->next_lookup, __ATOMIC_ACQUIRE);
	if (index_broken(s->lookup) && !s->lookup_broken && !anew) {
		s->lookup_broken = true;
		index_file_met_damage(s, NULL);
	}
}

void write_unchecked(struct embedded *s, struct change *c)
{
	pthread_mutex_lock(&s->live_lock);
	if (c->record.type == RECORD_MARKS)
		undo_marks(s, c, STORE_MARKS_MAX);
	else if (c->record.type == RECORD_MESSAGE)
		forget_keys(s, c);
	pthread_mutex_unlock(&s->live_lock);
}
