/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/dmarc_record.h"

#include <string.h>

#include "base/text.h"
#include "mail/taglist.h"

/* The first tag's name and value; false when there is no "=". */
static bool first_tag(const char *txt, struct str *name, struct str *value)
{
	struct str s = str_of(txt);
	s.len = strcspn(txt, ";");
	const char *eq = memchr(s.p, '=', s.len);
	if (!eq)
		return false;
	*name = str_trim(str_cut(s, 0, (size_t)(eq - s.p)));
	*value = str_trim(str_cut(s, (size_t)(eq - s.p) + 1, s.len));
	return true;
}

bool dmarc_record_is(const char *txt)
{
	struct str name, value;
	return first_tag(txt, &name, &value) && str_ieq(name, "v") && str_eq(value, "DMARC1");
}

const char *dmarc_record_near(const char *txt)
{
	struct str name, value;
	if (dmarc_record_is(txt) || !z_ihas(txt, "dmarc"))
		return NULL;
	if (!first_tag(txt, &name, &value) || !str_ieq(name, "v"))
		return "the record does not begin with v=DMARC1";
	if (str_ieq(value, "DMARC1"))
		return "v=DMARC1 must be in capitals";
	return str_istarts(value, "DMARC1") ? "no semicolon behind v=DMARC1"
					    : "the record does not begin with v=DMARC1";
}

/* The first problem of a record is told. */
static void problem(struct arena *a, struct dmarc_record *r, const char *what, struct str value)
{
	if (!*r->problem)
		r->problem = arena_printf(a, "%s%s", what, text_printable(a, value));
}

static const char *policy(struct arena *a, struct dmarc_record *r, const struct taglist *l, const char *tag)
{
	static const char *const names[] = { "none", "quarantine", "reject" };
	struct str v;
	if (!taglist_get(l, tag, true, &v))
		return "";
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_ieq(v, names[i]))
			return names[i];
	problem(a, r, arena_printf(a, "%s= is not none, quarantine or reject: ", tag), v);
	return "";
}

/* One of the letters; the first one when the tag is missing or odd. */
static char letter(struct arena *a, struct dmarc_record *r, const struct taglist *l, const char *tag,
		   const char *letters)
{
	struct str v;
	if (!taglist_get(l, tag, true, &v))
		return letters[0];
	char c = v.len == 1 ? (char)(v.p[0] | 0x20) : 0;
	if (c && strchr(letters, c))
		return c;
	problem(a, r, arena_printf(a, "%s= has an unknown value: ", tag), v);
	return letters[0];
}

/* uri *( "," uri ), each "mailto:..." */
static bool addresses(struct arena *a, struct dmarc_record *r, const struct taglist *l, const char *tag)
{
	struct str list, uri;
	bool good = false;
	if (!taglist_get(l, tag, true, &list))
		return false;
	while (str_next(&list, ",", &uri)) {
		uri = str_trim(uri);
		bool mailto = str_istarts(uri, "mailto:") && memchr(uri.p, '@', uri.len);
		if (!mailto && !memchr(uri.p, ':', uri.len))
			problem(a, r, arena_printf(a, "%s= without mailto: ", tag), uri);
		else if (!mailto && !str_istarts(uri, "https:"))
			problem(a, r, arena_printf(a, "%s= holds no mail address: ", tag), uri);
		good = good || mailto;
	}
	return good;
}

static void numbers(struct arena *a, struct dmarc_record *r, const struct taglist *l)
{
	struct str v;
	unsigned long n;
	if (taglist_get(l, "pct", true, &v) && !str_number(v, 100, &n))
		problem(a, r, "pct= is not 0 to 100: ", v);
	if (taglist_get(l, "ri", true, &v) && !str_number(v, 0xffffffff, &n))
		problem(a, r, "ri= is no number of seconds: ", v);
}

void dmarc_record_parse(struct arena *a, const char *txt, struct dmarc_record *r)
{
	struct taglist l;
	struct str p;
	*r = (struct dmarc_record){ .text = txt, .problem = "" };
	bool sound = taglist_parse(str_of(txt), &l), has_p = taglist_get(&l, "p", true, &p);
	r->p = policy(a, r, &l, "p");
	if (!has_p)
		problem(a, r, "p= is missing", p);
	r->sp = policy(a, r, &l, "sp");
	r->np = policy(a, r, &l, "np");
	r->strict_dkim = letter(a, r, &l, "adkim", "rs") == 's';
	r->strict_spf = letter(a, r, &l, "aspf", "rs") == 's';
	r->psd = letter(a, r, &l, "psd", "uyn");
	r->testing = letter(a, r, &l, "t", "ny") == 'y';
	r->has_rua = addresses(a, r, &l, "rua");
	addresses(a, r, &l, "ruf");
	numbers(a, r, &l);
	if (!sound)
		problem(a, r, l.bad, (struct str){ "", 0 });
	if (!*r->p && r->has_rua)
		r->p = "none";
	r->usable = *r->p != 0;
}
