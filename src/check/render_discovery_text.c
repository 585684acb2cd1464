/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/paper.h"
#include "base/text_time.h"
#include "base/write.h"
#include "check/discovery_words.h"
#include "check/render_discovery.h"

enum { LEAD = 15 };

static enum paper_style style_of(enum outcome o)
{
	return o == OUTCOME_WORKS || o == OUTCOME_READY          ? PAPER_GOOD
	       : outcome_is_way(o)                               ? PAPER_ODD
	       : o == OUTCOME_NOT_TRIED || o == OUTCOME_NO_LOGIN ? PAPER_DIM
								 : PAPER_BAD;
}

static void section(struct paper *p, const char *heading)
{
	paper_space(p);
	paper_head(p, 0, heading);
}

static void headline(struct paper *p, const struct discovery *d)
{
	const char *word = discovery_word(d);
	paper_item(p, 0,
		   (struct paper_lead){ word, (unsigned)strlen(word) + 2, d->found ? PAPER_GOOD : PAPER_BAD },
		   d->summary);
}

static void one(struct paper *p, const struct discovery *d, const struct tried *t)
{
	paper_item(p, 2, (struct paper_lead){ outcome_word(t->outcome), LEAD, style_of(t->outcome) },
		   arena_printf(d->arena, "%s: %s", discovery_server(d->arena, t->candidate),
				t->candidate->why));
	paper_text(p, 2 + LEAD, PAPER_DIM, t->attempt->says);
}

/* Those passed over for one reason, in one line; i is the first of them. */
static void passed_over(struct paper *p, const struct discovery *d, size_t i)
{
	const char *why = d->v[i].attempt->says;
	struct strlist servers = { 0 };
	for (size_t k = 0; k < d->n; k++) {
		const struct tried *t = &d->v[k];
		if (t->outcome != OUTCOME_NOT_TRIED || strcmp(t->attempt->says, why) != 0)
			continue;
		if (k < i)
			return; /* told with that one */
		strlist_add(&servers, d->arena,
			    arena_printf(d->arena, "%s:%ld", t->candidate->host, t->candidate->port));
	}
	paper_item(p, 2,
		   (struct paper_lead){ outcome_word(OUTCOME_NOT_TRIED), LEAD, style_of(OUTCOME_NOT_TRIED) },
		   arena_printf(d->arena, "%s: %s", strlist_join(&servers, d->arena, ", "), why));
}

static void candidates(struct paper *p, const struct discovery *d)
{
	if (d->n)
		section(p, "Candidates, in order of merit");
	for (size_t i = 0; i < d->n; i++)
		if (d->v[i].outcome != OUTCOME_NOT_TRIED)
			one(p, d, &d->v[i]);
	for (size_t i = 0; i < d->n; i++)
		if (d->v[i].outcome == OUTCOME_NOT_TRIED)
			passed_over(p, d, i);
}

static void notes(struct paper *p, const struct discovery *d)
{
	if (d->notes.n)
		section(p, "To know");
	for (size_t i = 0; i < d->notes.n; i++)
		paper_item(p, 2, (struct paper_lead){ "-", 2, PAPER_PLAIN }, d->notes.v[i]);
}

static void config(struct paper *p, const struct discovery *d)
{
	struct str rest = str_of(d->config), line;
	if (rest.len)
		section(p, "For postrider.conf (a profile for check and send, a route for serve)");
	while (str_next(&rest, "\n", &line))
		paper_command(p, 2, arena_dup(d->arena, line.p, line.len));
}

static void transcript(struct paper *p, const struct discovery *d)
{
	section(p, "Dialogues (> this side, < the server, * what happened)");
	for (size_t i = 0; i < d->ev->nlines; i++) {
		const struct transcript_line *l = &d->ev->lines[i];
		struct paper_lead lead = {
			arena_printf(d->arena, "%6ld ms %u %c", l->t_ms, l->session, l->dir), 15, PAPER_DIM
		};
		paper_item(p, 0, lead, l->text);
	}
}

bool render_discovery_text(const struct discovery *d, const struct render_options *o, FILE *out,
			   struct err *e)
{
	struct paper p = paper_of(out, o->width, o->color, o->ascii);
	char when[TEXT_TIME_BYTES];
	headline(&p, d);
	if (!o->brief) {
		candidates(&p, d);
		notes(&p, d);
	}
	config(&p, d);
	if (o->transcript)
		transcript(&p, d);
	if (!o->brief) {
		paper_space(&p);
		paper_text(&p, 0, PAPER_DIM,
			   arena_printf(d->arena,
					"Searched %s in %ld.%01ld s by postrider " POSTRIDER_VERSION,
					text_time(d->ev->started_s, when), d->ev->elapsed_ms / 1000,
					d->ev->elapsed_ms % 1000 / 100));
	}
	return write_end(out, "the answer", e);
}
