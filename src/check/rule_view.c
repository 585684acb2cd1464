/* SPDX-License-Identifier: Apache-2.0 */
#include "check/rule_view.h"

#include <string.h>

#include "catalog/provider.h"

unsigned rule_main(const struct evidence *ev)
{
	const struct fact *s = evidence_session(ev, "main");
	return s ? s->session : 0;
}

const struct fact_target *rule_target(const struct evidence *ev)
{
	static const struct fact_target none = { .input = "",
						 .form = "",
						 .host = "",
						 .host_from = "",
						 .security = "",
						 .domain = "",
						 .user = "",
						 .from = "",
						 .auth = "",
						 .until = "",
						 .sending_ip = "",
						 .ehlo_name = "" };
	const struct fact *f = evidence_next(ev, FACT_TARGET, NULL);
	return f ? &f->target : &none;
}

/* "220 smtp.gmail.com ESMTP ...": who answers says whose server it is, where the name
 * that was typed does not (an address, a forwarded port). */
static const char *provider_by_greeting(const struct evidence *ev)
{
	const struct fact *f = rule_reply_at(ev, rule_main(ev), "banner");
	struct str rest = str_of(f && f->reply.code == 220 ? f->reply.text : ""), word;
	char host[256];
	if (!str_next(&rest, " ", &word) || word.len >= sizeof(host))
		return "";
	memcpy(host, word.p, word.len);
	host[word.len] = 0;
	const struct provider *p = provider_by_host(host);
	return p ? p->name : "";
}

const char *rule_provider(const struct evidence *ev)
{
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_PROVIDER, f));)
		if (!strcmp(f->provider.subject, "target"))
			return f->provider.name;
	return provider_by_greeting(ev);
}

bool rule_session_tls(const struct evidence *ev, unsigned session)
{
	const struct fact *f = evidence_last(ev, FACT_TLS, session);
	return f && !strcmp(f->tls.result, "ok");
}

bool rule_session_logged_in(const struct evidence *ev, unsigned session)
{
	const struct fact *f = evidence_last(ev, FACT_AUTH, session);
	return f && !strcmp(f->auth.result, "ok");
}

bool rule_is_control(const struct evidence *ev, const struct fact *reply)
{
	if (strcmp(reply->reply.step, "rcpt") != 0 || !*reply->reply.recipient)
		return false;
	return !strlist_has(&rule_target(ev)->to, reply->reply.recipient);
}

const struct fact *rule_reply_at(const struct evidence *ev, unsigned session, const char *step)
{
	for (const struct fact *f = NULL; (f = evidence_in(ev, FACT_REPLY, session, f));)
		if (!strcmp(f->reply.step, step))
			return f;
	return NULL;
}

const struct fact *rule_last_reply_at(const struct evidence *ev, unsigned session, const char *step)
{
	const struct fact *last = NULL;
	for (const struct fact *f = NULL; (f = evidence_in(ev, FACT_REPLY, session, f));)
		if (!strcmp(f->reply.step, step))
			last = f;
	return last;
}

const struct fact *rule_experiment(const struct evidence *ev, const char *name)
{
	const struct fact *last = NULL;
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_EXPERIMENT, f));)
		if (!strcmp(f->experiment.name, name))
			last = f;
	return last;
}

bool rule_experiment_is(const struct evidence *ev, const char *name, const char *outcome)
{
	const struct fact *f = rule_experiment(ev, name);
	return f && !strcmp(f->experiment.outcome, outcome);
}

long rule_port_role(long port)
{
	enum { EPHEMERAL = 32768 }; /* digits there are chance */
	if (port == 25 || port == 465 || port == 587 || port == 2525)
		return port;
	if (port <= 1024 || port >= EPHEMERAL)
		return 0;
	return port % 10000 == 2525                       ? 2525
	       : port % 1000 == 465 || port % 1000 == 587 ? port % 1000
	       : port % 100 == 25                         ? 25
							  : 0;
}

bool rule_heard(const struct evidence *ev, const struct fact *brk)
{
	if (!brk->brk.received || !rule_session_tls(ev, brk->session))
		return brk->brk.received > 0;
	const struct fact *b = evidence_last(ev, FACT_BYTES, brk->session);
	return b && !strcmp(b->bytes.step, brk->brk.step);
}

bool rule_connected(const struct evidence *ev)
{
	const struct fact *f = evidence_last(ev, FACT_CONNECT, rule_main(ev));
	return f && !strcmp(f->connect.result, "ok");
}

bool rule_greeted(const struct evidence *ev)
{
	const struct fact *f = rule_reply_at(ev, rule_main(ev), "banner");
	return f && f->reply.code / 100 == 2;
}

const struct fact *rule_dns(const struct evidence *ev, const char *purpose, const char *type)
{
	const struct fact *last = NULL;
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_DNS, f));)
		if (!strcmp(f->dns.purpose, purpose) && (!*type || !strcmp(f->dns.type, type)))
			last = f;
	return last;
}

const char *rule_purpose(const struct evidence *ev, unsigned session)
{
	const struct fact *f = session ? evidence_last(ev, FACT_SESSION, session) : NULL;
	return f ? f->dialogue.purpose : "";
}

struct finding *rule_raised_by(struct verdict *v, const struct fact *reply)
{
	struct finding *best = NULL;
	for (size_t i = 0; i < v->n; i++)
		for (size_t k = 0; k < v->findings[i].nfacts; k++)
			if (v->findings[i].facts[k] == reply &&
			    (!best || v->findings[i].confidence > best->confidence))
				best = &v->findings[i];
	return best;
}

static void withdraw(struct verdict *v, struct finding *f)
{
	size_t i = (size_t)(f - v->findings);
	memmove(&v->findings[i], &v->findings[i + 1], (v->n - i - 1) * sizeof(v->findings[0]));
	v->n--;
}

struct finding *rule_raise_instead(struct verdict *v, const char *id, double confidence,
				   const struct fact *reply)
{
	struct finding *vague = rule_raised_by(v, reply);
	const struct finding_entry *guess = NULL;
	double guessed = 0;
	if (vague && strcmp(vague->entry->id, id) != 0) {
		guess = vague->entry;
		guessed = vague->confidence < 0.3 ? vague->confidence : 0.3;
		if (vague->nfacts == 1)
			withdraw(v, vague);
	}
	struct finding *f = verdict_raise(v, id, confidence, reply);
	if (guess && strcmp(guess->id, "unknown-reply") != 0)
		finding_instead(f, guess->id, guessed);
	return f;
}

const char *rule_megabytes(struct verdict *v, long bytes)
{
	enum { KB = 1000, MB = 1000 * 1000 };
	if (bytes < KB)
		return arena_printf(v->arena, "%ld bytes", bytes);
	if (bytes < MB)
		return arena_printf(v->arena, "%ld.%ld kB", bytes / KB, bytes % KB / 100);
	return arena_printf(v->arena, "%ld.%ld MB", bytes / MB, bytes % MB / (MB / 10));
}

const struct fact *rule_half_reply(const struct evidence *ev, const struct fact *brk)
{
	const struct fact *f = evidence_last(ev, FACT_BYTES, brk->session);
	bool refusal = f && !strcmp(f->bytes.step, brk->brk.step) && !strcmp(f->bytes.looks_like, "smtp") &&
		       (*f->bytes.text == '4' || *f->bytes.text == '5');
	return refusal ? f : NULL;
}

const struct fact *rule_unknown_family(const struct evidence *ev)
{
	static const char *const unknown[] = { "servfail", "bogus", "refused", "timeout" };
	const char *found = NULL;
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_CONNECT, f));) {
		const char *purpose = rule_purpose(ev, f->session);
		if (!z_eq(purpose, "main") && !z_eq(purpose, "address"))
			continue;
		if (!z_eq(f->connect.result, "unreachable") || (found && !z_eq(found, f->connect.family)))
			return NULL;
		found = f->connect.family;
	}
	const struct fact *other = found ? rule_dns(ev, "host", z_eq(found, "ipv6") ? "A" : "AAAA") : NULL;
	for (size_t i = 0; other && i < ARRAY_LEN(unknown); i++)
		if (z_eq(other->dns.status, unknown[i]))
			return other;
	return NULL;
}
