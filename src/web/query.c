/* SPDX-License-Identifier: Apache-2.0 */
/* The query's names and values, before anything is asked: a name misspelt is no question without it. */

#include "base/text.h"
#include "web/mhd_side_inner.h"
#include "web/route.h"

struct looked {
	struct web_call *c;
	struct str odd, unknown; /* a parameter's name; p NULL: none */
};

static enum MHD_Result look(void *ctx, enum MHD_ValueKind kind, const char *name, size_t name_len,
			    const char *value, size_t value_len)
{
	struct looked *l = ctx;
	struct str n = { name ? name : "", name_len };
	(void)kind;
	if (text_has_control(n) ||
	    text_has_control((struct str){ value ? value : "", value ? value_len : 0 }))
		l->odd = n;
	if (!str_lists(str_of(l->c->route->query), " ", n))
		l->unknown = n;
	return l->odd.p || l->unknown.p ? MHD_NO : MHD_YES;
}

static const char *list(struct web_call *c, const char *names)
{
	struct strlist l = { 0 };
	struct str rest = str_of(names), word;
	while (str_next(&rest, " ", &word))
		strlist_add(&l, c->arena, arena_str(c->arena, word).p);
	return strlist_join(&l, c->arena, ", ");
}

bool web_query_judge(struct web_call *c)
{
	struct looked l = { .c = c };
	if (!c->route->query)
		return true;
	MHD_get_connection_values_n(c->side->conn, MHD_GET_ARGUMENT_KIND, look, &l);
	if (l.odd.p)
		web_problem(c, 400, "A parameter cannot be so",
			    "%.100s: there are control characters in it; give it without.",
			    text_printable(c->arena, l.odd));
	else if (l.unknown.p && !*c->route->query)
		web_problem(c, 400, "There is no such parameter",
			    "%.100s: nothing is asked here but the path.",
			    text_printable(c->arena, l.unknown));
	else if (l.unknown.p)
		web_problem(c, 400, "There is no such parameter", "%.100s: give one of %s.",
			    text_printable(c->arena, l.unknown), list(c, c->route->query));
	return !c->status;
}
