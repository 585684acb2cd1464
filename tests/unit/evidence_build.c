/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/evidence_build.h"

#include <string.h>

#include "tests/unit/unit.h"

struct evidence *built_for(const char *form, const char *what)
{
	struct evidence *ev = evidence_new(1700000000);
	struct fact *f = evidence_add(ev, FACT_TARGET, 0, 0);
	f->target.input = what;
	f->target.form = form;
	f->target.security = "auto";
	f->target.experiments = true;
	if (strcmp(form, "host") != 0)
		f->target.domain = what;
	else
		f->target.host = what;
	return ev;
}

struct fact_target *built_target(struct evidence *ev)
{
	return &ev->facts[0]->target;
}

void built_list(struct evidence *ev, struct strlist *list, const char *items)
{
	struct str rest = str_of(items), item;
	while (str_next(&rest, "|", &item))
		strlist_add(list, ev->arena, arena_dup(ev->arena, item.p, item.len));
}

struct fact *built_dns(struct evidence *ev, const char *purpose, const char *name, const char *type,
		       const char *status, const char *answers)
{
	struct fact *f = evidence_add(ev, FACT_DNS, 0, 0);
	f->dns.purpose = purpose;
	f->dns.name = name;
	f->dns.type = type;
	f->dns.status = status;
	f->dns.via = "udp";
	f->dns.resolver = "192.0.2.53:53";
	f->dns.ede = -1;
	if (answers)
		built_list(ev, &f->dns.answers, answers);
	return f;
}

unsigned built_session(struct evidence *ev, const char *purpose, const char *host, const char *address,
		       long port, const char *result)
{
	unsigned no = 1;
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_SESSION, f));)
		no++;
	struct fact *f = evidence_add(ev, FACT_SESSION, no, 0);
	f->dialogue.purpose = purpose;
	f->dialogue.host = host;
	f->dialogue.address = address;
	f->dialogue.port = port;
	f->dialogue.security = "auto";
	f = evidence_add(ev, FACT_CONNECT, no, 0);
	f->connect.host = host;
	f->connect.address = address;
	f->connect.port = port;
	f->connect.family = strchr(address, ':') ? "ipv6" : "ipv4";
	f->connect.result = result;
	return no;
}

struct fact *built_reply(struct evidence *ev, unsigned session, const char *step, long code, const char *text)
{
	struct fact *f = evidence_add(ev, FACT_REPLY, session, 0);
	f->reply.step = step;
	f->reply.code = code;
	f->reply.text = text;
	strlist_add(&f->reply.lines, ev->arena, text);
	return f;
}

struct fact *built_ehlo(struct evidence *ev, unsigned session, bool starttls)
{
	struct fact *f = evidence_add(ev, FACT_EHLO, session, 0);
	f->ehlo.name = "mail.example.net";
	f->ehlo.starttls = starttls;
	f->ehlo.size = -1;
	return f;
}

struct fact *built_tls(struct evidence *ev, unsigned session, bool trusted)
{
	struct fact *f = evidence_add(ev, FACT_TLS, session, 0);
	f->tls.result = "ok";
	f->tls.version = "TLSv1.3";
	f->tls.cipher = "TLS_AES_256_GCM_SHA384";
	f->tls.alert_sent_code = f->tls.alert_received_code = -1;
	f->tls.starttls = true;
	f = evidence_add(ev, FACT_VERIFY, session, 0);
	f->verify.trusted = f->verify.name_matches = trusted;
	f->verify.chain = 1;
	return f;
}

const char *built_findings(const struct evidence *ev, struct arena *a)
{
	static const char letters[] = { 'n', 'w', 'f' };
	CLEANUP(verdict_free) struct verdict *v = verdict_of(ev);
	struct strlist out = { 0 };
	for (size_t i = 0; i < v->n; i++)
		strlist_add(&out, a,
			    arena_printf(a, "%s:%c", v->findings[i].entry->id,
					 letters[v->findings[i].severity]));
	return strlist_join(&out, a, " ");
}

const char *built_texts(const struct evidence *ev, const char *id, struct arena *a)
{
	CLEANUP(verdict_free) struct verdict *v = verdict_of(ev);
	struct strlist out = { 0 };
	for (size_t i = 0; i < v->n; i++) {
		const struct finding *f = &v->findings[i];
		if (strcmp(f->entry->id, id) != 0)
			continue;
		strlist_add(&out, a, finding_fill(v, f, f->entry->title));
		strlist_add(&out, a, finding_fill(v, f, f->entry->why));
		for (size_t k = 0; k < f->entry->nfixes; k++)
			strlist_add(&out, a, finding_fill(v, f, f->entry->fixes[k].text));
	}
	return strlist_join(&out, a, "\n");
}

void built_answer(struct evidence *ev, const char *question, const char *answer)
{
	if (!question)
		return;
	struct fact *f = evidence_add(ev, FACT_ANSWER, 0, 0);
	f->answer.question = question;
	f->answer.answer = answer;
}

void built_secret(struct evidence *ev, const char *what, const char *notes)
{
	if (!notes)
		return;
	struct fact *f = evidence_add(ev, FACT_SECRET, 0, 0);
	f->secret.what = what;
	built_list(ev, &f->secret.notes, notes);
}

struct fact *built_auth(struct evidence *ev, unsigned no, const char *mech, const char *result)
{
	struct fact *f = evidence_add(ev, FACT_AUTH, no, 0);
	f->auth.mechanism = mech;
	f->auth.result = result;
	f->auth.user = built_target(ev)->user;
	return f;
}

/* A dialogue up to the login's turn. */
unsigned built_login(struct evidence *ev, bool in_clear, const char *offered)
{
	struct fact_target *t = built_target(ev);
	t->port = 587;
	t->auth = "auto";
	t->security = in_clear ? "none" : "starttls";
	unsigned no = built_session(ev, "main", "mail.example.net", "192.0.2.25", 587, "ok");
	built_reply(ev, no, "banner", 220, "mail.example.net ESMTP");
	struct fact *e = built_ehlo(ev, no, true);
	if (!in_clear) {
		built_reply(ev, no, "starttls", 220, "go ahead");
		built_tls(ev, no, true);
		e = built_ehlo(ev, no, false);
		e->ehlo.after_tls = true;
	}
	built_list(ev, &e->ehlo.auth, offered ? offered : "PLAIN|LOGIN|XOAUTH2");
	return no;
}

struct evidence *built_mailing(void)
{
	struct evidence *ev = built_for("host", "relay.example.net");
	struct fact_target *t = built_target(ev);
	t->from = "clerk@example.net";
	t->until = "message";
	built_list(ev, &t->to, "a@example.org|b@example.org");
	built_session(ev, "main", "relay.example.net", "192.0.2.7", 587, "ok");
	built_reply(ev, BUILT_MAIN, "banner", 220, "relay.example.net ESMTP");
	built_ehlo(ev, BUILT_MAIN, true);
	built_tls(ev, BUILT_MAIN, true);
	struct fact *f = built_ehlo(ev, BUILT_MAIN, false);
	f->ehlo.after_tls = f->ehlo.smtputf8 = true;
	return ev;
}

void built_tried(struct evidence *ev, const char *name, const char *outcome)
{
	struct fact *f = evidence_add(ev, FACT_EXPERIMENT, BUILT_MAIN, 0);
	f->experiment.name = name;
	f->experiment.outcome = outcome;
	f->experiment.in_session = BUILT_MAIN;
}

void built_mx(struct evidence *ev, const char *status, const char *records)
{
	built_dns(ev, "mx", "example.net", "MX", status, records);
}

void built_mx_host(struct evidence *ev, const char *name, const char *address)
{
	built_dns(ev, "mx-host", name, "AAAA", "nodata", NULL);
	built_dns(ev, "mx-host", name, "A", address ? "ok" : "nxdomain", address);
}

/* A whole dialogue up to TLS. */
unsigned built_mx_dialogue(struct evidence *ev, const char *purpose, const char *name, const char *address)
{
	unsigned no = built_session(ev, purpose, name, address, 25, "ok");
	built_reply(ev, no, "banner", 220, "mx.example.net ESMTP");
	built_ehlo(ev, no, true);
	built_reply(ev, no, "starttls", 220, "go ahead");
	built_tls(ev, no, true);
	struct fact *verify = ev->facts[ev->n - 1];
	verify->verify.name = name;
	built_ehlo(ev, no, false)->ehlo.after_tls = true;
	return no;
}

void built_two_mx(struct evidence *ev)
{
	built_mx(ev, "ok", "10 a.example.net|20 b.example.net");
	built_mx_host(ev, "a.example.net", "198.51.100.25");
	built_mx_host(ev, "b.example.net", "198.51.100.26");
	built_mx_dialogue(ev, "main", "a.example.net", "198.51.100.25");
	built_mx_dialogue(ev, "mx", "b.example.net", "198.51.100.26");
}

void built_expect(const struct evidence *ev, const char *name, const char *want)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	const char *found = built_findings(ev, a);
	if (strcmp(found, want) != 0)
		fail_msg("%s: found \"%s\", wanted \"%s\"", name, found, want);
}
