/* SPDX-License-Identifier: Apache-2.0 */
/* Rules for where a domain wants its mail: its MX records, and the hosts behind them.
 * Only for a check of a domain. */
#include <stdlib.h>
#include <string.h>

#include "check/rule_domain.h"
#include "check/rule_inner.h"
#include "mail/dns_view.h"
#include "mail/ipaddr.h"

enum { TARGETS_MAX = 20 };

struct target {
	const char *host;
	const struct fact *a4, *a6; /* its addresses, NULL when not asked */
	const struct fact *up;      /* a connection that came up */
	const struct fact *down;    /* one that did not */
	bool literal;
};

struct targets {
	const struct fact *mx;
	struct target v[TARGETS_MAX];
	size_t n;
	bool null; /* "0 ." is among them */
	bool implicit;
};

static const struct fact *address_fact(const struct evidence *ev, const char *host, const char *type)
{
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_DNS, f));)
		if (z_eq(f->dns.purpose, "mx-host") && z_eq(f->dns.type, type) &&
		    dns_name_eq(f->dns.name, host))
			return f;
	return NULL;
}

static void find_sessions(const struct evidence *ev, struct target *t)
{
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_CONNECT, f));) {
		const char *purpose = rule_purpose(ev, f->session);
		if ((!z_eq(purpose, "main") && !z_eq(purpose, "mx")) ||
		    !dns_name_eq(f->connect.host, t->host))
			continue;
		if (z_eq(f->connect.result, "ok"))
			t->up = f;
		else
			t->down = f;
	}
}

static void add_target(const struct evidence *ev, struct targets *s, const char *host)
{
	struct ipaddr ip;
	if (s->n == TARGETS_MAX)
		return;
	struct target *t = &s->v[s->n++];
	*t = (struct target){ .host = host, .literal = ipaddr_read(str_of(host), &ip) };
	t->a4 = address_fact(ev, host, "A");
	t->a6 = address_fact(ev, host, "AAAA");
	find_sessions(ev, t);
}

static bool targets_of(const struct evidence *ev, struct verdict *v, struct targets *s)
{
	*s = (struct targets){ .mx = rule_dns(ev, "mx", "MX") };
	if (!s->mx || !rule_is_domain_check(ev))
		return false;
	s->implicit = z_eq(s->mx->dns.status, "nodata");
	if (s->implicit)
		add_target(ev, s, s->mx->dns.name);
	for (size_t i = 0; i < s->mx->dns.answers.n; i++) {
		const char *host = dns_mx_host(v->arena, s->mx->dns.answers.v[i]);
		if (host && !*host)
			s->null = true;
		else if (host)
			add_target(ev, s, host);
	}
	return true;
}

static bool answered_none(const struct fact *f)
{
	return f && (z_eq(f->dns.status, "nxdomain") || z_eq(f->dns.status, "nodata"));
}

static bool has_address(const struct target *t)
{
	return (t->a4 && t->a4->dns.answers.n) || (t->a6 && t->a6->dns.answers.n);
}

/* For certain: each family that was asked for was answered with "none". */
static bool has_no_address(const struct target *t)
{
	bool no4 = !t->a4 || answered_none(t->a4), no6 = !t->a6 || answered_none(t->a6);
	return !t->literal && (t->a4 || t->a6) && no4 && no6;
}

/* Mail still arrives by another of them. */
static bool another_is_up(const struct targets *s, const struct target *t)
{
	for (size_t i = 0; i < s->n; i++)
		if (&s->v[i] != t && s->v[i].up)
			return true;
	return false;
}

static struct finding *raise_target(struct verdict *v, const char *id, double confidence,
				    const struct targets *s, const struct target *t)
{
	struct finding *x = verdict_raise(v, id, confidence, s->mx);
	finding_word(v, x, "host", t->host);
	finding_word(v, x, "domain", s->mx->dns.name);
	if (another_is_up(s, t) && x->severity > SEVERITY_WARNING)
		x->severity = SEVERITY_WARNING;
	return x;
}

static void judge_domain(const struct evidence *ev, struct verdict *v)
{
	struct targets s;
	if (!targets_of(ev, v, &s))
		return;
	const char *domain = s.mx->dns.name;
	if (z_eq(s.mx->dns.status, "nxdomain"))
		finding_word(v, verdict_raise(v, "dns-nxdomain-recipient-domain", 0.97, s.mx), "domain",
			     domain);
	if (s.null)
		finding_word(v,
			     verdict_raise(v, s.mx->dns.answers.n > 1 ? "mx-null-plus-others" : "mx-null",
					   0.98, s.mx),
			     "domain", domain);
	if (!s.implicit)
		return;
	struct finding *x = verdict_raise(v, "mx-none-implicit-a", 0.97, s.mx);
	finding_word(v, x, "domain", domain);
	finding_fact(x, s.v[0].down);
	if (!s.v[0].up && (s.v[0].down || has_no_address(&s.v[0])))
		x->severity = SEVERITY_FAILURE; /* nobody takes the mail there */
}

static void judge_names(const struct evidence *ev, struct verdict *v)
{
	struct targets s;
	if (!targets_of(ev, v, &s) || s.implicit)
		return;
	for (size_t i = 0; i < s.n; i++) {
		const struct target *t = &s.v[i];
		const struct fact *alias = t->a4 && *t->a4->dns.cname   ? t->a4
					   : t->a6 && *t->a6->dns.cname ? t->a6
									: NULL;
		if (t->literal)
			finding_word(v, raise_target(v, "mx-to-ip-literal", 0.98, &s, t), "value", t->host);
		else if (has_no_address(t))
			finding_fact(raise_target(v, "mx-target-missing", 0.97, &s, t),
				     t->a4 ? t->a4 : t->a6);
		if (!alias || !has_address(t))
			continue;
		struct finding *x = raise_target(v, "mx-to-cname", 0.97, &s, t);
		finding_fact(x, alias);
		finding_word(v, x, "value", alias->dns.cname);
		finding_word(v, x, "suggest", alias->dns.cname);
	}
}

static const struct fact *greeted_at(const struct evidence *ev, const char *address)
{
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_CONNECT, f));) {
		const struct fact *hello = rule_reply_at(ev, f->session, "banner");
		if (z_eq(f->connect.address, address) && z_eq(f->connect.result, "ok") && hello &&
		    hello->reply.code / 100 == 2)
			return f;
	}
	return NULL;
}

/* Another server of the domain, at an inner address too, is up: we are inside. */
static bool inner_neighbour_is_up(const struct targets *s, const struct target *t)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct fact *a = s->v[i].a4 ? s->v[i].a4 : s->v[i].a6;
		if (&s->v[i] != t && s->v[i].up && a && a->dns.answers.n &&
		    rule_is_internal(a->dns.answers.v[0]))
			return true;
	}
	return false;
}

/* An inner address where a mail server answers us is split horizon or a test set-up:
 * seen from here it works, and what the world sees is not known. */
static void judge_inner_address(const struct evidence *ev, struct verdict *v, const struct targets *s,
				const struct target *t, const struct fact *answer)
{
	for (size_t i = 0; answer && i < answer->dns.answers.n; i++) {
		const char *address = answer->dns.answers.v[i];
		if (!rule_is_internal(address) || z_eq(answer->dns.via, "hosts"))
			continue;
		bool works = greeted_at(ev, address) != NULL ||
			     (rule_is_own_view(v, answer, address) && inner_neighbour_is_up(s, t));
		bool stood = verdict_has(v, "mx-to-loopback-or-private");
		struct finding *x = raise_target(v, "mx-to-loopback-or-private", works ? 0.6 : 0.98, s, t);
		finding_fact(x, answer);
		finding_word(v, x, "address", address);
		if (works && !stood)
			x->severity = rule_is_own_view(v, answer, address) ? SEVERITY_NOTE : SEVERITY_WARNING;
		else if (!works && !another_is_up(s, t))
			x->severity = SEVERITY_FAILURE;
	}
}

static void judge_addresses(const struct evidence *ev, struct verdict *v)
{
	struct targets s;
	if (!targets_of(ev, v, &s))
		return;
	for (size_t i = 0; i < s.n; i++) {
		judge_inner_address(ev, v, &s, &s.v[i], s.v[i].a4);
		judge_inner_address(ev, v, &s, &s.v[i], s.v[i].a6);
	}
}

static unsigned long preference(const char *record)
{
	return strtoul(record, NULL, 10);
}

/* The first never answers, a later one does: known as nolisting, harmless to senders. */
static void judge_first_dead(const struct evidence *ev, struct verdict *v)
{
	struct targets s;
	if (!targets_of(ev, v, &s) || s.n < 2 || s.n != s.mx->dns.answers.n)
		return;
	const struct target *first = &s.v[0];
	bool better = preference(s.mx->dns.answers.v[0]) < preference(s.mx->dns.answers.v[s.n - 1]);
	bool silent = first->down && !first->up &&
		      (z_eq(first->down->connect.result, "refused") ||
		       z_eq(first->down->connect.result, "timeout"));
	bool private = rule_is_internal(first->down ? first->down->connect.address : "");
	if (!better || !silent || !another_is_up(&s, first) || (private && !rule_asked_inside(v, s.mx)))
		return;
	struct finding *x = raise_target(v, "mx-nolisting", 0.9, &s, first);
	finding_fact(x, first->down);
}

/* Something answers on that port by the same IP version: this network lets such mail out. */
static bool way_is_open(const struct evidence *ev, const struct fact_connect *c)
{
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_CONNECT, f));)
		if (z_eq(f->connect.result, "ok") && z_eq(f->connect.family, c->family) &&
		    f->connect.port == c->port)
			return true;
	return false;
}

static const struct fact *not_looked_up(const struct target *t)
{
	const struct fact *const asked[] = { t->a4, t->a6 };
	for (size_t i = 0; i < ARRAY_LEN(asked); i++)
		if (asked[i] && z_eq(asked[i]->dns.status, "servfail"))
			return asked[i];
	return NULL;
}

/* What was seen of a host that takes nothing; NULL where that says nothing of the host. */
static const char *why_down(const struct evidence *ev, const struct target *t, const struct fact **proof)
{
	enum { PATIENCE_MS = 2500 }; /* less was our own time that ended */
	const struct fact *lost = !has_address(t) ? not_looked_up(t) : NULL;
	*proof = t->down ? t->down : lost;
	if (!t->down)
		return lost ? "has an address that cannot be looked up (SERVFAIL)" : NULL;
	const struct fact_connect *c = &t->down->connect;
	if (!way_is_open(ev, c))
		return NULL;
	if (z_eq(c->result, "refused"))
		return "refuses connections";
	return z_eq(c->result, "timeout") && c->elapsed_ms >= PATIENCE_MS ? "does not answer" : NULL;
}

static long greeting_code(const struct evidence *ev, const struct target *t, const struct fact **hello)
{
	*hello = t->up ? rule_reply_at(ev, t->up->session, "banner") : NULL;
	return *hello ? (*hello)->reply.code : 0;
}

/* The words are about who calls: nothing is said of the server. */
static bool means_this_caller(const struct evidence *ev, const struct fact *reply)
{
	enum { KIN = sizeof("policy-") - 1 };
	static const double SURE = 0.7; /* more than code and step make of it */
	struct reply_meaning m[REPLY_MEANINGS_MAX];
	size_t n = rule_meanings(ev, reply, m);
	return n && m[0].confidence >= SURE &&
	       (!strncmp(m[0].entry->class, "policy-", KIN) || z_eq(m[0].entry->class, "rate-limited"));
}

/* It answers, and turns away at the door, with words that name no reason of ours. */
static const char *why_shut(const struct evidence *ev, const struct target *t, const struct fact **proof)
{
	if (greeting_code(ev, t, proof) / 100 != 5 || means_this_caller(ev, *proof))
		return NULL;
	return "turned the caller away in its greeting";
}

static bool another_greets(const struct evidence *ev, const struct targets *s, const struct target *t)
{
	const struct fact *hello;
	for (size_t i = 0; i < s->n; i++)
		if (&s->v[i] != t && greeting_code(ev, &s->v[i], &hello) / 100 == 2)
			return true;
	return false;
}

/* Mail arrives by another; nobody notices until that one fails, too. */
static void judge_others_dead(const struct evidence *ev, struct verdict *v)
{
	struct targets s;
	if (!targets_of(ev, v, &s) || verdict_has(v, "mx-nolisting"))
		return;
	for (size_t i = 0; i < s.n; i++) {
		const struct target *t = &s.v[i];
		const struct fact *proof;
		const char *why = !another_greets(ev, &s, t) ? NULL
				  : t->up                    ? why_shut(ev, t, &proof)
							     : why_down(ev, t, &proof);
		if (!why)
			continue;
		struct finding *x = raise_target(v, "mx-host-down", t->up ? 0.7 : 0.9, &s, t);
		finding_fact(x, proof);
		finding_word(v, x, "problem", why);
	}
}

const struct rule rules_mx[] = {
	{ "mx-domain", judge_domain },           { "mx-names", judge_names },
	{ "mx-addresses", judge_addresses },     { "mx-first-dead", judge_first_dead },
	{ "mx-others-dead", judge_others_dead }, { NULL, NULL },
};
