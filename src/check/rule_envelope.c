/* SPDX-License-Identifier: Apache-2.0 */
/* Rules for recipients: each refusal by its own reply, and what all of them together mean. */
#include <string.h>

#include "check/rule_view.h"

/* Reasons that lie with the session or the sender, not with one recipient: they stay
 * the cause even where other recipients passed. */
static const char *const of_the_session[] = {
	"rcpt-relay-denied",
	"rs-login-not-counted",
	"rs-client-not-allowed",
	"rs-exchange-connector-missing",
	"auth-required-530",
	"cfg-security-none-rejected",
	"rcpt-too-many",
	"rcpt-too-many-errors-421",
	"rcpt-multi-domain-google",
	"rcpt-dnsbl",
	"rcpt-ip-reputation",
	"rcpt-ptr-missing",
	"rcpt-spf-fail",
	"mf-daily-limit-isp",
	"mf-daily-limit-ms",
	"mf-daily-limit-gmail",
	"mf-rate-limited",
	"mf-ms-relay-attribution",
	"mf-sender-domain-missing",
	"mf-sender-not-owned",
	"mf-server-disk-full",
	"rs-config-invalid",
};

static bool is_of_the_session(const struct finding *f)
{
	for (size_t i = 0; i < ARRAY_LEN(of_the_session); i++)
		if (!strcmp(of_the_session[i], f->entry->id))
			return true;
	return false;
}

struct tally {
	size_t accepted, refused, permanent;
	const struct fact *first;  /* permanent refusal that lies with its recipient */
	const struct fact *errors; /* 421 for too many errors */
};

static bool domain_exists(const struct evidence *ev, const char *domain)
{
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_DNS, f));)
		if (str_ieq(str_of(f->dns.name), domain) && !strcmp(f->dns.status, "ok"))
			return true;
	return false;
}

/* Exim says "Unrouteable address" of a domain without address and of a mailbox without
 * owner alike.  A name that was just looked up with success is there. */
static struct finding *raise_recipient(struct verdict *v, const struct fact *f)
{
	struct finding *x = rule_raise_reply(v, f);
	if (strcmp(x->entry->id, "dns-nxdomain-recipient-domain") != 0 || f->reply.code < 500 ||
	    !domain_exists(v->ev, z_domain(f->reply.recipient)))
		return x;
	return rule_raise_instead(v, "rcpt-user-unknown", 0.85, f);
}

static void count(struct verdict *v, const struct fact *f, struct tally *t)
{
	if (f->reply.code < 400) {
		t->accepted++;
		return;
	}
	struct finding *x = raise_recipient(v, f);
	t->refused++;
	t->permanent += f->reply.code >= 500;
	if (f->reply.code >= 500 && !is_of_the_session(x) && !t->first)
		t->first = f;
	if (!strcmp(x->entry->id, "rcpt-too-many-errors-421"))
		t->errors = f;
}

static struct tally tally_of(const struct evidence *ev, struct verdict *v)
{
	struct tally t = { 0 };
	for (const struct fact *f = NULL; (f = evidence_in(ev, FACT_REPLY, rule_main(ev), f));)
		if (!strcmp(f->reply.step, "rcpt") && !rule_is_control(ev, f))
			count(v, f, &t);
	return t;
}

static bool is_refused_recipient(const struct evidence *ev, const struct fact *f)
{
	return f->kind == FACT_REPLY && f->session == rule_main(ev) && !strcmp(f->reply.step, "rcpt") &&
	       f->reply.code >= 400;
}

/* The reasons of single recipients stand behind what they come to together. */
static void step_back(const struct evidence *ev, struct verdict *v)
{
	for (size_t i = 0; i < v->n; i++) {
		struct finding *f = &v->findings[i];
		if (f->severity == SEVERITY_FAILURE && !is_of_the_session(f) && f->nfacts &&
		    is_refused_recipient(ev, f->facts[0]))
			f->severity = SEVERITY_WARNING;
	}
}

static void word_count(struct verdict *v, struct finding *f, size_t n)
{
	finding_word(v, f, "count", arena_printf(v->arena, "%zu", n));
}

/* Some taken, some not: each named, with its own reason. */
static void raise_partial(const struct evidence *ev, struct verdict *v, const struct tally *t)
{
	struct strlist names = { 0 }, words = { 0 };
	step_back(ev, v);
	struct finding *x = verdict_raise(v, "rcpt-partial-failure", 0.98, t->first);
	for (const struct fact *f = NULL; (f = evidence_in(ev, FACT_REPLY, rule_main(ev), f));) {
		if (!is_refused_recipient(ev, f) || rule_is_control(ev, f))
			continue;
		finding_fact(x, f);
		strlist_add(&names, v->arena, f->reply.recipient);
		strlist_add(&words, v->arena,
			    arena_printf(v->arena, "%s: %ld %s", f->reply.recipient, f->reply.code,
					 f->reply.text));
	}
	finding_word(v, x, "to", strlist_join(&names, v->arena, ", "));
	finding_word(v, x, "reply", strlist_join(&words, v->arena, "; "));
	word_count(v, x, t->refused);
}

static const struct fact *control(const struct evidence *ev)
{
	const struct fact *x = rule_experiment(ev, "control-recipient");
	return x && x->experiment.in_session == (long)rule_main(ev) ? x : NULL;
}

static const struct fact *control_reply(const struct evidence *ev)
{
	const struct fact *last = NULL;
	for (const struct fact *f = NULL; (f = evidence_in(ev, FACT_REPLY, rule_main(ev), f));)
		if (rule_is_control(ev, f))
			last = f;
	return last;
}

/* One of the server's own people would be taken, somebody elsewhere is not: no word
 * about a mailbox is meant by a refusal as vague as this. */
static void judge_relay(const struct evidence *ev, struct verdict *v, const struct tally *t)
{
	const struct fact *x = control(ev), *c = control_reply(ev);
	struct finding *vague = t->first ? rule_raised_by(v, t->first) : NULL;
	bool foreign = c && t->first &&
		       !str_ieq(str_of(z_domain(c->reply.recipient)), z_domain(t->first->reply.recipient));
	if (!x || strcmp(x->experiment.outcome, "works") != 0 || !foreign || !vague ||
	    vague->confidence >= 0.6 || t->first->reply.code < 550 ||
	    rule_session_logged_in(ev, rule_main(ev)))
		return;
	struct finding *f = rule_raise_instead(v, "rcpt-relay-denied", 0.75, t->first);
	finding_fact(f, x);
	finding_fact(f, c);
}

/* Login, sender and another recipient passed: the settings need no change. */
static void judge_single(const struct evidence *ev, struct verdict *v, const struct tally *t)
{
	const struct fact *x = control(ev);
	bool passes = x && !strcmp(x->experiment.outcome, "works");
	if (!t->first || t->accepted || !passes || !rule_session_logged_in(ev, rule_main(ev)))
		return;
	struct finding *f = verdict_raise(v, "cfg-test-ok-single-mail-fails", 0.95, t->first);
	finding_fact(f, x);
	f->severity = SEVERITY_NOTE;
	f->step = STEP_RCPT;
}

static void judge_recipients(const struct evidence *ev, struct verdict *v)
{
	struct tally t = tally_of(ev, v);
	if (t.errors) {
		step_back(ev, v);
		word_count(v, verdict_raise(v, "rcpt-too-many-errors-421", 0.98, t.errors), t.permanent);
		return;
	}
	if (t.accepted && t.first)
		raise_partial(ev, v, &t);
	judge_relay(ev, v, &t);
	judge_single(ev, v, &t);
}

/* Answers that take long and come whole. */
static void judge_tarpit(const struct evidence *ev, struct verdict *v)
{
	enum { TARPIT_MS = 5000 };
	const struct fact *slow = NULL;
	for (const struct fact *f = NULL; (f = evidence_in(ev, FACT_REPLY, rule_main(ev), f));) {
		bool envelope = !strcmp(f->reply.step, "rcpt") || !strcmp(f->reply.step, "mail-from");
		if (envelope && f->reply.elapsed_ms >= TARPIT_MS &&
		    (!slow || f->reply.elapsed_ms > slow->reply.elapsed_ms))
			slow = f;
	}
	if (!slow)
		return;
	struct finding *x = verdict_raise(v, "rcpt-tarpit", 0.9, slow);
	finding_word(v, x, "seconds", arena_printf(v->arena, "%ld", (slow->reply.elapsed_ms + 500) / 1000));
}

const struct rule rules_envelope[] = {
	{ "recipients", judge_recipients },
	{ "tarpit", judge_tarpit },
	{ NULL, NULL },
};
