/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "batch/hand_inner.h"
#include "relay/lane/schedule.h"

enum {
	AGAIN_MS = 200, /* first pause before it is tried again; doubled up to */
	AGAIN_MOST_MS = 5000,
};

/* ---- troubles that pass ---- */

static bool may_go_on(const struct hand *h)
{
	return !h->stops && !*h->trouble && !net_loop_interrupted(h->loop);
}

/* Nobody has answered yet: most likely none was started, and waiting helps little. */
static uint64_t patience_ms(const struct hand *h)
{
	bool first = !h->reached && h->way.patience_ms > HAND_FIRST_MS;
	return first ? HAND_FIRST_MS : h->way.patience_ms;
}

/* False: patience is at its end. */
static bool pause_a_while(struct line *x, long hint_s)
{
	uint64_t t = line_now(x);
	if (!x->troubled_ms) {
		x->troubled_ms = t;
		x->pause_ms = AGAIN_MS;
	}
	uint64_t pause = hint_s ? (uint64_t)hint_s * 1000 : x->pause_ms;
	x->pause_ms = 2 * x->pause_ms < AGAIN_MOST_MS ? 2 * x->pause_ms : AGAIN_MOST_MS;
	if (t + pause > x->troubled_ms + patience_ms(x->h))
		return false;
	while (may_go_on(x->h) && line_now(x) < t + pause)
		net_loop_sleep(x->h->loop,
			       line_now(x) + AGAIN_MS < t + pause ? line_now(x) + AGAIN_MS : t + pause);
	return may_go_on(x->h);
}

static void give_up(struct line *x, const char *why)
{
	struct hand *h = x->h;
	if (may_go_on(h))
		snprintf(h->trouble, sizeof(h->trouble), "%s", why);
}

static bool answered(struct line *x, const struct hand_answer *answer)
{
	x->troubled_ms = 0;
	x->h->user.answered(x->h->user.ctx, &x->letter, answer);
	return true;
}

/* Not now, it says again and again.  Of one letter: the others go on; of all of them: it ends. */
static bool put_off(struct line *x, const struct hand_answer *answer)
{
	if (pause_a_while(x, schedule_hint_s(str_of(answer->reply))))
		return false;
	if (!may_go_on(x->h))
		return false;
	if (++x->h->put_off <= HAND_SESSIONS)
		return answered(x, answer);
	give_up(x, answer->reply);
	return false;
}

/* True: the letter is done with. */
static bool one_try(struct line *x)
{
	struct hand_answer answer = { .id = "" };
	enum went went = x->session || line_greet(x) ? line_transact(x, &answer) : WENT_LOST;
	if (went == WENT_LATER)
		return put_off(x, &answer);
	if (went == WENT_WELL) {
		x->h->put_off = *answer.id ? 0 : x->h->put_off;
		return answered(x, &answer);
	}
	if (!pause_a_while(x, 0))
		give_up(x, arena_printf(x->letter.arena, "%s at %s:%u: %s",
					x->h->reached ? "the relay cannot be reached any more"
						      : "no relay answers",
					x->h->way.host, x->h->way.port, x->why));
	return false;
}

static void run_line(void *ctx)
{
	struct line *x = ctx;
	struct hand *h = x->h;
	while (may_go_on(h)) {
		if (!x->loaded && !(x->loaded = h->user.next(h->user.ctx, &x->letter)))
			break;
		x->loaded = !one_try(x);
	}
	if (x->session)
		session_quit(x->session, SESSION_AT_ONCE);
	session_free(&x->session);
	letter_clear(&x->letter);
	mem_free(&x);
	h->lines--;
}

/* ---- all of them ---- */

struct hand *hand_new(struct net_loop *l, const struct hand_way *w, const struct hand_user *u)
{
	struct hand *h = mem_alloc(sizeof(*h));
	*h = (struct hand){ .loop = l, .way = *w, .user = *u };
	for (size_t i = 0; i < HAND_SESSIONS; i++) {
		struct line *x = mem_alloc(sizeof(*x));
		x->h = h;
		h->lines++;
		net_fiber_start(l, run_line, x);
	}
	return h;
}

static bool is_over(void *ctx)
{
	const struct hand *h = ctx;
	return !h->lines;
}

bool hand_go_on(struct hand *h, uint64_t until_ms)
{
	return net_loop_wait(h->loop, is_over, h, until_ms) || !h->lines;
}

void hand_stop(struct hand *h)
{
	h->stops = true;
}

bool hand_reached(const struct hand *h)
{
	return h->reached;
}

const char *hand_trouble(const struct hand *h)
{
	return h->trouble;
}

void hand_free(struct hand **hp)
{
	if (*hp)
		net_loop_settle((*hp)->loop);
	mem_free(hp);
}
