/* SPDX-License-Identifier: Apache-2.0 */
/* `postrider bounces`: the reports that match nothing of ours. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/json_line.h"
#include "base/paper.h"
#include "base/text_time.h"
#include "cli/bounces_options.h"
#include "cli/command.h"
#include "cli/folder.h"
#include "cli/queue_hand.h"
#include "cli/terminal.h"
#include "relay/bounce/bounce_report.h"
#include "relay/bounce/inbox.h"

enum { ID_ROOM = 20, NAME_ROOM = 14, RECIPIENTS_SHOWN = 20 };

struct run {
	const struct bounces_options *o;
	struct queue_hand *hand;
	struct paper paper;
};

/* ---- list ---- */

static const char *why_of(const struct store_trail *t)
{
	for (size_t i = t->nevents; i-- > 0;)
		if (t->events[i].why.len)
			return t->events[i].why.p;
	return "not read yet";
}

static void list_one(struct run *r, struct arena *a, const struct store_trail *t)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	const struct store_message *m = &t->message;
	char id[STORE_ID_TEXT], time[TEXT_TIME_BYTES];
	store_id_text(m->id, id);
	if (r->o->quiet && !r->o->json) {
		puts(id);
	} else if (r->o->json) {
		json_line_begin(&b);
		json_line_text(&b, "id", str_of(id));
		json_line_time(&b, "arrived", m->arrived_ms);
		json_line_text(&b, "from", m->from);
		json_line_text(&b, "subject", m->subject);
		json_line_given(&b, "listener", m->listener);
		json_line_given(&b, "client", m->client);
		json_line_text(&b, "why", str_of(why_of(t)));
		json_line_end(&b);
		fwrite(buf_str(&b).p, 1, buf_waiting(&b), stdout);
	} else {
		paper_item(&r->paper, 0, (struct paper_lead){ id, ID_ROOM, PAPER_BOLD },
			   arena_printf(a, "%s  " STR_FMT " (" STR_FMT ")",
					text_time(m->arrived_ms / 1000, time), STR_ARG(m->subject),
					STR_ARG(m->from)));
		paper_text(&r->paper, ID_ROOM, PAPER_DIM, why_of(t));
	}
}

/* All that are kept, to fn, until it says no. */
static bool each_kept(struct run *r, bool (*fn)(struct run *r, const struct store_hit *h, struct err *e),
		      size_t *n, struct err *e)
{
	struct store_query q = { .lane = STR_LIT(INBOX_LANE), .state = STORE_HELD, .limit = STORE_FIND_MAX };
	struct store_hits hits = { 0 };
	*n = 0;
	do {
		if (!store_find(queue_hand_store(r->hand), &q, r->o->arena, &hits, e))
			return false;
		for (size_t i = 0; i < hits.n && *n < r->o->limit; i++) {
			if (!hits.v[i].tries)
				continue; /* it is being read right now */
			if (!fn(r, &hits.v[i], e))
				return false;
			(*n)++;
		}
		q.cursor = str_of(hits.cursor);
	} while (hits.cursor && *n < r->o->limit);
	return true;
}

static bool list_hit(struct run *r, const struct store_hit *h, struct err *e)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_trail t;
	int got = store_trail(queue_hand_store(r->hand), h->id, a, &t, e);
	if (got == 1)
		list_one(r, a, &t);
	return got >= 0;
}

static int list(struct run *r, struct err *e)
{
	size_t n;
	if (!each_kept(r, list_hit, &n, e))
		return -1;
	if (!n && !r->o->json && !r->o->quiet)
		puts("Nothing is kept: every report that came back belongs to a mail (postrider trace).");
	return EXIT_WELL;
}

/* ---- show ---- */

static bool read_body(struct run *r, struct store_id id, struct buf *out, struct err *e)
{
	struct str piece;
	struct store_reader *reader = store_body_open(queue_hand_store(r->hand), id, e);
	int got = reader ? 1 : -1;
	while (got > 0 && buf_waiting(out) < INBOX_BYTES_MAX &&
	       (got = store_reader_next(reader, &piece, e)) > 0)
		buf_add(out, piece.p, piece.len);
	store_reader_free(&reader);
	return got >= 0;
}

static void row(struct run *r, const char *name, const char *value)
{
	if (*value)
		paper_item(&r->paper, 2, (struct paper_lead){ name, NAME_ROOM, PAPER_DIM }, value);
}

static void show_recipient(struct run *r, struct arena *a, const struct dsn_recipient *d)
{
	paper_text(&r->paper, 2, PAPER_BOLD,
		   arena_printf(a, "%s%s%s", *d->address ? d->address : d->original, d->action ? ": " : "",
				dsn_action_name(d->action)));
	row(r, "server", d->remote);
	row(r, "status", d->status);
	row(r, "words", d->reply);
}

static void show_report(struct run *r, struct arena *a, const struct store_trail *t,
			const struct bounce_report *p)
{
	char id[STORE_ID_TEXT], time[TEXT_TIME_BYTES];
	paper_head(&r->paper, 0, store_id_text(t->message.id, id));
	row(r, "came",
	    arena_printf(a, "%s, " STR_FMT " " STR_FMT, text_time(t->message.arrived_ms / 1000, time),
			 STR_ARG(t->message.listener), STR_ARG(t->message.client)));
	row(r, "from", arena_str(a, t->message.from).p);
	row(r, "subject", arena_str(a, t->message.subject).p);
	row(r, "kind", dsn_kind_name(p->dsn.kind));
	row(r, "reported by", p->dsn.reporter);
	row(r, "about", p->dsn.original.subject);
	row(r, "Message-ID", strlist_join(&p->message_ids, a, ", "));
	row(r, "queue ids", strlist_join(&p->remote_ids, a, ", "));
	row(r, "why here", why_of(t));
	for (size_t i = 0; i < p->dsn.n && i < RECIPIENTS_SHOWN; i++)
		show_recipient(r, a, &p->dsn.v[i]);
	if (*p->dsn.said)
		paper_text(&r->paper, 2, PAPER_PLAIN, p->dsn.said);
}

static bool is_report(const struct store_trail *t)
{
	for (uint32_t i = 0; i < t->message.nrcpts; i++)
		if (str_eq(t->message.rcpts[i].lane, INBOX_LANE))
			return true;
	return false;
}

static int show_one(struct run *r, const char *name, struct err *e)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(buf_clear) struct buf body = { 0 };
	static const struct scram_key no_key;
	struct store_trail t;
	struct store_id id;
	int got = store_id_read(str_of(name), &id) ? store_trail(queue_hand_store(r->hand), id, a, &t, e) : 0;
	got = got == 1 ? is_report(&t) : got; /* any mail has an id */
	if (!got)
		fprintf(stderr, "There is no report %s here.\n", name);
	if (got != 1)
		return got ? -1 : EXIT_NOT_WELL;
	if (!read_body(r, id, &body, e))
		return -1;
	if (r->o->raw) {
		fwrite(buf_str(&body).p, 1, buf_waiting(&body), stdout);
	} else if (r->o->json) {
		list_one(r, a, &t);
	} else {
		struct bounce_reader reader = { .key = &no_key, .now_ms = t.message.arrived_ms };
		struct bounce_report report;
		bounce_report_read(a, buf_str(&body), &reader, &report);
		show_report(r, a, &t, &report);
	}
	return EXIT_WELL;
}

static int show(struct run *r, struct err *e)
{
	int worst = EXIT_WELL;
	for (size_t i = 0; i < r->o->nargs; i++) {
		int status = show_one(r, r->o->args[i], e);
		if (status < 0)
			return status;
		worst = status > worst ? status : worst;
	}
	return worst;
}

/* ---- forget ---- */

static bool cancel(struct run *r, const struct steering_item *items, size_t n, struct queue_outcome *out,
		   struct err *e)
{
	const struct steer_order o = { .what = STEER_CANCEL,
				       .by = STR_LIT(""),
				       .reason = STR_LIT("the report was looked at"),
				       .now_ms = folder_now_ms() };
	return queue_hand_steer(r->hand, &o, NULL, items, n, out, e);
}

static bool forget_hit(struct run *r, const struct store_hit *h, struct err *e)
{
	struct queue_outcome out = { 0 };
	const struct steering_item item = { h->id, h->rcpt, "" };
	return cancel(r, &item, 1, &out, e);
}

static bool forget_named(struct run *r, const char *name, size_t *n, struct err *e)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_trail t;
	struct store_id id;
	int got = store_id_read(str_of(name), &id) ? store_trail(queue_hand_store(r->hand), id, a, &t, e) : 0;
	struct queue_outcome out = { 0 };
	for (uint32_t i = 0; got == 1 && i < t.message.nrcpts; i++) {
		const struct steering_item item = { id, i, "" };
		if (str_eq(t.message.rcpts[i].lane, INBOX_LANE) && !cancel(r, &item, 1, &out, e))
			return false;
	}
	if (!out.done && got >= 0)
		fprintf(stderr, "There is no report %s that is kept here.\n", name);
	*n += out.done > 0;
	return got >= 0;
}

static int forget(struct run *r, struct err *e)
{
	size_t n = 0;
	if (r->o->all && !each_kept(r, forget_hit, &n, e))
		return -1;
	for (size_t i = 0; i < r->o->nargs; i++)
		if (!forget_named(r, r->o->args[i], &n, e))
			return -1;
	if (!r->o->quiet && !r->o->json)
		printf("%zu report%s forgotten.\n", n, n == 1 ? "" : "s");
	return n == r->o->nargs || r->o->all ? EXIT_WELL : EXIT_NOT_WELL;
}

/* ---- the command ---- */

static int run(struct run *r, struct err *e)
{
	CLEANUP(relay_settings_free) struct relay_settings *settings = NULL;
	const char *folder = folder_find(r->o->config, r->o->data, r->o->arena, &settings, e);
	enum queue_need need = r->o->verb == BOUNCES_FORGET ? QUEUE_CHANGE : QUEUE_LOOK;
	if (!folder || !queue_hand_open(folder, need, &r->hand, e))
		return -1;
	switch (r->o->verb) {
	case BOUNCES_SHOW:
		return show(r, e);
	case BOUNCES_FORGET:
		return forget(r, e);
	default:
		return list(r, e);
	}
}

int command_bounces(int argc, char **argv)
{
	struct bounces_options o;
	struct err e = { 0 };
	int status = EXIT_WELL;
	if (!bounces_options_read(argc, argv, &o, &e)) {
		status = command_failed(&e);
	} else if (o.help) {
		bounces_options_help(stdout);
	} else {
		struct run r = { .o = &o };
		r.paper = terminal_paper(o.no_color);
		status = run(&r, &e);
		status = status < 0 ? command_failed(&e) : status;
		queue_hand_free(&r.hand);
	}
	bounces_options_clear(&o);
	return status;
}
