/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/spf_lookup.h"

#include <string.h>

#include "base/text.h"

enum spf_found spf_find(const struct dns_view *view, struct dns_wants *w, const char *domain,
			const char **txt)
{
	struct dns_records r;
	size_t found = 0;
	*txt = "";
	if (!dns_view_ask(view, w, domain, "TXT", &r))
		return SPF_FOUND_WAITING;
	if (r.status == DNS_TEMPERROR)
		return SPF_FOUND_TEMPERROR;
	for (size_t i = 0; i < r.n; i++)
		if (spf_record_is(r.v[i]) && !found++)
			*txt = r.v[i];
	return found > 1 ? SPF_FOUND_MANY : found ? SPF_FOUND : SPF_FOUND_NONE;
}

bool spf_domain_usable(const char *domain)
{
	const char *dot = strchr(domain, '.');
	return dns_name_askable(domain) && dot && dot[1] && !strpbrk(domain, "[]@ ");
}

/* Gravest first. */
static const char *const problem_order[] = { "multiple", "syntax",    "loop",         "too-many-lookups",
					     "missing",  "temperror", "void-lookups", "passall" };

static size_t gravity(const char *problem)
{
	size_t i = 0;
	while (i < ARRAY_LEN(problem_order) && strcmp(problem_order[i], problem) != 0)
		i++;
	return i;
}

void spf_note(struct arena *a, struct spf_report *r, const char *problem, const char *term, const char *at,
	      const char *why)
{
	struct spf_problem p = { problem, term, text_printable(a, str_of(at)), why };
	for (size_t i = 0; i < r->nproblems; i++)
		if (!strcmp(r->problems[i].problem, problem) && !strcmp(r->problems[i].term, term) &&
		    !strcmp(r->problems[i].at, p.at))
			return;
	if (r->nproblems < SPF_PROBLEMS_MAX)
		r->problems[r->nproblems++] = p;
	if (*r->problem && gravity(problem) >= gravity(r->problem))
		return;
	r->problem = problem;
	r->term = term;
	r->at = p.at;
	r->why = why;
}

struct spf_report spf_report_of(const char *domain, const char *identity)
{
	return (struct spf_report){
		.domain = domain,
		.identity = identity,
		.record = "",
		.term = "",
		.at = "",
		.problem = "",
		.why = "",
		.explanation = "",
	};
}

const char *spf_result_name(enum spf_result r)
{
	static const char *const names[] = { "none",     "neutral",   "pass",      "fail",
					     "softfail", "temperror", "permerror", "" };
	return names[r];
}
