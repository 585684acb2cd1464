/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/cause_markdown.h"

#include "catalog/fix_line.h"
#include "catalog/words.h"

static void commands(FILE *out, const char *command)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct str rest = str_of(command);
	struct fix_line l;
	while (fix_line_next(&rest, a, &l)) {
		if (*l.system)
			markdown_paragraph(out, arena_printf(a, "%s:", l.system));
		markdown_block(out, l.line);
	}
}

void cause_markdown_to_do(FILE *out, const struct cause *c)
{
	enum finding_actor shown = ACTOR_COUNT;
	const struct finding_fix *x;
	if (c->nfixes)
		markdown_heading(out, "##", "What to do");
	for (size_t i = 0; (x = cause_fix(c, i)); i++) {
		if (x->actor != shown)
			markdown_heading(out, "###", words_actor(x->actor));
		shown = x->actor;
		markdown_paragraph(out, x->text);
		commands(out, x->command);
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
