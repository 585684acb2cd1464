/* SPDX-License-Identifier: Apache-2.0 */
/* The report of one mail, from its trail: one recipient in full, the others in a line each. */
#include <string.h>

#include "catalog/provider.h"
#include "relay/log_file.h"
#include "report/conversation.h"
#include "report/report_inner.h"
#include "show/trail_events.h"
#include "show/trail_words.h"
#include "store/id.h"

struct case_of_mail {
	struct making m;
	const struct store_trail *t;
	uint32_t rcpt;
	const struct store_event *said; /* the last with a reply or a cause; NULL none */
	const struct explanation *x;    /* what that means; NULL: nothing failed */
};

static const char *z(struct case_of_mail *c, struct str s)
{
	return arena_dup(c->m.r->arena, s.p, s.len);
}

static void fact(struct case_of_mail *c, const char *name, const char *text)
{
	making_line(&c->m, &c->m.r->facts, name, text);
}

static const char *class_of(enum store_state s)
{
	switch (s) {
	case STORE_REFUSED:
	case STORE_EXPIRED:
	case STORE_BOUNCED:
	case STORE_SUPPRESSED:
	case STORE_CANCELLED:
		return "failing";
	case STORE_CONFIRMED:
	case STORE_HANDED_OVER:
		return "ok";
	default:
		return "warning";
	}
}

static void other_recipients(struct case_of_mail *c)
{
	const struct store_message *msg = &c->t->message;
	struct arena *a = c->m.r->arena;
	for (uint32_t i = 0; i < msg->nrcpts; i++)
		if (i != c->rcpt)
			fact(c, "Other recipient",
			     arena_printf(a, STR_FMT ": %s", STR_ARG(msg->rcpts[i].address),
					  store_state_name(msg->rcpts[i].state)));
}

static void facts_of_mail(struct case_of_mail *c)
{
	const struct store_message *msg = &c->t->message;
	const struct store_event *v = c->said;
	struct arena *a = c->m.r->arena;
	char id[STORE_ID_TEXT];
	fact(c, "Recipient", z(c, msg->rcpts[c->rcpt].address));
	fact(c, "State", store_state_name(msg->rcpts[c->rcpt].state));
	fact(c, "Sender", msg->reverse_path.len ? z(c, msg->reverse_path) : "<> (a report, from nobody)");
	if (c->m.o->subject)
		fact(c, "Subject", z(c, msg->subject));
	fact(c, "Message-ID", z(c, msg->message_id));
	fact(c, "Our id", store_id_text(msg->id, id));
	fact(c, "Taken by our relay", making_time(&c->m, msg->arrived_ms));
	fact(c, "Size", arena_printf(a, "%llu bytes", (unsigned long long)msg->size));
	if (v) {
		fact(c, "Next server",
		     arena_printf(a, STR_FMT " [" STR_FMT "]", STR_ARG(v->host), STR_ARG(v->address)));
		fact(c, "Its answer", trail_reply(a, v->code, v->reply));
		fact(c, "Its id of the mail", z(c, v->remote_id));
		fact(c, "Answered", making_time(&c->m, v->at_ms));
		fact(c, "Encryption", trail_tls(a, v));
	}
	other_recipients(c);
}

static void way(struct case_of_mail *c)
{
	struct arena *a = c->m.r->arena;
	for (size_t i = 0; i < c->t->nevents; i++) {
		const struct store_event *v = &c->t->events[i];
		if (v->rcpt == c->rcpt || v->rcpt == UINT32_MAX)
			making_say(&c->m, &c->m.r->tried,
				   arena_printf(a, "%s %s: %s", making_time(&c->m, v->at_ms),
						store_state_name(v->state), trail_event_words(a, c->t, v)));
	}
}

static void proof(struct case_of_mail *c)
{
	if (c->said)
		making_line(&c->m, &c->m.r->proof, making_time(&c->m, c->said->at_ms),
			    trail_event_words(c->m.r->arena, c->t, c->said));
}

/* A trail keeps no DNS: said, so that nobody takes silence for "in order". */
static void dns(struct case_of_mail *c)
{
	struct str to = c->t->message.rcpts[c->rcpt].address;
	const char *at = memrchr(to.p, '@', to.len);
	const char *domain = at ? arena_dup(c->m.r->arena, at + 1, (size_t)(to.p + to.len - at) - 1) : "";
	if (*domain)
		making_line(
			&c->m, &c->m.r->dns, "not recorded",
			arena_printf(
				c->m.r->arena,
				"a trail keeps none; to add it: postrider check %s --save case.json, then "
				"postrider report case.json",
				domain));
}

static void question(struct case_of_mail *c)
{
	const struct store_message *msg = &c->t->message;
	const struct store_event *v = c->said;
	enum store_state s = msg->rcpts[c->rcpt].state;
	struct arena *a = c->m.r->arena;
	if (!v || !v->host.len || s == STORE_SUPPRESSED || s == STORE_CANCELLED || s == STORE_CONFIRMED)
		return;
	const char *host = z(c, v->host);
	const struct provider *p = provider_by_host(host);
	if (!p)
		p = provider_by_mx(host);
	const struct question_case q = {
		.provider = p ? p->name : "",
		.host = arena_printf(a, "%s [" STR_FMT "]", host, STR_ARG(v->address)),
		.sender = z(c, msg->reverse_path),
		.recipient = z(c, msg->rcpts[c->rcpt].address),
		.message_id = z(c, msg->message_id),
		.remote_id = z(c, v->remote_id),
		.reply = trail_reply(a, v->code, v->reply),
		.from_ms = v->at_ms,
		.to_ms = v->at_ms,
		.taken = s == STORE_HANDED_OVER || s == STORE_BOUNCED,
	};
	question_ask(&c->m, &q);
}

static void letter(struct case_of_mail *c)
{
	const struct store_message *msg = &c->t->message;
	struct report *r = c->m.r;
	struct arena *a = r->arena;
	const char *answer = c->said ? trail_reply(a, c->said->code, c->said->reply) : "";
	const char *what =
		arena_printf(a, "Our mail from %s to " STR_FMT " of %s (UTC) is %s.%s%s%s",
			     msg->reverse_path.len ? z(c, msg->reverse_path) : "<>",
			     STR_ARG(msg->rcpts[c->rcpt].address), making_time(&c->m, msg->arrived_ms),
			     store_state_name(msg->rcpts[c->rcpt].state), *answer ? " The answer was: " : "",
			     answer, *answer ? "." : "");
	letter_write(&c->m, arena_printf(a, "%s %s", redact(&c->m.redactor, what), r->summary));
}

static FILE *open_log(struct arena *a, const char *folder, const char *end)
{
	return fopen(arena_printf(a, "%s/log/conversation.log%s", folder, end), "re");
}

/* The one of before is opened first: else a log that is put by in between would be read twice. */
static void dialogue(struct case_of_mail *c, const char *folder)
{
	struct arena *a = c->m.r->arena;
	if (!folder || !c->said)
		return;
	CLEANUP(close_file) FILE *before = open_log(a, folder, LOG_FILE_OLD);
	CLEANUP(close_file) FILE *log = open_log(a, folder, "");
	const struct conversation_ask ask = { .address = z(c, c->said->address),
					      .recipient = z(c, c->t->message.rcpts[c->rcpt].address),
					      .at_ms = c->said->at_ms };
	if (before || log)
		c->m.r->transcript = redact(&c->m.redactor, conversation_find(before, log, &ask, a));
}

/* What the last word of a server means. */
static void explain_last(struct case_of_mail *c)
{
	struct arena *a = c->m.r->arena;
	struct explanation *x = arena_alloc(a, sizeof(*x));
	if (!c->said || !trail_explain(a, c->t, c->said, x))
		return;
	struct cause cause = answer_cause(a, x);
	trail_settle_cause(a, c->t, c->said, &cause);
	c->x = x;
	making_cause(&c->m, &cause);
}

struct report *report_mail(const struct store_trail *t, uint32_t rcpt, const char *folder,
			   const struct report_options *o)
{
	struct case_of_mail c = { .t = t, .rcpt = rcpt, .said = trail_last_said(t, rcpt) };
	making_begin(&c.m, o);
	struct report *r = c.m.r;
	redact_keep(&c.m.redactor, z(&c, t->message.message_id));
	enum store_state s = t->message.rcpts[rcpt].state;
	explain_last(&c);
	r->about = redact(&c.m.redactor, arena_printf(r->arena, "a mail to " STR_FMT,
						      STR_ARG(t->message.rcpts[rcpt].address)));
	r->word = trail_state_word(s);
	r->class = class_of(s);
	r->summary =
		redact(&c.m.redactor, trail_known(r->arena, t, rcpt, trail_last(t, rcpt), o->now_s * 1000));
	facts_of_mail(&c);
	checklist_of_mail(&c.m, t, rcpt, c.x);
	proof(&c);
	way(&c);
	dns(&c);
	dialogue(&c, folder);
	question(&c);
	letter(&c);
	return r;
}
