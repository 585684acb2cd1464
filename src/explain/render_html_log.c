/* SPDX-License-Identifier: Apache-2.0 */
/* A log as a page: what it comes to; single fates are for --json and text. */
#include "base/page.h"
#include "explain/render_html.h"
#include "explain/render_log.h"

enum { FATES_SHOWN = 3, REPLIES_SHOWN = 10 };

static void table_row(struct html *h, const char *name, const char *text)
{
	html_open(h, "tr");
	html_open(h, "th");
	html_attr(h, "scope", "row");
	html_text(h, name);
	html_close(h);
	html_open(h, "td");
	html_leaf(h, "bdi", NULL, text);
	html_close(h);
	html_close(h);
}

static void table_start(struct html *h, const char *heading)
{
	html_leaf(h, "h2", NULL, heading);
	html_open(h, "table");
	html_open(h, "tbody");
}

static void table_end(struct html *h)
{
	html_close(h);
	html_close(h);
}

static const char *fate_text(struct explain_renderer *r, struct arena *a, const struct log_fate *f)
{
	return arena_printf(a, "%s %s %s %s %s: %s", log_time_words(a, f->time_s, r->show.zone_s),
			    log_state_name(f->state), f->queue_id, f->to, f->relay, f->reply);
}

static void cause(struct explain_renderer *r, const struct log_report *l, const struct log_cause *c)
{
	struct html *h = &r->html;
	const struct log_fate *f;
	html_leaf(h, "h3", NULL,
		  arena_printf(l->arena, "%llu × %s (%s)", c->hit, explain_log_title(l->arena, c->finding),
			       log_cause_counts(l->arena, c)));
	html_open(h, "ul");
	for (size_t i = 0; i < FATES_SHOWN && (f = log_recent_at(l->recent, c->finding, i)); i++) {
		html_open(h, "li");
		html_leaf(h, "code", NULL, fate_text(r, l->arena, f));
		html_close(h);
	}
	html_close(h);
}

static void places(struct html *h, const struct log_report *l, const char *heading, const struct log_place *v,
		   size_t n)
{
	if (!n)
		return;
	table_start(h, heading);
	for (size_t i = 0; i < n && i < REPLIES_SHOWN; i++)
		table_row(h, v[i].name, log_place_counts(l->arena, &v[i]));
	table_end(h);
}

void explain_html_log(struct explain_renderer *r, const struct log_report *l)
{
	struct html *h = &r->html;
	const struct log_digest *d = l->digest;
	explain_html_begin(r, *l->name ? l->name : "a mail log");
	html_leaf(h, "p", "dim",
		  arena_printf(l->arena, "%s %s", l->name, log_span_words(l->arena, l, r->show.zone_s)));
	page_headline(h, explain_word_class(log_word(l)), explain_word(log_word(l)),
		      log_sentence(l->arena, l));
	if (l->first) {
		struct cause c = answer_cause(l->arena, l->first);
		html_leaf(h, "h1", NULL, arena_printf(l->arena, "Mend first: %s", c.title));
		explain_html_cause(r, l->arena, l->first, &c);
	}
	if (d->ncauses)
		html_leaf(h, "h2", NULL, "What went wrong");
	for (size_t i = 0; i < d->ncauses; i++)
		cause(r, l, &d->causes[i]);
	table_start(h, "Counts");
	for (unsigned s = 0; s < LOG_STATES; s++)
		if (d->states[s])
			table_row(h, log_state_words((enum log_state)s),
				  arena_printf(l->arena, "%llu", d->states[s]));
	table_end(h);
	places(h, l, "Worst destinations", d->domains, d->ndomains);
	places(h, l, "Turned away at the door most", d->clients, d->nclients);
}

void explain_html_event(struct explain_renderer *r, const struct log_event *e)
{
	(void)r;
	(void)e;
}
