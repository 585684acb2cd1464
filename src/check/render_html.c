/* SPDX-License-Identifier: Apache-2.0 */
/* The answer as one file that can be mailed: style within, no scripts, nothing fetched. */
#include "base/page.h"
#include "base/text_time.h"
#include "base/write.h"
#include "catalog/cause_html.h"
#include "check/render_inner.h"

static const char *const marks[] = { "not reached", "skipped", "passed", "warning", "breaks here" };

static void headline(struct html *h, const struct verdict *v)
{
	html_leaf(h, "p", "dim", render_target(v));
	page_headline(h, arena_printf(v->arena, "word %s", verdict_word_name(v->word)), render_word(v->word),
		      v->summary);
}

static void row(struct html *h, const char *class, const char *name, const char *status, const char *says)
{
	html_open(h, "tr");
	html_open(h, "th");
	html_attr(h, "scope", "row");
	html_text(h, name);
	html_close(h);
	html_leaf(h, "td", class, status);
	html_open(h, "td");
	html_leaf(h, "bdi", NULL, says);
	html_close(h);
	html_close(h);
}

static void chain(struct html *h, const struct verdict *v)
{
	html_leaf(h, "h2", NULL, "The way of the mail, step by step");
	html_open(h, "table");
	html_open(h, "tbody");
	for (enum step s = 0; s < STEP_COUNT; s++)
		if (render_has_line(v, s))
			row(h, step_status_name(v->steps[s].status), words_step(s), marks[v->steps[s].status],
			    v->steps[s].says);
	const char *rest = render_not_reached(v);
	if (*rest)
		row(h, "not-reached", "Further steps", render_rest_word(v), rest);
	html_close(h);
	html_close(h);
}

static void recipients(struct html *h, const struct verdict *v)
{
	bool taken;
	const char *text;
	if (!render_recipient(v, 0, &taken))
		return;
	html_leaf(h, "h2", NULL, "Recipients");
	html_open(h, "ul");
	for (size_t i = 0; (text = render_recipient(v, i, &taken)); i++) {
		html_open(h, "li");
		html_leaf(h, "span", taken ? "pass" : "fail", taken ? "accepted" : "refused");
		html_text(h, " ");
		html_leaf(h, "code", NULL, text);
		html_close(h);
	}
	html_close(h);
}

static void proof(struct html *h, const struct verdict *v, const struct finding *f)
{
	if (!f->nfacts)
		return;
	html_leaf(h, "h2", NULL, "Proof");
	html_open(h, "ul");
	for (size_t i = 0; i < f->nfacts; i++) {
		html_open(h, "li");
		html_leaf(h, "code", NULL, render_fact(v, f->facts[i]));
		html_close(h);
	}
	html_close(h);
}

static void root_cause(struct html *h, const struct verdict *v, const struct finding *f)
{
	html_leaf(h, "h2", NULL, "Why");
	const struct cause c = render_cause(v, f);
	html_leaf(h, "p", NULL, c.why);
	cause_html_to_do(h, &c);
	cause_html_sure(h, v->arena, &c);
	proof(h, v, f);
	cause_html_refs(h, &c);
}

static void further(struct html *h, const struct verdict *v, const struct finding *root)
{
	size_t from = root ? 1 : 0;
	if (v->n == from)
		return;
	html_leaf(h, "h2", NULL, root ? "Found besides" : "Good to know");
	html_open(h, "ul");
	for (size_t i = from; i < v->n; i++) {
		const struct finding *f = &v->findings[i];
		const struct finding_fix *x = words_fix(f->entry, 0);
		html_open(h, "li");
		html_leaf(h, "span", severity_name(f->severity), severity_name(f->severity));
		html_text(h, ": ");
		html_text(h, finding_fill(v, f, f->entry->title));
		html_text(h, ". ");
		if (x)
			html_text(h, arena_printf(v->arena, "%s: %s", words_actor(x->actor),
						  finding_fill(v, f, x->text)));
		html_close(h);
	}
	html_close(h);
}

static void experiments(struct html *h, const struct verdict *v)
{
	if (!evidence_next(v->ev, FACT_EXPERIMENT, NULL))
		return;
	html_leaf(h, "h2", NULL, "What was tried to tell causes apart");
	html_open(h, "ul");
	for (const struct fact *f = NULL; (f = evidence_next(v->ev, FACT_EXPERIMENT, f));) {
		const char *text = render_experiment(v, f);
		if (text)
			html_leaf(h, "li", NULL, text);
	}
	html_close(h);
}

static void transcript(struct html *h, const struct verdict *v)
{
	html_open(h, "details");
	html_leaf(h, "summary", NULL, "The dialogue (> this side, < the server, * what happened)");
	html_open(h, "pre");
	for (size_t i = 0; i < v->ev->nlines; i++) {
		const struct transcript_line *l = &v->ev->lines[i];
		html_text(h,
			  arena_printf(v->arena, "%6ld ms %u %c %s\n", l->t_ms, l->session, l->dir, l->text));
	}
	html_close(h);
	html_close(h);
}

static void foot(struct html *h, const struct verdict *v, const struct finding *root)
{
	char when[TEXT_TIME_BYTES];
	html_open(h, "footer");
	if (root)
		html_leaf(h, "p", NULL,
			  arena_printf(v->arena, "Finding %s, class %s", root->entry->id,
				       root->entry->class));
	html_leaf(h, "p", NULL,
		  arena_printf(v->arena, "Checked %s by postrider " POSTRIDER_VERSION,
			       text_time(v->ev->started_s, when)));
	html_close(h);
}

bool render_html(const struct verdict *v, const struct render_options *o, FILE *out, struct err *e)
{
	struct html h;
	const struct finding *root = render_root(v);
	page_start(&h, out, "Mail check", render_target(v));
	headline(&h, v);
	if (!o->brief) {
		chain(&h, v);
		recipients(&h, v);
	}
	if (root)
		root_cause(&h, v, root);
	if (!o->brief) {
		further(&h, v, root);
		experiments(&h, v);
	}
	if (o->transcript)
		transcript(&h, v);
	foot(&h, v, root);
	html_end(&h);
	return write_end(out, "the answer", e);
}
