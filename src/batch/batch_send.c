/* SPDX-License-Identifier: Apache-2.0 */
/* The second pass: each row's mail to the relay, and a line in the journal for what it said. */
#include <sys/time.h>

#include "batch/batch_inner.h"

enum { TURN_MS = 200 };

struct sending {
	struct batch *b;
	struct hand *hand;
	struct batch_at at;
	struct err *e;
	bool failed, at_end;
};

static int64_t unix_ms(void)
{
	struct timeval t;
	gettimeofday(&t, NULL);
	return t.tv_sec * 1000LL + t.tv_usec / 1000;
}

static void stop(struct sending *s)
{
	s->failed = true;
	hand_stop(s->hand);
}

static void note(struct sending *s, const struct journal_line *v, size_t n)
{
	if (!s->failed && !journal_add(s->b->journal, v, n, s->e))
		stop(s);
}

/* ---- rows to letters ---- */

static void skip(struct sending *s, const struct letter *l, const char *words)
{
	s->at.skipped++;
	const struct journal_line line = { .run = s->b->run,
					   .row = l->row,
					   .mark = l->mark,
					   .at_ms = unix_ms(),
					   .recipient = str_of(l->to.n ? l->to.v[0].address : ""),
					   .key = str_of(l->key),
					   .words = str_of(words) };
	note(s, &line, 1);
}

/* False: it is not to be sent. */
static bool take_row(struct sending *s, const struct csv_row *row, struct letter *l)
{
	const char *words = "";
	s->at.rows++;
	s->at.bytes = row->offset;
	switch (batch_row(s->b, row, l, &words)) {
	case BATCH_ROW_GOOD:
		return true;
	case BATCH_ROW_BEFORE:
		s->at.before++;
		return false;
	default:
		skip(s, l, words);
		return false;
	}
}

static bool next(void *ctx, struct letter *l)
{
	struct sending *s = ctx;
	const struct csv_row *row;
	while (!s->failed && !s->at_end) {
		int got = csv_next(s->b->table, &row, s->e);
		s->at_end = got == 0;
		if (got < 0)
			stop(s);
		if (got > 0 && take_row(s, row, l))
			return true;
	}
	return false;
}

/* ---- answers ---- */

static void answered(void *ctx, const struct letter *l, const struct hand_answer *a)
{
	struct sending *s = ctx;
	struct journal_line v[ADDRESSES_MAX];
	for (size_t i = 0; i < l->to.n; i++) {
		bool own = a->rcpts && a->rcpts[i].code / 100 != 2 && *a->id;
		v[i] = (struct journal_line){ .run = s->b->run,
					      .row = l->row,
					      .mark = l->mark,
					      .id = str_of(a->id),
					      .code = own ? a->rcpts[i].code : a->code,
					      .at_ms = unix_ms(),
					      .recipient = str_of(l->to.v[i].address),
					      .key = str_of(l->key),
					      .words = str_of(own ? a->rcpts[i].reply : a->reply) };
	}
	note(s, v, l->to.n);
	if (!*a->id)
		s->at.refused++;
	else if (a->before)
		s->at.before++;
	else
		s->at.taken++;
}

/* ---- all of it ---- */

static bool begin(struct batch *b, struct err *e)
{
	b->run++;
	if (!b->journal && !journal_begin(b->o.journal, &b->head, &b->journal, e))
		return false;
	journal_copy(b->journal, b->o.roll ? roll_journal(b->o.roll, b->head.id) : -1);
	return true;
}

static void run(struct sending *s, struct net_loop *l, const struct batch_watch *w, struct batch_sent *out)
{
	s->b->tick_ms = 0; /* that it has begun is told at once */
	do {
		if (batch_tick(s->b, w, &s->at))
			continue;
		out->end = BATCH_STOPPED;
		hand_stop(s->hand);
	} while (!hand_go_on(s->hand, net_loop_now_ms(l) + TURN_MS));
}

bool batch_send(struct batch *b, struct net_loop *l, const struct hand_way *way, const struct batch_watch *w,
		struct arena *a, struct batch_sent *out, struct err *e)
{
	struct sending s = { .b = b, .e = e };
	const struct hand_user user = { next, answered, &s };
	*out = (struct batch_sent){ .end = BATCH_DONE, .trouble = "" };
	if (!csv_rewind(b->table, e) || !begin(b, e))
		return false;
	b->rules.attachments = ATTACHMENT_TAKE;
	s.hand = hand_new(l, way, &user);
	run(&s, l, w, out);
	out->at = s.at;
	if (*hand_trouble(s.hand)) {
		out->end = BATCH_TROUBLE;
		out->trouble = arena_strdup(a, hand_trouble(s.hand));
	}
	out->reached = hand_reached(s.hand);
	hand_free(&s.hand);
	return journal_sync(b->journal, e) && !s.failed;
}
