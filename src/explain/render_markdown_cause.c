/* SPDX-License-Identifier: Apache-2.0 */
/* A cause in a ticket. */
#include "catalog/cause_markdown.h"
#include "explain/render_markdown.h"

static void proof(FILE *out, struct arena *a, const struct explanation *x)
{
	const char *words = explain_proof(a, x), *by = explain_said_by(a, x);
	if (!*words)
		return;
	markdown_heading(out, "##", "Proof");
	markdown_block(out, words);
	if (*by)
		markdown_paragraph(out, by);
}

void explain_markdown_cause(struct explain_renderer *r, struct arena *a, const struct explanation *x,
			    const struct cause *c)
{
	FILE *out = r->out;
	markdown_heading(out, "##", "Why");
	markdown_paragraph(out, c->why);
	cause_markdown_to_do(out, c);
	if (x->refusal) {
		markdown_heading(out, "##", "Trying again");
		markdown_paragraph(out, explain_retry_words(x));
		cause_markdown_sure(out, a, c);
	}
	if (x->refusal && *x->decide) {
		markdown_paragraph(out, "This would tell for certain:");
		markdown_block(out, x->decide);
	}
	proof(out, a, x);
	fputs("Finding ", out);
	markdown_span(out, c->entry->id);
	fputs("\n\n", out);
}

void explain_markdown_headline(FILE *out, enum answer_word word, const char *text)
{
	fprintf(out, "# %s: ", explain_word(word));
	markdown_paragraph(out, text);
}
