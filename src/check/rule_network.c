/* SPDX-License-Identifier: Apache-2.0 */
/* Rules for what lies between: middleboxes, local security software, the clock,
 * the place, and our own testing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "check/rule_view.h"

enum { CLOCK_SKEW_S = 300 };

static bool is(const char *a, const char *b)
{
	return !strcmp(a, b);
}

/* Makers whose products stand between a mail program and its server, as they sign. */
static const char *const shields[] = { "avast",          "avg ",     "avg web",     "kaspersky",
				       "bitdefender",    "eset ssl", "norton",      "mcafee",
				       "sophos",         "g data",   "trend micro", "bullguard",
				       "f-secure",       "dr.web",   "mail shield", "adguard",
				       "comodo security" };

static const char *shield_in(const char *text)
{
	for (size_t i = 0; i < ARRAY_LEN(shields); i++)
		if (z_ihas(text, shields[i]))
			return shields[i];
	return NULL;
}

static bool is_own_address(const struct fact_connect *c)
{
	return z_istarts(c->address, "127.") || is(c->address, "::1") || is(c->address, c->local_address);
}

/* A peer on this very machine that names a security product: its mail shield answers. */
static void judge_local_shield(const struct evidence *ev, struct verdict *v)
{
	unsigned main = rule_main(ev);
	const struct fact *c = evidence_last(ev, FACT_CONNECT, main), *b = rule_reply_at(ev, main, "banner");
	if (!c || !b || !shield_in(b->reply.text) || is(rule_target(ev)->host, "localhost"))
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
	if (t && is(t->tls.result, "timeout") && t->tls.received > 0)
		finding_instead(verdict_raise(v, "tcp-half-open-mtu", 0.75, t), "tls-handshake-timeout",
				0.25);
	bool silent = b && (is(b->brk.how, "timeout") || is(b->brk.how, "deadline"));
	if (silent && is(b->brk.step, "data") && b->brk.sent > 1200 && !b->brk.dot_sent)
		finding_instead(verdict_raise(v, "tcp-half-open-mtu", 0.75, b), "data-timeout-after-dot",
				0.1);
}

static bool certificate_time_fails(const struct evidence *ev)
{
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_VERIFY, f));)
		if (strlist_has(&f->verify.codes, "9") || strlist_has(&f->verify.codes, "10"))
			return true;
	return false;
}

/* By our clock the token has run out (or not), by the other one it is the other way round. */
static bool token_time_fails(const struct evidence *ev, long skew)
{
	const struct fact *f = evidence_next(ev, FACT_TOKEN, NULL);
	long long expires, at;
	return f && text_time_read(str_of(f->token.expires), &expires) &&
	       text_time_read(str_of(f->token.at), &at) && (expires <= at) != (expires <= at - skew);
}

/* Another clock differs from ours by minutes, and something dated failed. */
static void judge_clock(const struct evidence *ev, struct verdict *v)
{
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_CLOCK, f));) {
		long skew = labs(f->clock.skew_s);
		if (skew < CLOCK_SKEW_S)
			continue;
		bool matters = certificate_time_fails(ev) || token_time_fails(ev, f->clock.skew_s);
		struct finding *x = verdict_raise(v, "client-clock-wrong", matters ? 0.93 : 0.7, f);
		char seconds[24];
		snprintf(seconds, sizeof(seconds), "%ld", skew);
		finding_word(v, x, "seconds", seconds);
		if (!matters)
			x->severity = SEVERITY_WARNING;
	}
}

static const struct {
	const char *question, *part, *id;
	double confidence;
} answered[] = {
	{ "where", "other computer", "tcp-port-blocked-this-machine", 0.8 },
	{ "where", "this computer only", "tcp-port-blocked-this-machine", 0.8 },
	{ "where", "vpn", "cn-vpn-or-location", 0.8 },
	{ "where", "home", "cn-vpn-or-location", 0.75 },
	{ "where", "other place", "cn-vpn-or-location", 0.75 },
	{ "who", "only me", "cn-one-user-only", 0.7 },
	{ "who", "one user", "cn-one-user-only", 0.7 },
	{ "who", "everybody", "cn-many-users-one-site", 0.7 },
	{ "who", "all", "cn-many-users-one-site", 0.7 },
};

static const char *answer_to(const struct evidence *ev, const char *question)
{
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_ANSWER, f));)
		if (is(f->answer.question, question))
			return f->answer.answer;
	return "";
}

/* What only a person can know, used where the network itself shows a failure that
 * the answer explains; a healthy dialogue needs no such explanation. */
static void judge_answers(const struct evidence *ev, struct verdict *v)
{
	const struct fact *c = evidence_last(ev, FACT_CONNECT, rule_main(ev));
	if (!c || is(c->connect.result, "ok"))
		return;
	for (size_t i = 0; i < ARRAY_LEN(answered); i++)
		if (z_ihas(answer_to(ev, answered[i].question), answered[i].part)) {
			verdict_raise(v, answered[i].id, answered[i].confidence, c);
			return;
		}
}

/* After our own experiments the server says that we come too often. */
static void judge_own_doing(const struct evidence *ev, struct verdict *v)
{
	unsigned main = rule_main(ev);
	bool main_well = rule_greeted(ev);
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_REPLY, f));)
		if (main_well && f->session != main && f->reply.code == 421 && is(f->reply.step, "banner")) {
			verdict_raise(v, "probe-became-the-fault", 0.8, f)->severity = SEVERITY_NOTE;
			return;
		}
}

const struct rule rules_network[] = {
	{ "local-shield", judge_local_shield }, { "path-mtu", judge_mtu },        { "clock", judge_clock },
	{ "answers", judge_answers },           { "own-doing", judge_own_doing }, { NULL, NULL },
};
