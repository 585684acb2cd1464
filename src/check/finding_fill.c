/* SPDX-License-Identifier: Apache-2.0 */
/* What stands in the places of a finding's sentences. */
#include <string.h>

#include "catalog/fill.h"
#include "check/verdict.h"

struct filled {
	const struct verdict *v;
	const struct finding *f;
};

static const char *target_value(const struct fact_target *t, struct str name, struct arena *a)
{
	if (str_eq(name, "host"))
		return t->host;
	if (str_eq(name, "port"))
		return t->port ? arena_printf(a, "%ld", t->port) : "";
	if (str_eq(name, "security"))
		return t->security;
	if (str_eq(name, "user"))
		return t->user;
	if (str_eq(name, "from"))
		return t->from;
	if (str_eq(name, "to"))
		return t->to.n ? t->to.v[0] : "";
	if (str_eq(name, "domain"))
		return t->domain;
	return str_eq(name, "ip") ? t->sending_ip : "";
}

static const char *provider_title(const struct evidence *ev)
{
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_PROVIDER, f));)
		if (!strcmp(f->provider.subject, "target"))
			return f->provider.title;
	return "";
}

/* From the facts a finding rests on: the server's words, the address. */
static const char *fact_value(const struct finding *f, struct str name)
{
	for (size_t i = 0; i < f->nfacts; i++) {
		const struct fact *fact = f->facts[i];
		if (fact->kind == FACT_REPLY && str_eq(name, "reply"))
			return fact->reply.text;
		if (fact->kind == FACT_REPLY && str_eq(name, "to") && *fact->reply.recipient)
			return fact->reply.recipient;
		if (fact->kind == FACT_CONNECT && str_eq(name, "address"))
			return fact->connect.address;
	}
	return "";
}

static const char *value_of(const struct verdict *v, const struct finding *f, struct str name)
{
	for (size_t i = f->nwords; i-- > 0;) /* the latest word wins */
		if (str_eq(name, f->words[i].name))
			return f->words[i].value;
	const char *value = fact_value(f, name);
	if (*value)
		return value;
	if (str_eq(name, "provider"))
		return provider_title(v->ev);
	const struct fact *t = evidence_next(v->ev, FACT_TARGET, NULL);
	return t ? target_value(&t->target, name, v->arena) : "";
}

static const char *finding_value(const void *source, struct str name, struct arena *a)
{
	const struct filled *x = source;
	(void)a; /* the verdict's arena */
	return value_of(x->v, x->f, name);
}

const char *finding_fill(const struct verdict *v, const struct finding *f, const char *sentence)
{
	struct filled x = { v, f };
	return fill_sentence(v->arena, sentence, finding_value, &x);
}

const char *finding_fill_command(const struct verdict *v, const struct finding *f, const char *command)
{
	struct filled x = { v, f };
	return fill_command(v->arena, command, finding_value, &x);
}
