/* SPDX-License-Identifier: Apache-2.0 */
/* The answer in Markdown, for tickets and chats. */
#include "base/buf.h"
#include "base/markdown.h"
#include "base/write.h"
#include "catalog/cause_markdown.h"
#include "check/render_inner.h"

struct sheet {
	const struct verdict *v;
	FILE *out;
};

static const char *const marks[] = { "not reached", "skipped", "pass", "**warning**", "**FAIL**" };

static void step_row(struct sheet *m, const char *name, const char *mark, const char *says)
{
	fputs("| ", m->out);
	markdown_prose(m->out, name);
	fprintf(m->out, " | %s | ", mark);
	markdown_prose(m->out, says);
	fputs(" |\n", m->out);
}

static void chain(struct sheet *m)
{
	fputs("| Step | Status | What was seen |\n|---|---|---|\n", m->out);
	for (enum step s = 0; s < STEP_COUNT; s++)
		if (render_has_line(m->v, s))
			step_row(m, words_step(s), marks[m->v->steps[s].status], m->v->steps[s].says);
	const char *rest = render_not_reached(m->v);
	if (*rest)
		step_row(m, "Further steps", render_rest_word(m->v), rest);
	fputc('\n', m->out);
}

static void recipients(struct sheet *m)
{
	bool taken;
	const char *text;
	for (size_t i = 0; (text = render_recipient(m->v, i, &taken)); i++) {
		if (!i)
			markdown_heading(m->out, "##", "Recipients");
		fprintf(m->out, "- %s ", taken ? "accepted" : "**refused**");
		markdown_span(m->out, text);
		fputc('\n', m->out);
	}
	if (render_recipient(m->v, 0, &taken))
		fputc('\n', m->out);
}

static void proof(struct sheet *m, const struct finding *f)
{
	if (!f->nfacts)
		return;
	markdown_heading(m->out, "##", "Proof");
	for (size_t i = 0; i < f->nfacts; i++) {
		fputs("- ", m->out);
		markdown_span(m->out, render_fact(m->v, f->facts[i]));
		fputc('\n', m->out);
	}
	fputc('\n', m->out);
}

static void root_cause(struct sheet *m, const struct finding *f)
{
	const struct cause c = render_cause(m->v, f);
	markdown_heading(m->out, "##", "Why");
	markdown_paragraph(m->out, c.why);
	cause_markdown_to_do(m->out, &c);
	cause_markdown_sure(m->out, m->v->arena, &c);
	proof(m, f);
}

static void further(struct sheet *m, const struct finding *root)
{
	size_t from = root ? 1 : 0;
	if (m->v->n == from)
		return;
	markdown_heading(m->out, "##", root ? "Found besides" : "Good to know");
	for (size_t i = from; i < m->v->n; i++) {
		const struct finding *f = &m->v->findings[i];
		const struct finding_fix *x = words_fix(f->entry, 0);
		fprintf(m->out, "- **%s** ", severity_name(f->severity));
		markdown_prose(m->out, finding_fill(m->v, f, f->entry->title));
		if (x)
			markdown_prose(m->out, arena_printf(m->v->arena, ". %s: %s", words_actor(x->actor),
							    finding_fill(m->v, f, x->text)));
		fputc('\n', m->out);
	}
	fputc('\n', m->out);
}

static void experiments(struct sheet *m)
{
	if (!evidence_next(m->v->ev, FACT_EXPERIMENT, NULL))
		return;
	markdown_heading(m->out, "##", "Tried");
	for (const struct fact *f = NULL; (f = evidence_next(m->v->ev, FACT_EXPERIMENT, f));) {
		const char *text = render_experiment(m->v, f);
		if (!text)
			continue;
		fputs("- ", m->out);
		markdown_prose(m->out, text);
		fputc('\n', m->out);
	}
	fputc('\n', m->out);
}

static void transcript(struct sheet *m)
{
	struct buf text = { 0 };
	for (size_t i = 0; i < m->v->ev->nlines; i++) {
		const struct transcript_line *l = &m->v->ev->lines[i];
		buf_addf(&text, "%6ld ms %u %c %s\n", l->t_ms, l->session, l->dir, l->text);
	}
	struct str s = buf_str(&text);
	fputs("<details><summary>The dialogue</summary>\n\n", m->out);
	markdown_block(m->out, arena_dup(m->v->arena, s.p, s.len));
	fputs("</details>\n\n", m->out);
	buf_clear(&text);
}

bool render_markdown(const struct verdict *v, const struct render_options *o, FILE *out, struct err *e)
{
	struct sheet m = { v, out };
	const struct finding *root = render_root(v);
	fprintf(out, "# %s: ", render_word(v->word));
	markdown_paragraph(out, v->summary);
	markdown_span(out, render_target(v));
	fputs("\n\n", out);
	if (!o->brief) {
		chain(&m);
		recipients(&m);
	}
	if (root)
		root_cause(&m, root);
	if (!o->brief) {
		further(&m, root);
		experiments(&m);
	}
	if (o->transcript)
		transcript(&m);
	if (root) {
		fputs("Finding ", out);
		markdown_span(out, root->entry->id);
		fputs("\n\n", out);
	}
	fputs("Checked by postrider " POSTRIDER_VERSION "\n", out);
	return write_end(out, "the answer", e);
}
