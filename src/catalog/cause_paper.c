/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/cause_paper.h"

#include "catalog/fix_line.h"
#include "catalog/words.h"

enum { MARK_ROOM = 2, INSTEAD_SHOWN = 3 };

void cause_paper_section(struct paper *p, const char *heading)
{
	paper_space(p);
	paper_head(p, 0, heading);
}

void cause_paper_why(struct paper *p, const struct cause *c)
{
	cause_paper_section(p, "Why");
	paper_text(p, 2, PAPER_PLAIN, c->why);
}

static void commands(struct paper *p, const char *command)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct str rest = str_of(command);
	struct fix_line l;
	while (fix_line_next(&rest, a, &l)) {
		if (*l.system)
			paper_text(p, 6, PAPER_PLAIN, arena_printf(a, "%s:", l.system));
		paper_command(p, 8, l.line);
	}
}

void cause_paper_to_do(struct paper *p, const struct cause *c)
{
	enum finding_actor shown = ACTOR_COUNT;
	const struct finding_fix *x;
	if (c->nfixes)
		cause_paper_section(p, "What to do");
	for (size_t i = 0; (x = cause_fix(c, i)); i++) {
		if (x->actor != shown)
			paper_head(p, 2, words_actor(x->actor));
		shown = x->actor;
		paper_text(p, 4, PAPER_PLAIN, x->text);
		commands(p, x->command);
	}
}

void cause_paper_sure(struct paper *p, struct arena *a, const struct cause *c)
{
	struct paper_lead bullet = { "-", MARK_ROOM, PAPER_PLAIN };
	cause_paper_section(p, "How sure");
	paper_text(p, 2, PAPER_PLAIN,
		   arena_printf(a, "%s. Told from its look-alikes so: %s", cause_sure(a, c->confidence),
				c->tell));
	if (!c->ninstead)
		return;
	paper_text(p, 2, PAPER_PLAIN, "Also considered, and less likely:");
	for (size_t i = 0; i < c->ninstead && i < INSTEAD_SHOWN; i++)
		paper_item(p, 4, bullet, cause_other_line(a, &c->instead[i]));
}
