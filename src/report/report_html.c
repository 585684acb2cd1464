/* SPDX-License-Identifier: Apache-2.0 */
#include "base/page.h"
#include "base/write.h"
#include "catalog/cause_html.h"
#include "report/report_inner.h"

static void letter(struct html *h, const struct report *r)
{
	if (r->letter.n)
		html_leaf(h, "h2", NULL, "Ready to send");
	for (size_t i = 0; i < r->letter.n; i++)
		html_leaf(h, "p", NULL, r->letter.v[i]);
}

static void question(struct html *h, const struct report *r)
{
	if (!r->question.n)
		return;
	html_leaf(h, "h2", NULL, "What to ask");
	if (*r->ask_whom)
		html_leaf(h, "p", NULL, r->ask_whom);
	html_open(h, "pre");
	for (size_t i = 0; i < r->question.n; i++) {
		html_text(h, r->question.v[i]);
		html_text(h, "\n");
	}
	html_close(h);
}

static void cell(struct html *h, const char *class, const char *text)
{
	html_open(h, "td");
	if (class)
		html_attr(h, "class", class);
	html_leaf(h, "bdi", NULL, text);
	html_close(h);
}

static void head_cell(struct html *h, const char *text)
{
	html_open(h, "th");
	html_attr(h, "scope", "row");
	html_text(h, text);
	html_close(h);
}

static void lines(struct html *h, const char *title, const struct report_lines *l)
{
	if (!l->n)
		return;
	html_leaf(h, "h2", NULL, title);
	html_open(h, "table");
	html_open(h, "tbody");
	for (size_t i = 0; i < l->n; i++) {
		html_open(h, "tr");
		head_cell(h, l->v[i].name);
		cell(h, NULL, l->v[i].text);
		html_close(h);
	}
	html_close(h);
	html_close(h);
}

static void checklist(struct html *h, const struct report *r)
{
	static const char *const classes[REPORT_MARKS] = { "pass", "fail", "warn", "skipped" };
	if (!r->npoints)
		return;
	html_leaf(h, "h2", NULL, "Checklist");
	html_open(h, "table");
	html_open(h, "tbody");
	for (size_t i = 0; i < r->npoints; i++) {
		html_open(h, "tr");
		cell(h, NULL, r->points[i].question);
		cell(h, classes[r->points[i].mark], report_mark_word(r->points[i].mark));
		cell(h, NULL, r->points[i].says);
		html_close(h);
	}
	html_close(h);
	html_close(h);
}

static void why(struct html *h, const struct report *r)
{
	if (!r->cause)
		return;
	html_leaf(h, "h2", NULL, "Why");
	html_leaf(h, "p", NULL, r->cause->why);
	cause_html_to_do(h, r->cause);
	cause_html_sure(h, r->arena, r->cause);
}

static void list(struct html *h, const char *title, const struct strlist *l)
{
	if (!l->n)
		return;
	if (title)
		html_leaf(h, "h2", NULL, title);
	html_open(h, "ul");
	for (size_t i = 0; i < l->n; i++)
		html_leaf(h, "li", NULL, l->v[i]);
	html_close(h);
}

static void causes(struct html *h, const struct report *r)
{
	if (r->ncauses)
		html_leaf(h, "h2", NULL, "By cause");
	for (size_t i = 0; i < r->ncauses; i++) {
		const struct report_cause *c = &r->causes[i];
		html_leaf(h, "h3", NULL, arena_printf(r->arena, "%zu %s: %s", c->n, c->state, c->title));
		if (*c->fix)
			html_leaf(h, "p", NULL, arena_printf(r->arena, "%s: %s", c->actor, c->fix));
		list(h, NULL, &c->examples);
	}
}

static void transcript(struct html *h, const struct report *r)
{
	if (!*r->transcript)
		return;
	html_open(h, "details");
	html_leaf(h, "summary", NULL, "The dialogue (> this side, < the server, * what happened)");
	html_leaf(h, "pre", NULL, r->transcript);
	html_close(h);
}

static void foot(struct html *h, const struct report *r)
{
	html_open(h, "footer");
	html_leaf(h, "p", NULL,
		  arena_printf(r->arena,
			       "Made %s by postrider " POSTRIDER_VERSION
			       ". Passwords and tokens are not in it.",
			       r->made));
	html_close(h);
}

bool report_html(const struct report *r, FILE *out, struct err *e)
{
	struct html h;
	page_start(&h, out, "Mail report", r->about);
	html_leaf(&h, "p", "dim", r->about);
	page_headline(&h, arena_printf(r->arena, "word %s", r->class), r->word, r->summary);
	letter(&h, r);
	question(&h, r);
	lines(&h, "Facts", &r->facts);
	why(&h, r);
	causes(&h, r);
	checklist(&h, r);
	lines(&h, "Proof", &r->proof);
	list(&h, "What was tried", &r->tried);
	lines(&h, "The DNS as it was", &r->dns);
	transcript(&h, r);
	foot(&h, r);
	html_end(&h);
	return write_end(out, "the report", e);
}
