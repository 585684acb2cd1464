/* SPDX-License-Identifier: Apache-2.0 */
#include "check/check.h"

#include "check/probe.h"

static void record_answers(struct probe *p)
{
	for (size_t i = 0; i < p->req->nanswers; i++) {
		struct fact *f = probe_fact(p, FACT_ANSWER, 0);
		f->answer.question = probe_text(p, p->req->answers[i].question);
		f->answer.answer = probe_text(p, p->req->answers[i].answer);
		probe_tell(p, f);
	}
}

/* The stages in order.  Each records what it saw; none decides what it means. */
static void run(struct probe *p)
{
	if (!probe_input(p))
		return;
	probe_discover(p);
	probe_tell(p, p->target);
	probe_policy_go_on(p);
	probe_recipients_start(p);
	probe_token_start(p);
	if (!*p->target->target.host)
		probe_mx(p);
	else if (probe_addresses(p))
		probe_server(p);
	probe_policy(p);
	probe_recipients(p);
	if (p->req->experiments && !net_loop_interrupted(p->loop))
		probe_experiments(p);
	probe_clock(p);
}

bool check_run(struct net_loop *loop, const struct check_request *r, const struct check_observer *o,
	       struct evidence **out, struct err *e)
{
	struct probe p = { .loop = loop, .req = r, .observer = o };
	bool ok = probe_begin(&p, e);
	if (ok) {
		record_answers(&p);
		probe_secrets(&p);
		run(&p);
	}
	probe_end(&p, ok ? out : NULL);
	return ok;
}
