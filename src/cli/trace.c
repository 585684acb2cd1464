/* SPDX-License-Identifier: Apache-2.0 */
/* `postrider trace`: where is my mail?  Looks into the store beside a running relay. */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/folder.h"
#include "cli/index_behind_json.h"
#include "cli/terminal.h"
#include "cli/trace_due.h"
#include "cli/trace_find.h"
#include "show/trail_json.h"

enum { FOLLOW_MS = 200 };

static void pause_ms(long ms)
{
	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

static int nothing(const struct tracing *t, const struct trace_plan *p)
{
	if (t->unfit && !t->o->json) {
		fputs("Nothing found: that mail is here, but --state, --since or --until does not fit it.\n",
		      stderr);
	} else if (!t->o->json) {
		fputs("Nothing found", stderr);
		for (size_t i = 0; i < p->n; i++)
			if (*p->v[i].as)
				fprintf(stderr, "%s %s", i ? "; nor as" : ": no", p->v[i].as);
		fputs(t->behind.changes ? ".\n"
					: ".\nMail refused at the door is not kept; its client was told why "
					  "(conversation.log). What is past its time is dropped.\n",
		      stderr);
	}
	return EXIT_NOT_WELL;
}

/* ---- showing ---- */

/* 1, 0, -1 as store_trail. */
static int look_up(struct tracing *t, struct store_id id, struct arena *a, struct store_trail *out,
		   struct err *e)
{
	int r = store_trail(t->store, id, a, out, e);
	if (r > 0)
		store_message_seen(&t->sending, &out->message);
	return r;
}

static bool show_one(struct tracing *t, struct trace_found *f, struct err *e)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_trail trail;
	int r = look_up(t, f->id, a, &trail, e);
	if (r <= 0)
		return r == 0; /* dropped by age in between */
	struct trail_reports reports;
	trail_reports_find(t->store, &trail, a, &reports);
	t->show.reports = &reports;
	const uint32_t *only = f->whole ? NULL : f->rcpts;
	size_t n = f->whole ? trail.message.nrcpts : f->n;
	trace_due(t->beside, &trail, only, n < TRACE_RCPTS_SHOWN ? n : TRACE_RCPTS_SHOWN);
	if (t->o->json) {
		json_t *o = trail_json(&trail);
		trail_json_reports(o, &trail, &reports);
		index_behind_json(o, &t->behind);
		json_write_line(stdout, o);
	} else {
		trace_show_trail(&t->show, &trail, only, n);
	}
	t->show.reports = NULL;
	f->told = trail.nevents;
	return true;
}

static void show_rest(struct tracing *t)
{
	if (t->n > 1) {
		paper_space(&t->show.paper);
		paper_head(&t->show.paper, 0, "Found as well, newest first");
	}
	const struct trace_found *first = &t->v[0];
	for (size_t i = 0; i < t->hits.n; i++)
		if (t->hits.v[i].id.seq != first->id.seq)
			trace_show_hit(&t->show, &t->hits.v[i]);
}

static void show_lines(struct tracing *t)
{
	for (size_t i = 0; i < t->hits.n; i++)
		trace_show_hit(&t->show, &t->hits.v[i]);
}

/* As the trail tells it, so that following goes on exactly behind what the lines say. */
static bool show_lines_told(struct tracing *t, struct trace_found *f, struct err *e)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_trail trail;
	int r = look_up(t, f->id, a, &trail, e);
	for (size_t i = 0; r > 0 && i < t->hits.n; i++)
		if (store_id_same(t->hits.v[i].id, f->id)) {
			struct store_hit now = trail_hit(&trail, t->hits.v[i].rcpt);
			trace_show_hit(&t->show, &now);
		}
	f->told = r > 0 ? trail.nevents : 0;
	return r >= 0;
}

static void show_more(struct tracing *t)
{
	if (t->more)
		fprintf(stderr,
			"There is more: --limit %zu, or narrow it with --since, --state or another word.\n",
			t->o->limit * 10);
}

static bool show(struct tracing *t, struct err *e)
{
	bool each = t->o->all || t->o->json;
	if (t->o->quiet && !t->o->json && !t->o->follow) {
		show_lines(t);
		return true;
	}
	for (size_t i = 0; t->o->quiet && !t->o->json && i < t->n; i++)
		if (!show_lines_told(t, &t->v[i], e))
			return false;
	if (t->o->quiet && !t->o->json)
		return true;
	for (size_t i = 0; i < (each ? t->n : 1); i++) {
		if (i && !t->o->json)
			paper_space(&t->show.paper);
		if (!show_one(t, &t->v[i], e))
			return false;
	}
	if (!each)
		show_rest(t);
	return true;
}

/* ---- following ---- */

static bool is_over(const struct store_trail *t)
{
	for (size_t i = 0; i < t->message.nrcpts; i++)
		if (store_state_live(t->message.rcpts[i].state))
			return false;
	return true;
}

/* What is new of one mail; *over: nothing more is to come. */
static bool follow_one(struct tracing *t, struct trace_found *f, bool *over, struct err *e)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_trail trail;
	int r = store_trail(t->store, f->id, a, &trail, e);
	if (r < 0)
		return false;
	if (r && f->told < trail.nevents && !t->o->json)
		trace_due(t->beside, &trail, NULL, TRACE_RCPTS_SHOWN);
	for (size_t i = f->told; r && i < trail.nevents; i++)
		if (t->o->json)
			json_write_line(stdout, trail_event_json(&trail, &trail.events[i]));
		else
			trace_show_event(&t->show, &trail, &trail.events[i]);
	f->told = r ? trail.nevents : f->told;
	*over = *over && (!r || is_over(&trail));
	return true;
}

static bool follow(struct tracing *t, struct err *e)
{
	for (bool over = false; !over;) {
		over = true;
		for (size_t i = 0; i < t->n; i++)
			if (!follow_one(t, &t->v[i], &over, e))
				return false;
		if (fflush(stdout) || command_nobody_reads())
			return true;
		if (!over)
			pause_ms(FOLLOW_MS);
	}
	return true;
}

/* ---- the command ---- */

static int run(struct tracing *t, struct err *e)
{
	struct trace_plan plan;
	const char *path;
	CLEANUP(relay_settings_free) struct relay_settings *settings = NULL;
	if (!trace_plan_of(t->o->words, t->o->nwords, t->arena, &plan, e))
		return command_failed(e);
	path = folder_find(t->o->config, t->o->data, t->arena, &settings, e);
	if (!path || !folder_open(path, STORE_READ, &t->store, e))
		return command_failed(e);
	t->beside = queue_hand_beside(path);
	queue_hand_sending(t->beside, t->arena, &t->sending);
	queue_hand_behind(t->beside, t->arena, &t->behind);
	index_behind_tell(&t->behind, t->o->json || t->o->quiet ? NULL : &t->show.paper);
	if (!trace_find(t, &plan, e))
		return command_failed(e);
	if (!t->n)
		return nothing(t, &plan);
	if (!show(t, e) || (t->o->follow && !follow(t, e)))
		return command_failed(e);
	show_more(t);
	return EXIT_WELL;
}

int command_trace(int argc, char **argv)
{
	struct trace_options o;
	struct err e = { 0 };
	int status = EXIT_WELL;
	if (!trace_options_read(argc, argv, (long long)time(NULL), &o, &e)) {
		status = command_failed(&e);
	} else if (o.help) {
		trace_options_help(stdout);
	} else {
		CLEANUP(mem_free) struct tracing *t = mem_alloc(sizeof(*t));
		t->o = &o;
		t->arena = o.arena;
		t->show = (struct trace_show){ terminal_paper(o.no_color), &o, folder_now_ms(), 0, NULL };
		status = run(t, &e);
		queue_hand_free(&t->beside);
		store_close(&t->store);
	}
	trace_options_clear(&o);
	return status;
}
