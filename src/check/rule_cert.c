/* SPDX-License-Identifier: Apache-2.0 */
/* Rules for certificates: each fault told apart by OpenSSL's verify code, the
 * chain as sent, the names in it, and the other addresses of the same host. */
#include <strings.h>

#include "base/text_time.h"
#include "catalog/provider.h"
#include "check/rule_view.h"
#include "check/shield.h"

static const struct fact *leaf_of(const struct evidence *ev, unsigned session)
{
	return evidence_in(ev, FACT_CERT, session, NULL);
}

/* Mail servers of the world deliver to an MX whatever its certificate: there it is advice. */
static void weigh(const struct evidence *ev, struct finding *f)
{
	const struct fact *s = evidence_session(ev, "main");
	bool delivery = s && s->dialogue.port == 25 && !z_eq(rule_target(ev)->form, "host");
	if (delivery && f->severity == SEVERITY_FAILURE)
		f->severity = SEVERITY_WARNING;
}

static struct finding *raise_cert(const struct evidence *ev, struct verdict *v, const char *id,
				  double confidence, const struct fact *verify)
{
	const struct fact *leaf = leaf_of(ev, verify->session);
	struct finding *f = verdict_raise(v, id, confidence, verify);
	finding_fact(f, leaf);
	if (leaf) {
		char day[11] = "";
		finding_word(v, f, "names", strlist_join(&leaf->cert.names, v->arena, ", "));
		finding_word(v, f, "issuer",
			     *leaf->cert.issuer_cn ? leaf->cert.issuer_cn : leaf->cert.issuer_org);
		strncat(day,
			z_eq(id, "tls-cert-not-yet-valid") ? leaf->cert.not_before : leaf->cert.not_after,
			10);
		finding_word(v, f, "date", day);
		finding_word(v, f, "suggest", leaf->cert.names.n ? leaf->cert.names.v[0] : leaf->cert.cn);
		finding_word(v, f, "size", arena_printf(v->arena, "%ld", leaf->cert.bits));
	}
	weigh(ev, f);
	return f;
}

static const struct {
	const char *code, *id;
	double confidence;
} by_code[] = {
	{ "10", "tls-cert-expired", 0.97 },         { "9", "tls-cert-not-yet-valid", 0.97 },
	{ "23", "tls-cert-revoked", 0.97 },         { "26", "tls-cert-wrong-purpose", 0.96 },
	{ "66", "tls-cert-weak-key", 0.955 },       { "67", "tls-cert-weak-key", 0.95 },
	{ "68", "tls-cert-weak-signature", 0.955 }, { "64", "tls-cert-ip-mismatch", 0.95 },
};

static const struct fact *the_verify(const struct evidence *ev)
{
	const struct fact *f = evidence_last(ev, FACT_VERIFY, rule_main(ev));
	return f && !f->verify.trusted ? f : NULL;
}

static void judge_codes(const struct evidence *ev, struct verdict *v)
{
	const struct fact *f = the_verify(ev);
	for (size_t i = 0; f && i < ARRAY_LEN(by_code); i++)
		if (strlist_has(&f->verify.codes, by_code[i].code))
			raise_cert(ev, v, by_code[i].id, by_code[i].confidence, f);
}

static bool is_shielded(const struct evidence *ev, unsigned session)
{
	for (const struct fact *f = NULL; (f = evidence_in(ev, FACT_CERT, session, f));)
		if (shield_named(f->cert.issuer, SHIELD_IN_CERTIFICATE) ||
		    shield_named(f->cert.subject, SHIELD_IN_CERTIFICATE))
			return true;
	return false;
}

static bool has_trust_error(const struct fact *f)
{
	static const char *const codes[] = { "18", "19", "20", "21" };
	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		if (strlist_has(&f->verify.codes, codes[i]))
			return true;
	return false;
}

/* A chain that leads to no trusted root: whose hand is it? */
static void judge_trust(const struct evidence *ev, struct verdict *v)
{
	const struct fact *f = the_verify(ev), *leaf = f ? leaf_of(ev, f->session) : NULL;
	if (!f || !leaf || !has_trust_error(f))
		return;
	bool known_provider = provider_by_host(f->verify.name) != NULL;
	if (is_shielded(ev, f->session))
		raise_cert(ev, v, "tls-cert-av-intercepted", 0.96, f);
	else if (leaf->cert.self_signed && f->verify.chain == 1)
		raise_cert(ev, v, "tls-cert-self-signed", 0.94, f);
	else if (known_provider)
		finding_instead(raise_cert(ev, v, "tls-cert-av-intercepted", 0.75, f), "tls-cert-private-ca",
				0.2);
	else if (strlist_has(&f->verify.codes, "19"))
		raise_cert(ev, v, "tls-cert-private-ca", 0.94, f);
	else if (z_eq(f->verify.aia, "completes"))
		raise_cert(ev, v, "tls-cert-chain-incomplete", 0.98, f);
	else if (f->verify.chain == 1 && !z_eq(f->verify.aia, "useless"))
		finding_instead(raise_cert(ev, v, "tls-cert-chain-incomplete", 0.85, f),
				"tls-cert-unknown-ca", 0.15);
	else
		finding_instead(raise_cert(ev, v, "tls-cert-unknown-ca", 0.9, f), "tls-cert-chain-incomplete",
				0.05);
}

static bool names_only_in_cn(const struct fact *leaf, const char *name)
{
	return leaf && !leaf->cert.names.n && !strcasecmp(leaf->cert.cn, name);
}

static void judge_name(const struct evidence *ev, struct verdict *v)
{
	const struct fact *f = the_verify(ev), *leaf = f ? leaf_of(ev, f->session) : NULL;
	if (!f || !strlist_has(&f->verify.codes, "62"))
		return;
	if (names_only_in_cn(leaf, f->verify.name)) {
		raise_cert(ev, v, "tls-cert-cn-only", 0.95, f);
		return;
	}
	struct finding *x = raise_cert(ev, v, "tls-cert-name-mismatch", 0.93, f);
	finding_fact(x, rule_experiment(ev, "no-sni"));
	finding_instead(x, "tls-sni-required", 0.05);
}

/* A number was typed where the certificate has names. */
static void judge_ip_typed(const struct evidence *ev, struct verdict *v)
{
	const struct fact *f = the_verify(ev);
	if (f && strlist_has(&f->verify.codes, "64"))
		raise_cert(ev, v, "cfg-host-is-ip", 0.95, f);
}

/* One name, several machines: some with a good certificate, some with a bad one. */
static void judge_per_address(const struct evidence *ev, struct verdict *v)
{
	const struct fact *good = NULL, *bad = NULL;
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_VERIFY, f));) {
		const char *purpose = rule_purpose(ev, f->session);
		if (!z_eq(purpose, "main") && !z_eq(purpose, "address"))
			continue;
		if (f->verify.trusted)
			good = f;
		else
			bad = f;
	}
	if (!good || !bad || !z_eq(good->verify.name, bad->verify.name))
		return;
	struct finding *f = verdict_raise(v, "tls-cert-differs-per-ip", 0.97, bad);
	finding_fact(f, good);
	if (bad->session == rule_main(ev))
		f->severity = SEVERITY_FAILURE;
	weigh(ev, f);
}

/* What is still left of it is less than those leave who renew by themselves: a sixth of its time (certbot and
 * others renew at a third), at most two weeks. */
static bool ends_soon(const struct fact_cert *c)
{
	enum { PART_LEFT = 6, DAYS_MAX = 14, DAY_S = 86400 };
	long long from, until;
	if (!text_time_read(str_of(c->not_before), &from) || !text_time_read(str_of(c->not_after), &until))
		return false;
	return c->left_s > 0 && c->left_s < DAYS_MAX * DAY_S && c->left_s < (until - from) / PART_LEFT;
}

static const char *time_left(struct verdict *v, long left_s)
{
	enum { HOUR_S = 3600, DAY_S = 86400 };
	if (left_s < 2 * HOUR_S)
		return "less than two hours";
	if (left_s < 2 * DAY_S)
		return arena_printf(v->arena, "%ld hours", left_s / HOUR_S);
	return arena_printf(v->arena, "%ld days", left_s / DAY_S);
}

/* Good today, of any machine that was talked to. */
static void judge_ends_soon(const struct evidence *ev, struct verdict *v)
{
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_VERIFY, f));) {
		const char *purpose = rule_purpose(ev, f->session);
		const struct fact *leaf = leaf_of(ev, f->session);
		bool asked = z_eq(purpose, "main") || z_eq(purpose, "address") || z_eq(purpose, "mx");
		if (!asked || !leaf || !f->verify.trusted || !ends_soon(&leaf->cert))
			continue;
		struct finding *x = raise_cert(ev, v, "tls-cert-ends-soon", 0.97, f);
		finding_word(v, x, "host", f->verify.name);
		finding_word(v, x, "days", time_left(v, leaf->cert.left_s));
		return;
	}
}

const struct rule rules_cert[] = {
	{ "verify-codes", judge_codes },
	{ "trust", judge_trust },
	{ "name", judge_name },
	{ "address-typed", judge_ip_typed },
	{ "per-address", judge_per_address },
	{ "ends-soon", judge_ends_soon },
	{ NULL, NULL },
};
