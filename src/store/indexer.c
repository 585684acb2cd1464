/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "base/thread_name.h"
#include "store/deadline.h"
#include "store/embedded_inner.h"
#include "store/fault.h"
#include "store/spare.h"

/* The indexer's thread: SQLite in large transactions, behind the writer's back.
 *
 * What it has not committed is kept (as changes, and in the segments), so a full
 * disk or a crash costs only repetition.  It looks at the clock for nothing but
 * how long to gather changes. */

enum {
	RETRY_MS = 1000,
	ANEW_MOST_MS =
		60 *
		1000,   /* an index that can't be made anew: tried again later and later, so late at most */
	TIDY_WAITS = 8, /* batches that go before keeping house, when there is no pause between them */
};

void indexer_expect(struct embedded *s, size_t n)
{
	pthread_mutex_lock(&s->index_lock);
	s->index_pending += n;
	s->index_given += n;
	pthread_mutex_unlock(&s->index_lock);
}

void indexer_take(struct embedded *s, struct queue *changes)
{
	pthread_mutex_lock(&s->index_lock);
	bool wake = !s->to_index.head;
	queue_join(&s->to_index, changes);
	wake = wake || s->to_index.n >= INDEX_BATCH;
	pthread_mutex_unlock(&s->index_lock);
	if (wake)
		pthread_cond_signal(&s->index_work);
}

/* What stands still (a full disk, damage) is not waited for. */
bool indexer_catch_up(struct embedded *s, int ms)
{
	struct timespec t;
	deadline(&t, ms * 1000);
	pthread_mutex_lock(&s->index_lock);
	uint64_t wanted = s->index_given;
	s->hurried++;
	while (s->index_done < wanted && s->indexer_runs && s->index_err.kind == ERR_NONE) {
		pthread_cond_signal(&s->index_work);
		if (pthread_cond_timedwait(&s->index_idle, &s->index_lock, &t) == ETIMEDOUT)
			break;
	}
	s->hurried--;
	bool there = s->index_done >= wanted;
	pthread_mutex_unlock(&s->index_lock);
	return there;
}

void indexer_keep_pace(struct embedded *s)
{
	struct timespec t;
	pthread_mutex_lock(&s->index_lock);
	bool far = s->index_pending > INDEX_AHEAD;
	if (far)
		deadline(&t, INDEX_AHEAD_MS * 1000);
	while (far && s->index_pending > INDEX_AHEAD && s->indexer_runs && !s->index_away &&
	       s->index_err.kind == ERR_NONE)
		if (pthread_cond_timedwait(&s->index_idle, &s->index_lock, &t) == ETIMEDOUT)
			break;
	pthread_mutex_unlock(&s->index_lock);
}

void indexer_flush(struct embedded *s)
{
	pthread_mutex_lock(&s->index_lock);
	size_t before = s->attempts;
	while (s->index_pending && s->indexer_runs &&
	       (s->index_err.kind == ERR_NONE || s->attempts == before)) {
		s->index_flush = true;
		pthread_cond_signal(&s->index_work);
		pthread_cond_wait(&s->index_idle, &s->index_lock);
	}
	s->index_flush = false;
	pthread_mutex_unlock(&s->index_lock);
}

static void skipped(struct embedded *s, struct err *e)
{
	__atomic_add_fetch(&s->skipped, 1, __ATOMIC_RELAXED);
	trouble_report(s, e);
	err_clear(e);
}

static enum index_trouble apply_all(struct embedded *s, const struct queue *batch, struct live_place *next,
				    struct err *e)
{
	enum index_trouble t = index_begin(s->index, e);
	for (const struct change *c = batch->head; c && t == INDEX_FINE; c = c->next) {
		t = index_apply(s->index, c->place.segment, c->place.offset, &c->record, buf_str(&c->meta),
				e);
		if (t == INDEX_SKIP) {
			skipped(s, e);
			t = INDEX_FINE;
		}
		*next = (struct live_place){ c->place.segment, c->place.offset + record_room(&c->record) };
	}
	if (t == INDEX_FINE)
		t = index_commit(s->index, *next, e);
	if (t != INDEX_FINE)
		index_rollback(s->index);
	return t;
}

static void batch_done(struct embedded *s, struct queue *batch, struct live_place next)
{
	size_t n = batch->n;
	uint64_t order = 0;
	size_t moved = 0;
	for (struct change *c; (c = queue_get(batch)); change_free(&c)) {
		moved += c->record.type == RECORD_MOVED;
		if (c->record.type == RECORD_MESSAGE && c->order > order)
			order = c->order;
	}
	uint64_t used, reusable;
	index_bytes(s->index, &used, &reusable);
	__atomic_store_n(&s->index_used, used, __ATOMIC_RELAXED);
	__atomic_store_n(&s->index_reusable, reusable, __ATOMIC_RELAXED);
	pthread_mutex_lock(&s->index_lock);
	s->index_pending -= n;
	s->index_done += n;
	if (moved) { /* what they left can go, and there may be more */
		s->tidy = true;
		s->tidies++;
		s->index_pending++;
	}
	s->indexed = next;
	s->indexed_order = order > s->indexed_order ? order : s->indexed_order;
	err_clear(&s->index_err);
	pthread_mutex_unlock(&s->index_lock);
}

static void stands_still(struct embedded *s, enum index_trouble t, const struct err *e)
{
	spares_release(&s->segments); /* it may be room that it wants */
	if (t == INDEX_BROKEN)
		index_file_mark_broken(s);
	pthread_mutex_lock(&s->index_lock);
	bool news = s->index_err.kind == ERR_NONE;
	s->index_err = *e;
	pthread_cond_broadcast(&s->index_idle);
	pthread_mutex_unlock(&s->index_lock);
	if (news)
		trouble_report(s, e);
}

/* True when the batch is in; else it is kept for the next time. */
static bool run_batch(struct embedded *s, struct queue *batch)
{
	struct err e = { 0 };
	struct live_place next = s->indexed;
	enum index_trouble t = apply_all(s, batch, &next, &e);
	if (t != INDEX_FINE) {
		stands_still(s, t, &e);
		return false;
	}
	batch_done(s, batch, next);
	/* A failed checkpoint is no failed commit: the log keeps what it has. */
	if (index_checkpoint(s->index, &e) != INDEX_FINE)
		trouble_report(s, &e);
	return true;
}

static void gather(struct embedded *s, const struct timespec *until, const struct timespec *hurried)
{
	while (s->to_index.head && s->to_index.n < INDEX_BATCH && !s->index_stop && !s->index_flush &&
	       !s->tidy)
		if (pthread_cond_timedwait(&s->index_work, &s->index_lock, s->hurried ? hurried : until) ==
		    ETIMEDOUT)
			break;
}

/* Whatever comes meanwhile: each try reads all segments.  index_lock is held. */
static void wait_for_anew(struct embedded *s)
{
	struct timespec t;
	deadline(&t, (int)s->anew_ms * 1000);
	while (!s->index_stop && !s->index_flush)
		if (pthread_cond_timedwait(&s->index_work, &s->index_lock, &t) == ETIMEDOUT)
			return;
}

/* Waits for work; gathers for a while so that many changes share a transaction.  index_lock is held. */
static void wait_for_work(struct embedded *s, const struct queue *left)
{
	struct timespec t, soon;
	if (s->remake) {
		wait_for_anew(s);
		return;
	}
	if (left->head) {
		deadline(&t, RETRY_MS * 1000);
		if (!s->index_stop && !s->index_flush)
			pthread_cond_timedwait(&s->index_work, &s->index_lock, &t);
		return;
	}
	while (!s->to_index.head && !s->index_stop && !s->tidy && !s->remake_asked)
		pthread_cond_wait(&s->index_work, &s->index_lock);
	deadline(&soon, INDEX_HURRY_MS * 1000);
	deadline(&t, INDEX_WAIT_MS * 1000);
	gather(s, &t, &soon);
	if (s->to_index.n < INDEX_MANY || s->hurried)
		return;
	deadline(&t, (INDEX_WAIT_MANY_MS - INDEX_WAIT_MS) * 1000);
	gather(s, &t, &soon);
}

static void take_batch(struct embedded *s, struct queue *batch)
{
	while (batch->n < INDEX_BATCH && s->to_index.head)
		queue_put(batch, queue_get(&s->to_index));
}

static bool must_be_made(const struct embedded *s)
{
	return s->remake || !s->index || index_broken(s->index);
}

/* A damaged index is made anew; what was damaged once is believed only when that has come to its end. */
static bool mend(struct embedded *s, bool asked)
{
	struct err e = { 0 };
	if (!asked)
		return true;
	s->remake = true;
	s->remake = !index_file_anew(s, &e);
	s->anew_ms = !s->anew_ms ? RETRY_MS : s->anew_ms < ANEW_MOST_MS / 2 ? s->anew_ms * 2 : ANEW_MOST_MS;
	if (s->remake)
		stands_still(s, INDEX_LATER, &e);
	else
		s->anew_ms = 0;
	pthread_mutex_lock(&s->index_lock);
	s->remake_asked = false;
	if (!s->remake)
		err_clear(&s->index_err);
	pthread_mutex_unlock(&s->index_lock);
	return !s->remake;
}

/* Once round: a batch, and what else there is to do. */
struct turn {
	bool tidy, asked, stop; /* keep house; make the index anew; the last one */
	size_t tidies;
	unsigned waited; /* batches that went before keeping house */
};

/* index_lock is held. */
static void turn_begin(struct embedded *s, struct turn *t)
{
	t->waited = s->tidy ? t->waited + 1 : 0;
	t->tidy = s->tidy && (!s->to_index.head || t->waited > TIDY_WAITS);
	t->stop = s->index_stop;
	t->tidies = t->tidy ? s->tidies : 0;
	s->tidy = s->tidy && !t->tidy;
	s->tidies -= t->tidies;
	t->asked = s->remake_asked || must_be_made(s);
	s->index_pending += t->asked && !s->remake_asked;
	s->remake_asked = t->asked; /* until it is: both readers still look at the damaged one */
	s->index_away = t->tidy || t->asked;
}

static bool turn_work(struct embedded *s, struct queue *batch, const struct turn *t)
{
	if (!mend(s, t->asked) || (batch->head && !run_batch(s, batch)))
		return false;
	if (t->tidy)
		tidy_run(s);
	tidy_between(s);
	return true;
}

/* index_lock is held. */
static void turn_end(struct embedded *s, const struct turn *t)
{
	s->index_away = false;
	s->index_flush = false; /* once each time that it is asked for */
	s->attempts++;
	s->index_pending -= t->tidies + t->asked;
	pthread_cond_broadcast(&s->index_idle);
}

static void *indexer_main(void *arg)
{
	struct embedded *s = arg;
	struct queue batch;
	struct turn t = { 0 };
	bool fine = true;
	thread_name("pr-index");
	queue_init(&batch);
	pthread_mutex_lock(&s->index_lock);
	while (!t.stop || (fine && s->to_index.head)) {
		wait_for_work(s, &batch);
		take_batch(s, &batch);
		turn_begin(s, &t);
		pthread_mutex_unlock(&s->index_lock);
		fine = turn_work(s, &batch, &t);
		pthread_mutex_lock(&s->index_lock);
		turn_end(s, &t);
	}
	pthread_mutex_unlock(&s->index_lock);
	/* What is left stands in the segments and is read again at the next start. */
	for (struct change *c; (c = queue_get(&batch));)
		change_free(&c);
	return NULL;
}

bool indexer_start(struct embedded *s, struct err *e)
{
	int code = pthread_create(&s->indexer, NULL, indexer_main, s);
	s->indexer_runs = code == 0;
	return code == 0 || store_fault(e, code, "start", "the indexer's thread");
}

void indexer_stop(struct embedded *s)
{
	if (!s->indexer_runs)
		return;
	pthread_mutex_lock(&s->index_lock);
	s->index_stop = true;
	pthread_cond_signal(&s->index_work);
	pthread_mutex_unlock(&s->index_lock);
	pthread_join(s->indexer, NULL);
	s->indexer_runs = false;
	for (struct change *c; (c = queue_get(&s->to_index));)
		change_free(&c);
}
