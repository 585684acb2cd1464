/* SPDX-License-Identifier: Apache-2.0 */
#include "check/rule_domain.h"
#include "check/verdict_inner.h"

#include <stdlib.h>
#include <string.h>

/* Above this, two look-alikes are both proved and both stand. */
static const double PROVED = 0.95;

/* What is a mere consequence: with `cause` among the findings, `symptom` is not listed. */
static const struct {
	const char *cause, *symptom;
} consequences[] = {
	{ "socket-error-offline", "dns-timeout" },
	{ "socket-error-offline", "tcp-unreachable-icmp" },
	{ "dns-nxdomain-rewritten", "tcp-refused" },
	{ "dns-nxdomain-rewritten", "tcp-timeout-drop" },
	{ "dns-nxdomain-rewritten", "cfg-port-typo" },
	{ "dns-nxdomain-rewritten", "server-down" },
	{ "dns-nxdomain-rewritten", "banner-not-smtp" },
	{ "tcp-port-blocked-this-machine", "tcp-refused" },
	{ "tcp-port-blocked-this-machine", "tcp-timeout-drop" },
	{ "tcp-port-blocked-this-machine", "tcp-unreachable-icmp" },
	{ "tcp-port-blocked-this-machine", "server-down" },
	{ "cn-vpn-or-location", "tcp-refused" },
	{ "cn-vpn-or-location", "tcp-timeout-drop" },
	{ "cn-vpn-or-location", "tcp-unreachable-icmp" },
	{ "cn-vpn-or-location", "server-down" },
	{ "cn-one-user-only", "tcp-refused" },
	{ "cn-one-user-only", "tcp-timeout-drop" },
	{ "cn-one-user-only", "tcp-unreachable-icmp" },
	{ "cn-one-user-only", "server-down" },
	{ "cn-many-users-one-site", "tcp-refused" },
	{ "cn-many-users-one-site", "tcp-timeout-drop" },
	{ "cn-many-users-one-site", "tcp-unreachable-icmp" },
	{ "cn-many-users-one-site", "server-down" },
	{ "tcp-port-blocked-this-machine", "firewall-reject-rst" },
	{ "tcp-port-blocked-this-machine", "tcp-open-then-reset" },
	{ "cn-vpn-or-location", "tcp-open-then-reset" },
	{ "cn-vpn-or-location", "banner-554-refused" },
	{ "cn-vpn-or-location", "banner-eof" },
	{ "cn-many-users-one-site", "tcp-open-then-reset" },
	{ "cn-many-users-one-site", "banner-554-refused" },
	{ "cn-many-users-one-site", "banner-eof" },
	{ "dns-resolver-differs", "tcp-refused" },
	{ "dns-resolver-differs", "tcp-timeout-drop" },
	{ "dns-resolver-differs", "server-down" },
	{ "dns-hosts-override", "dns-stale-after-move" },
	{ "dns-hosts-override", "tcp-refused" },
	{ "dns-hosts-override", "tcp-timeout-drop" },
	{ "dns-hosts-override", "server-down" },
	{ "tcp-concurrent-limit", "banner-421-rate-per-ip" },
	{ "tcp-concurrent-limit", "banner-421-busy" },
	{ "cfg-mx-used-as-submission", "rcpt-relay-denied" },
	{ "client-clock-wrong", "tls-cert-expired" },
	{ "client-clock-wrong", "tls-cert-not-yet-valid" },
	{ "starttls-stripped", "starttls-not-offered" },
	{ "ehlo-keywords-masked", "starttls-not-offered" },
	{ "ehlo-keywords-masked", "auth-not-offered" },
	{ "ehlo-keywords-masked", "banner-masked-stars" },
	{ "banner-masked-stars", "starttls-not-offered" },
	{ "starttls-not-offered", "auth-not-offered" },
	{ "starttls-stripped", "auth-not-offered" },
	{ "tls-cert-av-intercepted", "tls-cert-private-ca" },
	{ "tls-cert-av-intercepted", "tls-cert-unknown-ca" },
	{ "tls-cert-av-intercepted", "tls-cert-chain-incomplete" },
	{ "tcp-connected-to-local-av", "tls-cert-private-ca" },
	{ "tcp-connected-to-local-av", "tls-cert-unknown-ca" },
	{ "tls-sni-required", "tls-cert-name-mismatch" },
	{ "ehlo-rejected-helo-only", "starttls-not-offered" },
	{ "ehlo-rejected-helo-only", "auth-not-offered" },
	{ "tls-cert-differs-per-ip", "tls-cert-expired" },
	{ "tls-cert-differs-per-ip", "tls-cert-name-mismatch" },
	{ "tls-cert-differs-per-ip", "tls-cert-self-signed" },
	{ "auth-dnsbl-blocks-login", "rcpt-dnsbl" },
	{ "auth-dnsbl-blocks-login", "banner-554-refused" },
	{ "cfg-security-none-rejected", "auth-required-530" },
	{ "cfg-security-none-rejected", "auth-not-offered" },
	{ "auth-required-530", "rcpt-policy-refused" },
	{ "mx-null", "mx-none-implicit-a" },
	{ "dns-stale-after-move", "tcp-refused" },
	{ "dns-stale-after-move", "tcp-timeout-drop" },
	{ "dns-stale-after-move", "tcp-unreachable-icmp" },
	{ "dns-stale-after-move", "server-down" },
	{ "dns-stale-after-move", "rcpt-user-unknown" },
	{ "dns-stale-after-move", "rcpt-relay-denied" },
	{ "dns-stale-after-move", "dns-name-server-inconsistent" },
	{ "mx-none-implicit-a", "tcp-refused" },
	{ "mx-none-implicit-a", "tcp-timeout-drop" },
	{ "mx-none-implicit-a", "server-down" },
	{ "mx-to-loopback-or-private", "tcp-refused" },
	{ "mx-to-loopback-or-private", "tcp-timeout-drop" },
	{ "mx-to-loopback-or-private", "tcp-unreachable-icmp" },
	{ "mx-to-loopback-or-private", "server-down" },
	{ "dns-servfail", "dns-spf-or-dkim-lookup-failed" },
	{ "dns-timeout", "dns-spf-or-dkim-lookup-failed" },
	{ "dns-refused", "dns-spf-or-dkim-lookup-failed" },
	{ "dns-dnssec-bogus", "dns-spf-or-dkim-lookup-failed" },
	{ "dns-truncated-tcp-blocked", "dns-spf-or-dkim-lookup-failed" },
	{ "socket-error-offline", "dns-spf-or-dkim-lookup-failed" },
	{ "dns-timeout", "dns-tlsa-lookup-failed" },
	{ "dns-timeout", "dns-ptr-lookup-failed" },
	{ "dns-timeout", "dp-dnsbl-lookup-failed" },
	{ "dns-refused", "dns-tlsa-lookup-failed" },
	{ "dns-refused", "dns-ptr-lookup-failed" },
	{ "dns-refused", "dp-dnsbl-lookup-failed" },
	{ "socket-error-offline", "dns-tlsa-lookup-failed" },
	{ "socket-error-offline", "dns-ptr-lookup-failed" },
	{ "socket-error-offline", "dp-dnsbl-lookup-failed" },
	{ "dp-mta-sts-cert", "tls-cert-expired" },
	{ "dp-mta-sts-cert", "tls-cert-not-yet-valid" },
	{ "dp-mta-sts-cert", "tls-cert-name-mismatch" },
	{ "dp-mta-sts-cert", "tls-cert-self-signed" },
	{ "dp-mta-sts-cert", "tls-cert-unknown-ca" },
	{ "dp-mta-sts-cert", "tls-cert-private-ca" },
	{ "dp-mta-sts-cert", "tls-cert-chain-incomplete" },
	{ "dp-dane-starttls-missing", "starttls-not-offered" },
	{ "dp-dane-starttls-missing", "dp-mta-sts-starttls-missing" },
	{ "dp-mta-sts-starttls-missing", "starttls-not-offered" },
};

static bool is_alike(const struct finding *a, const struct finding *b)
{
	return finding_is_alike(a->entry, b->entry->id) || finding_is_alike(b->entry, a->entry->id);
}

static bool follows(const struct finding *cause, const struct finding *symptom)
{
	for (size_t i = 0; i < ARRAY_LEN(consequences); i++)
		if (!strcmp(consequences[i].cause, cause->entry->id) &&
		    !strcmp(consequences[i].symptom, symptom->entry->id))
			return true;
	return false;
}

/* b is silenced by a: it follows from it, or it is the less likely of two look-alikes. */
static bool silences(const struct finding *a, const struct finding *b)
{
	if (follows(a, b))
		return a->severity >= b->severity;
	if (!is_alike(a, b) || a->severity < b->severity)
		return false;
	if (a->confidence >= PROVED && b->confidence >= PROVED)
		return false;
	return a->confidence > b->confidence || (a->confidence == b->confidence && a < b);
}

static void drop(struct verdict *v, size_t i)
{
	memmove(&v->findings[i], &v->findings[i + 1], (v->n - i - 1) * sizeof(v->findings[0]));
	v->n--;
}

static void silence(struct verdict *v)
{
	for (size_t b = 0; b < v->n;) {
		size_t a = 0;
		while (a < v->n && (a == b || !silences(&v->findings[a], &v->findings[b])))
			a++;
		if (a == v->n) {
			b++;
			continue;
		}
		finding_instead(&v->findings[a], v->findings[b].entry->id,
				v->findings[b].confidence < 0.5 ? v->findings[b].confidence : 0.5);
		drop(v, b);
		b = 0;
	}
}

/* Where a finding stands in the chain: what lies across all steps is put where it bites. */
static int place(const struct finding *f)
{
	switch (f->step) {
	case STEP_CLIENT_NETWORK:
		return STEP_CONNECT * 2 - 1; /* explains a connect failure: before it */
	case STEP_OAUTH:
		return STEP_AUTH * 2 - 1; /* explains a failed login: before it */
	case STEP_RELAY_SERVER:
		return STEP_RCPT * 2 + 1;
	default:
		return (int)f->step * 2;
	}
}

/* Below this a warning or note is a hint, and stands behind what is known. */
static const double HINT_BELOW = 0.7;

static bool is_hint(const struct finding *f)
{
	return f->severity != SEVERITY_FAILURE && f->confidence < HINT_BELOW;
}

static int by_rank(const void *pa, const void *pb)
{
	const struct finding *a = pa, *b = pb;
	if (a->severity != b->severity)
		return a->severity > b->severity ? -1 : 1;
	if (is_hint(a) != is_hint(b))
		return is_hint(a) ? 1 : -1;
	int pa_ = place(a), pb_ = place(b);
	if (pa_ != pb_)
		return pa_ < pb_ ? -1 : 1;
	if (a->confidence != b->confidence)
		return a->confidence > b->confidence ? -1 : 1;
	return strcmp(a->entry->id, b->entry->id);
}

/* What a finding leaves open is all that its rivals can share. */
static void share_doubt(struct finding *f)
{
	double sum = 0, left = 1 - f->confidence;
	for (size_t i = 0; i < f->ninstead; i++)
		sum += f->instead[i].confidence;
	for (size_t i = 0; sum > left && i < f->ninstead; i++)
		f->instead[i].confidence *= left / sum;
}

void verdict_settle(struct verdict *v)
{
	silence(v);
	for (size_t i = 0; i < v->n; i++)
		share_doubt(&v->findings[i]);
	qsort(v->findings, v->n, sizeof(v->findings[0]), by_rank);
}

static bool anything_was_tested(const struct evidence *ev)
{
	return evidence_next(ev, FACT_CONNECT, NULL) || evidence_next(ev, FACT_DNS, NULL) ||
	       evidence_next(ev, FACT_INPUT, NULL) || evidence_next(ev, FACT_REPLY, NULL);
}

static enum step failed_step(const struct verdict *v)
{
	enum step s = 0;
	while (s < STEP_COUNT && v->steps[s].status != STEP_FAIL)
		s++;
	return s;
}

/* There was somebody to connect to, and it was not done. */
static bool kept_from_connecting(const struct verdict *v)
{
	return v->steps[STEP_CONNECT].status == STEP_SKIPPED && !evidence_next(v->ev, FACT_CONNECT, NULL);
}

static enum verdict_word word_of(const struct verdict *v)
{
	for (size_t i = 0; i < v->n; i++)
		if (v->findings[i].severity == SEVERITY_FAILURE)
			return VERDICT_FAILING;
	for (size_t i = 0; i < v->n; i++)
		if (v->findings[i].severity == SEVERITY_WARNING)
			return VERDICT_WARNING;
	/* What broke off without a cause found is not in order: nothing is known. */
	const struct fact *main = evidence_session(v->ev, "main");
	bool broke = (main && evidence_last(v->ev, FACT_BREAK, main->session)) || kept_from_connecting(v);
	return anything_was_tested(v->ev) && !broke && failed_step(v) == STEP_COUNT ? VERDICT_OK
										    : VERDICT_UNKNOWN;
}

static const char *unknown_sentence(const struct verdict *v)
{
	enum step s = failed_step(v);
	if (kept_from_connecting(v))
		return arena_printf(v->arena, "The server was not tested, so nothing can be said of it: %s.",
				    v->steps[STEP_CONNECT].says);
	if (s == STEP_COUNT)
		return "Nothing could be tested, so nothing can be said.";
	if (s == STEP_OAUTH)
		return arena_printf(v->arena, "There is no token, so no login was tried: %s.",
				    v->steps[s].says);
	return arena_printf(v->arena,
			    "It went wrong at the step %s, and what was seen does not tell why: %s.",
			    step_name(s), v->steps[s].says);
}

static const char *ok_sentence(const struct verdict *v)
{
	const struct step_result *s = v->steps;
	if (rule_is_domain_check(v->ev) && s[STEP_BANNER].status == STEP_PASS)
		return "The domain's mail server answers, and what the domain publishes about its mail is in "
		       "order.";
	if (s[STEP_DATA].status == STEP_PASS)
		return "The server took the test message over; whether it reaches the mailbox is for "
		       "that server to show.";
	if (s[STEP_RCPT].status == STEP_PASS)
		return "The server would take a message from this sender to this recipient.";
	if (s[STEP_AUTH].status == STEP_PASS)
		return "Connection, encryption and login work.";
	if (s[STEP_TLS_CERT].status == STEP_PASS)
		return "Connection and encryption work; no login was tried.";
	if (s[STEP_BANNER].status == STEP_PASS)
		return "The server answers; what was tested works.";
	return "What was tested is in order.";
}

void verdict_sum_up(struct verdict *v)
{
	v->word = word_of(v);
	if (v->word == VERDICT_FAILING || v->word == VERDICT_WARNING)
		v->summary =
			arena_printf(v->arena, "%s%s.", v->word == VERDICT_WARNING ? "It works, but: " : "",
				     finding_fill(v, &v->findings[0], v->findings[0].entry->title));
	else if (v->word == VERDICT_OK)
		v->summary = ok_sentence(v);
	else
		v->summary = unknown_sentence(v);
}
