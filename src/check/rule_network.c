/* SPDX-License-Identifier: Apache-2.0 */
/* Rules for what lies between: middleboxes, local security software, the clock,
 * the place, and our own testing. */
#include <stdlib.h>

#include "base/text_time.h"
#include "check/rule_view.h"
#include "check/shield.h"
#include "smtp/host.h"

enum { CLOCK_SKEW_S = 300 };

static bool is_own_address(const struct fact_connect *c)
{
	return smtp_host_is_loopback(c->address) || z_eq(c->address, c->local_address);
}

/* A peer on this very machine that names a security product: its mail shield answers. */
static void judge_local_shield(const struct evidence *ev, struct verdict *v)
{
	unsigned main = rule_main(ev);
	const struct fact *c = evidence_last(ev, FACT_CONNECT, main), *b = rule_reply_at(ev, main, "banner");
	if (!c || !b || !shield_named(b->reply.text, SHIELD_IN_GREETING) ||
	    z_eq(rule_target(ev)->host, "localhost"))
		return;
	struct finding *f =
		verdict_raise(v, "tcp-connected-to-local-av", is_own_address(&c->connect) ? 0.95 : 0.85, b);
	finding_fact(f, c);
	finding_word(v, f, "value", b->reply.text);
}

/* Small packets came, a large one never: the handshake stalled part way. */
static void judge_mtu(const struct evidence *ev, struct verdict *v)
{
	unsigned main = rule_main(ev);
	const struct fact *t = evidence_last(ev, FACT_TLS, main), *b = evidence_last(ev, FACT_BREAK, main);
	if (t && z_eq(t->tls.result, "timeout") && t->tls.received > 0)
		finding_instead(verdict_raise(v, "tcp-half-open-mtu", 0.75, t), "tls-handshake-timeout",
				0.25);
	bool silent = b && (z_eq(b->brk.how, "timeout") || z_eq(b->brk.how, "deadline"));
	if (silent && z_eq(b->brk.step, "data") && b->brk.sent > 1200 && !b->brk.dot_sent)
		finding_instead(verdict_raise(v, "tcp-half-open-mtu", 0.75, b), "data-timeout-after-dot",
				0.1);
}

static bool read_time(const char *text, long long *at)
{
	return *text && text_time_read(str_of(text), at);
}

static bool between(const char *from, long long at, const char *until)
{
	long long a = 0, b = 0;
	return (!*from || (read_time(from, &a) && a <= at)) && read_time(until, &b) && at <= b;
}

/* By our clock the token has run out (or not), by the other one it is the other way round. */
static const struct fact *misjudged_token(const struct evidence *ev, long skew)
{
	const struct fact *f = evidence_next(ev, FACT_TOKEN, NULL);
	long long expires, at;
	bool differs = f && read_time(f->token.expires, &expires) && read_time(f->token.at, &at) &&
		       (expires <= at) != (expires <= at - skew);
	return differs ? f : NULL;
}

/* A certificate that is out of its time here and within it there, or a token. */
static const struct fact *explained_by(const struct evidence *ev, const struct fact *clock)
{
	unsigned main = rule_main(ev);
	const struct fact *verify = evidence_last(ev, FACT_VERIFY, main);
	const struct fact *leaf = evidence_in(ev, FACT_CERT, main, NULL);
	long long theirs;
	if (labs(clock->clock.skew_s) < CLOCK_SKEW_S)
		return NULL;
	bool fails = verify &&
		     (strlist_has(&verify->verify.codes, "9") || strlist_has(&verify->verify.codes, "10"));
	if (fails && leaf && read_time(clock->clock.theirs, &theirs) &&
	    between(leaf->cert.not_before, theirs, leaf->cert.not_after))
		return verify;
	return misjudged_token(ev, clock->clock.skew_s);
}

static void raise_clock(struct verdict *v, double confidence, const struct fact *f, const struct fact *proof)
{
	struct finding *x = verdict_raise(v, "client-clock-wrong", confidence, f);
	finding_fact(x, proof);
	if (f->kind == FACT_CLOCK)
		finding_word(v, x, "seconds", arena_printf(v->arena, "%ld", labs(f->clock.skew_s)));
}

/* How many say that our clock is right. */
static unsigned agreeing(const struct evidence *ev)
{
	unsigned n = 0;
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_CLOCK, f));)
		n += labs(f->clock.skew_s) < CLOCK_SKEW_S;
	return n;
}

/* Another clock differs from ours by minutes, and that explains what failed for being
 * dated; or unrelated servers' certificates are all out of their time. */
static void judge_clock(const struct evidence *ev, struct verdict *v)
{
	const struct fact *others = rule_experiment(ev, "other-certificate");
	bool theirs_too = others && z_eq(others->experiment.outcome, "same");
	if (agreeing(ev) || (others && !theirs_too))
		return;
	if (theirs_too)
		raise_clock(v, 0.95, others,
			    evidence_last(ev, FACT_VERIFY, (unsigned)others->experiment.in_session));
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_CLOCK, f));) {
		const struct fact *proof = explained_by(ev, f);
		if (proof)
			raise_clock(v, theirs_too ? 0.98 : 0.93, f, proof);
	}
}

/* In order of weight: the first answer that fits is used. */
static const struct {
	const char *question, *part, *id;
} answered[] = {
	{ "where", "this computer only", "tcp-port-blocked-this-machine" },
	{ "where", "other computer", "tcp-port-blocked-this-machine" },
	{ "who", "everybody", "cn-many-users-one-site" },
	{ "who", "everyone", "cn-many-users-one-site" },
	{ "who", "all users", "cn-many-users-one-site" },
	{ "where", "vpn", "cn-vpn-or-location" },
	{ "where", "home", "cn-vpn-or-location" },
	{ "where", "other place", "cn-vpn-or-location" },
	{ "who", "only me", "cn-one-user-only" },
	{ "who", "one user", "cn-one-user-only" },
};

static const struct fact *answer_to(const struct evidence *ev, const char *question)
{
	const struct fact *last = NULL;
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_ANSWER, f));)
		if (z_eq(f->answer.question, question))
			last = f;
	return last;
}

/* Failures that look the same for a network, a machine and a server. */
static const char *const of_some_network[] = { "tcp-timeout-drop",    "tcp-refused",
					       "server-down",         "tcp-open-then-reset",
					       "firewall-reject-rst", "tcp-unreachable-icmp",
					       "banner-eof",          "banner-554-refused" };

static bool network_fails(const struct verdict *v)
{
	for (size_t i = 0; i < ARRAY_LEN(of_some_network); i++)
		if (verdict_has(v, of_some_network[i]))
			return true;
	return false;
}

static void raise_answer(struct verdict *v, const char *id, const struct fact *said, const struct fact *proof)
{
	struct finding *x = verdict_raise(v, id, 0.9, said);
	finding_fact(x, proof);
	if (proof)
		x->severity = SEVERITY_FAILURE;
}

/* What only a person can know.  Where the network fails, it says whose network; where
 * all is well and one person cannot send, it is that person's program or profile. */
static void judge_answers(const struct evidence *ev, struct verdict *v)
{
	const struct fact *c = evidence_last(ev, FACT_CONNECT, rule_main(ev));
	const struct fact *since = answer_to(ev, "since-when");
	bool network = network_fails(v);
	if (!c || (since && z_eq(since->answer.answer, "works")))
		return;
	for (size_t i = 0; i < ARRAY_LEN(answered); i++) {
		const struct fact *said = answer_to(ev, answered[i].question);
		bool one_user = z_eq(answered[i].id, "cn-one-user-only");
		if (!said || !z_ihas(said->answer.answer, answered[i].part))
			continue;
		if (network && !one_user)
			raise_answer(v, answered[i].id, said, c);
		else if (one_user && !verdict_fails(v))
			raise_answer(v, answered[i].id, said, NULL);
		return;
	}
}

/* After our own experiments the server says that we come too often. */
static void judge_own_doing(const struct evidence *ev, struct verdict *v)
{
	unsigned main = rule_main(ev);
	bool main_well = rule_greeted(ev);
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_REPLY, f));)
		if (main_well && f->session != main && f->reply.code == 421 &&
		    z_eq(f->reply.step, "banner")) {
			verdict_raise(v, "probe-became-the-fault", 0.8, f)->severity = SEVERITY_NOTE;
			return;
		}
}

const struct rule rules_network[] = {
	{ "local-shield", judge_local_shield }, { "path-mtu", judge_mtu },        { "clock", judge_clock },
	{ "answers", judge_answers },           { "own-doing", judge_own_doing }, { NULL, NULL },
};
