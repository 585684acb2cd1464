/* SPDX-License-Identifier: Apache-2.0 */
/* The answer as one file that can be mailed: style within, no scripts, nothing fetched. */
#include <string.h>

#include "base/html.h"
#include "base/text.h"
#include "check/render_internal.h"

static const char css[] =
	":root{color-scheme:light dark;--bg:#fff;--fg:#1c2024;--dim:#5b646d;--line:#d8dde2;--card:#f5f7f9;"
	"--bad:#b3261e;--odd:#8a5a00;--good:#1a7f37}\n"
	"@media (prefers-color-scheme:dark){:root{--bg:#14171a;--fg:#e8eaed;--dim:#a3adb7;--line:#363c43;"
	"--card:#1e2226;--bad:#ff8a80;--odd:#ffc860;--good:#6fdd8b}}\n"
	"body{margin:2rem auto;max-width:46rem;padding:0 1rem;background:var(--bg);color:var(--fg);"
	"font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}\n"
	"h1{font-size:1.35rem;line-height:1.3;margin:.3rem 0 1rem}h2{font-size:1.05rem;margin:1.6rem 0 .4rem}"
	"h3{font-size:1rem;margin:.9rem 0 .2rem}p{margin:.3rem 0}\n"
	".word{font-weight:700;letter-spacing:.04em}.failing,.fail,.failure{color:var(--bad)}"
	".warning,.warn,.unknown{color:var(--odd)}.ok,.pass{color:var(--good)}"
	".dim,.skipped,.not-reached,.note{color:var(--dim)}\n"
	"table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;font-weight:400;"
	"padding:.25rem .6rem .25rem 0;border-bottom:1px solid var(--line)}th{white-space:nowrap}\n"
	"pre{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:.5rem .7rem;"
	"white-space:pre-wrap;margin:.3rem "
	"0;unicode-bidi:plaintext}code{unicode-bidi:isolate;direction:ltr}\n"
	"details{margin-top:1.6rem}footer{margin-top:2rem;color:var(--dim);font-size:.9rem}\n"
	"@media print{body{margin:0;max-width:none;font-size:11pt}h2,h3{break-after:avoid}"
	"pre,tr{break-inside:avoid}details{display:none}details[open]{display:block}}\n";

static const char *const marks[] = { "not reached", "skipped", "passed", "warning", "breaks here" };

static void head(struct html *h, const struct verdict *v)
{
	html_open(h, "html");
	html_attr(h, "lang", "en");
	html_open(h, "head");
	html_open(h, "meta");
	html_attr(h, "charset", "utf-8");
	html_close(h);
	html_open(h, "meta"); /* should an escape ever fail: nothing may run or load */
	html_attr(h, "http-equiv", "Content-Security-Policy");
	html_attr(h, "content", "default-src 'none'; style-src 'unsafe-inline'");
	html_close(h);
	html_open(h, "title");
	html_text(h, "Mail check: ");
	html_text(h, render_target(v));
	html_close(h);
	html_open(h, "meta");
	html_attr(h, "name", "viewport");
	html_attr(h, "content", "width=device-width");
	html_close(h);
	html_style(h, css);
	html_close(h);
	html_open(h, "body");
}

static void headline(struct html *h, const struct verdict *v)
{
	html_leaf(h, "p", "dim", render_target(v));
	html_open(h, "h1");
	html_open(h, "span");
	html_attr(h, "class", arena_printf(v->arena, "word %s", verdict_word_name(v->word)));
	html_text(h, render_word(v->word));
	html_close(h);
	html_text(h, " ");
	html_leaf(h, "bdi", NULL, v->summary);
	html_close(h);
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

static void command(struct html *h, const char *text)
{
	html_open(h, "pre");
	html_leaf(h, "code", NULL, text);
	html_close(h);
}

static void what_to_do(struct html *h, const struct verdict *v, const struct finding *f)
{
	enum finding_actor shown = ACTOR_COUNT;
	const struct finding_fix *x;
	if (f->entry->nfixes)
		html_leaf(h, "h2", NULL, "What to do");
	for (size_t i = 0; (x = words_fix(f->entry, i)); i++) {
		if (x->actor != shown)
			html_leaf(h, "h3", NULL, words_actor(x->actor));
		shown = x->actor;
		html_leaf(h, "p", NULL, finding_fill(v, f, x->text));
		if (x->command && *x->command)
			command(h, finding_fill_command(v, f, x->command));
	}
}

static void how_sure(struct html *h, const struct verdict *v, const struct finding *f)
{
	html_leaf(h, "h2", NULL, "How sure this is");
	html_open(h, "p");
	html_leaf(h, "b", NULL, render_sure(v, f->confidence));
	html_text(h, ". Told from its look-alikes so: ");
	html_text(h, finding_fill(v, f, f->entry->tell));
	html_close(h);
	if (!f->ninstead)
		return;
	html_leaf(h, "p", NULL, "Also considered, and less likely:");
	html_open(h, "ul");
	for (size_t i = 0; i < f->ninstead; i++)
		html_leaf(h, "li", NULL,
			  arena_printf(v->arena, "%s (%d %%)", render_instead(v, f->instead[i].entry),
				       (int)(f->instead[i].confidence * 100 + 0.5)));
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

static bool is_link(const char *ref)
{
	return !strncmp(ref, "https://", 8);
}

static void references(struct html *h, const struct finding *f)
{
	if (!*f->entry->refs)
		return;
	html_leaf(h, "h2", NULL, "Read more");
	html_open(h, "ul");
	for (const char *const *r = f->entry->refs; *r; r++) {
		html_open(h, "li");
		if (is_link(*r)) {
			html_open(h, "a");
			html_attr(h, "href", *r);
			html_attr(h, "rel", "noreferrer");
		}
		html_text(h, *r);
		if (is_link(*r))
			html_close(h);
		html_close(h);
	}
	html_close(h);
}

static void root_cause(struct html *h, const struct verdict *v, const struct finding *f)
{
	html_leaf(h, "h2", NULL, "Why");
	html_leaf(h, "p", NULL, finding_fill(v, f, f->entry->why));
	what_to_do(h, v, f);
	how_sure(h, v, f);
	proof(h, v, f);
	references(h, f);
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
	html_start(&h, out);
	head(&h, v);
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
	return html_end(&h) || ERR_FILL(e, ERR_SYS, 0, "write", "the answer");
}
