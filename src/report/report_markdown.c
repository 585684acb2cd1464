/* SPDX-License-Identifier: Apache-2.0 */

#include "base/markdown.h"
#include "base/write.h"
#include "catalog/cause_markdown.h"
#include "report/report_inner.h"

static void heading(FILE *out, const char *text)
{
	markdown_heading(out, "##", text);
}

static void letter(const struct report *r, FILE *out)
{
	if (r->letter.n)
		heading(out, "Ready to send");
	for (size_t i = 0; i < r->letter.n; i++)
		markdown_paragraph(out, r->letter.v[i]);
}

static void question(const struct report *r, FILE *out)
{
	if (!r->question.n)
		return;
	heading(out, "What to ask");
	if (*r->ask_whom)
		markdown_paragraph(out, r->ask_whom);
	markdown_block(out, strlist_join(&r->question, r->arena, "\n"));
}

static void lines(const char *title, const struct report_lines *l, FILE *out)
{
	if (!l->n)
		return;
	heading(out, title);
	fputs("| | |\n|---|---|\n", out);
	for (size_t i = 0; i < l->n; i++) {
		fputs("| ", out);
		markdown_prose(out, l->v[i].name);
		fputs(" | ", out);
		markdown_prose(out, l->v[i].text);
		fputs(" |\n", out);
	}
	fputc('\n', out);
}

static void checklist(const struct report *r, FILE *out)
{
	if (!r->npoints)
		return;
	heading(out, "Checklist");
	fputs("| Question | Answer | Proof |\n|---|---|---|\n", out);
	for (size_t i = 0; i < r->npoints; i++) {
		fputs("| ", out);
		markdown_prose(out, r->points[i].question);
		fprintf(out, r->points[i].mark == REPORT_BAD ? " | **%s** | " : " | %s | ",
			report_mark_word(r->points[i].mark));
		markdown_prose(out, r->points[i].says);
		fputs(" |\n", out);
	}
	fputc('\n', out);
}

static void why(const struct report *r, FILE *out)
{
	if (!r->cause)
		return;
	heading(out, "Why");
	markdown_paragraph(out, r->cause->why);
	cause_markdown_to_do(out, r->cause);
	cause_markdown_sure(out, r->arena, r->cause);
}

static void tried(const struct report *r, FILE *out)
{
	if (r->tried.n)
		heading(out, "What was tried");
	for (size_t i = 0; i < r->tried.n; i++) {
		fputs("- ", out);
		markdown_prose(out, r->tried.v[i]);
		fputc('\n', out);
	}
	if (r->tried.n)
		fputc('\n', out);
}

static void one_cause(const struct report *r, const struct report_cause *c, FILE *out)
{
	markdown_heading(out, "###", arena_printf(r->arena, "%zu %s: %s", c->n, c->state, c->title));
	if (*c->fix)
		markdown_paragraph(out, arena_printf(r->arena, "%s: %s", c->actor, c->fix));
	for (size_t i = 0; i < c->examples.n; i++) {
		fputs("- ", out);
		markdown_span(out, c->examples.v[i]);
		fputc('\n', out);
	}
	fputc('\n', out);
}

static void causes(const struct report *r, FILE *out)
{
	if (r->ncauses)
		heading(out, "By cause");
	for (size_t i = 0; i < r->ncauses; i++)
		one_cause(r, &r->causes[i], out);
}

static void transcript(const struct report *r, FILE *out)
{
	if (!*r->transcript)
		return;
	heading(out, "Dialogue (> this side, < the server, * what happened)");
	markdown_block(out, r->transcript);
}

bool report_markdown(const struct report *r, FILE *out, struct err *e)
{
	fputs("# Mail report: ", out);
	markdown_paragraph(out, r->about);
	fprintf(out, "**%s** ", r->word);
	markdown_paragraph(out, r->summary);
	letter(r, out);
	question(r, out);
	lines("Facts", &r->facts, out);
	why(r, out);
	causes(r, out);
	checklist(r, out);
	lines("Proof", &r->proof, out);
	tried(r, out);
	lines("The DNS as it was", &r->dns, out);
	transcript(r, out);
	fprintf(out, "Made %s by postrider " POSTRIDER_VERSION ". Passwords and tokens are not in it.\n",
		r->made);
	return write_end(out, "the report", e);
}
