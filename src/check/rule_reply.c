/* SPDX-License-Identifier: Apache-2.0 */
/* Rules for refusing replies: the reply catalogue, given provider, step and session. */
#include <string.h>

#include "check/rule.h"
#include "check/rule_view.h"

size_t rule_meanings(const struct evidence *ev, const struct fact *f,
		     struct reply_meaning out[REPLY_MEANINGS_MAX])
{
	struct reply_context c = {
		.provider = rule_provider(ev),
		.step = f->reply.step,
		.code = (unsigned)f->reply.code,
		.enhanced = f->reply.enhanced,
		.text = f->reply.text,
		.tls = rule_session_tls(ev, f->session),
		.logged_in = rule_session_logged_in(ev, f->session),
	};
	return reply_meanings(&c, out);
}

/* A refusal in the greeting is of the caller as such, whatever list it names. */
static bool refused_at_the_door(struct verdict *v, const struct fact *f, const struct reply_meaning *m,
				size_t n)
{
	bool later_step = n && m[0].entry->step >= STEP_MAIL_FROM && m[0].entry->step != STEP_RELAY_SERVER;
	if (strcmp(f->reply.step, "banner") != 0 || f->reply.code / 100 != 5 || (n && !later_step))
		return false;
	struct finding *x = verdict_raise(v, "banner-554-refused", 0.9, f);
	for (size_t i = 0; i < n; i++)
		finding_instead(x, m[i].entry->id, 0.3);
	return true;
}

void rule_raise_reply(struct verdict *v, const struct fact *f)
{
	struct reply_meaning m[REPLY_MEANINGS_MAX];
	size_t n = rule_meanings(v->ev, f, m);
	if (refused_at_the_door(v, f, m, n))
		return;
	if (!n) {
		verdict_raise(v, "unknown-reply", 0.2, f);
		return;
	}
	struct finding *best = verdict_raise(v, m[0].entry->id, m[0].confidence, f);
	for (size_t i = 1; i < n; i++)
		finding_instead(best, m[i].entry->id,
				m[i].confidence < m[0].confidence ? m[i].confidence : 0.3);
}

void rule_raise_half_reply(struct verdict *v, const struct fact *bytes, long code)
{
	static const double HALF = 0.8; /* the rest might have said something else */
	struct reply_context c = {
		.provider = rule_provider(v->ev),
		.step = bytes->bytes.step,
		.code = (unsigned)code,
		.enhanced = "",
		.text = strlen(bytes->bytes.text) > 4 ? bytes->bytes.text + 4 : "",
		.tls = rule_session_tls(v->ev, bytes->session),
	};
	struct reply_meaning m[REPLY_MEANINGS_MAX];
	size_t n = reply_meanings(&c, m);
	if (n)
		verdict_raise(v, m[0].entry->id, m[0].confidence * HALF, bytes);
	else
		verdict_raise(v, "unknown-reply", 0.2, bytes);
}

/* The reply at which the main dialogue ended; for recipients, each that was refused.
 * Of a refused login more is known than its reply: rule_auth and rule_oauth. */
static void judge_refusals(const struct evidence *ev, struct verdict *v)
{
	unsigned main = rule_main(ev);
	const struct fact *last = NULL;
	for (const struct fact *f = NULL; (f = evidence_in(ev, FACT_REPLY, main, f));) {
		if (f->reply.code < 400 || rule_is_control(ev, f) || !strcmp(f->reply.step, "auth"))
			continue;
		if (!strcmp(f->reply.step, "rcpt"))
			rule_raise_reply(v, f);
		else
			last = f;
	}
	if (last)
		rule_raise_reply(v, last);
}

/* Broken off amid the envelope, without a word: nothing is known but that a later
 * try may pass. */
static void judge_broken_off(const struct evidence *ev, struct verdict *v)
{
	const struct fact *b = evidence_last(ev, FACT_BREAK, rule_main(ev));
	bool envelope = b && (!strcmp(b->brk.step, "mail-from") || !strcmp(b->brk.step, "rcpt"));
	if (envelope && strcmp(b->brk.how, "deadline") != 0)
		verdict_raise(v, "rs-temporary-failure", 0.5, b);
}

const struct rule rules_reply[] = {
	{ "refusals", judge_refusals },
	{ "broken-off", judge_broken_off },
	{ NULL, NULL },
};
