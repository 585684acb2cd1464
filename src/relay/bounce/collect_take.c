/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/bounce/collect_take.h"

#include "base/text.h"
#include "mail/dsn.h"
#include "mail/header.h"
#include "mail/mime.h"
#include "relay/bounce/inbox.h"

enum { SHOWN_MAX = 1000 };

/* Outlives its fiber when that is ended from outside. */
struct taking {
	struct relay_ticket ticket; /* first */
	struct relay *relay;
	struct arena *arena;
	struct store_message message;
	struct store_rcpt rcpt;
	bool over, orphan;
	struct store_done done;
};

static void finish(struct taking *t)
{
	t->relay->accepts--;
	arena_free(&t->arena);
	mem_free(&t);
}

static void on_stored(struct relay_ticket *ticket, const struct store_done *d)
{
	struct taking *t = (struct taking *)ticket;
	if (d->verdict == STORE_DONE) {
		relay_log_taken(t->relay->log, &t->message, d->id);
		inbox_read(t->relay, d->id);
	}
	t->over = true;
	t->done = *d;
	if (t->orphan)
		finish(t);
}

static bool is_over(void *ctx)
{
	return ((struct taking *)ctx)->over;
}

static struct str shown(struct arena *a, const struct header *h, const char *name)
{
	bool coded;
	const char *text = mime_words(a, arena_str(a, header_get(a, h, name)).p, &coded);
	return str_of(text_printable(a, str_cut(str_of(text), 0, SHOWN_MAX)));
}

static struct store_rcpt mailbox_rcpt(const struct relay_mailbox *m, struct arena *a)
{
	bool whole = strchr(m->user, '@');
	return (struct store_rcpt){
		.address =
			str_of(whole ? arena_strdup(a, m->user) : arena_printf(a, "%s@%s", m->user, m->host)),
		.lane = str_of(INBOX_LANE),
		.state = STORE_HELD,
		.next_ms = STORE_NEVER,
		.expires_ms = STORE_NEVER,
	};
}

static struct store_message message_of(struct relay *r, const struct relay_mailbox *m, const char *uid,
				       struct str mail, struct arena *a, struct store_rcpt *rcpt)
{
	struct header h;
	header_read(a, mail, &h);
	*rcpt = mailbox_rcpt(m, a);
	return (struct store_message){
		.arrived_ms = relay_now_ms(),
		.flags = STORE_8BITMIME,
		.account = STR_LIT(""),
		.listener = str_of(arena_printf(a, INBOX_MAILBOX "%s", m->name)),
		.message_id = shown(a, &h, "Message-ID"),
		.subject = shown(a, &h, "Subject"),
		.from = shown(a, &h, "From"),
		.key = str_of(arena_printf(a, "mailbox %s %s %s %s", m->host, m->user, m->folder, uid)),
		.config = str_of(arena_strdup(a, r->settings->hash)),
		.rcpts = rcpt,
		.nrcpts = 1,
	};
}

static bool is_report(struct str mail)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct dsn d;
	dsn_read(a, mail, &d);
	return d.kind != DSN_NONE;
}

static bool submit(struct taking *t, struct str mail, struct err *e)
{
	struct store_body *body = store_body_begin(t->relay->store);
	if (store_body_append(body, mail, e))
		return store_accept(t->relay->store, &body, &t->message, t, e);
	store_body_free(&body);
	return false;
}

enum collect_taken collect_take(struct relay *r, const struct relay_mailbox *m, const char *uid,
				struct str mail, struct err *e)
{
	if (!is_report(mail))
		return COLLECT_NO_REPORT;
	struct taking *t = mem_alloc(sizeof(*t));
	*t = (struct taking){ .ticket = { .done = on_stored }, .relay = r, .arena = arena_new() };
	t->message = message_of(r, m, uid, mail, t->arena, &t->rcpt);
	r->accepts++;
	if (!submit(t, mail, e)) {
		finish(t);
		return COLLECT_NOT_NOW;
	}
	if (!net_loop_wait(r->loop, is_over, t, UINT64_MAX)) {
		t->orphan = true;
		ERR_FILL(e, ERR_SYS, 0, "wait for the store", "the relay is ending");
		return COLLECT_NOT_NOW;
	}
	bool kept = t->done.verdict == STORE_DONE || t->done.verdict == STORE_DUPLICATE;
	if (!kept)
		*e = t->done.err;
	finish(t);
	return kept ? COLLECT_TAKEN : COLLECT_NOT_NOW;
}
