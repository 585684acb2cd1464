/* SPDX-License-Identifier: Apache-2.0 */
/* A log in Markdown: what it comes to; single fates are for --json and text. */
#include "explain/render_log.h"
#include "explain/render_markdown.h"

enum { FATES_SHOWN = 3, PLACES_SHOWN = 10 };

static void item(FILE *out, const char *text)
{
	fputs("- ", out);
	markdown_prose(out, text);
	fputc('\n', out);
}

static void cause(struct explain_renderer *r, const struct log_report *l, const struct log_cause *c)
{
	const struct log_fate *f;
	item(r->out, arena_printf(l->arena, "%llu x %s (%s)", c->hit, explain_log_title(l->arena, c->finding),
				  log_cause_counts(l->arena, c)));
	for (size_t i = 0; i < FATES_SHOWN && (f = log_recent_at(l->recent, c->finding, i)); i++) {
		fputs("  - ", r->out);
		markdown_span(r->out, arena_printf(l->arena, "%s %s %s %s: %s",
						   log_time_words(l->arena, f->time_s, r->show.zone_s),
						   f->queue_id, f->to, f->relay, f->reply));
		fputc('\n', r->out);
	}
}

static void places(FILE *out, const struct log_report *l, const char *heading, const struct log_place *v,
		   size_t n)
{
	if (!n)
		return;
	markdown_heading(out, "##", heading);
	for (size_t i = 0; i < n && i < PLACES_SHOWN; i++)
		item(out, arena_printf(l->arena, "%s: %s", v[i].name, log_place_counts(l->arena, &v[i])));
	fputc('\n', out);
}

static void counts(FILE *out, const struct log_report *l)
{
	markdown_heading(out, "##", "Counts");
	for (unsigned s = 0; s < LOG_STATES; s++)
		if (l->digest->states[s])
			item(out, arena_printf(l->arena, "%llu %s", l->digest->states[s],
					       log_state_words((enum log_state)s)));
	for (size_t i = 0; i < l->digest->nclasses; i++)
		item(out, arena_printf(l->arena, "%llu %s", l->digest->classes[i].hit,
				       l->digest->classes[i].class->id));
	fputc('\n', out);
}

void explain_markdown_log(struct explain_renderer *r, const struct log_report *l)
{
	const struct log_digest *d = l->digest;
	explain_markdown_headline(r->out, log_word(l), log_sentence(l->arena, l));
	if (l->first) {
		struct cause c = answer_cause(l->arena, l->first);
		markdown_heading(r->out, "#", arena_printf(l->arena, "Mend first: %s", c.title));
		explain_markdown_cause(r, l->arena, l->first, &c);
	}
	if (d->ncauses)
		markdown_heading(r->out, "##", "What went wrong");
	for (size_t i = 0; i < d->ncauses; i++)
		cause(r, l, &d->causes[i]);
	if (d->ncauses)
		fputc('\n', r->out);
	counts(r->out, l);
	places(r->out, l, "Worst destinations", d->domains, d->ndomains);
	places(r->out, l, "Turned away at the door most", d->clients, d->nclients);
}

void explain_markdown_event(struct explain_renderer *r, const struct log_event *e)
{
	(void)r;
	(void)e;
}
