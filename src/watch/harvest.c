/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/harvest.h"

#include <stdlib.h>
#include <string.h>

#include "base/text_time.h"

static struct harvest *harvest_new(const char *monitor, int64_t at_ms)
{
	struct arena *a = arena_new();
	struct harvest *h = arena_alloc(a, sizeof(*h));
	h->arena = a;
	h->look.at_ms = at_ms;
	h->look.step = STEP_COUNT;
	h->run = (struct history_run){ .monitor = arena_strdup(a, monitor),
				       .at_ms = at_ms,
				       .finding = "",
				       .title = "",
				       .step = "",
				       .summary = "",
				       .steps = "" };
	return h;
}

void harvest_free(struct harvest **hp)
{
	struct arena *a = *hp ? (*hp)->arena : NULL; /* h is in it */
	arena_free(&a);
	*hp = NULL;
}

/* ---- how it went ---- */

static enum condition level_of(enum verdict_word w)
{
	return w == VERDICT_OK ? CONDITION_WELL : w == VERDICT_WARNING ? CONDITION_WARNING : CONDITION_BAD;
}

/* The root cause, or NULL. */
static const struct finding *root_of(const struct verdict *v)
{
	return v->n && v->findings[0].severity != SEVERITY_NOTE ? &v->findings[0] : NULL;
}

static enum step broken_step(const struct verdict *v, const struct finding *root)
{
	if (root)
		return root->step;
	enum step s = 0;
	while (s < STEP_COUNT && v->steps[s].status != STEP_FAIL)
		s++;
	return s;
}

static const char *times(const struct verdict *v, struct arena *a)
{
	const char *text = "";
	for (enum step s = 0; s < STEP_COUNT; s++) {
		enum step_status status = v->steps[s].status;
		if (s == STEP_CONFIG || status == STEP_NOT_REACHED || status == STEP_SKIPPED)
			continue;
		text = arena_printf(a, "%s%s%s=%ld", text, *text ? " " : "", step_name(s),
				    v->steps[s].elapsed_ms);
	}
	return text;
}

/* A sign of life from outside: a connection, even a refused one, or the resolver's answer; what another
 * resolver knows helps nobody here. */
static bool anybody_answered(const struct evidence *ev)
{
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_CONNECT, f));)
		if (z_eq(f->connect.result, "ok") || z_eq(f->connect.result, "refused") ||
		    z_eq(f->connect.result, "reset"))
			return true;
	if (evidence_next(ev, FACT_CONNECT, NULL))
		return false; /* names may come from a memory nearby */
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_DNS, f));)
		if (!z_eq(f->dns.status, "timeout") && !z_eq(f->dns.status, "local") &&
		    !z_eq(f->dns.status, "servfail") && !z_eq(f->dns.via, "hosts") &&
		    !z_eq(f->dns.purpose, "other-resolver"))
			return true;
	return false;
}

static bool is_away(const struct evidence *ev)
{
	bool asked = evidence_next(ev, FACT_CONNECT, NULL) || evidence_next(ev, FACT_DNS, NULL);
	return asked && !anybody_answered(ev);
}

static void take_run(struct harvest *h, const struct verdict *v)
{
	const struct finding *root = root_of(v);
	enum step s = broken_step(v, root);
	struct history_run *r = &h->run;
	h->look.level = level_of(v->word);
	if (h->look.level == CONDITION_BAD) {
		h->look.step = s;
		h->look.away = is_away(v->ev);
	}
	if (root) {
		r->finding = root->entry->id;
		r->title = arena_strdup(h->arena, finding_fill(v, root, root->entry->title));
		snprintf(h->look.finding, sizeof(h->look.finding), "%s", r->finding);
	}
	r->elapsed_ms = v->ev->elapsed_ms;
	r->verdict = verdict_word_name(v->word);
	r->step = s < STEP_COUNT ? step_name(s) : "";
	r->summary = arena_strdup(h->arena, v->summary ? v->summary : "");
	r->steps = times(v, h->arena);
	r->away = h->look.away;
}

/* ---- what runs out ---- */

static void add_expiry(struct harvest *h, const char *kind, const char *name, const char *detail,
		       const char *when)
{
	long long s;
	if (h->nexpiries == HARVEST_EXPIRIES_MAX || !text_time_read(str_of(when), &s))
		return;
	for (size_t i = 0; i < h->nexpiries; i++)
		if (z_eq(h->expiries[i].kind, kind) && z_eq(h->expiries[i].name, name))
			return;
	h->expiries[h->nexpiries++] = (struct history_expiry){ .kind = kind,
							       .name = arena_strdup(h->arena, name),
							       .detail = arena_strdup(h->arena, detail),
							       .monitor = h->run.monitor,
							       .expires_ms = s * 1000,
							       .seen_ms = h->run.at_ms,
							       .told_days = -1 };
}

static const struct fact *session_of(const struct evidence *ev, unsigned no)
{
	return evidence_in(ev, FACT_SESSION, no, NULL);
}

/* Of servers that are the set-up's own; not of a host that was tried for comparison. */
static bool is_of_target(const struct fact *session)
{
	static const char *const purposes[] = { "main", "address", "mx", "port" };
	for (size_t i = 0; session && i < ARRAY_LEN(purposes); i++)
		if (z_eq(session->dialogue.purpose, purposes[i]))
			return true;
	return false;
}

static void take_certificates(struct harvest *h, const struct evidence *ev)
{
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_CERT, f));) {
		const struct fact *s = session_of(ev, f->session);
		if (f->cert.depth != 0 || !is_of_target(s))
			continue;
		const char *issuer = *f->cert.issuer_org ? f->cert.issuer_org : f->cert.issuer_cn;
		add_expiry(h, "certificate",
			   arena_printf(h->arena, "%s:%ld", s->dialogue.host, s->dialogue.port),
			   arena_printf(h->arena, "%s, issued by %s",
					*f->cert.cn ? f->cert.cn : f->cert.subject,
					f->cert.self_signed ? "itself" : issuer),
			   f->cert.not_after);
	}
}

/* Tokens that are asked for anew each time need nobody's care. */
static void take_tokens(struct harvest *h, const struct evidence *ev)
{
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_TOKEN, f));)
		if (z_eq(f->token.source, "token-file"))
			add_expiry(h, "token", h->run.monitor,
				   arena_printf(h->arena, "access token for %s", f->token.audience),
				   f->token.expires);
}

/* ---- DNS records ---- */

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *in_order(struct harvest *h, const struct strlist *l)
{
	struct strlist copy = { 0 };
	for (size_t i = 0; i < l->n; i++)
		strlist_add(&copy, h->arena, l->v[i]);
	if (copy.n)
		qsort(copy.v, copy.n, sizeof(*copy.v), by_text);
	return strlist_join(&copy, h->arena, "\n");
}

static void add_record(struct harvest *h, const char *name, const char *type, const char *values)
{
	if (h->nrecords == HARVEST_RECORDS_MAX || !*name)
		return;
	for (size_t i = 0; i < h->nrecords; i++)
		if (z_eq(h->records[i].name, name) && z_eq(h->records[i].type, type))
			return;
	h->records[h->nrecords++] =
		(struct harvest_record){ arena_strdup(h->arena, name), arena_strdup(h->arena, type),
					 arena_strdup(h->arena, values),
					 z_eq(type, "A") || z_eq(type, "AAAA") };
}

/* What the domain's owner said, or said is not there; a failure says nothing. */
static bool is_answer(const struct fact_dns *d)
{
	return z_eq(d->status, "ok") || z_eq(d->status, "nodata") || z_eq(d->status, "nxdomain");
}

static void take_names(struct harvest *h, const struct evidence *ev)
{
	static const char *const purposes[] = { "host", "mx", "mx-host", "policy" };
	static const char *const types[] = { "MX", "A", "AAAA" };
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_DNS, f));) {
		bool wanted = false, type = false;
		for (size_t i = 0; i < ARRAY_LEN(purposes); i++)
			wanted |= z_eq(f->dns.purpose, purposes[i]);
		for (size_t i = 0; i < ARRAY_LEN(types); i++)
			type |= z_eq(f->dns.type, types[i]);
		if (wanted && type && is_answer(&f->dns) && !z_eq(f->dns.via, "hosts"))
			add_record(h, f->dns.name, f->dns.type, in_order(h, &f->dns.answers));
	}
}

static void take_policies(struct harvest *h, const struct evidence *ev)
{
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_SPF, f));)
		if (!z_eq(f->spf.result, "temperror") && !z_eq(f->spf.problem, "temperror"))
			add_record(h, f->spf.domain, "SPF", f->spf.record);
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_DMARC, f));)
		if (!z_eq(f->dmarc.result, "temperror"))
			add_record(h, *f->dmarc.at ? f->dmarc.at : f->dmarc.domain, "DMARC", f->dmarc.record);
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_DKIM_KEY, f));)
		if (!z_eq(f->dkim_key.result, "temperror") && z_eq(f->dkim_key.expected, "yes"))
			add_record(h,
				   arena_printf(h->arena, "%s._domainkey.%s", f->dkim_key.selector,
						f->dkim_key.domain),
				   "DKIM", f->dkim_key.record);
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_MTA_STS, f));)
		if (!z_eq(f->mta_sts.result, "temperror") && !z_eq(f->mta_sts.result, "unfetchable"))
			add_record(h, f->mta_sts.domain, "MTA-STS",
				   *f->mta_sts.id ? arena_printf(h->arena, "id=%s mode=%s", f->mta_sts.id,
								 f->mta_sts.mode)
						  : "");
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_TLSA, f));)
		if (!z_eq(f->tlsa.result, "temperror") && !z_eq(f->tlsa.result, "bogus"))
			add_record(h, arena_printf(h->arena, "_%ld._tcp.%s", f->tlsa.port, f->tlsa.host),
				   "TLSA", in_order(h, &f->tlsa.records));
}

struct harvest *harvest_of(const struct verdict *v, const char *monitor, int64_t at_ms)
{
	struct harvest *h = harvest_new(monitor, at_ms);
	take_run(h, v);
	take_certificates(h, v->ev);
	take_tokens(h, v->ev);
	take_names(h, v->ev);
	take_policies(h, v->ev);
	return h;
}

struct harvest *harvest_of_error(const struct err *e, const char *monitor, int64_t at_ms)
{
	char words[400];
	struct harvest *h = harvest_new(monitor, at_ms);
	h->look.level = CONDITION_BAD;
	h->look.step = STEP_CONFIG;
	h->run.verdict = "error";
	h->run.step = step_name(STEP_CONFIG);
	h->run.summary =
		arena_printf(h->arena, "The check could not be done: %s.", err_text(e, words, sizeof(words)));
	return h;
}
