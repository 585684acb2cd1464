/* SPDX-License-Identifier: Apache-2.0 */
#include "check/check.h"

#include <time.h>
#include <string.h>

#include "check/dialogue.h"
#include "check/probe.h"

static void record_target(struct probe *p)
{
	const struct check_request *r = p->req;
	struct fact *f = probe_fact(p, FACT_TARGET, 0);
	p->target = f;
	f->target.input = probe_text(p, r->input);
	f->target.form = request_form_name(r->form);
	f->target.host = probe_text(p, r->host);
	f->target.host_from = r->form == FORM_PROFILE            ? "profile"
			      : r->form == FORM_HOST || *r->host ? "typed"
								 : "";
	f->target.port = (long)r->port;
	f->target.security = request_security_name(r->security);
	f->target.domain = probe_text(p, r->domain);
	f->target.user = probe_text(p, r->user);
	f->target.from = probe_text(p, r->from);
	for (size_t i = 0; i < r->to.n; i++)
		strlist_add(&f->target.to, p->ev->arena, probe_text(p, r->to.v[i]));
	f->target.auth = probe_text(p, r->auth);
	f->target.until = request_until_name(r->until);
	f->target.sending_ip = probe_text(p, r->sending_ip);
	f->target.from_given = *r->from || r->null_from;
	f->target.experiments = r->experiments;
	f->target.ehlo_name = probe_text(p, r->ehlo_name);
}

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

static bool start(struct probe *p, struct err *e)
{
	struct dns_options o = { .resolver = p->req->resolver, .trust_anchor = p->req->trust_anchor };
	p->dns = dns_new(p->loop, &o, e);
	p->trust = p->dns ? tls_trust_new(p->req->ca_file, e) : NULL;
	if (p->dns && !p->trust && p->req->ca_file)
		e->kind = ERR_USAGE; /* the wrong file was named */
	return p->trust != NULL;
}

static void hide_secrets(struct evidence *ev, const struct check_request *r)
{
	const char *const open[] = { r->input,     r->host,      r->domain,    r->user,  r->from,
				     r->client_id, r->tenant_id, r->token_url, r->scope, r->ehlo_name };
	for (size_t i = 0; i < ARRAY_LEN(open); i++)
		evidence_show(ev, open[i]);
	for (size_t i = 0; i < r->to.n; i++)
		evidence_show(ev, r->to.v[i]);
	evidence_hide(ev, r->password);
	evidence_hide(ev, r->token);
	evidence_hide(ev, r->client_secret);
	evidence_hide(ev, r->refresh_token);
}

bool check_run(struct net_loop *loop, const struct check_request *r, const struct check_observer *o,
	       struct evidence **out, struct err *e)
{
	struct probe p = { .loop = loop, .req = r, .observer = o, .start_ms = net_loop_now_ms(loop) };
	p.until_ms = p.start_ms + (uint64_t)r->timeout_s * 1000;
	p.ev = evidence_new((long long)time(NULL));
	hide_secrets(p.ev, r);
	bool ok = start(&p, e);
	if (ok) {
		record_target(&p);
		record_answers(&p);
		probe_secrets(&p);
		run(&p);
		dialogue_leave(&p, SESSION_AT_ONCE);
		p.ev->elapsed_ms = probe_t_ms(&p);
		*out = STEAL(p.ev);
	}
	if (p.token) {
		mem_wipe(p.token, strlen(p.token));
		mem_free(&p.token);
	}
	http_free(&p.token_request);
	evidence_free(&p.ev);
	dns_free(&p.dns);
	tls_trust_free(&p.trust);
	return ok;
}
