/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/cause_html.h"

#include <string.h>

#include "base/page.h"
#include "catalog/fix_line.h"
#include "catalog/words.h"

static void commands(struct html *h, const char *command)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct str rest = str_of(command);
	struct fix_line l;
	while (fix_line_next(&rest, a, &l)) {
		if (*l.system)
			html_leaf(h, "h4", NULL, l.system);
		page_command(h, l.line);
	}
}

void cause_html_to_do(struct html *h, const struct cause *c)
{
	enum finding_actor shown = ACTOR_COUNT;
	const struct finding_fix *x;
	if (c->nfixes)
		html_leaf(h, "h2", NULL, "What to do");
	for (size_t i = 0; (x = cause_fix(c, i)); i++) {
		if (x->actor != shown)
			html_leaf(h, "h3", NULL, words_actor(x->actor));
		shown = x->actor;
		html_leaf(h, "p", NULL, x->text);
		commands(h, x->command);
	}
}

void cause_html_sure(struct html *h, struct arena *a, const struct cause *c)
{
	html_leaf(h, "h2", NULL, "How sure this is");
	html_open(h, "p");
	html_leaf(h, "b", NULL, cause_sure(a, c->confidence));
	html_text(h, ". Told from its look-alikes so: ");
	html_text(h, c->tell);
	html_close(h);
	if (!c->ninstead)
		return;
	html_leaf(h, "p", NULL, "Also considered, and less likely:");
	html_open(h, "ul");
	for (size_t i = 0; i < c->ninstead; i++)
		html_leaf(h, "li", NULL, cause_other_line(a, &c->instead[i]));
	html_close(h);
}

static bool is_link(const char *ref)
{
	return !strncmp(ref, "https://", 8);
}

void cause_html_refs(struct html *h, const struct cause *c)
{
	if (!*c->entry->refs)
		return;
	html_leaf(h, "h2", NULL, "Read more");
	html_open(h, "ul");
	for (const char *const *r = c->entry->refs; *r; r++) {
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
