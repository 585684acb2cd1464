/* SPDX-License-Identifier: Apache-2.0 */
/* TLS in a dialogue: what the handshake showed, and our judgement of the chain. */
#include "base/text_time.h"
#include "check/dialogue_inner.h"
#include "mail/tlsa.h"

static const char *time_text(struct probe *p, long long s)
{
	char z[TEXT_TIME_BYTES];
	return arena_strdup(p->ev->arena, text_time(s, z));
}

static void record_handshake(struct dialogue *d, bool starttls)
{
	const struct tls_report *r = session_tls(d->s);
	struct fact *f = probe_fact(d->p, FACT_TLS, d->no);
	f->tls.result = tls_result_name(r->result);
	f->tls.version = probe_text(d->p, r->version);
	f->tls.cipher = probe_text(d->p, r->cipher);
	f->tls.sni = probe_text(d->p, r->sni);
	f->tls.alert_sent = tls_alert_name(r->alert_sent);
	f->tls.alert_sent_code = r->alert_sent;
	f->tls.alert_received = tls_alert_name(r->alert_received);
	f->tls.alert_received_code = r->alert_received;
	f->tls.cert_requested = r->cert_requested;
	f->tls.received = (long)r->received;
	f->tls.first_bytes = probe_text(d->p, r->first_bytes);
	f->tls.reason = probe_text(d->p, r->reason);
	f->tls.min_version = "TLSv1";
	f->tls.max_version = "TLSv1.3";
	f->tls.starttls = starttls;
	f->tls.elapsed_ms = r->elapsed_ms;
	probe_tell(d->p, f);
}

static void record_cert(struct dialogue *d, const struct tls_cert *c, size_t depth)
{
	struct probe *p = d->p;
	struct fact *f = probe_fact(p, FACT_CERT, d->no);
	f->cert.depth = (long)depth;
	f->cert.subject = probe_text(p, c->subject);
	f->cert.issuer = probe_text(p, c->issuer);
	f->cert.cn = probe_text(p, c->cn);
	f->cert.issuer_cn = probe_text(p, c->issuer_cn);
	f->cert.issuer_org = probe_text(p, c->issuer_org);
	for (size_t i = 0; i < c->names.n && i < 100; i++)
		strlist_add(&f->cert.names, p->ev->arena, probe_text(p, c->names.v[i]));
	f->cert.not_before = time_text(p, c->not_before);
	f->cert.not_after = time_text(p, c->not_after);
	f->cert.left_s = (long)(c->not_after - probe_now_s(p));
	f->cert.key = probe_text(p, c->key);
	f->cert.bits = c->bits;
	f->cert.signature = probe_text(p, c->signature);
	f->cert.self_signed = c->self_signed;
	f->cert.server_auth = c->server_auth;
	f->cert.serial = probe_text(p, c->serial);
	f->cert.sha256 = probe_text(p, c->sha256);
	f->cert.spki_sha256 = probe_text(p, c->spki_sha256);
	f->cert.aia = probe_text(p, c->aia);
	probe_tell(p, f);
}

static bool misses_issuer(const struct tls_verdict *v, size_t nchain)
{
	for (size_t i = 0; i < v->nerrors; i++)
		if (v->errors[i].code == 20 ||
		    v->errors[i].code == 21) /* issuer not found; first unverified */
			return nchain == 1;
	return false;
}

/* Fetches the intermediate the server forgot, to tell "incomplete" from "unknown". */
static const char *try_aia(struct dialogue *d, const struct tls_report *r, long long now)
{
	struct probe *p = d->p;
	const char *url = r->chain[0].aia;
	if (!url || !*url || !p->req->experiments)
		return "";
	struct http_options o = { .url = url,
				  .allow_http = true,
				  .timeout_ms = probe_at_most(p, 4000),
				  .ca_file = p->req->ca_file };
	CLEANUP(http_free) struct http_request *q = http_start(p->loop, p->dns, &o);
	const struct http_answer *a = http_wait(q, probe_within(p, 4500));
	if (!a || a->result != HTTP_OK || a->status != 200)
		return "failed";
	struct tls_verdict v =
		tls_verify(p->trust, r->chain, r->nchain, &a->body, 1, d->plan->host, now, p->ev->arena);
	return misses_issuer(&v, r->nchain) ? "useless" : "completes";
}

/* DANE (RFC 7672): the certificate against the TLSA records of the plan. */
static const char *dane(const struct dialogue *d, const struct tls_report *r, long long now)
{
	const struct dialogue_plan *plan = d->plan;
	struct tlsa_ask ask = { .records = plan->tlsa.v, .nrecords = plan->tlsa.n, .now_s = now };
	struct tlsa_report out;
	if (!plan->tlsa.n)
		return "";
	for (size_t i = 0; i < r->nchain && ask.nchain < TLSA_CHAIN_MAX; i++)
		ask.chain[ask.nchain++] = r->chain[i].der;
	ask.names[ask.nnames++] = plan->host;
	if (plan->tlsa_domain)
		ask.names[ask.nnames++] = plan->tlsa_domain;
	tlsa_match(d->p->ev->arena, &ask, &out);
	return tlsa_outcome_name(out.outcome);
}

static void record_verdict(struct dialogue *d, const struct tls_report *r)
{
	struct probe *p = d->p;
	const char *name = *d->plan->host ? d->plan->host : d->plan->address;
	long long now = probe_now_s(p);
	struct tls_verdict v = tls_verify(p->trust, r->chain, r->nchain, NULL, 0, name, now, p->ev->arena);
	struct fact *f = probe_fact(p, FACT_VERIFY, d->no);
	f->verify.trusted = v.trusted;
	for (size_t i = 0; i < v.nerrors; i++) {
		const struct tls_verify_error *x = &v.errors[i];
		strlist_add(&f->verify.errors, p->ev->arena,
			    arena_printf(p->ev->arena, "%d@%d %s", x->code, x->depth,
					 probe_text(p, x->words)));
		strlist_add(&f->verify.codes, p->ev->arena, arena_printf(p->ev->arena, "%d", x->code));
	}
	f->verify.name_matches = v.name_matches;
	f->verify.name = probe_text(p, name);
	f->verify.chain = (long)r->nchain;
	f->verify.at = time_text(p, now);
	f->verify.dane = dane(d, r, now);
	f->verify.aia = misses_issuer(&v, r->nchain) ? try_aia(d, r, now) : "";
	d->out->trusted = v.trusted;
	probe_tell(p, f);
}

bool dialogue_record_tls(struct dialogue *d, bool starttls)
{
	const struct tls_report *r = session_tls(d->s);
	dialogue_drain(d);
	record_handshake(d, starttls);
	for (size_t i = 0; i < r->nchain; i++)
		record_cert(d, &r->chain[i], i);
	if (r->nchain)
		record_verdict(d, r);
	if (r->result == TLS_OK) {
		d->encrypted = d->out->tls = true;
		return true;
	}
	d->out->spoke_clear = r->result == TLS_NOT_TLS;
	d->alive = false;
	d->out->broke = STEP_STARTTLS;
	return false;
}

bool dialogue_tls(struct dialogue *d)
{
	d->step_ms = net_loop_now_ms(d->p->loop);
	enum session_event ev = session_wait(d->s, d->p->until_ms);
	dialogue_drain(d);
	if (ev == SESSION_TLS_ENDED)
		return dialogue_record_tls(d, d->plan->security != SECURITY_TLS);
	dialogue_broke(d, STEP_STARTTLS, ev);
	return false;
}
