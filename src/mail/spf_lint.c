/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/text.h"
#include "mail/spf_lookup.h"
#include "mail/spf_macro.h"

enum { LINT_DEPTH_MAX = 20 }; /* records inside records; far above ten lookups */

struct lint {
	struct arena *a;
	const struct dns_view *view;
	struct dns_wants *w;
	struct spf_report *out;
	const char *path[LINT_DEPTH_MAX];
	size_t depth, records;
	size_t refusing; /* includes on the path that do not let pass: "-include:" */
	bool waiting;
};

static void note(struct lint *l, const char *problem, const struct spf_term *t, const char *at,
		 const char *why)
{
	spf_note(l->a, l->out, problem, t ? t->text : "", at, why);
}

/* Whether the name has records of the type; unknown and failed count as yes. */
static bool has(struct lint *l, const struct spf_term *t, const char *at, const char *name, const char *type)
{
	struct dns_records got;
	if (!dns_view_ask(l->view, l->w, name, type, &got)) {
		l->waiting = true;
		return true;
	}
	if (got.status == DNS_TEMPERROR)
		note(l, "temperror", t, at, arena_printf(l->a, "no answer from the DNS about %s", name));
	return got.status == DNS_OK || got.status == DNS_TEMPERROR;
}

static void lint_void(struct lint *l, const struct spf_term *t, const char *at, const char *name)
{
	const char *why = arena_printf(l->a, "%s has no such record; more than 2 such terms are an error",
				       text_printable(l->a, str_of(name)));
	if (++l->out->void_lookups > SPF_VOIDS_MAX)
		note(l, "void-lookups", t, at, why);
}

static void walk(struct lint *l, const char *domain, const struct spf_term *from, const char *from_at);

static void lint_lookup(struct lint *l, const struct spf_term *t, const char *domain)
{
	const char *name = *t->domain ? dns_name_plain(l->a, t->domain) : domain;
	l->out->lookups++;
	if (l->out->lookups > SPF_LINT_LOOKUPS_MAX || t->kind == SPF_PTR || spf_macro_any(name))
		return; /* enough is known, or it depends on the sender */
	if (!dns_name_askable(name)) {
		note(l, "syntax", t, domain, "a name with an empty label or one too long");
		return;
	}
	if (t->kind == SPF_INCLUDE || t->kind == SPF_REDIRECT) {
		l->refusing += t->qualifier != '+';
		walk(l, name, t, domain);
		l->refusing -= t->qualifier != '+';
		return;
	}
	bool found = has(l, t, domain, name, t->kind == SPF_MX ? "MX" : "A");
	if (t->kind == SPF_A)
		found = has(l, t, domain, name, "AAAA") || found;
	if (!found)
		lint_void(l, t, domain, name);
}

static void lint_terms(struct lint *l, const struct spf_record *rec, const char *domain)
{
	for (size_t i = 0; i < rec->n; i++) {
		const struct spf_term *t = &rec->terms[i];
		if (spf_term_passes_all(t) && !l->refusing)
			note(l, "passall", t, domain, "the record lets everybody send");
		if (t->kind == SPF_ALL)
			return; /* nothing behind it is ever evaluated */
		if (t->kind != SPF_REDIRECT && spf_term_looks_up(t))
			lint_lookup(l, t, domain);
	}
	if (rec->redirect)
		lint_lookup(l, rec->redirect, domain);
}

static void lint_record(struct lint *l, const char *txt, const char *domain)
{
	struct spf_record rec;
	if (++l->records == 1)
		l->out->record = text_printable(l->a, str_of(txt));
	if (!spf_record_parse(l->a, txt, &rec))
		spf_note(l->a, l->out, "syntax", rec.bad, domain, rec.why);
	else
		lint_terms(l, &rec, domain);
}

static bool is_in_path(const struct lint *l, const char *domain)
{
	for (size_t i = 0; i < l->depth; i++)
		if (dns_name_eq(l->path[i], domain))
			return true;
	return false;
}

/* from: the include or redirect that led here; NULL for the domain itself. */
static void lint_domain(struct lint *l, const char *domain, const struct spf_term *from, const char *from_at)
{
	const char *txt, *shown = text_printable(l->a, str_of(domain));
	switch (spf_find(l->view, l->w, domain, &txt)) {
	case SPF_FOUND_WAITING:
		l->waiting = true;
		break;
	case SPF_FOUND_TEMPERROR:
		note(l, "temperror", from, from ? from_at : domain,
		     arena_printf(l->a, "no answer from the DNS about %s", shown));
		break;
	case SPF_FOUND_NONE:
		if (from)
			note(l, "missing", from, from_at, arena_printf(l->a, "%s has no SPF record", shown));
		break;
	case SPF_FOUND_MANY:
		note(l, "multiple", NULL, domain, "more than one SPF record; none counts");
		break;
	case SPF_FOUND:
		lint_record(l, txt, domain);
		break;
	}
}

static void walk(struct lint *l, const char *domain, const struct spf_term *from, const char *from_at)
{
	if (is_in_path(l, domain)) {
		const char *shown = text_printable(l->a, str_of(domain));
		note(l, "loop", from, from_at, arena_printf(l->a, "the record leads back to %s", shown));
		return;
	}
	if (l->depth == LINT_DEPTH_MAX || l->records == SPF_LINT_RECORDS_MAX)
		return; /* the count of lookups is wrong long since, and noted */
	l->path[l->depth++] = domain;
	lint_domain(l, domain, from, from_at);
	l->depth--;
}

static enum spf_result lint_result(const struct lint *l)
{
	const char *p = l->out->problem;
	if (!strcmp(p, "temperror"))
		return SPF_TEMPERROR;
	if (!*p || !strcmp(p, "passall"))
		return l->records ? SPF_LINTED : SPF_NONE;
	return SPF_PERMERROR;
}

bool spf_lint(struct arena *a, const char *domain, const struct dns_view *view, struct dns_wants *w,
	      struct spf_report *out)
{
	struct lint l = { .a = a, .view = view, .w = w, .out = out };
	w->n = 0;
	domain = dns_name_plain(a, domain);
	*out = spf_report_of(text_printable(a, str_of(domain)), "mailfrom");
	if (spf_domain_usable(domain))
		walk(&l, domain, NULL, domain);
	if (out->lookups > SPF_LOOKUPS_MAX)
		spf_note(a, out, "too-many-lookups", "", domain,
			 arena_printf(a, "%u terms ask the DNS; receivers stop at 10", out->lookups));
	out->result = lint_result(&l);
	return !l.waiting;
}
