/* SPDX-License-Identifier: Apache-2.0 */
/* The answer in Markdown, for tickets and chats (CommonMark, 0.31).
 *
 * Prose has every ASCII punctuation mark that could begin markup escaped; what a
 * server said stands in code, behind fences longer than any it holds. */
#include <string.h>

#include "base/glyph.h"
#include "check/render_internal.h"

struct sheet {
	const struct verdict *v;
	FILE *out;
};

/* Marks that could begin something; ":" and "." only where an address would become a link. */
static bool needs_escape(struct str before, struct str s)
{
	if (*s.p == ':')
		return str_istarts(s, "://");
	if (*s.p == '.')
		return str_iends(before, "www");
	return *s.p && strchr("\\`*_[]<>#!|~&$@", *s.p);
}

/* Control characters as numbers; line ends become blanks: a paragraph stays one. */
static void put(struct sheet *m, struct str all, bool escape)
{
	char shown[GLYPH_SHOWN_BYTES];
	unsigned width;
	for (size_t at = 0; at < all.len;) {
		struct str s = str_cut(all, at, all.len);
		struct glyph g = glyph_first(s);
		if (escape && needs_escape(str_cut(all, 0, at), s))
			fputc('\\', m->out);
		if (g.code == '\n' || g.code == '\t')
			fputc(' ', m->out);
		else
			fputs(glyph_shown(s, g, false, shown, &width), m->out);
		at += g.bytes;
	}
}

static void prose(struct sheet *m, const char *text)
{
	put(m, str_of(text), true);
}

/* The longest run of backquotes in s. */
static unsigned quotes(struct str s)
{
	unsigned longest = 0, run = 0;
	for (size_t i = 0; i < s.len; i++) {
		run = s.p[i] == '`' ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	return longest;
}

static void fence(struct sheet *m, unsigned n)
{
	while (n--)
		fputc('`', m->out);
}

/* code span = fence " " text " " fence (CommonMark, 6.1) */
static void span(struct sheet *m, const char *text)
{
	struct str s = str_of(text);
	unsigned n = quotes(s) + 1;
	fence(m, n);
	fputc(' ', m->out);
	put(m, s, false);
	fputc(' ', m->out);
	fence(m, n);
}

static void block(struct sheet *m, const char *text)
{
	struct str rest = str_of(text), line;
	unsigned n = quotes(rest) < 3 ? 3 : quotes(rest) + 1;
	fence(m, n);
	fputc('\n', m->out);
	while (str_next(&rest, "\r\n", &line)) {
		put(m, line, false);
		fputc('\n', m->out);
	}
	fence(m, n);
	fputs("\n\n", m->out);
}

static void paragraph(struct sheet *m, const char *text)
{
	prose(m, text);
	fputs("\n\n", m->out);
}

static void heading(struct sheet *m, const char *level, const char *text)
{
	fprintf(m->out, "%s ", level);
	paragraph(m, text);
}

static const char *const marks[] = { "not reached", "skipped", "pass", "**warning**", "**FAIL**" };

static void step_row(struct sheet *m, const char *name, const char *mark, const char *says)
{
	fputs("| ", m->out);
	prose(m, name);
	fprintf(m->out, " | %s | ", mark);
	prose(m, says);
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
			heading(m, "##", "Recipients");
		fprintf(m->out, "- %s ", taken ? "accepted" : "**refused**");
		span(m, text);
		fputc('\n', m->out);
	}
	if (render_recipient(m->v, 0, &taken))
		fputc('\n', m->out);
}

static void what_to_do(struct sheet *m, const struct finding *f)
{
	enum finding_actor shown = ACTOR_COUNT;
	const struct finding_fix *x;
	if (f->entry->nfixes)
		heading(m, "##", "What to do");
	for (size_t i = 0; (x = words_fix(f->entry, i)); i++) {
		if (x->actor != shown)
			heading(m, "###", words_actor(x->actor));
		shown = x->actor;
		paragraph(m, finding_fill(m->v, f, x->text));
		if (x->command && *x->command)
			block(m, finding_fill_command(m->v, f, x->command));
	}
}

static void how_sure(struct sheet *m, const struct finding *f)
{
	heading(m, "##", "How sure");
	paragraph(m, arena_printf(m->v->arena, "%s. Told from its look-alikes so: %s",
				  render_sure(m->v, f->confidence), finding_fill(m->v, f, f->entry->tell)));
	if (f->ninstead)
		paragraph(m, "Also considered, and less likely:");
	for (size_t i = 0; i < f->ninstead; i++) {
		fputs("- ", m->out);
		prose(m, render_instead(m->v, f->instead[i].entry));
		fprintf(m->out, " (%d %%)\n%s", (int)(f->instead[i].confidence * 100 + 0.5),
			i + 1 == f->ninstead ? "\n" : "");
	}
}

static void proof(struct sheet *m, const struct finding *f)
{
	if (!f->nfacts)
		return;
	heading(m, "##", "Proof");
	for (size_t i = 0; i < f->nfacts; i++) {
		fputs("- ", m->out);
		span(m, render_fact(m->v, f->facts[i]));
		fputc('\n', m->out);
	}
	fputc('\n', m->out);
}

static void root_cause(struct sheet *m, const struct finding *f)
{
	heading(m, "##", "Why");
	paragraph(m, finding_fill(m->v, f, f->entry->why));
	what_to_do(m, f);
	how_sure(m, f);
	proof(m, f);
}

static void further(struct sheet *m, const struct finding *root)
{
	size_t from = root ? 1 : 0;
	if (m->v->n == from)
		return;
	heading(m, "##", root ? "Found besides" : "Good to know");
	for (size_t i = from; i < m->v->n; i++) {
		const struct finding *f = &m->v->findings[i];
		const struct finding_fix *x = words_fix(f->entry, 0);
		fprintf(m->out, "- **%s** ", severity_name(f->severity));
		prose(m, finding_fill(m->v, f, f->entry->title));
		if (x)
			prose(m, arena_printf(m->v->arena, ". %s: %s", words_actor(x->actor),
					      finding_fill(m->v, f, x->text)));
		fputc('\n', m->out);
	}
	fputc('\n', m->out);
}

static void experiments(struct sheet *m)
{
	if (!evidence_next(m->v->ev, FACT_EXPERIMENT, NULL))
		return;
	heading(m, "##", "Tried");
	for (const struct fact *f = NULL; (f = evidence_next(m->v->ev, FACT_EXPERIMENT, f));) {
		const char *text = render_experiment(m->v, f);
		if (!text)
			continue;
		fputs("- ", m->out);
		prose(m, text);
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
	block(m, arena_dup(m->v->arena, s.p, s.len));
	fputs("</details>\n\n", m->out);
	buf_clear(&text);
}

bool render_markdown(const struct verdict *v, const struct render_options *o, FILE *out, struct err *e)
{
	struct sheet m = { v, out };
	const struct finding *root = render_root(v);
	fprintf(out, "# %s: ", render_word(v->word));
	paragraph(&m, v->summary);
	span(&m, render_target(v));
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
		span(&m, root->entry->id);
		fputs("\n\n", out);
	}
	fputs("Checked by postrider " POSTRIDER_VERSION "\n", out);
	return !ferror(out) || ERR_FILL(e, ERR_SYS, 0, "write", "the answer");
}
