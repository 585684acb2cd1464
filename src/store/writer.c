/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <time.h>

#include "base/thread_name.h"
#include "store/deadline.h"
#include "store/embedded_inner.h"
#include "store/fault.h"

/* What is moved is compared with the live table, so no change of a state may stand before it in its group;
 * what is suppressed goes to a file of its own. */
enum kind { CHANGE, MOVE, SUPPRESSION };

static enum kind kind_of(const struct change *c)
{
	return c->suppression ? SUPPRESSION : c->record.type == RECORD_MOVED ? MOVE : CHANGE;
}

static void take_group(struct embedded *s, struct queue *group)
{
	/* It goes into the current segment or is short: on a disk that is nearly full the next one may be. */
	const uint64_t least = SEGMENT_BYTES_MIN - SEGMENT_HEAD;
	uint64_t bytes = 0;
	queue_init(group);
	enum kind kind = s->waiting.head ? kind_of(s->waiting.head) : CHANGE;
	while (s->waiting.head && group->n < GROUP_CHANGES && kind_of(s->waiting.head) == kind) {
		bytes += record_room(&s->waiting.head->record);
		bool fits = bytes <= least || (bytes <= GROUP_BYTES && !segments_full(&s->segments, bytes));
		if (group->n && !fits)
			break;
		s->urgent -= !s->waiting.head->patient;
		queue_put(group, queue_get(&s->waiting));
	}
}

/* For pieces of long bodies; a group makes its own. */
static void new_segment(struct embedded *s)
{
	struct err e = { 0 };
	if (segments_full(&s->segments, 0) && !segments_rotate(&s->segments, time_now(s), &e))
		trouble_report(s, &e);
}

static bool may_wait(const struct embedded *s)
{
	return s->waiting.head && s->waiting.n < GROUP_CHANGES && !s->stop && !s->need_segment;
}

static bool may_be_joined(const struct embedded *s)
{
	return may_wait(s) && s->urgent && !s->alone && s->urgent < COMPANY_ENOUGH;
}

/* lock is held. */
static void await_urgent(struct embedded *s)
{
	struct timespec t;
	deadline(&t, GATHER_MS * 1000);
	while (may_wait(s) && !s->urgent)
		if (pthread_cond_timedwait(&s->work, &s->lock, &t) == ETIMEDOUT)
			return;
}

/* Where many come at once, one sync answers more of them when it begins a little later: it waits while who
 * submits is busy or has company on its way (store_idle), and more does come.  Who comes alone never waits.
 * lock is held. */
static void await_company(struct embedded *s)
{
	struct timespec t;
	size_t mean = s->company / COMPANY_PART;
	await_urgent(s);
	int still = 0;
	for (int i = 0; i < COMPANY_STEPS && mean >= COMPANY_LEAST && may_be_joined(s); i++) {
		size_t before = s->urgent;
		deadline(&t, COMPANY_STEP_US);
		while (may_be_joined(s) && pthread_cond_timedwait(&s->work, &s->lock, &t) != ETIMEDOUT)
			continue;
		still = s->urgent > before ? 0 : still + 1;
		if (still >= (s->quiet ? COMPANY_STEPS_IDLE : COMPANY_STEPS_BUSY))
			break;
	}
	s->company = s->company - mean + s->urgent;
}

/* lock is held. */
static void await_work(struct embedded *s)
{
	struct timespec until;
	bool untold = outcomes_untold(&s->outcomes, &until);
	while (!s->waiting.head && !s->stop && !s->need_segment) {
		if (!untold)
			pthread_cond_wait(&s->work, &s->lock);
		else if (pthread_cond_timedwait(&s->work, &s->lock, &until) == ETIMEDOUT)
			untold = outcomes_untold(&s->outcomes, &until);
	}
}

static void *writer_main(void *arg)
{
	struct embedded *s = arg;
	thread_name("pr-writer");
	pthread_mutex_lock(&s->lock);
	for (;;) {
		await_work(s);
		await_company(s);
		if (!s->waiting.head && s->stop)
			break;
		bool piece_waits = s->need_segment;
		s->need_segment = false;
		struct queue group;
		take_group(s, &group);
		s->writing = true;
		pthread_mutex_unlock(&s->lock);
		if (piece_waits)
			new_segment(s);
		write_group(s, &group);
		indexer_keep_pace(s);
		room_check(s);
		pthread_mutex_lock(&s->lock);
		s->writing = false;
		s->alone = false; /* it is told of the outcomes now */
		if (!s->waiting.head)
			pthread_cond_broadcast(&s->idle);
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

bool writer_start(struct embedded *s, struct err *e)
{
	int code = pthread_create(&s->writer, NULL, writer_main, s);
	s->writer_runs = code == 0;
	return code == 0 || store_fault(e, code, "start", "the writer's thread");
}

void writer_stop(struct embedded *s)
{
	if (!s->writer_runs)
		return;
	pthread_mutex_lock(&s->lock);
	s->stop = true;
	pthread_cond_signal(&s->work);
	pthread_mutex_unlock(&s->lock);
	pthread_join(s->writer, NULL);
	s->writer_runs = false;
}
