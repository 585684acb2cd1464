/* SPDX-License-Identifier: Apache-2.0 */
/* lab/judge.c - is a check's answer the one its scenario demands? */
#include <jansson.h>
#include <string.h>

#include "lab/rule.h"
#include "lab/run.h"

static const char *text(const json_t *o, const char *key)
{
	const char *z = json_string_value(json_object_get(o, key));
	return z ? z : "";
}

static bool is_failure(const json_t *f)
{
	return !strcmp(text(f, "severity"), "failure");
}

static const json_t *find(const json_t *findings, const char *id)
{
	size_t i;
	json_t *f;
	json_array_foreach(findings, i, f) if (!strcmp(text(f, "id"), id)) return f;
	return NULL;
}

static const json_t *root_of(const json_t *findings)
{
	size_t i;
	json_t *f;
	json_array_foreach(findings, i, f) if (is_failure(f)) return f;
	return NULL;
}

/* "a, b (warning)" for the reason. */
static const char *list_of(const json_t *findings, struct arena *a)
{
	struct strlist l = { 0 };
	size_t i;
	json_t *f;
	json_array_foreach(findings, i, f)
		strlist_add(&l, a,
			    is_failure(f) ? text(f, "id")
					  : arena_printf(a, "%s (%s)", text(f, "id"), text(f, "severity")));
	return l.n ? strlist_join(&l, a, ", ") : "nothing";
}

static const char *judge_findings(const struct spec_section *top, const json_t *findings, struct arena *a)
{
	const struct strlist *must = spec_list(top, "must"), *never = spec_list(top, "never");
	const json_t *root = root_of(findings);
	for (size_t i = 0; must && i < must->n; i++)
		if (!find(findings, must->v[i]))
			return arena_printf(a, "%s is missing; found: %s", must->v[i], list_of(findings, a));
	if (must && must->n && root && strcmp(text(root, "id"), must->v[0]) != 0)
		return arena_printf(a, "the root is %s, not %s; found: %s", text(root, "id"), must->v[0],
				    list_of(findings, a));
	if ((!must || !must->n) && root)
		return arena_printf(a, "nothing may fail here; found: %s", list_of(findings, a));
	for (size_t i = 0; never && i < never->n; i++) {
		const json_t *f = find(findings, never->v[i]);
		if (f && is_failure(f))
			return arena_printf(a, "%s must not be named; found: %s", never->v[i],
					    list_of(findings, a));
	}
	return NULL;
}

static const char *judge_words(const struct strlist *says, struct str json, struct arena *a)
{
	for (size_t i = 0; says && i < says->n; i++)
		if (!lab_fits(json, arena_printf(a, "*%s*", says->v[i])))
			return arena_printf(a, "the answer does not say \"%s\"", says->v[i]);
	return NULL;
}

/* "mail.acme.example:465 tls works". */
static const char *found_of(const json_t *doc, struct arena *a)
{
	const json_t *best = json_object_get(doc, "best");
	if (!json_is_true(json_object_get(doc, "found")))
		return "nothing";
	return arena_printf(a, "%s:%lld %s %s", text(best, "host"),
			    (long long)json_integer_value(json_object_get(best, "port")),
			    text(best, "security"), text(best, "outcome"));
}

static const char *judge_search(const struct spec_section *top, const json_t *doc, struct str json,
				struct arena *a)
{
	const char *wanted = spec_text(top, "finds", "nothing"), *found = found_of(doc, a);
	const struct strlist *says = spec_list(top, "says");
	if (strcmp(found, wanted) != 0)
		return arena_printf(a, "%s was found, not %s: %s", found, wanted, text(doc, "summary"));
	return judge_words(says, json, a);
}

static const char *judge_document(const struct spec_section *top, const json_t *doc, struct str json,
				  struct arena *a)
{
	const char *verdict = spec_text(top, "verdict", NULL);
	const json_t *findings = json_object_get(doc, "findings");
	const struct strlist *says = spec_list(top, "says");
	if (!json_is_array(findings))
		return "the answer has no findings";
	const char *reason = judge_findings(top, findings, a);
	if (reason)
		return reason;
	if (verdict && strcmp(text(doc, "verdict"), verdict) != 0)
		return arena_printf(a, "the verdict is %s, not %s; found: %s", text(doc, "verdict"), verdict,
				    list_of(findings, a));
	return judge_words(says, json, a);
}

const char *lab_judge(const struct spec_section *top, struct str json, struct arena *a)
{
	json_error_t je;
	json_t *doc = json_loadb(json.p, json.len, 0, &je);
	if (!doc)
		return arena_printf(a, "the answer is no JSON: %s", je.text);
	const char *reason = spec_list(top, "discover") ? judge_search(top, doc, json, a)
							: judge_document(top, doc, json, a);
	json_decref(doc);
	return reason;
}
