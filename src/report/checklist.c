/* SPDX-License-Identifier: Apache-2.0 */
/* The checklist of a help desk, filled in from evidence.  What evidence does not say stays open:
 * an answer that nobody gave is never guessed. */
#include <string.h>

#include "relay/login_told.h"
#include "report/report_inner.h"
#include "show/trail_events.h"
#include "show/trail_words.h"

/* In the order of a session. */
static const struct {
	enum step step;
	const char *question;
} steps[] = {
	{ STEP_CONFIG, "Can the settings be right as they were typed?" },
	{ STEP_DNS, "Has the server's name an address in the DNS?" },
	{ STEP_CONNECT, "Can the server be reached from here, on this port?" },
	{ STEP_BANNER, "Is it a mail server that answers there?" },
	{ STEP_EHLO, "Does it offer what is needed (encryption, login, size)?" },
	{ STEP_STARTTLS, "Is the connection encrypted?" },
	{ STEP_TLS_CERT, "Is the certificate good, and the server's?" },
	{ STEP_AUTH, "Is the login accepted?" },
	{ STEP_OAUTH, "Is OAuth set up rightly?" },
	{ STEP_MAIL_FROM, "May this sender send?" },
	{ STEP_RCPT, "Is the recipient accepted?" },
	{ STEP_DATA, "Is the message taken?" },
	{ STEP_CONTENT, "Is its content accepted (size, form, filter)?" },
	{ STEP_ATTACHMENT, "Is its attachment accepted?" },
	{ STEP_DOMAIN_POLICY, "Do SPF, DKIM and DMARC allow the sender?" },
	{ STEP_RELAY_SERVER, "Is the sending relay itself in order?" },
	{ STEP_CLIENT_NETWORK, "Is nothing on this computer or network in the way?" },
};

/* ---- of a check */

/* Asked of people; the names are those of `check --guided`. */
static const struct {
	const char *name, *question;
} answers[] = {
	{ "since-when", "Since when is it so?" },
	{ "who", "Who is affected?" },
	{ "where", "Where does it happen?" },
	{ "what-changed", "What was changed before?" },
	{ "webmail", "Does sending from the web page work?" },
	{ "program", "Which program sends?" },
};

static const char *answer_of(const struct evidence *ev, const char *name)
{
	const char *given = "";
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_ANSWER, f));)
		if (!strcmp(f->answer.question, name))
			given = f->answer.answer;
	return given;
}

static void ask_people(struct making *m, const struct evidence *ev)
{
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		const char *given = answer_of(ev, answers[i].name);
		if (*given)
			making_point(m, answers[i].question, REPORT_GOOD,
				     arena_printf(m->r->arena, "answered: %s", given));
		else
			making_point(m, answers[i].question, REPORT_OPEN,
				     "not asked (postrider check --guided asks)");
	}
}

static bool has_kind(const struct evidence *ev, enum fact_kind kind)
{
	return evidence_next(ev, kind, NULL) != NULL;
}

/* What this case has nothing of; NULL: it applies. */
static const char *needless(const struct verdict *v, enum step s)
{
	if (s == STEP_OAUTH && !has_kind(v->ev, FACT_OAUTH) && !has_kind(v->ev, FACT_TOKEN))
		return "no OAuth is used";
	if (s == STEP_ATTACHMENT && !has_kind(v->ev, FACT_ATTACHMENT))
		return "no attachment was tried";
	return NULL;
}

static const char *open_words(const struct verdict *v, enum step s)
{
	if (*v->steps[s].says)
		return v->steps[s].says;
	return v->word == VERDICT_FAILING ? "not reached, or not looked at" : "not looked at";
}

static void point_of_step(struct making *m, const struct verdict *v, size_t i)
{
	enum step s = steps[i].step;
	const char *none = needless(v, s), *says = v->steps[s].says;
	switch (v->steps[s].status) {
	case STEP_PASS:
		making_point(m, steps[i].question, REPORT_GOOD, says);
		break;
	case STEP_WARN:
		making_point(m, steps[i].question, REPORT_GOOD,
			     arena_printf(m->r->arena, "with a warning: %s", says));
		break;
	case STEP_FAIL:
		making_point(m, steps[i].question, REPORT_BAD, says);
		break;
	default:
		making_point(m, steps[i].question, none ? REPORT_NONE : REPORT_OPEN,
			     none ? none : open_words(v, s));
	}
}

void checklist_of_verdict(struct making *m, const struct verdict *v)
{
	for (size_t i = 0; i < ARRAY_LEN(steps); i++)
		point_of_step(m, v, i);
	ask_people(m, v->ev);
}

/* ---- of a search */

static const struct tried *told_by_domain(const struct discovery *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->v[i].source == SOURCE_SRV || d->v[i].source == SOURCE_AUTOCONFIG ||
		    d->v[i].source == SOURCE_PROVIDER)
			return &d->v[i];
	return NULL;
}

static const struct tried *proven(const struct discovery *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->v[i].outcome <= OUTCOME_OTHER_LOGIN && d->v[i].outcome != OUTCOME_RELAYS)
			return &d->v[i];
	return NULL;
}

void checklist_of_search(struct making *m, const struct discovery *d)
{
	const struct tried *told = told_by_domain(d), *server = proven(d);
	enum outcome best = d->best ? d->best->outcome : OUTCOME_NOT_TRIED;
	making_point(
		m, "Does the domain or its provider say which server it is?", told ? REPORT_GOOD : REPORT_BAD,
		told ? told->candidate->why
		     : "no SRV record (RFC 6186, RFC 8314) and no set-up file; mail programs have to guess");
	making_point(m, "Is there a server that proves its name and offers a login?",
		     server ? REPORT_GOOD : REPORT_BAD,
		     server ? arena_printf(m->r->arena, "%s port %ld", server->candidate->host,
					   server->candidate->port)
			    : "none of those tried");
	making_point(m, "Does anything prove that this server is the address's own?",
		     !server                       ? REPORT_OPEN
		     : *server->candidate->vouched ? REPORT_GOOD
						   : REPORT_BAD,
		     !server ? "no server was found"
		     : *server->candidate->vouched
			     ? arena_printf(m->r->arena, "yes: %s", server->candidate->vouched)
			     : "plain DNS alone, which can be forged");
	making_point(m, "Is the login accepted?",
		     best == OUTCOME_WORKS           ? REPORT_GOOD
		     : best == OUTCOME_LOGIN_REFUSED ? REPORT_BAD
						     : REPORT_OPEN,
		     best == OUTCOME_WORKS || best == OUTCOME_LOGIN_REFUSED ? d->best->attempt->says
									    : "no login was tried");
}

/* ---- of a mail */

struct mail_case {
	const struct store_trail *t;
	uint32_t rcpt;
	const struct store_event *last; /* the last that was said; NULL none */
	enum store_state state;
	bool taken, mx;
	enum step broke; /* STEP_COUNT: it did not, or nobody knows where */
	const char *server;
};

static struct mail_case case_of(struct making *m, const struct store_trail *t, uint32_t rcpt,
				const struct explanation *x)
{
	const struct store_rcpt *r = &t->message.rcpts[rcpt];
	const struct store_event *last = trail_last_said(t, rcpt);
	struct mail_case c = { .t = t, .rcpt = rcpt, .last = last, .state = r->state, .broke = STEP_COUNT };
	c.taken = r->state == STORE_HANDED_OVER || r->state == STORE_BOUNCED || r->state == STORE_CONFIRMED;
	c.mx = !strcmp(trail_hop(r->lane), "mx");
	if (x && !c.taken)
		c.broke = x->meanings[0].entry->step;
	c.server = last && last->host.len ? arena_dup(m->r->arena, last->host.p, last->host.len)
					  : "the next server";
	return c;
}

static const char *reply_of(struct making *m, const struct mail_case *c)
{
	return c->last ? trail_reply(m->r->arena, c->last->code, c->last->reply) : "";
}

/* Nobody gets an answer of a server to RCPT without all that comes before it. */
static bool was_passed(const struct mail_case *c, enum step s)
{
	if (s > STEP_CONTENT || s == STEP_OAUTH)
		return false;
	if (s == STEP_DNS && c->last && c->last->address.len)
		return true;
	return c->taken || (c->last && c->last->code && c->broke <= STEP_CONTENT && s < c->broke);
}

static void point_of_tls(struct making *m, const struct mail_case *c, size_t i)
{
	bool tls = c->last && c->last->tls.len;
	const char *proof = tls ? store_proof_words(c->last->proof) : "";
	if (steps[i].step == STEP_TLS_CERT && *proof)
		making_point(m, steps[i].question,
			     c->last->proof == STORE_UNPROVEN ? REPORT_OPEN : REPORT_GOOD, proof);
	else if (steps[i].step == STEP_STARTTLS && tls)
		making_point(m, steps[i].question, REPORT_GOOD,
			     arena_dup(m->r->arena, c->last->tls.p, c->last->tls.len));
	else
		making_point(m, steps[i].question, REPORT_OPEN,
			     tls ? "the trail does not tell (postrider check does)"
				 : "no encryption is recorded");
}

/* That it went on shows neither that a login was made, nor that one was offered. */
static void point_of_login(struct making *m, const struct mail_case *c, size_t i)
{
	const char *user = c->last ? login_told_user(m->r->arena, c->last->why) : "";
	if (c->mx)
		making_point(m, steps[i].question, REPORT_NONE,
			     "it went to the recipient's own server, which wants no login");
	else if (*user)
		making_point(m, steps[i].question, REPORT_GOOD,
			     arena_printf(m->r->arena, "%s answered beyond it", c->server));
	else
		making_point(m, steps[i].question, REPORT_OPEN,
			     "the trail does not tell whether one was made");
}

static void point_passed(struct making *m, const struct mail_case *c, size_t i)
{
	enum step s = steps[i].step;
	if (s == STEP_STARTTLS || s == STEP_TLS_CERT)
		point_of_tls(m, c, i);
	else if (s == STEP_AUTH)
		point_of_login(m, c, i);
	else if (s == STEP_EHLO && !c->taken)
		making_point(m, steps[i].question, REPORT_OPEN,
			     arena_printf(m->r->arena,
					  "%s answered beyond it; what it offers the trail does not tell",
					  c->server));
	else
		making_point(m, steps[i].question, REPORT_GOOD,
			     arena_printf(m->r->arena, "%s %s", c->server,
					  c->taken        ? "took the mail"
					  : s == STEP_DNS ? "has an address"
							  : "answered beyond it"));
}

static void point_of_mail(struct making *m, const struct mail_case *c, size_t i)
{
	enum step s = steps[i].step;
	if (s == c->broke)
		making_point(m, steps[i].question, REPORT_BAD, reply_of(m, c));
	else if (was_passed(c, s))
		point_passed(m, c, i);
	else
		making_point(m, steps[i].question, REPORT_OPEN,
			     s < STEP_CONTENT && s != STEP_OAUTH ? "not reached, or not known"
								 : "the trail does not tell");
}

static void points_after(struct making *m, const struct mail_case *c)
{
	struct arena *a = m->r->arena;
	static const char taken[] = "Has the next server taken it, and under which id?";
	static const char trace[] = "What does that server's own trace say of it?";
	static const char report[] = "Has a delivery report come back?";
	static const char spam[] = "Is it in the recipient's spam folder or quarantine?";
	making_point(m, taken, c->taken ? REPORT_GOOD : REPORT_BAD,
		     c->taken && c->last && c->last->remote_id.len
			     ? arena_printf(a, "%s, as " STR_FMT, c->server, STR_ARG(c->last->remote_id))
		     : c->taken ? arena_printf(a, "%s: %s", c->server, reply_of(m, c))
				: "no");
	making_point(m, trace, REPORT_OPEN, "see \"What to ask\"");
	making_point(m, report,
		     c->state == STORE_BOUNCED     ? REPORT_BAD
		     : c->state == STORE_CONFIRMED ? REPORT_GOOD
		     : c->taken                    ? REPORT_OPEN
						   : REPORT_NONE,
		     c->state == STORE_BOUNCED || c->state == STORE_CONFIRMED ? reply_of(m, c)
		     : c->taken                                               ? "none has come back to us"
									      : "it was never handed over");
	making_point(m, spam, c->state == STORE_HANDED_OVER ? REPORT_OPEN : REPORT_NONE,
		     c->state == STORE_HANDED_OVER ? "only the recipient can look"
						   : "it cannot be there, or it has arrived");
}

void checklist_of_mail(struct making *m, const struct store_trail *t, uint32_t rcpt,
		       const struct explanation *x)
{
	struct mail_case c = case_of(m, t, rcpt, x);
	for (size_t i = 0; i < ARRAY_LEN(steps); i++)
		point_of_mail(m, &c, i);
	points_after(m, &c);
}
