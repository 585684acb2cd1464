/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/bounce/inbox.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "relay/bounce/bounce_find.h"
#include "relay/bounce/bounce_tell.h"
#include "relay/mark.h"

enum { EARLY_TRIES = 8, EARLY_MS = 250, UNKNOWN_TRIES = 2, SHOWN_MAX = 3, LATE_MS = 10 * 60000 };

struct job {
	struct relay *relay;
	struct store_id id;
	struct arena *arena;
	struct store_message message; /* the report */
	struct bounce_report report;
	struct bounce_found found;
	struct bounce_match matches[BOUNCE_MATCHES_MAX];
	size_t nmatches;
	unsigned told; /* trails that have an event more */
};

/* False with *e when it cannot be read to its end. */
static bool read_all(struct store_reader *reader, struct buf *out, struct err *e)
{
	struct str piece;
	int more = reader ? 1 : -1;
	while (more == 1 && buf_waiting(out) < INBOX_BYTES_MAX &&
	       (more = store_reader_next(reader, &piece, e)) == 1)
		buf_add(out, piece.p, piece.len);
	store_reader_free(&reader);
	return more >= 0;
}

const struct smtp_answer *inbox_judge(const struct store_body *body, struct str sender)
{
	static const struct smtp_answer no = { 550, "5.7.1",
					       "Only delivery reports are read here, and this is none" };
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(buf_clear) struct buf all = { 0 };
	struct dsn dsn;
	if (!sender.len)
		return NULL;
	struct err e = { 0 };
	if (!read_all(store_body_look(body), &all, &e)) /* it is read again when it is kept */
		return NULL;
	dsn_read(a, buf_str(&all), &dsn);
	return dsn.kind == DSN_NONE ? &no : NULL;
}

/* ---- whose it is ---- */

static struct bounce_reader reader_of(struct job *j)
{
	const struct store_message *m = &j->message;
	struct bounce_reader r = { .key = &j->relay->return_key,
				   .from_mailbox = str_istarts(m->listener, INBOX_MAILBOX),
				   .now_ms = m->arrived_ms };
	for (size_t i = 0; i < m->nrcpts; i++)
		if (str_eq(m->rcpts[i].lane, INBOX_LANE))
			strlist_add(&r.addresses, j->arena, arena_str(j->arena, m->rcpts[i].address).p);
	return r;
}

/* The surest names first; with the first that lead anywhere it is done. */
static void match(struct job *j)
{
	struct err e = { 0 };
	j->found = (struct bounce_found){ 0 };
	j->nmatches = 0;
	for (int stage = 0; stage < BOUNCE_STAGES && !j->nmatches; stage++) {
		if (!bounce_find(j->relay->store, &j->report, (enum bounce_stage)stage, j->arena, &j->found,
				 &e)) {
			relay_tell(j->relay, &e);
			return;
		}
		j->nmatches = bounce_match(&j->report, j->found.v, j->found.n, j->matches);
		if (j->report.nsigned)
			return; /* our own word: nothing less counts beside it */
	}
}

/* What left us a moment ago is not in the index yet. */
static bool is_early(const struct job *j)
{
	for (size_t i = 0; i < j->nmatches; i++)
		/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): a match is one of what was found */
		if (store_state_live(j->found.v[j->matches[i].candidate].state))
			return true;
	return false;
}

static void match_in_time(struct job *j)
{
	match(j);
	for (int i = 0; i < EARLY_TRIES && (is_early(j) || (!j->nmatches && i < UNKNOWN_TRIES)); i++) {
		net_loop_sleep(j->relay->loop, net_loop_now_ms(j->relay->loop) + EARLY_MS);
		match(j);
	}
}

/* False: not now. */
static bool tell_originals(struct job *j)
{
	const struct bounce_telling t = { j->relay, &j->report, j->id,
					  arena_str(j->arena, j->message.client).p };
	for (size_t i = 0; i < j->nmatches; i++) {
		enum bounce_told told = bounce_tell(&t, &j->found.v[j->matches[i].candidate], &j->matches[i]);
		if (told == BOUNCE_NOT_NOW)
			return false;
		j->told += told == BOUNCE_TOLD;
	}
	return true;
}

static void end(struct job *j)
{
	j->relay->accepts--;
	arena_free(&j->arena);
	free(j);
}

static void on_read(void *ctx, const struct store_done *d)
{
	struct job *j = ctx;
	if (d->verdict == STORE_FAILED)
		relay_tell(j->relay, &d->err); /* the next start reads it again */
	end(j);
}

static const char *names_of(struct job *j)
{
	char id[STORE_ID_TEXT];
	const char *list = "";
	for (size_t i = 0; i < j->nmatches && i < SHOWN_MAX; i++) {
		const struct bounce_candidate *c = &j->found.v[j->matches[i].candidate];
		list = arena_printf(j->arena, "%s%s%s of %s", list, i ? ", " : "", c->address,
				    store_id_text(c->id, id));
	}
	return j->nmatches > SHOWN_MAX
		       ? arena_printf(j->arena, "%s and %zu more", list, j->nmatches - SHOWN_MAX)
		       : list;
}

static const char *why_unmatched(const struct job *j)
{
	const struct bounce_report *r = &j->report;
	if (r->dsn.kind == DSN_NONE)
		return "it is no report, by all that is known";
	if (r->nsigned)
		return "the trail of the mail it is about is gone";
	if (j->found.n)
		return "mails of ours are like it, and none is it for certain";
	if (r->message_ids.n)
		return "no mail of ours has the Message-ID that it names";
	return r->dsn.n ? "it names no mail, and no single one of ours fits"
			: "it names neither a mail nor a recipient";
}

/* It has reached us, and we are where it was going; what nobody here knows waits for somebody to look at it.
 */
static struct store_mark mark_of(struct job *j, bool keep)
{
	const char *kind = dsn_kind_name(j->report.dsn.kind);
	const char *how = j->nmatches ? bounce_how_words(j->matches[0].how) : "";
	const char *why =
		j->nmatches
			? arena_printf(j->arena, "read here (%s), known by %s: %s%s", kind, how, names_of(j),
				       j->told ? "" : "; its trail knew that already")
			: arena_printf(j->arena, "%s (%s): %s", keep ? "kept, not matched" : "not matched",
				       kind, why_unmatched(j));
	return (struct store_mark){ .id = j->id,
				    .state = keep ? STORE_HELD : STORE_HANDED_OVER,
				    .next_ms = STORE_NEVER,
				    .tries = 1, /* it was looked at */
				    .host = str_of(j->relay->settings->hostname),
				    .why = str_of(why) };
}

static void end_report(struct job *j)
{
	struct store_mark *v = arena_alloc(j->arena, (j->message.nrcpts + 1) * sizeof(*v));
	bool keep = !j->nmatches && j->relay->reports_kept < INBOX_KEPT_MAX;
	size_t n = 0;
	for (size_t i = 0; i < j->message.nrcpts; i++)
		if (str_eq(j->message.rcpts[i].lane, INBOX_LANE) && j->message.rcpts[i].state == STORE_HELD) {
			v[n] = mark_of(j, keep);
			v[n++].rcpt = (uint32_t)i;
		}
	j->relay->reports_kept += keep;
	if (n)
		relay_mark(j->relay, &j->message, v, n, on_read, j);
	else
		end(j);
}

static void work(void *ctx)
{
	struct job *j = ctx;
	struct err e = { 0 };
	CLEANUP(buf_clear) struct buf all = { 0 };
	if (!store_fetch(j->relay->store, j->id, j->arena, &j->message, &e) ||
	    !read_all(store_body_open(j->relay->store, j->id, &e), &all, &e)) { /* it is read another time */
		relay_tell(j->relay, &e);
		end(j);
		return;
	}
	const struct bounce_reader r = reader_of(j);
	bounce_report_read(j->arena, buf_str(&all), &r, &j->report);
	match_in_time(j);
	/* About one that is in doubt or delayed here: the report waits with it, and is read again. */
	if (!is_early(j) && tell_originals(j))
		end_report(j);
	else
		end(j);
}

static struct job *job_new(struct relay *r, struct store_id id)
{
	struct job *j = mem_alloc(sizeof(*j));
	j->relay = r;
	j->id = id;
	j->arena = arena_new();
	r->accepts++;
	return j;
}

void inbox_read(struct relay *r, struct store_id id)
{
	net_fiber_start(r->loop, work, job_new(r, id));
}

/* ---- those that wait ---- */

/* Those of the lane that were looked at or not, older than a time. */
struct waiting {
	struct relay *relay;
	struct store_id *v;
	size_t n, room;
	bool looked_at;
	int64_t before_ms;
	size_t kept; /* looked at, of any age */
};

static void push(struct waiting *w, struct store_id id)
{
	if (w->n && store_id_same(w->v[w->n - 1], id))
		return;
	if (w->n == w->room) {
		w->room = w->room ? w->room * 2 : 16;
		w->v = mem_grow(w->v, w->room, sizeof(*w->v));
	}
	w->v[w->n++] = id;
}

static bool collect(void *user, const struct store_live *row)
{
	struct waiting *w = user;
	if (strcmp(row->lane, INBOX_LANE) != 0)
		return true;
	w->kept += row->tries > 0;
	if ((row->tries > 0) == w->looked_at && row->arrived_ms < w->before_ms)
		push(w, row->id);
	return true;
}

/* What was not read yet, by a relay that ended or could not write. */
static void read_waiting(struct relay *r, int64_t before_ms)
{
	struct waiting w = { .relay = r, .before_ms = before_ms };
	store_each_live(r->store, collect, &w);
	r->reports_kept = w.kept;
	for (size_t i = 0; i < w.n; i++)
		inbox_read(r, w.v[i]);
	free(w.v);
}

void inbox_open(struct relay *r)
{
	read_waiting(r, STORE_NEVER);
}

static void forget_one(struct relay *r, struct store_id id)
{
	struct err e = { 0 };
	struct job *j = job_new(r, id);
	if (!store_fetch(r->store, id, j->arena, &j->message, &e)) {
		end(j);
		return;
	}
	struct store_mark *v = arena_alloc(j->arena, (j->message.nrcpts + 1) * sizeof(*v));
	size_t n = 0;
	for (size_t i = 0; i < j->message.nrcpts; i++)
		if (str_eq(j->message.rcpts[i].lane, INBOX_LANE) && j->message.rcpts[i].state == STORE_HELD)
			v[n++] = (struct store_mark){ .id = id,
						      .rcpt = (uint32_t)i,
						      .state = STORE_CANCELLED,
						      .next_ms = STORE_NEVER,
						      .tries = 1,
						      .why = STR_LIT(
							      "nobody wanted this report for so long") };
	if (n)
		relay_mark(r, &j->message, v, n, on_read, j);
	else
		end(j);
}

void inbox_tidy(struct relay *r)
{
	int64_t now = relay_now_ms();
	struct waiting w = { .relay = r,
			     .looked_at = true,
			     .before_ms = now - r->settings->bounces.keep_s * 1000LL };
	store_each_live(r->store, collect, &w);
	for (size_t i = 0; i < w.n; i++)
		forget_one(r, w.v[i]);
	free(w.v);
	read_waiting(r, now - LATE_MS);
}
