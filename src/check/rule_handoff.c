/* SPDX-License-Identifier: Apache-2.0 */
/* Rules for what comes after a yes, and for relays of one's own: handed over is not
 * delivered, and a yes without a login may be a yes to everybody. */
#include <string.h>

#include "check/rule_domain.h"
#include "mail/ipaddr.h"
#include "mail/suffix.h"

static void judge_handed_over(const struct evidence *ev, struct verdict *v)
{
	const struct fact *f = rule_last_reply_at(ev, rule_main(ev), "data");
	if (!f || f->reply.code / 100 != 2)
		return;
	struct finding *x = verdict_raise(v, "ph-accepted-not-delivered", 0.9, f);
	x->severity = SEVERITY_NOTE; /* nothing says that it did not arrive */
}

/* True when it is known that the server receives for the domain or belongs to it; and
 * when the domain's servers could not be learned. */
static bool may_serve(const struct evidence *ev, struct verdict *v, const char *purpose, const char *domain)
{
	const struct fact *c = evidence_last(ev, FACT_CONNECT, rule_main(ev)), *mx = NULL;
	const char *host = rule_target(ev)->host;
	const char *org = suffix_registered(v->arena, !*host && c ? c->connect.host : host);
	const char *theirs = suffix_registered(v->arena, domain);
	if (org && theirs && z_eq(org, theirs))
		return true;
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_DNS, f));) {
		if (!z_eq(f->dns.purpose, purpose))
			continue;
		if (z_eq(f->dns.type, "MX"))
			mx = f;
		const char *one = z_eq(f->dns.type, "MX") ? NULL : suffix_registered(v->arena, f->dns.name);
		if ((org && one && z_eq(org, one)) || (c && strlist_has(&f->dns.answers, c->connect.address)))
			return true;
	}
	return !mx || !(z_eq(mx->dns.status, "ok") || z_eq(mx->dns.status, "nodata") ||
			z_eq(mx->dns.status, "nxdomain"));
}

/* Only of a server that receives for the domain: a relay cannot know its mailboxes. */
static void judge_accepts_all(const struct evidence *ev, struct verdict *v)
{
	const struct fact *x = rule_experiment(ev, "random-recipient");
	const char *at = x ? strrchr(x->experiment.changed, '@') : NULL;
	if (x && z_eq(x->experiment.outcome, "works") && (!at || may_serve(ev, v, "server-of-to", at + 1)))
		verdict_raise(v, "rcpt-accept-then-bounce", 0.9, x);
}

static bool is_stranger(const struct fact *connect)
{
	struct ipaddr ip;
	return ipaddr_read(str_of(connect->connect.local_address), &ip) && !ipaddr_is_internal(&ip) &&
	       !z_eq(connect->connect.local_address, connect->connect.address);
}

static const struct fact *accepted_recipient(const struct evidence *ev)
{
	for (const struct fact *f = NULL; (f = evidence_in(ev, FACT_REPLY, rule_main(ev), f));)
		if (z_eq(f->reply.step, "rcpt") && f->reply.code / 100 == 2 && !rule_is_control(ev, f))
			return f;
	return NULL;
}

/* A stranger's mail to another stranger, taken without a login.  Whether our address is
 * on the server's list cannot be seen, so it is never called a failure.  A domain's own
 * MX hosts are asked for its own mailboxes only, which is no relaying. */
static void judge_open_relay(const struct evidence *ev, struct verdict *v)
{
	const struct fact *f = accepted_recipient(ev), *c = evidence_last(ev, FACT_CONNECT, rule_main(ev));
	const char *from = strrchr(rule_target(ev)->from, '@');
	const char *to = f ? strrchr(f->reply.recipient, '@') : NULL;
	if (!f || !c || !from || !to || rule_is_domain_check(ev) ||
	    evidence_last(ev, FACT_AUTH, rule_main(ev)) || may_serve(ev, v, "server-of-from", from + 1) ||
	    may_serve(ev, v, "server-of-to", to + 1))
		return;
	bool stranger = is_stranger(c);
	struct finding *x = verdict_raise(v, "rs-open-relay", stranger ? 0.7 : 0.4, f);
	finding_fact(x, c);
	x->severity = stranger ? SEVERITY_WARNING : SEVERITY_NOTE;
}

static void judge_listens_locally(const struct evidence *ev, struct verdict *v)
{
	const struct fact *x = rule_experiment(ev, "loopback"),
			  *c = evidence_last(ev, FACT_CONNECT, rule_main(ev));
	if (!x || !z_eq(x->experiment.outcome, "works"))
		return;
	finding_fact(verdict_raise(v, "rs-listens-local-only", 0.96, c), x);
}

static const struct fact *refused_for_relay(const struct evidence *ev, struct verdict *v)
{
	for (const struct fact *f = NULL; (f = evidence_in(ev, FACT_REPLY, rule_main(ev), f));) {
		const struct finding *said = rule_raised_by(v, f);
		if (said && !rule_is_control(ev, f) &&
		    (z_eq(said->entry->id, "rcpt-relay-denied") ||
		     z_eq(said->entry->id, "rs-client-not-allowed")))
			return f;
	}
	return NULL;
}

/* The server entered is another company's and refuses; the own domain's one answers. */
static void judge_other_server(const struct evidence *ev, struct verdict *v)
{
	const struct fact *x = rule_experiment(ev, "own-server"), *f = refused_for_relay(ev, v);
	if (!f || !x || !z_eq(x->experiment.outcome, "works"))
		return;
	struct finding *g = verdict_raise(v, "cfg-isp-vs-domain-server", 0.955, f);
	finding_fact(g, x);
	finding_word(v, g, "suggest", x->experiment.changed);
}

static const char *answer_to(const struct evidence *ev, const char *question, const struct fact **fact)
{
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_ANSWER, f));)
		if (z_eq(f->answer.question, question)) {
			*fact = f;
			return f->answer.answer;
		}
	return "";
}

static void suspect(struct verdict *v, const char *id, double confidence, const struct fact *f)
{
	if (verdict_has(v, id))
		return;
	struct finding *x = verdict_raise(v, id, confidence, f);
	if (x->severity == SEVERITY_FAILURE)
		x->severity = SEVERITY_WARNING; /* told by a person, not seen */
}

/* A relay that knows its clients by address, and what a person says of it. */
static void judge_relay_answers(const struct evidence *ev, struct verdict *v)
{
	const struct fact *f = NULL;
	if (!verdict_has(v, "rcpt-relay-denied") && !verdict_has(v, "rs-client-not-allowed"))
		return;
	if (z_eq(answer_to(ev, "where", &f), "this computer only"))
		suspect(v, "rs-client-not-allowed", 0.7, f);
	bool before = !z_eq(answer_to(ev, "since-when", &f), "never worked") && f;
	if (before && z_eq(answer_to(ev, "what-changed", &f), "network"))
		suspect(v, "rcpt-relay-ip-changed", 0.7, f);
}

/* What people call the fates of a mail that was handed over. */
static const struct {
	const char *words, *id;
} fates[] = {
	{ "outbox", "ph-stuck-in-local-app" }, { "postausgang", "ph-stuck-in-local-app" },
	{ "junk", "ph-junk-folder" },          { "spam folder", "ph-junk-folder" },
	{ "quarantine", "ph-quarantined" },    { "twice", "ph-duplicate" },
	{ "two copies", "ph-duplicate" },      { "duplicate", "ph-duplicate" },
};

static void judge_told_fate(const struct evidence *ev, struct verdict *v)
{
	const struct fact *f = NULL;
	const char *words = answer_to(ev, "wording", &f);
	if (!f || verdict_fails(v))
		return;
	for (size_t i = 0; i < ARRAY_LEN(fates); i++)
		if (z_ihas(words, fates[i].words))
			suspect(v, fates[i].id, 0.6, f);
	if (z_ihas(words, "error") && z_ihas(words, "250 "))
		suspect(v, "ph-misreported-250-as-error", 0.6, f);
}

const struct rule rules_handoff[] = {
	{ "handed-over", judge_handed_over },   { "accepts-all", judge_accepts_all },
	{ "open-relay", judge_open_relay },     { "listens-locally", judge_listens_locally },
	{ "other-server", judge_other_server }, { "relay-answers", judge_relay_answers },
	{ "told-fate", judge_told_fate },       { NULL, NULL },
};
