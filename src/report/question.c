/* SPDX-License-Identifier: Apache-2.0 */
/* What to ask whoever can look into the next server's log: exactly enough to find it there. */
#include <string.h>

#include "catalog/provider.h"
#include "report/report_inner.h"

/* Where each provider's customers look; as of 2026-11, from the providers' help pages. */
static const struct {
	const char *provider, *mails, *logins; /* logins NULL: not shown to customers */
} traces[] = {
	{ "microsoft365", "Exchange admin center, Mail flow, Message trace (PowerShell: Get-MessageTraceV2)",
	  "Microsoft Entra admin center, Sign-in logs (client app: Authenticated SMTP)" },
	{ "google", "Google Admin console, Reporting, Email log search",
	  "Google Admin console, Reporting, Audit and investigation, User log events" },
	{ "mimecast", "Mimecast Administration Console, Message Center, Message Tracking", NULL },
	{ "proofpoint", "Proofpoint, Smart Search", NULL },
	{ "barracuda", "Barracuda Email Gateway Defense, Message Log", NULL },
	{ "messagelabs", "Symantec Email Security.cloud, Email Track and Trace", NULL },
	{ "zoho", "Zoho Mail Admin Console, Reports, Email Logs", NULL },
	{ "sendgrid", "SendGrid, Activity Feed", NULL },
	{ "mailgun", "Mailgun, Logs", NULL },
	{ "postmark", "Postmark, Activity", NULL },
	{ "brevo", "Brevo, Transactional, Logs", NULL },
	{ "mailjet", "Mailjet, Statistics, Messages", NULL },
};

static const char *where_of(struct making *m, const struct question_case *q)
{
	for (size_t i = 0; i < ARRAY_LEN(traces); i++)
		if (!strcmp(traces[i].provider, q->provider) && (!q->login || traces[i].logins))
			return q->login ? traces[i].logins : traces[i].mails;
	return *q->host ? arena_printf(m->r->arena, "the %s log of %s", q->login ? "login" : "mail", q->host)
			: "the log of the server";
}

static const char *whom(const struct question_case *q)
{
	const struct provider *v = *q->provider ? provider_by_name(q->provider) : NULL;
	return v ? v->title : q->host;
}

/* A minute before and after: clocks differ. */
static void span(struct making *m, const struct question_case *q)
{
	enum { SLACK_MS = 60000 };
	making_say(m, &m->r->question,
		   arena_printf(m->r->arena, "Time: between %s and %s (UTC)",
				making_time(m, q->from_ms - SLACK_MS), making_time(m, q->to_ms + SLACK_MS)));
}

static void given(struct making *m, const char *name, const char *value)
{
	if (*value)
		making_say(m, &m->r->question, arena_printf(m->r->arena, "%s: %s", name, value));
}

static const char *asked(const struct question_case *q)
{
	if (q->taken)
		return "Question: what became of it after your server took it: delivered into which folder, "
		       "quarantined, dropped, changed or sent on, and by which rule?";
	if (q->login)
		return "Question: why was this login refused: the password, the account, or which policy, "
		       "setting or "
		       "licence, and what has to change so that it is accepted?";
	return "Question: why was this answered, by which rule, list, limit or setting, and what has to "
	       "change so "
	       "that it is taken?";
}

void question_ask(struct making *m, const struct question_case *q)
{
	struct strlist *to = &m->r->question;
	m->r->ask_whom = redact(&m->redactor, whom(q));
	making_say(m, to, arena_printf(m->r->arena, "Please look into: %s", where_of(m, q)));
	span(m, q);
	given(m, q->login ? "Login name" : "Sender", q->sender);
	given(m, "Recipient", q->recipient);
	given(m, "Message-ID", q->message_id);
	given(m, q->taken ? "Your server's id of it" : "Id in your server's answer", q->remote_id);
	given(m, "Your server", q->host);
	given(m, "Its answer", q->reply);
	making_say(m, to, asked(q));
}

/* ---- the letter */

/* Whom one writes to can do it: the first thing for them, else the first at all. */
static const struct finding_fix *fix_for_others(const struct cause *c)
{
	const struct finding_fix *x;
	for (size_t i = 0; (x = cause_fix(c, i)); i++)
		if (x->actor == ACTOR_IT_PROVIDER || x->actor == ACTOR_MAIL_ADMIN)
			return x;
	return NULL;
}

/* A colon leads over to a command, which a letter does not hold: the report does. */
static const char *told(struct arena *a, const struct finding_fix *x)
{
	size_t n = strlen(x->text);
	if (!n || x->text[n - 1] != ':')
		return x->text;
	return arena_printf(a, "%.*s (what to type stands in the report).", (int)(n - 1), x->text);
}

void letter_write(struct making *m, const char *what)
{
	struct report *r = m->r;
	struct arena *a = r->arena;
	const struct finding_fix *x = r->cause ? fix_for_others(r->cause) : NULL;
	making_write(m, what);
	if (x)
		making_write(
			m,
			arena_printf(
				a, "As far as we can see, this is for %s: %s%s",
				x->actor == ACTOR_IT_PROVIDER
					? "you as our IT provider to do"
					: "the administrator of the mail server, to whom please pass it on",
				told(a, x),
				r->question.n ? " If that is not it, please answer the question below; "
						"times, ids and answers to search for stand with it."
					      : ""));
	else if (r->question.n)
		making_write(
			m, "We cannot see further from our side. Please answer the question below; times, "
			   "ids and "
			   "answers to search for stand with it. The report tells what was tried and what is "
			   "proved.");
	else
		making_write(m, "The report tells what was tried and what is proved; what is still open "
				"stands in its checklist.");
}
