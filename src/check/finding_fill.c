/* SPDX-License-Identifier: Apache-2.0 */
/* Fills {name|default} places of the catalogue's sentences. */
#include <string.h>

#include "base/buf.h"
#include "check/verdict.h"

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

static bool is_safe_to_type(const char *value)
{
	static const char safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789@._:+-";
	return value[strspn(value, safe)] == 0 && *value != '-';
}

/* place = "{" name [ "|" default ] "}" */
static size_t fill_place(const struct verdict *v, const struct finding *f, struct str s, bool command,
			 struct buf *out)
{
	const char *end = memchr(s.p, '}', s.len);
	if (!end)
		return 0;
	struct str inside = { s.p + 1, (size_t)(end - s.p) - 1 };
	const char *bar = memchr(inside.p, '|', inside.len);
	struct str name = { inside.p, bar ? (size_t)(bar - inside.p) : inside.len };
	const char *value = value_of(v, f, name);
	if (*value && (!command || is_safe_to_type(value)))
		buf_adds(out, value);
	else if (bar)
		buf_add(out, bar + 1, (size_t)(end - bar) - 1);
	return (size_t)(end - s.p) + 1;
}

static const char *fill(const struct verdict *v, const struct finding *f, const char *sentence, bool command)
{
	struct buf out = { 0 };
	struct str s = str_of(sentence);
	while (s.len) {
		size_t used = *s.p == '{' ? fill_place(v, f, s, command, &out) : 0;
		if (!used) {
			buf_add(&out, s.p, 1);
			used = 1;
		}
		s = str_cut(s, used, s.len);
	}
	struct str done = buf_str(&out);
	const char *z = arena_dup(v->arena, done.p, done.len);
	buf_clear(&out);
	return z;
}

const char *finding_fill(const struct verdict *v, const struct finding *f, const char *sentence)
{
	return fill(v, f, sentence, false);
}

const char *finding_fill_command(const struct verdict *v, const struct finding *f, const char *command)
{
	return fill(v, f, command, true);
}
