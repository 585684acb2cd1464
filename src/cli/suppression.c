/* SPDX-License-Identifier: Apache-2.0 */
/* `postrider suppression`: who gets no mail, and a person's word about it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/paper.h"
#include "catalog/finding.h"
#include "cli/command.h"
#include "cli/folder.h"
#include "cli/queue_hand.h"
#include "cli/suppression_options.h"
#include "cli/terminal.h"
#include "show/suppression_json.h"
#include "show/trail_json.h"

enum { TIME_BYTES = 40, ADDRESS_ROOM = 34 };

struct run {
	const struct suppression_options *o;
	struct queue_hand *hand;
	struct paper paper;
	int64_t now_ms;
	struct store_suppressed *v; /* texts in the options' arena */
	size_t n, room;
};

/* ---- showing ---- */

static const char *day_of(const struct run *r, int64_t ms)
{
	char text[TIME_BYTES];
	time_t t = (time_t)(ms / 1000 + r->o->zone_s);
	struct tm tm;
	if (ms == STORE_NEVER)
		return "it is removed";
	gmtime_r(&t, &tm);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &tm);
	return arena_strdup(r->o->arena, text);
}

static const char *why_words(const struct run *r, const struct store_suppressed *v)
{
	return suppression_words(v, r->o->arena);
}

static void show_line(struct run *r, const struct store_suppressed *v)
{
	const char *end = v->until_ms > r->now_ms ? "until" : "over since";
	paper_item(&r->paper, 0, (struct paper_lead){ v->address.p, ADDRESS_ROOM, PAPER_BOLD },
		   arena_printf(r->o->arena, "since %s, %s %s: %s", day_of(r, v->since_ms), end,
				day_of(r, v->until_ms), why_words(r, v)));
}

static void show_whole(struct run *r, const struct store_suppressed *v)
{
	show_line(r, v);
	if (v->proof.len)
		paper_text(&r->paper, 4, PAPER_PLAIN, v->proof.p);
	if (finding_entry_find(v->why.p))
		paper_text(&r->paper, 4, PAPER_DIM,
			   arena_printf(r->o->arena,
					"%s: no mail goes there. If the address is good: postrider "
					"suppression remove %s",
					v->why.p, v->address.p));
}

static void show_one(struct run *r, const struct store_suppressed *v, bool whole)
{
	if (r->o->json)
		json_write_line(stdout, suppression_json(v, r->now_ms));
	else if (r->o->quiet)
		puts(v->address.p);
	else if (whole)
		show_whole(r, v);
	else
		show_line(r, v);
}

/* ---- looking ---- */

static bool is_wanted(const struct run *r, const struct store_suppressed *v)
{
	if (!r->o->all && v->until_ms <= r->now_ms)
		return false;
	for (size_t i = 0; i < r->o->nargs; i++)
		if (str_ifind(v->address, r->o->args[i]) < v->address.len)
			return true;
	return !r->o->nargs;
}

static bool collect(void *user, const struct store_suppressed *v)
{
	struct run *r = user;
	struct arena *a = r->o->arena;
	if (!is_wanted(r, v))
		return true;
	if (r->n == r->room) {
		r->room = r->room ? r->room * 2 : 64;
		r->v = mem_grow(r->v, r->room, sizeof(*r->v));
	}
	r->v[r->n++] = (struct store_suppressed){ arena_str(a, v->address), arena_str(a, v->why),
						  arena_str(a, v->proof), v->since_ms, v->until_ms };
	return true;
}

static int newest_first(const void *x, const void *y)
{
	const struct store_suppressed *a = x, *b = y;
	if (a->since_ms != b->since_ms)
		return a->since_ms < b->since_ms ? 1 : -1;
	return strcmp(a->address.p, b->address.p);
}

static int list(struct run *r)
{
	store_each_suppressed(queue_hand_store(r->hand), collect, r);
	if (r->n)
		qsort(r->v, r->n, sizeof(*r->v), newest_first);
	for (size_t i = 0; i < r->n; i++)
		show_one(r, &r->v[i], false);
	if (!r->n && !r->o->json && !r->o->quiet)
		puts(r->o->nargs ? "Nobody like that is on the list."
				 : "Nobody is on the list: every address gets mail.");
	return r->n || !r->o->nargs ? EXIT_WELL : EXIT_NOT_WELL;
}

static int show(struct run *r)
{
	int status = EXIT_WELL;
	for (size_t i = 0; i < r->o->nargs; i++) {
		struct store_suppressed v;
		if (store_is_suppressed(queue_hand_store(r->hand), str_of(r->o->args[i]), r->now_ms,
					r->o->arena, &v)) {
			show_one(r, &v, true);
			continue;
		}
		fprintf(stderr, "%s is not on the list: it gets mail.\n", r->o->args[i]);
		status = EXIT_NOT_WELL;
	}
	return status;
}

/* ---- changing ---- */

static int add(struct run *r, struct err *e)
{
	for (size_t i = 0; i < r->o->nargs; i++) {
		const struct store_suppressed v = {
			.address = str_of(r->o->args[i]),
			.why = str_of(r->o->reason ? r->o->reason : "put there by hand"),
			.since_ms = r->now_ms,
			.until_ms = r->o->until_s ? r->o->until_s * 1000 : STORE_NEVER,
		};
		if (!queue_hand_suppress(r->hand, &v, e))
			return -1;
		if (r->o->json)
			show_one(r, &v, false);
		else if (!r->o->quiet)
			printf("No mail to %s until %s.\n", r->o->args[i], day_of(r, v.until_ms));
	}
	return EXIT_WELL;
}

struct sought {
	struct arena *arena;
	struct store_suppressed v; /* until_ms 0: not found */
};

static bool is_there(void *user, const struct store_suppressed *v)
{
	struct sought *x = user;
	if (v->address.len != x->v.address.len || str_ifind(v->address, x->v.address.p) != 0)
		return true;
	x->v = (struct store_suppressed){ x->v.address, arena_str(x->arena, v->why),
					  arena_str(x->arena, v->proof), v->since_ms, v->until_ms };
	return false;
}

/* 1 it was on the list, 0 not, -1 *e. */
static int take_off_one(struct run *r, const char *address, struct err *e)
{
	struct sought x = { r->o->arena, { .address = str_of(address) } };
	store_each_suppressed(queue_hand_store(r->hand), is_there, &x);
	if (!x.v.until_ms)
		return 0;
	const struct store_suppressed off = { x.v.address, STR_LIT(""), STR_LIT(""), r->now_ms, r->now_ms };
	if (!queue_hand_suppress(r->hand, &off, e))
		return -1;
	x.v.until_ms = r->now_ms;
	if (r->o->json)
		show_one(r, &x.v, false);
	else if (!r->o->quiet)
		printf("%s gets mail again.\n", address);
	return 1;
}

static int take_off(struct run *r, struct err *e)
{
	int status = EXIT_WELL;
	for (size_t i = 0; i < r->o->nargs; i++) {
		int found = take_off_one(r, r->o->args[i], e);
		if (found < 0)
			return -1;
		if (found)
			continue;
		fprintf(stderr, "%s is not on the list.\n", r->o->args[i]);
		status = EXIT_NOT_WELL;
	}
	return status;
}

static int run(struct run *r, struct err *e)
{
	CLEANUP(relay_settings_free) struct relay_settings *settings = NULL;
	enum queue_need need = r->o->verb == SUPPRESSION_ADD      ? QUEUE_FILL
			       : r->o->verb == SUPPRESSION_REMOVE ? QUEUE_CHANGE
								  : QUEUE_LOOK;
	const char *folder = folder_find(r->o->config, r->o->data, r->o->arena, &settings, e);
	if (!folder || !queue_hand_open(folder, need, &r->hand, e))
		return -1;
	switch (r->o->verb) {
	case SUPPRESSION_SHOW:
		return show(r);
	case SUPPRESSION_ADD:
		return add(r, e);
	case SUPPRESSION_REMOVE:
		return take_off(r, e);
	default:
		return list(r);
	}
}

int command_suppression(int argc, char **argv)
{
	struct suppression_options o;
	struct err e = { 0 };
	int status = EXIT_WELL;
	if (!suppression_options_read(argc, argv, (long long)time(NULL), &o, &e)) {
		status = command_failed(&e);
	} else if (o.help) {
		suppression_options_help(stdout);
	} else {
		struct run r = { .o = &o, .now_ms = folder_now_ms() };
		r.paper = terminal_paper(o.no_color);
		status = run(&r, &e);
		status = status < 0 ? command_failed(&e) : status;
		queue_hand_free(&r.hand);
		free(r.v);
	}
	suppression_options_clear(&o);
	return status;
}
