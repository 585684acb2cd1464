/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/cause_markdown.h"

#include "catalog/words.h"

void cause_markdown_to_do(FILE *out, const struct cause *c)
{
	enum finding_actor shown = ACTOR_COUNT;
	const struct finding_fix *x;
	if (c->entry->nfixes)
		markdown_heading(out, "##", "What to do");
	for (size_t i = 0; (x = cause_fix(c, i)); i++) {
		if (x->actor != shown)
			markdown_heading(out, "###", words_actor(x->actor));
		shown = x->actor;
		markdown_paragraph(out, x->text);
		if (*x->command)
			markdown_block(out, x->command);
	}
}

void cause_markdown_sure(FILE *out, struct arena *a, const struct cause *c)
{
	markdown_heading(out, "##", "How sure");
	markdown_paragraph(out, arena_printf(a, "%s. Told from its look-alikes so: %s",
					     cause_sure(a, c->confidence), c->tell));
	if (c->ninstead)
		markdown_paragraph(out, "Also considered, and less likely:");
	for (size_t i = 0; i < c->ninstead; i++) {
		fputs("- ", out);
		markdown_prose(out, cause_other_line(a, &c->instead[i]));
		fputs(i + 1 == c->ninstead ? "\n\n" : "\n", out);
	}
}
