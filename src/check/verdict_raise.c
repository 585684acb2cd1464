/* SPDX-License-Identifier: Apache-2.0 */
/* What rules say: findings raised, with their facts, words and likelier others. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check/verdict.h"

static struct finding *find(struct verdict *v, const char *id)
{
	for (size_t i = 0; i < v->n; i++)
		if (!strcmp(v->findings[i].entry->id, id))
			return &v->findings[i];
	return NULL;
}

bool verdict_has(const struct verdict *v, const char *id)
{
	for (size_t i = 0; i < v->n; i++)
		if (!strcmp(v->findings[i].entry->id, id))
			return true;
	return false;
}

bool verdict_fails(const struct verdict *v)
{
	for (size_t i = 0; i < v->n; i++)
		if (v->findings[i].severity == SEVERITY_FAILURE)
			return true;
	return false;
}

/* An unknown id is our own mistake: nobody could be told what it means. */
static const struct finding_entry *entry_or_die(const char *id)
{
	const struct finding_entry *entry = finding_entry_find(id);
	if (!entry) {
		fprintf(stderr, "postrider: a rule names %s, which is not in the catalogue\n", id);
		abort();
	}
	return entry;
}

static struct finding *add(struct verdict *v, const char *id)
{
	static struct finding overflow;
	struct finding *f = v->n < VERDICT_FINDINGS_MAX ? &v->findings[v->n++] : &overflow;
	*f = (struct finding){ .entry = entry_or_die(id) };
	f->severity = f->entry->severity;
	f->step = f->entry->step;
	return f;
}

struct finding *verdict_raise(struct verdict *v, const char *id, double confidence, const struct fact *fact)
{
	struct finding *f = find(v, id);
	if (!f)
		f = add(v, id);
	if (confidence > f->confidence)
		f->confidence = confidence;
	finding_fact(f, fact);
	return f;
}

void finding_fact(struct finding *f, const struct fact *fact)
{
	if (!fact || f->nfacts == FINDING_FACTS_MAX)
		return;
	for (size_t i = 0; i < f->nfacts; i++)
		if (f->facts[i] == fact)
			return;
	f->facts[f->nfacts++] = fact;
}

void finding_word(struct verdict *v, struct finding *f, const char *name, const char *value)
{
	if (!value || !*value || f->nwords == FINDING_WORDS_MAX)
		return;
	f->words[f->nwords++] = (struct finding_word){ name, arena_strdup(v->arena, value) };
}

void finding_instead(struct finding *f, const char *id, double confidence)
{
	const struct finding_entry *entry = entry_or_die(id);
	for (size_t i = 0; i < f->ninstead; i++)
		if (f->instead[i].entry == entry)
			return;
	if (entry == f->entry || f->ninstead == FINDING_INSTEAD_MAX)
		return;
	f->instead[f->ninstead].entry = entry;
	f->instead[f->ninstead++].confidence = confidence;
}
