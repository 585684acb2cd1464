/* SPDX-License-Identifier: Apache-2.0 */
/* hold, release, retry, bounce, cancel: first said what it would do, then done, then said what was done. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/command.h"
#include "cli/folder.h"
#include "cli/queue_inner.h"
#include "cli/queue_select.h"
#include "cli/terminal.h"
#include "show/queue_json.h"
#include "show/trail_json.h"
#include "show/trail_events.h"
#include "show/trail_words.h"

enum { PLACES_SHOWN = 15, LOOKS_MAX = 30, LOOK_NS = 10000000 };

static const char *const did[STEERS] = {
	[STEER_HOLD] = "Held",
	[STEER_RELEASE] = "Released",
	[STEER_RETRY] = "To be tried now:",
	[STEER_BOUNCE] = "Given up, the senders are told:",
	[STEER_CANCEL] = "Withdrawn:",
};

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static void tell_effect(struct queue_run *r, FILE *out, const struct queue_selection *s)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct paper p = r->paper;
	p.out = out;
	paper_text(&p, 0, PAPER_PLAIN, arena_printf(a, "%s:", queue_effect_words(r->o->what, s, a)));
	for (size_t i = 0; i < s->nplaces && i < PLACES_SHOWN; i++)
		paper_item(&p, 2,
			   (struct paper_lead){ arena_printf(a, "%zu", s->places[i].n), 8, PAPER_PLAIN },
			   arena_printf(a, "%s, oldest %s", s->places[i].lane,
					trail_span(a, r->now_ms, s->places[i].oldest_ms)));
	if (s->nplaces > PLACES_SHOWN)
		paper_text(&p, 2, PAPER_DIM,
			   arena_printf(a, "and %zu more destinations", s->nplaces - PLACES_SHOWN));
}

static bool asked_yes(void)
{
	char line[16];
	fputs("Do it? [y/N] ", stderr);
	return fgets(line, sizeof(line), stdin) && (*line == 'y' || *line == 'Y');
}

/* True when it is to be done. */
static bool agreed(struct queue_run *r, const struct queue_selection *s)
{
	if (s->named || s->n < 2 || r->o->yes)
		return true;
	if (r->o->json)
		return false;
	tell_effect(r, stderr, s);
	if (terminal_can_ask())
		return asked_yes();
	fputs("Nothing was changed yet: add --yes to do it.\n", stderr);
	return false;
}

static void tell_not(const struct queue_outcome *x)
{
	char id[STORE_ID_TEXT];
	for (size_t i = 0; i < x->nreasons; i++)
		fprintf(stderr, "%zu not: %s (%s)\n", x->reasons[i].n, x->reasons[i].why,
			store_id_text(x->reasons[i].first.id, id));
}

static void tell_done(struct queue_run *r, const struct queue_selection *s, const struct queue_outcome *x)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	if (!r->o->quiet)
		paper_text(&r->paper, 0, PAPER_PLAIN,
			   arena_printf(a, "%s %zu of %zu recipient%s.", did[r->o->what], x->done, s->n,
					plural(s->n)));
	tell_not(x);
}

static void tell_json(struct queue_run *r, const struct queue_selection *s, const struct queue_outcome *x,
		      bool dry)
{
	json_t *o = queue_outcome_json(r->o->what, s, x, dry);
	json_write_document(stdout, o);
}

/* What was done can be looked at when we end: the store's index follows its disk at a short distance. */
static void wait_until_seen(struct queue_run *r, const struct queue_selection *s, int64_t since_ms)
{
	const struct steering_item *last = &s->v[s->n - 1];
	for (unsigned looks = 0; looks < LOOKS_MAX; looks++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct store_trail t;
		struct err e = { 0 };
		if (store_trail(queue_hand_store(r->hand), last->id, a, &t, &e) <= 0)
			return;
		const struct store_event *v = trail_last(&t, last->rcpt);
		if (v && v->at_ms >= since_ms)
			return;
		nanosleep(&(struct timespec){ 0, LOOK_NS }, NULL);
	}
}

static int nothing(struct queue_run *r, const struct queue_selection *s, const struct queue_outcome *x)
{
	if (r->o->json)
		tell_json(r, s, x, false);
	else if (!r->o->quiet || x->nreasons)
		fprintf(stderr, "Nothing to %s%s\n", steer_name(r->o->what),
			x->nreasons ? "."
				    : ": no such mail waits here (postrider queue list, postrider trace).");
	tell_not(x);
	return EXIT_NOT_WELL;
}

static int act(struct queue_run *r, const struct queue_selection *s, struct queue_outcome *x, struct err *e)
{
	const struct steer_order order = {
		.what = r->o->what,
		.by = str_of(r->by),
		.reason = str_of(r->o->reason),
		.now_ms = folder_now_ms(),
		.until_ms = r->o->until_s * 1000,
	};
	queue_outcome_left(x, s);
	if (!s->n)
		return nothing(r, s, x);
	bool go = agreed(r, s);
	if (go && !queue_hand_steer(r->hand, &order, r->settings, s->v, s->n, x, e))
		return -1;
	if (x->done)
		wait_until_seen(r, s, order.now_ms);
	if (r->o->json)
		tell_json(r, s, x, !go);
	else if (go)
		tell_done(r, s, x);
	if (!go)
		return r->o->json ? EXIT_WELL : EXIT_WRONG_USE;
	return x->not_done ? EXIT_NOT_WELL : EXIT_WELL;
}

int queue_act(struct queue_run *r, struct err *e)
{
	struct queue_selection s = { 0 };
	struct queue_outcome x = { 0 };
	int status = queue_select(r->o, queue_hand_store(r->hand), &s, &x, e) ? act(r, &s, &x, e) : -1;
	queue_selection_clear(&s);
	return status;
}
