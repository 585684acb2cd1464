/* SPDX-License-Identifier: Apache-2.0 */
/* Rules for encryption that is not offered, not spoken or breaks in the handshake. */
#include "catalog/provider.h"
#include "check/rule_view.h"

enum {
	ALERT_HANDSHAKE_FAILURE = 40,
	ALERT_PROTOCOL_VERSION = 70,
	ALERT_UNRECOGNIZED_NAME = 112,
	ALERT_CERT_REQUIRED = 116
};

static bool provider_promises(const struct provider *p, const char *host, long port)
{
	for (size_t i = 0; p && i < p->nservers; i++)
		if (z_eq(p->servers[i].host, host) && (long)p->servers[i].port == port)
			return z_eq(p->servers[i].security, "starttls");
	return false;
}

/* How bad a missing STARTTLS is: wanted, or needed for a password, it is the fault. */
static enum finding_severity weight(const struct evidence *ev, long port)
{
	const struct fact_target *t = rule_target(ev);
	const struct fact *auth = evidence_last(ev, FACT_AUTH, rule_main(ev));
	bool stopped = auth && z_eq(auth->auth.result, "not-tried-insecure");
	if (z_eq(t->security, "starttls") || stopped)
		return SEVERITY_FAILURE;
	return port == 587 || z_eq(t->form, "domain") || port == 25 ? SEVERITY_WARNING : SEVERITY_NOTE;
}

static void judge_not_offered(const struct evidence *ev, struct verdict *v)
{
	const struct fact *s = evidence_session(ev, "main");
	const struct fact *e = s ? evidence_in(ev, FACT_EHLO, s->session, NULL) : NULL;
	if (!e || e->ehlo.after_tls || e->ehlo.starttls || e->ehlo.helo || e->ehlo.masked.n)
		return;
	const char *security = rule_target(ev)->security;
	if (z_eq(security, "none") || z_eq(security, "tls"))
		return;
	const struct provider *p = provider_by_host(s->dialogue.host);
	struct finding *f;
	if (provider_promises(p, s->dialogue.host, s->dialogue.port)) {
		f = verdict_raise(v, "starttls-stripped", 0.9, e);
		finding_instead(f, "starttls-not-offered", 0.1);
		return;
	}
	/* TLS next door on 465 proves nothing: Postfix with smtpd_tls_security_level=none on
	 * 587 looks just so, and with smtpd_tls_auth_only it hides AUTH as well. */
	f = verdict_raise(v, "starttls-not-offered", 0.93, e);
	f->severity = weight(ev, s->dialogue.port);
	finding_fact(f, rule_experiment(ev, "sibling-port"));
	finding_instead(f, "starttls-stripped",
			rule_experiment_is(ev, "sibling-port", "works") ? 0.25 : 0.15);
}

/* The handshake began after a 220 and did not end well. */
static void after_220(struct verdict *v, const struct fact *t, const struct fact *reply)
{
	struct finding *f = NULL;
	if (z_eq(t->tls.result, "eof") || z_eq(t->tls.result, "reset"))
		f = verdict_raise(v, "starttls-220-then-eof", 0.9, t);
	else if (z_eq(t->tls.result, "not-tls"))
		f = verdict_raise(v, "starttls-220-then-plaintext", 0.95, t);
	if (f) {
		finding_fact(f, reply);
		finding_word(v, f, "value", t->tls.first_bytes);
	}
}

static bool asked_for_a_certificate(const struct evidence *ev, const struct fact *t)
{
	if (t->tls.cert_requested)
		return true;
	const struct fact *s = evidence_session(ev, "tls12");
	const struct fact *again = s ? evidence_last(ev, FACT_TLS, s->session) : NULL;
	return again && again->tls.cert_requested;
}

static void by_alert(const struct evidence *ev, struct verdict *v, const struct fact *t)
{
	switch (t->tls.alert_received_code) {
	case ALERT_UNRECOGNIZED_NAME:
		verdict_raise(v, "tls-sni-required", 0.95, t);
		return;
	case ALERT_CERT_REQUIRED:
		verdict_raise(v, "tls-client-cert-required", 0.97, t);
		return;
	case ALERT_HANDSHAKE_FAILURE:
		if (asked_for_a_certificate(ev, t))
			finding_instead(verdict_raise(v, "tls-client-cert-required", 0.93, t),
					"tls-no-shared-cipher", 0.05);
		else
			finding_instead(verdict_raise(v, "tls-no-shared-cipher", 0.9, t),
					"tls-client-cert-required", 0.05);
		return;
	case ALERT_PROTOCOL_VERSION:
		finding_instead(verdict_raise(v, "tls-client-too-old", 0.7, t), "tls-server-too-old", 0.3);
		return;
	default:
		if (asked_for_a_certificate(ev, t)) /* bad_certificate and its kin, after a request */
			verdict_raise(v, "tls-client-cert-required", 0.85, t);
		else
			finding_instead(verdict_raise(v, "tls-no-shared-cipher", 0.5, t),
					"tls-client-cert-required", 0.2);
	}
}

static bool we_refused_its_version(const struct fact_tls *t)
{
	return t->alert_sent_code == ALERT_PROTOCOL_VERSION || z_ihas(t->reason, "unsupported protocol") ||
	       z_ihas(t->reason, "wrong ssl version") || z_ihas(t->reason, "version too low");
}

static void judge_handshake(const struct evidence *ev, struct verdict *v)
{
	unsigned main = rule_main(ev);
	const struct fact *t = evidence_last(ev, FACT_TLS, main);
	if (!t || z_eq(t->tls.result, "ok"))
		return;
	if (we_refused_its_version(&t->tls))
		verdict_raise(v, "tls-server-too-old", 0.93, t);
	else if (t->tls.alert_received_code >= 0)
		by_alert(ev, v, t);
	else if (z_eq(t->tls.result, "timeout") && !t->tls.received)
		verdict_raise(v, "tls-handshake-timeout", 0.9, t);
	else if (t->tls.starttls)
		after_220(v, t, rule_reply_at(ev, main, "starttls"));
	else if (z_eq(t->tls.result, "reset"))
		verdict_raise(v, "tcp-open-then-reset", t->tls.received ? 0.5 : 0.9, t);
	else if (z_eq(t->tls.result, "eof"))
		verdict_raise(v, "banner-eof", t->tls.received ? 0.5 : 0.9, t);
}

/* It worked, with a version that today's programs refuse. */
static void judge_old_version(const struct evidence *ev, struct verdict *v)
{
	const struct fact *t = evidence_last(ev, FACT_TLS, rule_main(ev));
	if (!t || !z_eq(t->tls.result, "ok"))
		return;
	if (z_eq(t->tls.version, "TLSv1") || z_eq(t->tls.version, "TLSv1.1") ||
	    z_eq(t->tls.version, "SSLv3")) {
		struct finding *f = verdict_raise(v, "tls-server-too-old", 0.96, t);
		finding_word(v, f, "value", t->tls.version);
		finding_instead(f, "tls-client-too-old", 0.02);
	}
}

/* Text injected between the 220 and the handshake; thrown away, and named. */
static void judge_injection(const struct evidence *ev, struct verdict *v)
{
	const struct fact *b = evidence_last(ev, FACT_BYTES, rule_main(ev));
	if (b && z_eq(b->bytes.step, "starttls") && b->bytes.count) {
		struct finding *f = verdict_raise(v, "starttls-220-then-plaintext", 0.95, b);
		finding_word(v, f, "value", b->bytes.text);
	}
}

const struct rule rules_starttls[] = {
	{ "not-offered", judge_not_offered },
	{ "handshake", judge_handshake },
	{ "old-version", judge_old_version },
	{ "injection", judge_injection },
	{ NULL, NULL },
};
