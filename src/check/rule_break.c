/* SPDX-License-Identifier: Apache-2.0 */
/* Rules for a dialogue that ended in its middle, where no other rule knows the
 * step better: half a reply is read, and an end without one is named as such. */
#include <stdlib.h>

#include "check/rule_view.h"

/* These steps have rules of their own for every way to end. */
static bool has_own_rules(const char *step)
{
	return z_eq(step, "connect") || z_eq(step, "banner") || z_eq(step, "starttls") ||
	       z_eq(step, "data") || z_eq(step, "content");
}

static bool judge_half_reply(const struct evidence *ev, struct verdict *v, const struct fact *b)
{
	const struct fact *f = rule_half_reply(ev, b);
	if (f)
		rule_raise_half_reply(v, f, strtol(f->bytes.text, NULL, 10));
	return f != NULL;
}

/* Runs last: the other rules have spoken. */
static bool somebody_knows(const struct verdict *v, unsigned session)
{
	for (size_t i = 0; i < v->n; i++)
		for (size_t k = 0; k < v->findings[i].nfacts; k++)
			if (v->findings[i].severity == SEVERITY_FAILURE &&
			    v->findings[i].facts[k]->session == session)
				return true;
	return false;
}

static void judge_break(const struct evidence *ev, struct verdict *v)
{
	const struct fact *b = evidence_last(ev, FACT_BREAK, rule_main(ev));
	if (!b || somebody_knows(v, b->session) || judge_half_reply(ev, v, b) || has_own_rules(b->brk.step))
		return;
	bool silent = z_eq(b->brk.how, "timeout") || z_eq(b->brk.how, "deadline");
	bool ehlo_closed = z_eq(b->brk.step, "ehlo") && !silent; /* rule_banner's */
	if (ehlo_closed || z_eq(b->brk.how, "protocol"))
		return;
	enum step step;
	struct finding *f = verdict_raise(v, silent ? "dialogue-stalled" : "dialogue-cut", 0.85, b);
	if (step_of(b->brk.step, &step))
		f->step = step;
	finding_word(v, f, "step", b->brk.step);
}

/* What came was no SMTP reply at all. */
static void judge_garbage(const struct evidence *ev, struct verdict *v)
{
	const struct fact *b = evidence_last(ev, FACT_BREAK, rule_main(ev));
	if (!b || somebody_knows(v, b->session) || z_eq(b->brk.step, "banner") ||
	    (!z_eq(b->brk.how, "protocol") && !z_eq(b->brk.how, "limit")))
		return;
	enum step step;
	struct finding *f = verdict_raise(v, "reply-protocol-error", 0.6, b);
	finding_fact(f, evidence_last(ev, FACT_BYTES, b->session));
	if (step_of(b->brk.step, &step))
		f->step = step;
}

const struct rule rules_break[] = {
	{ "break", judge_break },
	{ "garbage", judge_garbage },
	{ NULL, NULL },
};
