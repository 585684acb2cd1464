/* SPDX-License-Identifier: Apache-2.0 */
/* How the work on one request begins and ends. */
#include <string.h>
#include <time.h>

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

static bool open_network(struct probe *p, struct err *e)
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

bool probe_begin(struct probe *p, struct err *e)
{
	p->start_ms = net_loop_now_ms(p->loop);
	p->until_ms = p->start_ms + (uint64_t)p->req->timeout_s * 1000;
	p->ev = evidence_new((long long)time(NULL));
	hide_secrets(p->ev, p->req);
	if (!open_network(p, e))
		return false;
	record_target(p);
	return true;
}

void probe_end(struct probe *p, struct evidence **out)
{
	dialogue_leave(p, SESSION_AT_ONCE);
	p->ev->elapsed_ms = probe_t_ms(p);
	if (out)
		*out = STEAL(p->ev);
	if (p->token) {
		mem_wipe(p->token, strlen(p->token));
		mem_free(&p->token);
	}
	http_free(&p->token_request);
	probe_refresh_leave(p);
	evidence_free(&p->ev);
	dns_free(&p->dns);
	tls_trust_free(&p->trust);
}
