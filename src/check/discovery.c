/* SPDX-License-Identifier: Apache-2.0 */
#include "check/discovery.h"

#include <string.h>

#include "check/discovery_words.h"

static const struct {
	const char *name, *word;
} outcomes[OUTCOMES] = {
	[OUTCOME_WORKS] = { "works", "works" },
	[OUTCOME_READY] = { "ready", "ready" },
	[OUTCOME_UNCONFIRMED] = { "unconfirmed", "to confirm" },
	[OUTCOME_RELAYS] = { "relays", "without login" },
	[OUTCOME_LOGIN_REFUSED] = { "login-refused", "login refused" },
	[OUTCOME_LOGIN_PUT_OFF] = { "login-put-off", "not now" },
	[OUTCOME_OTHER_LOGIN] = { "other-login", "other login" },
	[OUTCOME_NO_LOGIN] = { "no-login", "receives only" },
	[OUTCOME_NOT_PROVEN] = { "not-proven", "not proven" },
	[OUTCOME_NO_TLS] = { "no-tls", "no TLS" },
	[OUTCOME_TLS_FAILED] = { "tls-failed", "TLS failed" },
	[OUTCOME_NO_SERVICE] = { "no-service", "no service" },
	[OUTCOME_CLOSED] = { "closed", "closed" },
	[OUTCOME_NO_ANSWER] = { "no-answer", "no answer" },
	[OUTCOME_NO_ADDRESS] = { "no-address", "no address" },
	[OUTCOME_NOT_TRIED] = { "not-tried", "not tried" },
};

const char *outcome_name(enum outcome o)
{
	return outcomes[o].name;
}

const char *outcome_word(enum outcome o)
{
	return outcomes[o].word;
}

static bool outcome_of(const char *name, enum outcome *o)
{
	for (enum outcome i = 0; i < OUTCOMES; i++)
		if (!strcmp(outcomes[i].name, name)) {
			*o = i;
			return true;
		}
	return false;
}

bool outcome_is_way(enum outcome o)
{
	return o <= OUTCOME_RELAYS;
}

static const struct fact *attempt_of(const struct evidence *ev, const struct fact *candidate)
{
	for (const struct fact *f = candidate; (f = evidence_next(ev, FACT_ATTEMPT, f));)
		if (f->attempt.of == (long)candidate->n)
			return f;
	return NULL;
}

static const struct fact_attempt *never(struct arena *a)
{
	struct fact_attempt *x = arena_alloc(a, sizeof(*x));
	*x = (struct fact_attempt){ .outcome = "not-tried",
				    .says = "the search ended before",
				    .user = "",
				    .auth = "",
				    .finding = "" };
	return x;
}

/* A file may hold words of another release: unknown ones are read as "not tried". */
static struct tried read_tried(struct arena *a, const struct evidence *ev, const struct fact *f)
{
	const struct fact *attempt = attempt_of(ev, f);
	struct tried t = { .candidate = &f->candidate,
			   .attempt = attempt ? &attempt->attempt : never(a),
			   .outcome = OUTCOME_NOT_TRIED,
			   .source = SOURCE_DOMAIN };
	outcome_of(t.attempt->outcome, &t.outcome);
	candidate_source_of(t.candidate->source, &t.source);
	return t;
}

static struct tried *same_server(const struct discovery *d, const struct fact_candidate *c)
{
	for (size_t i = 0; i < d->n; i++) {
		const struct fact_candidate *x = d->v[i].candidate;
		if (!strcmp(x->host, c->host) && x->port == c->port && !strcmp(x->security, c->security))
			return &d->v[i];
	}
	return NULL;
}

/* By merit: insertion keeps those of one source in the order they were named.  What was tried again
 * counts as it was the last time. */
static void add(struct discovery *d, struct tried t)
{
	struct tried *before = same_server(d, t.candidate);
	if (before) {
		*before = t;
		return;
	}
	size_t at = d->n++;
	for (; at && d->v[at - 1].source > t.source; at--)
		d->v[at] = d->v[at - 1];
	d->v[at] = t;
}

static const struct tried *best_of(const struct discovery *d)
{
	const struct tried *best = NULL;
	for (size_t i = 0; i < d->n; i++)
		if (!best || d->v[i].outcome < best->outcome)
			best = &d->v[i];
	return best;
}

struct discovery *discovery_of(const struct evidence *ev)
{
	struct discovery *d = mem_alloc(sizeof(*d));
	const struct fact *target = evidence_next(ev, FACT_TARGET, NULL);
	d->ev = ev;
	d->arena = arena_new();
	d->address = target ? target->target.input : "";
	d->v = arena_alloc(d->arena, (ev->n + 1) * sizeof(*d->v));
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_CANDIDATE, f));)
		add(d, read_tried(d->arena, ev, f));
	d->best = best_of(d);
	d->found = d->best && outcome_is_way(d->best->outcome);
	d->summary = discovery_summary(d);
	d->config = discovery_config(d);
	discovery_notes(d);
	return d;
}

void discovery_free(struct discovery **d)
{
	if (!*d)
		return;
	arena_free(&(*d)->arena);
	mem_free(d);
}
