/* SPDX-License-Identifier: Apache-2.0 */
/* The words all renderers use. */
#include <string.h>

#include "check/render_inner.h"

struct shown {
	const struct verdict *v;
	const struct finding *f;
};

static const char *const words[] = { "ALL WELL", "WARNING", "FAILING", "UNKNOWN" };

const char *render_word(enum verdict_word w)
{
	return words[w];
}

static const char *sentence(const void *source, struct arena *a, const char *text)
{
	const struct shown *x = source;
	(void)a; /* the verdict's */
	return finding_fill(x->v, x->f, text);
}

static const char *command(const void *source, struct arena *a, const char *text)
{
	const struct shown *x = source;
	(void)a;
	return finding_fill_command(x->v, x->f, text);
}

/* The title of an entry that was considered, filled as far as the target fills it. */
static const char *considered(const struct verdict *v, const struct finding_entry *entry)
{
	struct finding unraised = { .entry = entry };
	return finding_fill(v, &unraised, entry->title);
}

struct cause render_cause(const struct verdict *v, const struct finding *f)
{
	struct shown x = { v, f };
	struct cause c =
		cause_of(v->arena, f->entry, f->confidence, &(struct cause_fill){ sentence, command, &x });
	for (size_t i = 0; i < f->ninstead; i++)
		cause_instead(&c, f->instead[i].entry, considered(v, f->instead[i].entry),
			      f->instead[i].confidence);
	return c;
}

const struct finding *render_root(const struct verdict *v)
{
	return v->n && v->findings[0].severity != SEVERITY_NOTE ? &v->findings[0] : NULL;
}

static const char *security_words(const char *security)
{
	static const char *const pairs[][2] = { { "none", "not encrypted" },
						{ "starttls", "STARTTLS" },
						{ "tls", "SSL/TLS" } };
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
		if (!strcmp(pairs[i][0], security))
			return pairs[i][1];
	return "";
}

const char *render_target(const struct verdict *v)
{
	const struct fact *f = evidence_next(v->ev, FACT_TARGET, NULL);
	struct arena *a = v->arena;
	if (!f)
		return "";
	const struct fact_target *t = &f->target;
	const char *name = *t->host ? t->host : *t->domain ? t->domain : t->input;
	if (*t->host && t->port)
		name = arena_printf(a, "%s, port %ld", name, t->port);
	if (*security_words(t->security))
		name = arena_printf(a, "%s (%s)", name, security_words(t->security));
	const char *provider = render_provider(v, true);
	if (*provider)
		name = arena_printf(a, "%s, %s", name, provider);
	return *t->host && !strcmp(t->form, "address") ? arena_printf(a, "%s at %s", t->input, name) : name;
}

const char *render_rest_word(const struct verdict *v)
{
	return v->word == VERDICT_FAILING ? "not reached" : "not tried";
}

/* Across all mail or never looked at by a plain check: no line unless something was seen. */
static bool is_chain(enum step s)
{
	return s != STEP_OAUTH && s != STEP_CONTENT && s != STEP_ATTACHMENT && s != STEP_POST_HANDOFF &&
	       s != STEP_DOMAIN_POLICY && s != STEP_RELAY_SERVER && s != STEP_CLIENT_NETWORK;
}

bool render_has_line(const struct verdict *v, enum step s)
{
	enum step_status status = v->steps[s].status;
	return status != STEP_NOT_REACHED && (status != STEP_SKIPPED || *v->steps[s].says);
}

const char *render_not_reached(const struct verdict *v)
{
	struct strlist l = { 0 };
	enum step from = 0; /* what lies before a step that was reached was not needed */
	for (enum step s = 0; s < STEP_COUNT; s++)
		if (is_chain(s) && render_has_line(v, s))
			from = s;
	for (enum step s = from; s < STEP_COUNT; s++)
		if (is_chain(s) && !render_has_line(v, s))
			strlist_add(&l, v->arena, words_step(s));
	return strlist_join(&l, v->arena, ", ");
}

/* The main dialogue's answer about a recipient: the i'th. */
static const struct fact *rcpt_reply(const struct verdict *v, size_t i)
{
	const struct fact *s = evidence_session(v->ev, "main");
	for (const struct fact *f = NULL; s && (f = evidence_in(v->ev, FACT_REPLY, s->session, f));)
		if (!strcmp(f->reply.step, "rcpt") && *f->reply.recipient && i-- == 0)
			return f;
	return NULL;
}

const char *render_recipient(const struct verdict *v, size_t i, bool *taken)
{
	const struct fact *f = rcpt_reply(v, 1) ? rcpt_reply(v, i) : NULL;
	if (!f)
		return NULL;
	*taken = f->reply.code / 100 == 2;
	return arena_printf(v->arena, "%s: %ld %s", f->reply.recipient, f->reply.code, f->reply.text);
}
