/* SPDX-License-Identifier: Apache-2.0 */
/* Rules for a TCP connection that does not come up, and for half of one that does:
 * the errno, the sibling ports, the control host and the other IP version together. */
#include <stdio.h>

#include "base/nearest.h"
#include "catalog/provider.h"
#include "check/rule_view.h"

/* What connecting came to, counted over the addresses of the main dialogue. */
struct attempts {
	const struct fact *last;   /* of the main dialogue */
	unsigned ok[2], failed[2]; /* per family: 0 IPv4, 1 IPv6 */
	const struct fact *bad[2]; /* a failed one of the family */
	unsigned sibling_ok, sibling_refused, sibling_tried;
	unsigned control_ok, control_tried;
};

/* The main dialogue, on a usual port that was tried because none was given. */
static bool is_further_port(const struct evidence *ev, const struct fact *f)
{
	long port = rule_target(ev)->port;
	return port && f->connect.port != port && z_eq(rule_purpose(ev, f->session), "main");
}

static void count_purpose(const struct evidence *ev, const struct fact *f, struct attempts *a)
{
	const char *purpose = is_further_port(ev, f) ? "port" : rule_purpose(ev, f->session);
	bool ok = z_eq(f->connect.result, "ok");
	int v6 = z_eq(f->connect.family, "ipv6");
	if (z_eq(purpose, "main") || z_eq(purpose, "address")) {
		if (z_eq(purpose, "main"))
			a->last = f;
		a->ok[v6] += ok;
		a->failed[v6] += !ok;
		if (!ok)
			a->bad[v6] = f;
	} else if (z_eq(purpose, "port")) {
		a->sibling_tried++;
		a->sibling_ok += ok;
		a->sibling_refused += z_eq(f->connect.result, "refused");
	} else if (z_eq(purpose, "control-host")) {
		a->control_tried++;
		a->control_ok += ok;
	}
}

static struct attempts attempts_of(const struct evidence *ev)
{
	struct attempts a = { 0 };
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_CONNECT, f));)
		count_purpose(ev, f, &a);
	return a;
}

static const char *const usual_ports[] = { "587", "465", "25", "2525" };

static bool is_usual(long port)
{
	return port == 587 || port == 465 || port == 25 || port == 2525 || port == 24 || port == 2465 ||
	       port == 2587;
}

/* The usual port whose digits were swapped or mistyped, or NULL. */
static const char *typo_of(long port)
{
	char typed[16];
	snprintf(typed, sizeof(typed), "%ld", port);
	struct nearest near = nearest_to(str_of(typed), 1);
	for (size_t i = 0; i < ARRAY_LEN(usual_ports); i++)
		nearest_look(&near, usual_ports[i]);
	return near.name;
}

static bool provider_has_port(const struct provider *p, const char *host, long port)
{
	for (size_t i = 0; p && i < p->nservers; i++)
		if (z_eq(p->servers[i].host, host) && (long)p->servers[i].port == port)
			return true;
	return false;
}

/* A port the provider never opens there: nothing is blocked, the setting is wrong. */
static bool wrong_port_of_provider(struct verdict *v, const struct attempts *a)
{
	const struct fact_connect *c = &a->last->connect;
	const struct provider *p = provider_by_host(c->host);
	if (!p || !provider_lacks_port(p, c->host, (unsigned)c->port))
		return false;
	struct finding *f =
		verdict_raise(v,
			      c->port == 465 || is_usual(c->port) ? "cfg-465-not-offered" : "cfg-port-typo",
			      0.95, a->last);
	for (size_t i = 0; i < p->nservers; i++)
		if (z_eq(p->servers[i].host, c->host)) {
			char port[16];
			snprintf(port, sizeof(port), "%u", p->servers[i].port);
			finding_word(v, f, "suggest", port);
			break;
		}
	return true;
}

static bool port_typo(struct verdict *v, const struct attempts *a)
{
	long port = a->last->connect.port;
	const char *meant = typo_of(port);
	if (is_usual(port) || (!meant && !a->sibling_ok))
		return false;
	struct finding *f = verdict_raise(v, "cfg-port-typo", a->sibling_ok ? 0.93 : 0.75, a->last);
	finding_word(v, f, "suggest", meant ? meant : "587");
	finding_instead(f, "tcp-refused", 0.2);
	return true;
}

static void refused(struct verdict *v, const struct attempts *a)
{
	const struct fact_connect *c = &a->last->connect;
	const struct provider *p = provider_by_host(c->host);
	if (wrong_port_of_provider(v, a) || port_typo(v, a))
		return;
	if (z_eq(rule_target(v->ev)->host, "localhost"))
		verdict_raise(v, "rs-service-not-running", 0.85, a->last);
	else if (a->sibling_ok && provider_has_port(p, c->host, c->port))
		finding_instead(verdict_raise(v, "firewall-reject-rst", 0.75, a->last), "tcp-refused", 0.2);
	else if (!a->sibling_ok && a->control_ok)
		finding_instead(verdict_raise(v, "server-down", 0.8, a->last), "tcp-refused", 0.3);
	else
		finding_instead(verdict_raise(v, "tcp-refused", a->sibling_ok ? 0.9 : 0.75, a->last),
				"firewall-reject-rst", 0.2);
}

static void word_seconds(struct verdict *v, struct finding *f, const struct fact *c)
{
	char seconds[24];
	snprintf(seconds, sizeof(seconds), "%ld", (c->connect.elapsed_ms + 500) / 1000);
	finding_word(v, f, "seconds", seconds);
}

static void timed_out(struct verdict *v, const struct attempts *a)
{
	struct finding *f;
	if (wrong_port_of_provider(v, a) || port_typo(v, a))
		return;
	bool nobody_on_25 = a->last->connect.port == 25 && !a->control_ok;
	if (nobody_on_25 && (a->control_tried || a->sibling_ok)) {
		f = verdict_raise(v, "tcp-port25-blocked-isp", a->sibling_ok ? 0.93 : 0.8, a->last);
		finding_instead(f, "tcp-timeout-drop", 0.3);
	} else if (!a->sibling_ok && !a->sibling_refused && a->control_ok) {
		f = verdict_raise(v, "server-down", 0.75, a->last);
		finding_instead(f, "tcp-timeout-drop", 0.4);
	} else {
		f = verdict_raise(v, "tcp-timeout-drop", a->sibling_ok || a->sibling_refused ? 0.9 : 0.8,
				  a->last);
		finding_instead(f, "server-down", 0.3);
	}
	word_seconds(v, f, a->last);
}

static void unreachable(struct verdict *v, const struct attempts *a)
{
	const struct fact *dns = rule_dns(v->ev, "control", "");
	bool dns_dead = dns && (z_eq(dns->dns.status, "timeout") || z_eq(dns->dns.status, "local"));
	if (a->last->connect.err_no == 101 && !a->control_ok && dns_dead)
		finding_instead(verdict_raise(v, "socket-error-offline", 0.9, a->last),
				"tcp-unreachable-icmp", 0.2);
	else
		finding_instead(verdict_raise(v, "tcp-unreachable-icmp", 0.9, a->last),
				"socket-error-offline", 0.2);
}

static void judge_failure(const struct evidence *ev, struct verdict *v)
{
	struct attempts a = attempts_of(ev);
	if (!a.last || a.ok[0] || a.ok[1])
		return;
	if (z_eq(a.last->connect.result, "refused"))
		refused(v, &a);
	else if (z_eq(a.last->connect.result, "timeout"))
		timed_out(v, &a);
	else if (z_eq(a.last->connect.result, "unreachable") && !rule_unknown_family(ev))
		unreachable(v, &a);
	else if (z_eq(a.last->connect.result, "denied"))
		verdict_raise(v, "tcp-prohibited-local", 0.95, a.last);
	else if (z_eq(a.last->connect.result, "reset"))
		verdict_raise(v, "tcp-open-then-reset", 0.7, a.last);
}

/* One IP version works and every address of the other fails. */
static void judge_families(const struct evidence *ev, struct verdict *v)
{
	struct attempts a = attempts_of(ev);
	for (int v6 = 0; v6 < 2; v6++) {
		if (a.ok[v6] || !a.failed[v6] || !a.ok[!v6])
			continue;
		struct finding *f =
			verdict_raise(v, v6 ? "tcp-ipv6-broken" : "tcp-ipv4-blocked-v6-ok", 0.95, a.bad[v6]);
		finding_fact(f, a.last);
		/* No route at all is how a network without that version looks: programs fall back at once. */
		if (z_eq(a.bad[v6]->connect.result, "unreachable") && f->severity == SEVERITY_FAILURE)
			f->severity = SEVERITY_WARNING;
	}
}

/* Sent away for too many connections, and a later one, alone, is greeted: others of
 * this address, or this network's address, hold the rest. */
static void judge_too_many(const struct evidence *ev, struct verdict *v)
{
	const struct fact *f = rule_reply_at(ev, rule_main(ev), "banner");
	if (!f || f->reply.code != 421 || !rule_experiment_is(ev, "polite-retry", "works"))
		return;
	struct finding *x = verdict_raise(v, "tcp-concurrent-limit", 0.95, f);
	finding_fact(x, rule_experiment(ev, "polite-retry"));
	finding_instead(x, "banner-421-rate-per-ip", 0.3);
	x->severity = SEVERITY_FAILURE; /* this dialogue ended there */
}

/* Connected, then reset or closed before a byte. */
static void judge_cut(const struct evidence *ev, struct verdict *v)
{
	const struct fact *b = evidence_last(ev, FACT_BREAK, rule_main(ev));
	if (!b || !rule_connected(ev) || !z_eq(b->brk.step, "banner") || rule_heard(ev, b))
		return;
	bool passes_later = rule_experiment_is(ev, "polite-retry", "works");
	bool reset = z_eq(b->brk.how, "reset");
	if (!reset && !z_eq(b->brk.how, "eof"))
		return;
	const char *stays = reset ? "tcp-open-then-reset" : "banner-eof";
	struct finding *x =
		verdict_raise(v, passes_later ? "tcp-concurrent-limit" : stays, passes_later ? 0.7 : 0.93, b);
	if (passes_later) {
		finding_fact(x, rule_experiment(ev, "polite-retry"));
		finding_instead(x, stays, 0.3);
		x->severity = SEVERITY_FAILURE;
	}
}

const struct rule rules_connect[] = {
	{ "connect-failure", judge_failure },
	{ "ip-versions", judge_families },
	{ "cut-before-a-word", judge_cut },
	{ "too-many-at-once", judge_too_many },
	{ NULL, NULL },
};
