/* SPDX-License-Identifier: Apache-2.0 */
/* Experiments for encryption that is missing, misplaced or refused. */
#include <string.h>

#include "check/experiment.h"

enum { PATIENCE_MS = 2000 };

static bool tls_failed(const struct main_outcome *m)
{
	return m->tls && strcmp(m->tls->tls.result, "ok") != 0;
}

static bool answered_in_clear(const struct probe *p, const struct main_outcome *m)
{
	(void)p;
	return tls_failed(m) && !strcmp(m->tls->tls.result, "not-tls") && !m->tls->tls.starttls;
}

/* TLS was spoken to a port that greets in clear: is it SMTP, with STARTTLS? */
static void in_clear(struct probe *p, const struct main_outcome *m)
{
	struct dialogue_plan plan = m->plan;
	struct dialogue_result out;
	plan.purpose = "cleartext";
	plan.changed = "STARTTLS instead of TLS from the first byte";
	plan.security = SECURITY_AUTO;
	dialogue_run(p, &plan, &out);
	experiment_tell(p, "cleartext", "Does this port greet in clear and offer STARTTLS?", plan.changed,
			out.greeted ? "works" : "fails",
			out.tls       ? "it greets in clear and STARTTLS works"
			: out.greeted ? "it greets in clear"
				      : "no greeting in clear either",
			out.session);
}

static bool name_or_alert(const struct probe *p, const struct main_outcome *m)
{
	(void)p;
	if (!m->tls || !*m->plan.host)
		return false;
	bool mismatch = m->verify && !m->verify->verify.name_matches;
	return mismatch || (tls_failed(m) && m->tls->tls.alert_received_code >= 0);
}

/* Without a server name in the hello: another certificate, or success? */
static void no_sni(struct probe *p, const struct main_outcome *m)
{
	struct dialogue_plan plan = m->plan;
	struct dialogue_result out;
	plan.purpose = "no-sni";
	plan.changed = "no server name in the TLS hello";
	plan.no_sni = true;
	dialogue_run(p, &plan, &out);
	const struct fact *before = evidence_in(p->ev, FACT_CERT, m->session, NULL);
	const struct fact *after = evidence_in(p->ev, FACT_CERT, out.session, NULL);
	bool same = before && after && !strcmp(before->cert.sha256, after->cert.sha256);
	experiment_tell(p, "no-sni", "Does the certificate depend on the name asked for?", plan.changed,
			!after ? "fails"
			: same ? "same"
			       : "differs",
			!after ? "no handshake either"
			: same ? "the same certificate"
			       : "another certificate",
			out.session);
}

static bool no_starttls_here(const struct probe *p, const struct main_outcome *m)
{
	(void)p;
	return m->plan.port != 465 && m->plan.port != 25 && m->ehlo && !m->ehlo->ehlo.after_tls &&
	       !m->ehlo->ehlo.starttls && m->plan.security != SECURITY_TLS;
}

/* STARTTLS is missing on this port: is there TLS on 465? */
static void port_465(struct probe *p, const struct main_outcome *m)
{
	struct dialogue_result out;
	struct dialogue_plan plan = m->plan;
	plan.purpose = "port";
	plan.changed = "port 465, TLS from the first byte";
	plan.port = 465;
	plan.security = SECURITY_TLS;
	plan.until = UNTIL_CONNECT;
	plan.connect_ms = plan.greeting_ms = PATIENCE_MS;
	dialogue_run(p, &plan, &out);
	experiment_tell(p, "sibling-port", "Is there TLS on port 465 of the same server?", "port 465",
			out.tls ? "works" : "fails", out.tls ? "TLS is spoken there" : "no TLS there",
			out.session);
}

static bool handshake_died(const struct probe *p, const struct main_outcome *m)
{
	(void)p;
	return tls_failed(m) && strcmp(m->tls->tls.result, "not-tls") != 0;
}

/* The same with TLS 1.2 at most: who asks for what is told earlier there. */
static void tls12(struct probe *p, const struct main_outcome *m)
{
	struct dialogue_plan plan = m->plan;
	struct dialogue_result out;
	plan.purpose = "tls12";
	plan.changed = "TLS 1.2 at most";
	plan.tls_max = 0x0303;
	dialogue_run(p, &plan, &out);
	experiment_tell(p, "tls12", "Does an older TLS version get through?", plan.changed,
			out.tls ? "works" : "fails",
			out.tls ? "the handshake succeeds" : "the handshake fails there too", out.session);
}

const struct experiment experiments_tls[] = {
	{ "cleartext", answered_in_clear, in_clear, false },
	{ "no-sni", name_or_alert, no_sni, false },
	{ "sibling-port", no_starttls_here, port_465, false },
	{ "tls12", handshake_died, tls12, false },
	{ .name = NULL },
};
