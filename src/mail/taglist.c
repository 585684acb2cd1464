/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/taglist.h"

#include <string.h>

static void fault(struct taglist *l, const char *why)
{
	if (!l->bad)
		l->bad = why;
}

/* tag-name = ALPHA *( ALPHA / DIGIT / "_" ); DMARC's are the same. */
static bool is_name(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];
		bool alpha = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		if (!alpha && (i == 0 || !((c >= '0' && c <= '9') || c == '_')))
			return false;
	}
	return s.len > 0;
}

static void add(struct taglist *l, struct str name, struct str value)
{
	for (size_t i = 0; i < l->n; i++)
		if (str_equal(l->v[i].name, name))
			fault(l, "a tag stands twice");
	if (!is_name(name))
		fault(l, "a tag's name is odd");
	if (l->n < TAGLIST_TAGS_MAX)
		l->v[l->n++] = (struct tag){ name, value };
	else
		fault(l, "more tags than anybody writes");
}

static void read_tag(struct taglist *l, struct str spec)
{
	const char *eq = memchr(spec.p, '=', spec.len);
	if (!eq) {
		fault(l, "a piece without =");
		return;
	}
	size_t at = (size_t)(eq - spec.p);
	add(l, str_trim(str_cut(spec, 0, at)), str_trim(str_cut(spec, at + 1, spec.len)));
}

bool taglist_parse(struct str s, struct taglist *out)
{
	out->n = 0;
	out->bad = NULL;
	for (size_t from = 0; from < s.len;) {
		const char *semicolon = memchr(s.p + from, ';', s.len - from);
		size_t to = semicolon ? (size_t)(semicolon - s.p) : s.len;
		struct str spec = str_trim(str_cut(s, from, to));
		if (spec.len)
			read_tag(out, spec);
		else if (semicolon)
			fault(out, "an empty piece between semicolons");
		from = to + 1;
	}
	return !out->bad;
}

bool taglist_get(const struct taglist *l, const char *name, bool icase, struct str *value)
{
	for (size_t i = 0; i < l->n; i++)
		if (icase ? str_ieq(l->v[i].name, name) : str_eq(l->v[i].name, name)) {
			*value = l->v[i].value;
			return true;
		}
	*value = (struct str){ "", 0 };
	return false;
}
