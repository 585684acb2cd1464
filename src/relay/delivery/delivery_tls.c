/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/delivery/delivery_tls.h"

#include <string.h>

#include "mail/tlsa.h"

/* ---- a handshake that failed ---- */

static const char general[] = "tls-not-established"; /* nobody can tell why */

/* RFC 8446, 6 */
static const struct {
	int alert;
	const char *finding;
} of_alert[] = {
	{ 40, "tls-no-shared-cipher" },
	{ 70, "tls-client-too-old" },
	{ 112, "tls-sni-required" },
	{ 116, "tls-client-cert-required" },
};

static const char *finding_of_alert(const struct tls_report *r)
{
	if (r->cert_requested)
		return "tls-client-cert-required";
	for (size_t i = 0; i < ARRAY_LEN(of_alert); i++)
		if (of_alert[i].alert == r->alert_received)
			return of_alert[i].finding;
	return general;
}

/* behind_220: else TLS came first, and the port may be another protocol's. */
static const char *finding_of_shake(const struct tls_report *r, bool behind_220)
{
	switch (r->result) {
	case TLS_ALERT:
		return finding_of_alert(r);
	case TLS_TIMEOUT:
		return "tls-handshake-timeout";
	case TLS_EOF:
	case TLS_RESET:
		return behind_220 ? "starttls-220-then-eof" : "tcp-open-then-reset";
	case TLS_NOT_TLS:
		return behind_220 ? "starttls-220-then-plaintext" : general;
	default:
		return general;
	}
}

const char *delivery_shake_fault(const struct delivery *d, const char **finding)
{
	const struct tls_report *r = session_tls(d->session);
	bool at_once = !d->route->mx && d->route->security == RELAY_SECURITY_TLS;
	bool spoke_on = session_injected(d->session).len > 0; /* came with the 220 already */
	*finding = spoke_on ? "starttls-220-then-plaintext" : finding_of_shake(r, !at_once);
	return arena_printf(d->scratch, "the TLS handshake failed: %s%s%s", tls_result_name(r->result),
			    *r->reason ? ", " : "", r->reason);
}

/* ---- its peer ---- */

/* The verifier's numbers, as the check's rules read them. */
static const struct {
	int code;
	const char *finding;
} of_code[] = {
	{ 10, "tls-cert-expired" },        { 9, "tls-cert-not-yet-valid" },  { 23, "tls-cert-revoked" },
	{ 26, "tls-cert-wrong-purpose" },  { 66, "tls-cert-weak-key" },      { 67, "tls-cert-weak-key" },
	{ 68, "tls-cert-weak-signature" }, { 62, "tls-cert-name-mismatch" }, { 64, "tls-cert-ip-mismatch" },
	{ 18, "tls-cert-self-signed" },    { 19, "tls-cert-private-ca" },    { 20, "tls-cert-unknown-ca" },
	{ 21, "tls-cert-unknown-ca" },
};

static const char *finding_of(const struct tls_verdict *v)
{
	for (size_t i = 0; i < ARRAY_LEN(of_code); i++)
		for (size_t k = 0; k < v->nerrors; k++)
			if (v->errors[k].code == of_code[i].code)
				return of_code[i].finding;
	return "tls-cert-unknown-ca";
}

/* proof: what it counts as where it is trusted. */
static struct tls_verdict verify(struct delivery *d, enum store_proof proof, struct arena *a)
{
	const struct tls_report *r = session_tls(d->session);
	struct tls_verdict v =
		tls_verify(d->relay->trust, r->chain, r->nchain, NULL, 0, d->host, relay_now_ms() / 1000, a);
	d->proof = v.trusted ? proof : STORE_UNPROVEN;
	return v;
}

static const char *prove(struct delivery *d, const char **finding)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct tls_verdict v = verify(d, d->route->mx ? STORE_PROOF_MTA_STS : STORE_PROOF_CERTIFICATE, a);
	if (v.trusted)
		return NULL;
	*finding = finding_of(&v);
	return arena_printf(d->scratch, "%s cannot prove who it is%s: %s", d->host,
			    d->route->mx ? ", as its domain's MTA-STS policy wants"
					 : "; no password and no mail goes to it",
			    v.nerrors ? v.errors[0].words : "its certificate is not trusted");
}

static const char *match_dane(struct delivery *d, const char **finding)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	const struct tls_report *r = session_tls(d->session);
	const struct mx_target *t = &d->plan.v[d->target];
	struct tlsa_ask ask = { .records = t->tlsa.v, .nrecords = t->tlsa.n, .now_s = relay_now_ms() / 1000 };
	struct tlsa_report out;
	for (size_t i = 0; i < r->nchain && ask.nchain < TLSA_CHAIN_MAX; i++)
		ask.chain[ask.nchain++] = r->chain[i].der;
	struct str domain = lane_domain(d->route, d->lane->named.name);
	ask.names[ask.nnames++] = t->base;
	if (domain.len)
		ask.names[ask.nnames++] = arena_str(a, domain).p;
	tlsa_match(a, &ask, &out);
	d->proof = out.outcome == TLSA_MATCH ? STORE_PROOF_DANE : STORE_UNPROVEN;
	if (out.outcome != TLSA_MISMATCH)
		return NULL;
	*finding = "dp-dane-mismatch";
	return arena_printf(d->scratch, "the certificate of %s fits none of its TLSA records (DANE): %s",
			    d->host, out.why);
}

const char *delivery_judge_peer(struct delivery *d, enum tls_need need, const char **finding)
{
	if (need == TLS_DANE)
		return match_dane(d, finding);
	return need == TLS_PROVEN ? prove(d, finding) : NULL;
}

bool delivery_waives_tls(const struct relay_route *r, unsigned flags)
{
	return r->mx && flags & STORE_TLS_WAIVED && !(flags & STORE_REQUIRETLS);
}

/* As it is with servers that are not told otherwise. */
static bool wanted_tls(const struct delivery *d)
{
	return d->route->mx || d->route->security != RELAY_SECURITY_NONE;
}

const char *delivery_waived_told(const struct delivery *d, const char *told, struct arena *a)
{
	static const char words[] = "it says that it needs no encryption (TLS-Required: No), so DANE and "
				    "MTA-STS were not looked at";
	if (wanted_tls(d) && !d->in_clear && !*d->tls)
		told = arena_printf(a, "%s%sit went in clear: the server offers no encryption (STARTTLS)",
				    told, *told ? "; " : "");
	if (d->in_clear)
		told = arena_printf(a, "%s%sit went in clear, as encryption failed: %s", told,
				    *told ? "; " : "", d->clear_why);
	return d->waived ? arena_printf(a, "%s%s%s", told, *told ? "; " : "", words) : told;
}

bool delivery_is_proven(struct delivery *d)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	if (d->proof == STORE_UNPROVEN)
		(void)verify(d, STORE_PROOF_CERTIFICATE, a);
	return d->proof > STORE_UNPROVEN;
}
