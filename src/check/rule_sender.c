/* SPDX-License-Identifier: Apache-2.0 */
/* Rules for the sender's address: whose it is, and what the server must offer for it. */
#include <string.h>

#include "base/text.h"
#include "check/rule_view.h"

/* A reply that names its reason needs no experiment to be understood. */
static const double TELLING = 0.9;

static const struct fact *refused_sender(const struct evidence *ev)
{
	const struct fact *f = rule_last_reply_at(ev, rule_main(ev), "mail-from");
	return f && f->reply.code >= 400 ? f : NULL;
}

static bool is_telling(struct verdict *v, const struct fact *reply)
{
	const struct finding *f = rule_raised_by(v, reply);
	return f && f->confidence >= TELLING;
}

/* The login's own address passes where another one was refused. */
static void judge_ownership(const struct evidence *ev, struct verdict *v)
{
	const struct fact *f = refused_sender(ev), *x = rule_experiment(ev, "from-login");
	bool microsoft = !strcmp(rule_provider(ev), "microsoft365") || !strcmp(rule_provider(ev), "outlook");
	if (!f || !rule_experiment_is(ev, "from-login", "works") || is_telling(v, f))
		return;
	finding_fact(rule_raise_instead(v, microsoft ? "mf-send-as-denied-5760" : "mf-sender-not-owned", 0.93,
					f),
		     x);
}

/* The empty sender is refused and a real one is not.  A server that people log in to
 * has no bounces to take. */
static void judge_null_sender(const struct evidence *ev, struct verdict *v)
{
	const struct fact *f = refused_sender(ev);
	if (!f || *rule_target(ev)->from || !rule_experiment_is(ev, "real-sender", "works"))
		return;
	struct finding *x = verdict_raise(v, "mf-null-sender-refused", 0.97, f);
	finding_fact(x, rule_experiment(ev, "real-sender"));
	if (rule_session_logged_in(ev, rule_main(ev)))
		x->severity = SEVERITY_WARNING;
}

static const char *beyond_ascii(const struct fact_target *t)
{
	if (!text_is_ascii(str_of(t->from)))
		return t->from;
	for (size_t i = 0; i < t->to.n; i++)
		if (!text_is_ascii(str_of(t->to.v[i])))
			return t->to.v[i];
	return NULL;
}

/* Known from EHLO, before the address was said. */
static void judge_smtputf8(const struct evidence *ev, struct verdict *v)
{
	const struct fact *e = evidence_last(ev, FACT_EHLO, rule_main(ev));
	const char *address = beyond_ascii(rule_target(ev));
	if (!e || !address || e->ehlo.smtputf8 || !strcmp(rule_target(ev)->until, "connect") ||
	    !strcmp(rule_target(ev)->until, "tls"))
		return;
	finding_word(v, verdict_raise(v, "ehlo-capability-smtputf8-missing", 0.97, e), "value", address);
}

static const struct fact *message(const struct evidence *ev)
{
	return evidence_next(ev, FACT_MESSAGE, NULL);
}

/* Sizes in the sentence of a refusal for size. */
static void judge_size_words(const struct evidence *ev, struct verdict *v)
{
	const struct fact *f = refused_sender(ev), *m = message(ev);
	const struct fact *e = evidence_last(ev, FACT_EHLO, rule_main(ev));
	struct finding *x = f ? rule_raised_by(v, f) : NULL;
	if (!x || !m || strcmp(x->entry->id, "mf-size-refused") != 0)
		return;
	finding_word(v, x, "size", rule_megabytes(v, m->message.bytes));
	if (e && e->ehlo.size > 0)
		finding_word(v, x, "limit", rule_megabytes(v, e->ehlo.size));
}

const struct rule rules_sender[] = {
	{ "sender-ownership", judge_ownership },
	{ "null-sender", judge_null_sender },
	{ "smtputf8", judge_smtputf8 },
	{ "size-refused", judge_size_words },
	{ NULL, NULL },
};
