/* SPDX-License-Identifier: Apache-2.0 */
/* `postrider send --merge --dry-run`: when each mail would leave, and which cap keeps it. */
#include <stdio.h>

#include "base/json_line.h"
#include "base/paper.h"
#include "base/text_time.h"
#include "batch/plan.h"
#include "cli/folder.h"
#include "cli/send_batch.h"
#include "cli/terminal.h"

enum { ROWS_SHOWN = 20, DAYS_SHOWN = 10, LEAD = 12 };

struct dry {
	struct batch_run *r;
	struct plan *plan;
	struct ledger *ledger;
	struct paper paper;
	size_t shown;
	int64_t now_ms;
};

/* "today 14:05:10", "2026-11-22 00:00:10" (UTC) */
static const char *when(struct arena *a, int64_t at_ms, int64_t now_ms)
{
	char text[TEXT_TIME_BYTES];
	text_time(at_ms / 1000, text);
	if (at_ms / CAPS_DAY_MS == now_ms / CAPS_DAY_MS)
		return arena_printf(a, "today %.8s UTC", text + 11);
	return arena_printf(a, "%.10s %.8s UTC", text, text + 11);
}

static void print_json(const struct letter *l, const char *recipient, const struct plan_time *t)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	json_line_begin(&b);
	json_line_number(&b, "row", (long long)l->row);
	json_line_text(&b, "recipient", str_of(recipient));
	if (t->at_ms >= 0)
		json_line_time(&b, "leaves", t->at_ms);
	json_line_text(&b, "route", str_of(t->route));
	json_line_text(&b, "held_by", str_of(t->stop));
	json_line_number(&b, "bytes", (long long)letter_size(l));
	json_line_end(&b);
	fwrite(buf_str(&b).p, 1, buf_str(&b).len, stdout);
}

static void print_line(struct dry *d, const struct letter *l, const char *recipient,
		       const struct plan_time *t)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	char lead[40];
	if (d->shown++ >= ROWS_SHOWN)
		return;
	snprintf(lead, sizeof(lead), "Row %llu", (unsigned long long)l->row);
	const char *words =
		t->at_ms < 0 ? arena_printf(a, "%s never leaves: %s", recipient, t->stop)
		: *t->stop   ? arena_printf(a, "%s leaves %s (%s)", recipient, when(a, t->at_ms, d->now_ms),
					    t->limit)
			     : arena_printf(a, "%s leaves %s", recipient, when(a, t->at_ms, d->now_ms));
	paper_item(&d->paper, 0, (struct paper_lead){ lead, LEAD, t->at_ms < 0 ? PAPER_BAD : PAPER_PLAIN },
		   words);
}

static void on_mail(void *ctx, const struct letter *l)
{
	struct dry *d = ctx;
	struct str to[ADDRESSES_MAX];
	struct plan_time t[ADDRESSES_MAX];
	for (size_t i = 0; i < l->to.n; i++)
		to[i] = str_of(l->to.v[i].address);
	plan_mail(d->plan, str_of(l->from.v[0].address), to, l->to.n, t);
	for (size_t i = 0; i < l->to.n; i++) {
		if (d->r->o->json)
			print_json(l, to[i].p, &t[i]);
		else if (!d->r->o->quiet)
			print_line(d, l, to[i].p, &t[i]);
	}
}

/* ---- what is there already ---- */

static void take_queue(struct dry *d)
{
	struct err ignored = { 0 };
	struct store *s = NULL;
	struct store_lanes lanes;
	const struct store_options o = { .path = d->r->relay.data, .mode = STORE_READ, .now_ms = d->now_ms };
	if (!store_open(&o, &s, &ignored))
		return;
	if (store_lanes(s, d->r->arena, &lanes, &ignored))
		for (size_t i = 0; i < lanes.n; i++)
			plan_ahead(d->plan, lanes.v[i].lane,
				   lanes.v[i].count[STORE_QUEUED] + lanes.v[i].count[STORE_DELAYED] +
					   lanes.v[i].count[STORE_HELD]);
	store_close(&s);
}

/* A relay that was never started has sent nothing. */
static void take_past(struct dry *d)
{
	struct err ignored = { 0 };
	const char *path = arena_printf(d->r->arena, "%s/ledger", d->r->relay.data);
	if (!ledger_look(path, d->now_ms, &d->ledger, &ignored))
		d->ledger = NULL;
}

/* ---- the sum ---- */

static void show_days(struct dry *d, const struct plan_way *w)
{
	size_t shown = 0;
	for (size_t i = 0; i < PLAN_DAYS_MAX && shown < DAYS_SHOWN; i++) {
		char day[TEXT_TIME_BYTES];
		if (!w->days[i])
			continue;
		text_time(d->now_ms / 1000 + (long long)i * 86400, day);
		paper_text(&d->paper, LEAD, PAPER_PLAIN,
			   arena_printf(d->r->arena, "%.10s%s: %u", day, i ? "" : " (today)", w->days[i]));
		shown++;
	}
	if (shown == DAYS_SHOWN)
		paper_text(&d->paper, LEAD, PAPER_DIM, "and so on");
}

static void show_way(struct dry *d, const struct plan_way *w)
{
	struct arena *a = d->r->arena;
	if (!w->mails)
		return;
	paper_space(&d->paper);
	if (!w->route) {
		paper_item(&d->paper, 0, (struct paper_lead){ "No route", LEAD, PAPER_BAD },
			   arena_printf(a, "%zu fit no route of the configuration and would be refused",
					w->mails));
		return;
	}
	paper_text(&d->paper, 0, PAPER_BOLD,
		   arena_printf(a, "Route %s: %zu mails, from %s to %s%s", w->route->name, w->mails,
				when(a, w->first_ms, d->now_ms), when(a, w->last_ms, d->now_ms),
				w->ahead ? arena_printf(a, ", behind %zu that wait already", w->ahead) : ""));
	show_days(d, w);
	for (size_t i = 0; i < w->nstops; i++)
		paper_item(&d->paper, LEAD, (struct paper_lead){ "keeps", 6, PAPER_ODD },
			   arena_printf(a, "%zu back: %s", w->stops[i].mails, w->stops[i].words));
}

static void sum_json(const struct dry *d)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	const struct plan_way *w;
	for (size_t i = 0; (w = plan_way(d->plan, i)); i++) {
		if (!w->mails)
			continue;
		json_line_begin(&b);
		json_line_text(&b, "summary", str_of(w->route ? w->route->name : ""));
		json_line_number(&b, "mails", (long long)w->mails);
		json_line_number(&b, "ahead", (long long)w->ahead);
		if (w->route) {
			json_line_time(&b, "first", w->first_ms);
			json_line_time(&b, "last", w->last_ms);
		}
		json_line_end(&b);
	}
	fwrite(buf_str(&b).p, 1, buf_str(&b).len, stdout);
}

/* A column that was not taken for the attachments' shows here. */
static void show_files(struct dry *d)
{
	const struct batch_checked *c = &d->r->checked;
	const char *words = !c->files ? "No mail has an attachment."
			    : c->files < c->good
				    ? arena_printf(d->r->arena, "%llu of %llu mails have an attachment.",
						   (unsigned long long)c->files, (unsigned long long)c->good)
				    : "Each mail has an attachment.";
	if (c->good)
		paper_text(&d->paper, 0, PAPER_PLAIN, words);
}

static void show_sum(struct dry *d)
{
	const struct plan_way *w;
	if (d->r->o->json) {
		sum_json(d);
		return;
	}
	if (d->shown > ROWS_SHOWN)
		paper_text(&d->paper, 0, PAPER_DIM, "The rest: --json tells each.");
	for (size_t i = 0; (w = plan_way(d->plan, i)); i++)
		show_way(d, w);
	paper_space(&d->paper);
	show_files(d);
	paper_text(&d->paper, 0, PAPER_PLAIN,
		   d->r->checked.before
			   ? arena_printf(d->r->arena, "%llu had left before. Nothing was sent now.",
					  (unsigned long long)d->r->checked.before)
			   : "Nothing was sent.");
}

bool send_batch_dry_run(struct batch_run *r, const struct batch_watch *watch, struct err *e)
{
	struct dry d = { .r = r, .now_ms = folder_now_ms() };
	const struct batch_each each = { on_mail, &d };
	const struct plan_as as = { r->profile, r->kind };
	d.paper = terminal_paper(r->o->no_color);
	take_past(&d);
	d.plan = plan_new(r->settings, &as, d.ledger, d.now_ms);
	take_queue(&d);
	batch_on_each(r->batch, &each);
	bool done = batch_check(r->batch, watch, r->arena, &r->checked, e);
	send_batch_progress(r, NULL, NULL);
	if (done && !r->checked.stopped)
		show_sum(&d);
	plan_free(&d.plan);
	ledger_close(&d.ledger);
	return done;
}
