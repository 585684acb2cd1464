/* SPDX-License-Identifier: Apache-2.0 */
/* Rules for a server's name that gives no address, or an address that others do not see. */

#include "catalog/provider.h"
#include "check/rule_view.h"

static bool resolves(const struct fact *f)
{
	return f && z_eq(f->dns.status, "ok");
}

/* Not one of a domain's MX hosts has an address, and of this one it is not known why. */
static const struct fact *unknown_mx_host(const struct evidence *ev)
{
	const struct fact *failed = NULL;
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_DNS, f));) {
		if (!z_eq(f->dns.purpose, "mx-host"))
			continue;
		if (resolves(f))
			return NULL;
		if (!failed && !z_eq(f->dns.status, "nodata") && !z_eq(f->dns.status, "nxdomain"))
			failed = f;
	}
	return failed;
}

/* The question that failed: of the server's name, or of a domain's MX, or of the hosts behind it. */
static const struct fact *failed_question(const struct evidence *ev)
{
	const struct fact *f = rule_unknown_family(ev);
	if (f)
		return f;
	f = rule_dns(ev, "host", "A");
	if (!f)
		f = rule_dns(ev, "host", "AAAA");
	if (!f)
		f = rule_dns(ev, "mx", "MX");
	if (f && resolves(f) && z_eq(f->dns.purpose, "mx") && unknown_mx_host(ev))
		f = unknown_mx_host(ev);
	return f && !z_eq(f->dns.status, "ok") && !rule_main(ev) ? f : NULL;
}

/* Extended errors that speak of DNSSEC (RFC 8914, 4). */
static bool is_dnssec_error(long ede)
{
	return ede == 1 || ede == 2 || (ede >= 5 && ede <= 12) || ede == 25 || ede == 27;
}

static void servfail(const struct evidence *ev, struct verdict *v, const struct fact *f)
{
	const struct fact *cd = rule_dns(ev, "cd", "");
	if (z_eq(f->dns.status, "bogus") || is_dnssec_error(f->dns.ede) || resolves(cd)) {
		struct finding *x = verdict_raise(v, "dns-dnssec-bogus", resolves(cd) ? 0.96 : 0.88, f);
		finding_fact(x, cd);
		finding_instead(x, "dns-servfail", 0.05);
		return;
	}
	finding_instead(verdict_raise(v, "dns-servfail", 0.93, f), "dns-dnssec-bogus", 0.05);
}

static void timed_out(const struct evidence *ev, struct verdict *v, const struct fact *f)
{
	const struct fact *small = rule_dns(ev, "small", ""), *tcp = rule_dns(ev, "tcp", "");
	bool answers_others =
		small && !z_eq(small->dns.status, "timeout") && !z_eq(small->dns.status, "local");
	enum { AT_ONCE_MS = 500 };
	const struct fact *route = rule_experiment(ev, "route");
	if (f->dns.elapsed_ms < AT_ONCE_MS && route && z_eq(route->experiment.outcome, "fails")) {
		/* The question could not even leave. */
		finding_fact(verdict_raise(v, "socket-error-offline", 0.93, f), route);
	} else if (f->dns.truncated) {
		verdict_raise(v, "dns-truncated-tcp-blocked", 0.95, f);
	} else if (resolves(tcp)) {
		finding_fact(verdict_raise(v, "dns-timeout", 0.8, f), tcp);
	} else if (answers_others) { /* the resolver lives; the name's own servers do not */
		finding_fact(verdict_raise(v, "dns-servfail", 0.7, f), small);
	} else {
		finding_instead(verdict_raise(v, "dns-timeout", 0.93, f), "socket-error-offline", 0.2);
	}
}

static void judge_failed_question(const struct evidence *ev, struct verdict *v)
{
	const struct fact *f = failed_question(ev);
	if (!f)
		return;
	const char *s = f->dns.status;
	bool host = z_eq(f->dns.purpose, "host");
	if (f->dns.truncated)
		verdict_raise(v, "dns-truncated-tcp-blocked", 0.95, f);
	else if (z_eq(s, "servfail") || z_eq(s, "bogus"))
		servfail(ev, v, f);
	else if (z_eq(s, "refused"))
		verdict_raise(v, "dns-refused", 0.95, f);
	else if (z_eq(s, "timeout"))
		timed_out(ev, v, f);
	else if (z_eq(s, "local"))
		verdict_raise(v, "socket-error-offline", 0.85, f);
	else if (z_eq(s, "nodata") && host && !resolves(rule_dns(ev, "host", "AAAA")))
		verdict_raise(v, "dns-nodata-address", 0.93, f);
}

/* A longer answer of the domain never came: UDP said "ask by TCP", and TCP is closed. */
static void judge_long_answer(const struct evidence *ev, struct verdict *v)
{
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_DNS, f));) {
		if (!f->dns.truncated || !z_eq(f->dns.via, "tcp") || !z_eq(f->dns.status, "timeout") ||
		    verdict_has(v, "dns-truncated-tcp-blocked"))
			continue;
		verdict_raise(v, "dns-truncated-tcp-blocked", 0.95, f)->severity = SEVERITY_WARNING;
	}
}

static bool shares_answer(const struct fact *a, const struct fact *b)
{
	for (size_t i = 0; i < a->dns.answers.n; i++)
		if (strlist_has(&b->dns.answers, a->dns.answers.v[i]))
			return true;
	return false;
}

/* A name nobody has was answered. */
static void judge_invented(const struct evidence *ev, struct verdict *v)
{
	const struct fact *f = rule_dns(ev, "random", ""), *host = rule_dns(ev, "host", "A");
	if (!resolves(f))
		return;
	struct finding *x = verdict_raise(v, "dns-nxdomain-rewritten", 0.96, f);
	finding_fact(x, host);
	if (resolves(host)) /* is this very name among the invented ones? */
		x->severity = shares_answer(f, host) ? SEVERITY_FAILURE : SEVERITY_NOTE;
}

static bool same_answers(const struct fact *a, const struct fact *b)
{
	if (a->dns.answers.n != b->dns.answers.n)
		return false;
	for (size_t i = 0; i < a->dns.answers.n; i++)
		if (!strlist_has(&b->dns.answers, a->dns.answers.v[i]))
			return false;
	return true;
}

/* What each of the two says. */
static void name_answers(struct verdict *v, struct finding *x, const struct fact *one,
			 const struct fact *other)
{
	if (one->dns.answers.n)
		finding_word(v, x, "value", one->dns.answers.v[0]);
	if (other->dns.answers.n)
		finding_word(v, x, "other", other->dns.answers.v[0]);
}

/* The hosts file says something else than DNS. */
static void judge_hosts_file(const struct evidence *ev, struct verdict *v)
{
	const struct fact *host = rule_dns(ev, "host", "A"), *dns = rule_dns(ev, "reference", "A");
	if (!host || !dns || !z_eq(host->dns.via, "hosts") || z_eq(host->dns.name, "localhost") ||
	    same_answers(host, dns))
		return;
	struct finding *x = verdict_raise(v, "dns-hosts-override", 0.96, host);
	finding_fact(x, dns);
	name_answers(v, x, host, dns);
	if (!rule_greeted(ev))
		x->severity = SEVERITY_FAILURE;
}

static bool is_definite(const struct fact *f)
{
	return z_eq(f->dns.status, "ok") || z_eq(f->dns.status, "nxdomain") || z_eq(f->dns.status, "nodata");
}

/* A view made for this machine or network; or a slip of the pen, which the other resolver
 * happens to know. */
static bool is_split_on_purpose(const struct fact *host)
{
	if (!resolves(host))
		return !z_eq(host->dns.status, "nxdomain") || provider_near_host(host->dns.name);
	const char *a = host->dns.answers.n ? host->dns.answers.v[0] : "";
	return z_istarts(a, "127.") || z_istarts(a, "10.") || z_istarts(a, "192.168.") || z_istarts(a, "::1");
}

/* Two resolvers that do not agree about one name. */
static void judge_two_resolvers(const struct evidence *ev, struct verdict *v)
{
	const struct fact *host = rule_dns(ev, "host", "A"), *other = rule_dns(ev, "other-resolver", "A");
	if (!host || !other || z_eq(host->dns.via, "hosts") || !is_definite(host) || !is_definite(other) ||
	    (z_eq(host->dns.status, other->dns.status) && same_answers(host, other)))
		return;
	struct finding *x = verdict_raise(v, "dns-resolver-differs", 0.9, other);
	finding_fact(x, host);
	name_answers(v, x, host, other);
	if (rule_greeted(ev))
		x->severity = SEVERITY_NOTE;
	else if (!is_split_on_purpose(host))
		x->severity = SEVERITY_FAILURE;
}

const struct rule rules_dns[] = {
	{ "failed-question", judge_failed_question }, { "long-answer", judge_long_answer },
	{ "invented-names", judge_invented },         { "hosts-file", judge_hosts_file },
	{ "two-resolvers", judge_two_resolvers },     { NULL, NULL },
};
