/* SPDX-License-Identifier: Apache-2.0 */
/* What became of each step: from the facts of the main dialogue, then from the findings. */
#include <string.h>

#include "check/render.h"
#include "check/verdict_inner.h"

struct view {
	struct verdict *v;
	const struct evidence *ev;
	unsigned main; /* session number, 0 none */
};

static void set(struct view *w, enum step s, enum step_status status, long ms, const char *says)
{
	w->v->steps[s] = (struct step_result){ status, ms, says };
}

static const char *endpoint(struct view *w, const struct fact_connect *c)
{
	return arena_printf(w->v->arena, strchr(c->address, ':') ? "[%s]:%ld" : "%s:%ld", c->address,
			    c->port);
}

static void config(struct view *w)
{
	bool bad = evidence_next(w->ev, FACT_INPUT, NULL);
	set(w, STEP_CONFIG, bad ? STEP_WARN : STEP_PASS, 0,
	    bad ? "something typed looks wrong" : "nothing odd in what was typed");
}

/* "10 mx1.example.com" is the server mx1.example.com. */
static const char *mail_servers(struct view *w, const struct fact_dns *d)
{
	struct strlist l = { 0 };
	for (size_t i = 0; i < d->answers.n; i++) {
		const char *blank = strchr(d->answers.v[i], ' ');
		strlist_add(&l, w->v->arena, blank ? blank + 1 : d->answers.v[i]);
	}
	return arena_printf(w->v->arena, "mail for %s goes to %s", d->name,
			    strlist_join(&l, w->v->arena, ", "));
}

static const char *resolved(struct view *w, const struct fact_dns *d)
{
	if (strcmp(d->status, "ok") != 0)
		return arena_printf(w->v->arena, "%s %s: %s", d->name, d->type, d->status);
	if (!strcmp(d->type, "MX"))
		return mail_servers(w, d);
	return arena_printf(w->v->arena, "%s is %s", d->name, strlist_join(&d->answers, w->v->arena, ", "));
}

static void dns(struct view *w)
{
	for (const struct fact *f = NULL; (f = evidence_next(w->ev, FACT_DNS, f));) {
		bool host = !strcmp(f->dns.purpose, "host") || !strcmp(f->dns.purpose, "mx");
		if (host && w->v->steps[STEP_DNS].status != STEP_PASS)
			set(w, STEP_DNS, !strcmp(f->dns.status, "ok") ? STEP_PASS : STEP_FAIL,
			    f->dns.elapsed_ms, resolved(w, &f->dns));
	}
}

static void connect_step(struct view *w)
{
	const struct fact *f = evidence_last(w->ev, FACT_CONNECT, w->main);
	if (!f)
		return;
	bool ok = !strcmp(f->connect.result, "ok");
	set(w, STEP_CONNECT, ok ? STEP_PASS : STEP_FAIL, f->connect.elapsed_ms,
	    arena_printf(w->v->arena, "%s %s", endpoint(w, &f->connect), ok ? "answers" : f->connect.result));
}

static void reply_steps(struct view *w)
{
	for (const struct fact *f = NULL; (f = evidence_in(w->ev, FACT_REPLY, w->main, f));) {
		enum step s;
		if (!step_of(f->reply.step, &s))
			continue;
		bool ok = f->reply.code / 100 == 2 || f->reply.code / 100 == 3;
		if (w->v->steps[s].status == STEP_FAIL && !ok)
			continue;
		if (w->v->steps[s].status == STEP_PASS && !ok && s == STEP_RCPT)
			set(w, s, STEP_WARN, f->reply.elapsed_ms, "some recipients are refused");
		else
			set(w, s, ok ? STEP_PASS : STEP_FAIL, f->reply.elapsed_ms,
			    arena_printf(w->v->arena, "%ld %s", f->reply.code, f->reply.text));
	}
}

static bool offered_starttls(struct view *w)
{
	for (const struct fact *f = NULL; (f = evidence_in(w->ev, FACT_EHLO, w->main, f));)
		if (f->ehlo.starttls)
			return true;
	return false;
}

/* "offers encryption, login with PLAIN LOGIN; mails up to 34 MB", for people who do not speak EHLO. */
static const char *offers(struct view *w, const struct fact_ehlo *f)
{
	struct arena *a = w->v->arena;
	struct strlist l = { 0 };
	const char *size = "";
	if (offered_starttls(w))
		strlist_add(&l, a, "encryption");
	if (f->auth.n)
		strlist_add(&l, a, arena_printf(a, "login with %s", strlist_join(&f->auth, a, " ")));
	if (f->size >= 1 << 20)
		size = arena_printf(a, "mails up to %ld MB", f->size >> 20);
	else if (f->size > 0)
		size = arena_printf(a, "mails up to %ld bytes", f->size);
	if (l.n)
		return arena_printf(a, "offers %s%s%s", strlist_join(&l, a, ", "), *size ? "; " : "", size);
	if (*size)
		return arena_printf(a, "takes %s", size);
	return f->helo ? "only the old greeting (HELO)" : "neither encryption nor login offered";
}

static void ehlo(struct view *w)
{
	const struct fact *f = evidence_last(w->ev, FACT_EHLO, w->main);
	struct step_result *r = &w->v->steps[STEP_EHLO];
	if (!f || r->status != STEP_PASS)
		return;
	r->says = offers(w, &f->ehlo);
	if (w->v->steps[STEP_STARTTLS].status == STEP_NOT_REACHED && !evidence_last(w->ev, FACT_TLS, w->main))
		set(w, STEP_STARTTLS, STEP_SKIPPED, 0, "this dialogue was not encrypted");
}

static void tls_steps(struct view *w)
{
	const struct fact *t = evidence_last(w->ev, FACT_TLS, w->main);
	const struct fact *v = evidence_last(w->ev, FACT_VERIFY, w->main);
	if (t) {
		bool ok = !strcmp(t->tls.result, "ok");
		set(w, STEP_STARTTLS, ok ? STEP_PASS : STEP_FAIL, t->tls.elapsed_ms,
		    ok ? arena_printf(w->v->arena, "%s, %s", t->tls.version, t->tls.cipher)
		       : arena_printf(w->v->arena, "the handshake failed (%s)", t->tls.result));
	}
	if (v)
		set(w, STEP_TLS_CERT, v->verify.trusted ? STEP_PASS : STEP_FAIL, 0,
		    v->verify.trusted ? arena_printf(w->v->arena, "good for %s", v->verify.name)
				      : render_verify_error(v));
}

static void break_step(struct view *w)
{
	const struct fact *f = evidence_last(w->ev, FACT_BREAK, w->main);
	enum step s;
	if (f && step_of(f->brk.step, &s))
		set(w, s, STEP_FAIL, f->brk.elapsed_ms,
		    arena_printf(w->v->arena, "ended: %s",
				 !strcmp(f->brk.how, "eof") ? "the server closed the connection"
							    : f->brk.how));
}

static void auth(struct view *w)
{
	const struct fact *f = evidence_last(w->ev, FACT_AUTH, w->main);
	if (!f) {
		if (w->v->steps[STEP_EHLO].status == STEP_PASS)
			set(w, STEP_AUTH, STEP_SKIPPED, 0, "no login was asked for");
		return;
	}
	bool ok = !strcmp(f->auth.result, "ok");
	if (!strcmp(f->auth.result, "not-tried-insecure"))
		set(w, STEP_AUTH, STEP_SKIPPED, 0,
		    "not tried: the connection is not proved safe for a password");
	else if (ok)
		set(w, STEP_AUTH, STEP_PASS, w->v->steps[STEP_AUTH].elapsed_ms,
		    arena_printf(w->v->arena, "logged in as %s with %s", f->auth.user, f->auth.mechanism));
	else if (w->v->steps[STEP_AUTH].status == STEP_NOT_REACHED)
		set(w, STEP_AUTH, STEP_FAIL, 0, *f->auth.error ? f->auth.error : "no common login method");
}

static void oauth(struct view *w)
{
	const struct fact *token = evidence_next(w->ev, FACT_TOKEN, NULL), *http = NULL;
	for (const struct fact *f = NULL; (f = evidence_next(w->ev, FACT_HTTP, f));)
		if (!strcmp(f->http.purpose, "token"))
			http = f;
	if (token && http)
		set(w, STEP_OAUTH, STEP_PASS, http->http.elapsed_ms, "a token was given");
	else if (token)
		set(w, STEP_OAUTH, STEP_PASS, 0, "the token was read");
	else if (http)
		set(w, STEP_OAUTH, STEP_FAIL, http->http.elapsed_ms,
		    z_eq(http->http.result, "not-asked") ? http->http.error : "no token was given");
	if (!token && http && w->v->steps[STEP_AUTH].status == STEP_SKIPPED)
		set(w, STEP_AUTH, STEP_SKIPPED, 0, "not tried without a token");
}

/* A step whose finding is a failure did not pass, whatever the bytes were. */
static void from_findings(struct view *w)
{
	for (size_t i = 0; i < w->v->n; i++) {
		const struct finding *f = &w->v->findings[i];
		struct step_result *r = &w->v->steps[f->step];
		if (f->severity == SEVERITY_NOTE)
			continue;
		enum step_status status = f->severity == SEVERITY_FAILURE ? STEP_FAIL : STEP_WARN;
		if (status > r->status) {
			r->status = status;
			r->says = finding_fill(w->v, f, f->entry->title);
		}
	}
}

static void skipped(struct view *w)
{
	for (const struct fact *f = NULL; (f = evidence_next(w->ev, FACT_SKIPPED, f));) {
		enum step s;
		if (step_of(f->skipped.step, &s) && w->v->steps[s].status == STEP_NOT_REACHED)
			set(w, s, STEP_SKIPPED, 0, f->skipped.why);
	}
}

static void add_policy(struct view *w, struct strlist *l, const struct fact *f)
{
	struct arena *a = w->v->arena;
	if (f->kind == FACT_SPF && *f->spf.record)
		strlist_add(l, a, *f->spf.result ? arena_printf(a, "SPF %s", f->spf.result) : "SPF");
	else if (f->kind == FACT_DMARC && *f->dmarc.record)
		strlist_add(l, a,
			    *f->dmarc.policy ? arena_printf(a, "DMARC p=%s", f->dmarc.policy) : "DMARC");
	else if (f->kind == FACT_DKIM_KEY && !strcmp(f->dkim_key.result, "ok"))
		strlist_add(l, a, "a DKIM key");
	else if (f->kind == FACT_MTA_STS && *f->mta_sts.mode)
		strlist_add(l, a, arena_printf(a, "MTA-STS %s", f->mta_sts.mode));
	else if (f->kind == FACT_TLSA && f->tlsa.records.n)
		strlist_add(l, a, "TLSA");
	else if (f->kind == FACT_PTR && f->ptr.names.n)
		strlist_add(l, a, "a reverse name");
	else if (f->kind == FACT_DNSBL && !strcmp(f->dnsbl.result, "clear"))
		strlist_add(l, a, "not on a block list asked");
}

/* What there was to judge; whether it is in order the findings say. */
static void policy(struct view *w)
{
	struct strlist seen = { 0 }, once = { 0 };
	bool asked = false;
	for (size_t i = 0; i < w->ev->n; i++) {
		enum fact_kind kind = w->ev->facts[i]->kind;
		asked |= kind == FACT_SPF || kind == FACT_DMARC || kind == FACT_MTA_STS || kind == FACT_PTR ||
			 kind == FACT_DNSBL || kind == FACT_DKIM_KEY;
		add_policy(w, &seen, w->ev->facts[i]);
	}
	for (size_t i = 0; i < seen.n; i++)
		if (!strlist_has(&once, seen.v[i]))
			strlist_add(&once, w->v->arena, seen.v[i]);
	if (once.n)
		set(w, STEP_DOMAIN_POLICY, STEP_PASS, 0,
		    arena_printf(w->v->arena, "has %s", strlist_join(&once, w->v->arena, ", ")));
	else if (asked)
		set(w, STEP_DOMAIN_POLICY, STEP_SKIPPED, 0, "no record to judge was found");
}

void verdict_steps(struct verdict *v)
{
	const struct fact *s = evidence_session(v->ev, "main");
	struct view w = { v, v->ev, s ? s->session : 0 };
	for (size_t i = 0; i < STEP_COUNT; i++)
		v->steps[i] = (struct step_result){ STEP_NOT_REACHED, 0, "" };
	config(&w);
	dns(&w);
	policy(&w);
	if (w.main) {
		connect_step(&w);
		reply_steps(&w);
		ehlo(&w);
		tls_steps(&w);
		break_step(&w);
		auth(&w);
	}
	oauth(&w);
	skipped(&w);
	from_findings(&w);
}
