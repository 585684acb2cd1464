/* SPDX-License-Identifier: Apache-2.0 */
/* `postrider queue list`: by destination, or the mails that wait at one. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/index_behind_json.h"
#include "cli/queue_inner.h"
#include "cli/queue_select.h"
#include "cli/queue_walk.h"
#include "cli/trace_show.h"
#include "relay/lane/lane_name.h"
#include "show/queue_json.h"
#include "show/trail_json.h"
#include "show/trail_words.h"
#include "relay/why.h"

enum { NAME_ROOM = 30 };

/* "3 held, 12 delayed" */
static const char *counts(struct arena *a, const struct store_lane *l)
{
	struct strlist parts = { 0 };
	for (size_t i = 0; i < QUEUE_STATES; i++)
		if (l->count[queue_states[i]])
			strlist_add(&parts, a,
				    arena_printf(a, "%zu %s", l->count[queue_states[i]],
						 store_state_name(queue_states[i])));
	return strlist_join(&parts, a, ", ");
}

static const char *next_words(struct arena *a, const struct store_lane *l, const struct lane_view *v,
			      int64_t now_ms)
{
	int64_t next = l->next_ms;
	if (v && v->next_ms > next)
		next = v->next_ms;
	if (next == STORE_NEVER)
		return v && v->sessions ? "" : "; nothing goes out by itself";
	return arena_printf(a, "; next try %s", next <= now_ms ? "now" : trail_span(a, now_ms, next));
}

static const char *age(struct arena *a, int64_t now_ms, int64_t since_ms)
{
	return now_ms - since_ms < 1000 ? "just now" : trail_span(a, now_ms, since_ms);
}

/* What was answered there last, and what that means. */
static void show_reply(struct queue_run *r, struct arena *a, const struct store_lane *lane,
		       const struct lane_view *v)
{
	const struct store_lane said = queue_lane_said(lane, v), *l = &said;
	const struct finding_entry *f = queue_finding(a, l->finding);
	if (l->code || l->reply.len) {
		const char *host = l->host.len ? arena_printf(a, STR_FMT ": ", STR_ARG(l->host)) : "";
		paper_text(&r->paper, 4, PAPER_PLAIN,
			   arena_printf(a, "%s%s", host, trail_reply(a, l->code, l->reply)));
	}
	if (f)
		paper_text(&r->paper, 4, PAPER_DIM,
			   arena_printf(a, "that means: %s (%s)",
					why_title(f, arena_dup(a, l->host.p, l->host.len), a), f->id));
}

/* No server's doing, whatever was answered there. */
static void show_unreadable(struct queue_run *r, struct arena *a, const struct store_lane *l)
{
	const struct finding_entry *f = finding_entry_find(FINDING_OWN_COPY);
	if (l->unreadable)
		paper_text(&r->paper, 4, PAPER_PLAIN,
			   arena_printf(a, "%s: %s (%s)",
					queue_lane_unreadable(l)
						? "all of them"
						: arena_printf(a, "%zu of them", l->unreadable),
					why_title(f, "", a), f->id));
}

static void show_lane(struct queue_run *r, const struct store_lane *l)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct lane_view v;
	bool known = queue_hand_lane(r->hand, str_of(l->lane), a, &v);
	paper_item(&r->paper, 0, (struct paper_lead){ l->lane, NAME_ROOM, PAPER_BOLD },
		   arena_printf(a, "%s; oldest %s%s%s", counts(a, l), age(a, r->now_ms, l->oldest_ms),
				next_words(a, l, known ? &v : NULL, r->now_ms),
				known && v.sessions ? arena_printf(a, "; %u session%s under way", v.sessions,
								   v.sessions == 1 ? "" : "s")
						    : ""));
	if (z_eq(l->lane, LANE_NONE)) /* what was answered on the way they had once is not why */
		paper_text(
			&r->paper, 4, PAPER_PLAIN,
			"no route of the configuration carries them: add one that fits sender and recipient");
	else if (!queue_lane_unreadable(l))
		show_reply(r, a, l, known ? &v : NULL);
	show_unreadable(r, a, l);
}

static bool view_of(void *ctx, struct str lane, struct arena *a, struct lane_view *out)
{
	return queue_hand_lane(ctx, lane, a, out);
}

static void list_json(struct queue_run *r, const struct store_lanes *all)
{
	const struct queue_document d = { all, view_of, r->hand, queue_hand_running(r->hand) };
	json_t *o = queue_json(&d);
	index_behind_json(o, &r->behind);
	json_write_document(stdout, o);
}

static void list_names(struct queue_run *r, const struct store_lanes *all)
{
	for (size_t i = 0; i < all->n && i < r->o->limit; i++)
		puts(all->v[i].lane);
	queue_walk_end(&(struct queue_walk){ .run = r, .more = all->n > r->o->limit });
}

static void list_text(struct queue_run *r, const struct store_lanes *all)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	size_t n = 0;
	for (size_t i = 0; i < all->n; i++) {
		if (i < r->o->limit)
			show_lane(r, &all->v[i]);
		n += queue_lane_total(&all->v[i]);
	}
	if (all->n > r->o->limit)
		paper_text(&r->paper, 0, PAPER_DIM,
			   arena_printf(a, "and %zu more destinations: --limit %zu", all->n - r->o->limit,
					all->n));
	if (all->n)
		paper_space(&r->paper);
	paper_text(&r->paper, 0, PAPER_PLAIN,
		   n ? arena_printf(a, "%zu recipient%s wait%s, at %zu destination%s.%s", n,
				    n == 1 ? "" : "s", n == 1 ? "s" : "", all->n, all->n == 1 ? "" : "s",
				    queue_hand_running(r->hand) ? "" : " No relay runs on this folder.")
		     : "Nothing waits.");
}

/* ---- what is under way ---- */

static void count_sending(const struct store_lanes *all, const struct store_hit *h)
{
	for (size_t i = 0; i < all->n; i++) {
		struct store_lane *l = &all->v[i];
		if (!str_eq(h->lane, l->lane))
			continue;
		if (l->count[h->kept]) {
			l->count[h->kept]--;
			l->count[STORE_SENDING]++;
		}
		return;
	}
}

/* The disk, which was counted, knows of a try only when something came of it. */
static bool see_sending(struct queue_run *r, const struct store_lanes *all, struct err *e)
{
	struct store_query q = { .state = STORE_SENDING, .sending = &r->sending, .limit = STORE_FIND_MAX };
	struct store_hits hits = { 0 };
	do {
		if (!store_find(queue_hand_store(r->hand), &q, r->o->arena, &hits, e))
			return false;
		for (size_t i = 0; i < hits.n; i++)
			count_sending(all, &hits.v[i]);
		q.cursor = str_of(hits.cursor);
	} while (hits.cursor);
	return true;
}

/* ---- the mails of one destination ---- */

struct listing {
	struct queue_run *run;
	struct trace_show show;
	json_t *json; /* of --json; NULL */
};

static bool list_hit(void *ctx, const struct store_hit *h, struct err *e)
{
	struct listing *l = ctx;
	char id[STORE_ID_TEXT];
	(void)e;
	if (l->json)
		json_array_append_new(l->json, hit_json(h));
	else if (l->run->o->quiet)
		printf("%s/%u\n", store_id_text(h->id, id), h->rcpt);
	else
		trace_show_hit(&l->show, h);
	return true;
}

static void mails_json(const struct listing *l, const struct queue_walk *w)
{
	json_t *o = json_object();
	json_object_set_new(o, "schema", json_integer(1));
	json_object_set_new(o, "running", json_boolean(queue_hand_running(l->run->hand)));
	json_object_set_new(o, "more", json_boolean(w->more));
	index_behind_json(o, &l->run->behind);
	json_object_set(o, "messages", l->json);
	json_write_document(stdout, o);
}

static bool walk_states(struct queue_walk *w, struct store_query q, struct err *e)
{
	enum store_state only = w->run->o->state;
	for (int s = STORE_QUEUED; s <= STORE_DELAYED; s++) {
		q.state = (enum store_state)s;
		if ((!only || q.state == only) && !queue_walk(w, q, e))
			return false;
	}
	return true;
}

static int list_mails(struct queue_run *r, struct store_query q, struct err *e)
{
	const struct trace_options show_options = { .zone_s = r->o->zone_s };
	struct listing l = { r, { r->paper, &show_options, r->now_ms, 0, NULL }, NULL };
	struct queue_walk w = { .run = r, .hit = list_hit, .ctx = &l };
	l.json = r->o->json ? json_array() : NULL;
	bool ok = walk_states(&w, q, e);
	if (ok && l.json)
		mails_json(&l, &w);
	else if (ok && !w.n)
		fputs("Nothing waits there.\n", stderr);
	json_decref(l.json);
	if (ok)
		queue_walk_end(&w);
	return !ok ? -1 : w.n ? EXIT_WELL : EXIT_NOT_WELL;
}

int queue_list(struct queue_run *r, struct err *e)
{
	struct store_query q;
	struct store_lanes all;
	if (!queue_filter(r->o, &q, e))
		return -1;
	if (q.lane.len || q.recipient.len || q.sender.len || q.account.len || q.finding.len || r->o->state)
		return list_mails(r, q, e);
	if (!store_lanes(queue_hand_store(r->hand), r->o->arena, &all, e) ||
	    (r->sending.n && !see_sending(r, &all, e)))
		return -1;
	queue_lanes_own(&all);
	if (r->o->json)
		list_json(r, &all);
	else if (r->o->quiet)
		list_names(r, &all);
	else
		list_text(r, &all);
	return EXIT_WELL;
}
