/* SPDX-License-Identifier: Apache-2.0 */
#include "report/report.h"

#include "base/text_time.h"
#include "report/report_inner.h"

void making_begin(struct making *m, const struct report_options *o)
{
	char now[TEXT_TIME_BYTES];
	struct report *r = mem_alloc(sizeof(*r));
	r->arena = arena_new();
	r->about = r->word = r->class = r->summary = r->transcript = r->ask_whom = "";
	r->made = arena_strdup(r->arena, text_time(o->now_s, now));
	*m = (struct making){ .r = r, .redactor = { .arena = r->arena, .mask = o->mask }, .o = o };
}

void report_free(struct report **r)
{
	if (!*r)
		return;
	arena_free(&(*r)->arena);
	mem_free(r);
}

void making_line(struct making *m, struct report_lines *to, const char *name, const char *text)
{
	if (!*text)
		return;
	to->v = arena_grow(m->r->arena, to->v, to->n, &to->room, 16, sizeof(*to->v));
	to->v[to->n++] = (struct report_line){ redact(&m->redactor, name), redact(&m->redactor, text) };
}

void making_point(struct making *m, const char *question, enum report_mark mark, const char *says)
{
	if (m->r->npoints < REPORT_POINTS_MAX)
		m->r->points[m->r->npoints++] =
			(struct report_point){ question, mark, redact(&m->redactor, says) };
}

void making_say(struct making *m, struct strlist *to, const char *text)
{
	if (*text)
		strlist_add(to, m->r->arena, redact(&m->redactor, text));
}

void making_write(struct making *m, const char *text)
{
	strlist_add(&m->r->letter, m->r->arena, redact_own(&m->redactor, text));
}

void making_cause(struct making *m, const struct cause *c)
{
	struct arena *a = m->r->arena;
	struct redactor *r = &m->redactor;
	struct cause *out = arena_alloc(a, sizeof(*out));
	struct finding_fix *fixes = arena_alloc(a, (c->nfixes + 1) * sizeof(*fixes));
	*out = *c;
	out->title = redact_own(r, c->title);
	out->why = redact_own(r, c->why);
	out->tell = redact_own(r, c->tell);
	for (size_t i = 0; i < c->nfixes; i++)
		fixes[i] = (struct finding_fix){ c->fixes[i].actor, redact_own(r, c->fixes[i].text),
						 redact_own(r, c->fixes[i].command) };
	out->fixes = fixes;
	for (size_t i = 0; i < c->ninstead; i++)
		out->instead[i].title = redact_own(r, c->instead[i].title);
	m->r->cause = out;
}

const char *making_time(struct making *m, int64_t at_ms)
{
	char text[TEXT_TIME_BYTES];
	return arena_strdup(m->r->arena, text_time(at_ms / 1000, text));
}

const char *report_mark_word(enum report_mark m)
{
	static const char *const words[REPORT_MARKS] = { "proved: in order", "proved: at fault", "open",
							 "not applicable" };
	return words[m];
}
