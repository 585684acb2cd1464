/* SPDX-License-Identifier: Apache-2.0 */
#include "batch/hole.h"

#include <string.h>

#include "batch/cell.h"
#include "batch/csv.h"

enum { INSIDE_MAX = 500, SHOWN_MAX = 60 };

size_t hole_at(struct str s, struct str *inside)
{
	if (s.len < 4 || memcmp(s.p, "{{", 2) != 0)
		return 0;
	const char *end = memmem(s.p + 2, s.len - 2, "}}", 2);
	if (!end || end - s.p > INSIDE_MAX)
		return 0;
	*inside = str_cut(s, 2, (size_t)(end - s.p));
	return inside->len + 4;
}

static void add(struct arena *a, struct hole_text *t, struct hole h)
{
	if (!(t->n & (t->n - 1))) { /* room grows in powers of two */
		struct hole *v = arena_alloc(a, (t->n ? 2 * t->n : 1) * sizeof(*v));
		if (t->n)
			memcpy(v, t->v, t->n * sizeof(*v));
		t->v = v;
	}
	t->v[t->n++] = h;
}

static void fault(struct arena *a, struct strlist *faults, struct str name, const struct strlist *columns,
		  const char *where)
{
	struct str shown = str_cut(name, 0, SHOWN_MAX);
	const char *near = csv_near(columns, name);
	const char *mend = near ? arena_printf(a, "is {{%s}} meant?", near)
				: arena_printf(a, "the columns are: %s", strlist_join(columns, a, ", "));
	strlist_add(faults, a,
		    arena_printf(a, "%s: {{" STR_FMT "}} names no column of the table; %s", where,
				 STR_ARG(shown), mend));
}

/* Two columns of one name: nobody can tell which is meant. */
static bool is_twice(const struct strlist *columns, size_t at)
{
	for (size_t i = at + 1; i < columns->n; i++)
		if (str_ieq(str_of(columns->v[i]), columns->v[at]))
			return true;
	return false;
}

/* Mail programs break lines wherever there is a blank. */
static struct str on_one_line(struct arena *a, struct str s)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	struct str word;
	while (str_next(&s, " \t\r\n", &word))
		buf_addf(&b, "%s" STR_FMT, buf_waiting(&b) ? " " : "", STR_ARG(word));
	return arena_str(a, buf_str(&b));
}

static struct hole read_inside(struct arena *a, struct str inside, const struct strlist *columns,
			       const char *where, struct strlist *faults)
{
	const char *bar = memchr(inside.p, '|', inside.len);
	struct str name = on_one_line(a, str_cut(inside, 0, bar ? (size_t)(bar - inside.p) : inside.len));
	struct hole h = { .column = csv_column(columns, name), .name = "" };
	if (bar)
		h.fallback =
			arena_str(a, str_trim(str_cut(inside, (size_t)(bar - inside.p) + 1, inside.len))).p;
	if (h.column == columns->n) {
		fault(a, faults, name, columns, where);
		h.column = 0;
	} else if (is_twice(columns, h.column)) {
		strlist_add(faults, a,
			    arena_printf(a, "%s: the table has two columns named \"%s\"", where,
					 columns->v[h.column]));
	}
	h.name = columns->n ? columns->v[h.column] : "";
	return h;
}

void hole_read(struct arena *a, struct str text, const struct strlist *columns, const char *where,
	       struct hole_text *out, struct strlist *faults)
{
	struct str s = arena_str(a, text);
	size_t from = 0, at = 0;
	*out = (struct hole_text){ 0 };
	while (at < s.len) {
		struct str inside, rest = str_cut(s, at, s.len);
		if (rest.len >= 3 && !memcmp(rest.p, "\\{{", 3)) {
			/* The backslash goes, the braces stay text. */
			add(a, out, (struct hole){ str_cut(s, from, at), HOLE_NONE, "", NULL });
			from = at + 1;
			at += 3;
			continue;
		}
		size_t n = hole_at(rest, &inside);
		if (n) {
			struct hole h = read_inside(a, inside, columns, where, faults);
			h.before = str_cut(s, from, at);
			add(a, out, h);
			from = at + n;
		}
		at += n ? n : 1;
	}
	add(a, out, (struct hole){ str_cut(s, from, s.len), HOLE_NONE, "", NULL });
}

static void add_escaped(struct buf *out, struct str s)
{
	static const char special[] = "<>&\"'\n\r";
	static const char *const instead[] = { "&lt;", "&gt;", "&amp;", "&quot;", "&#39;", "<br>\n", "" };
	size_t from = 0;
	for (size_t i = 0; i < s.len; i++) {
		const char *which = s.p[i] ? strchr(special, s.p[i]) : NULL;
		if (!which)
			continue;
		buf_add(out, s.p + from, i - from);
		buf_adds(out, instead[which - special]);
		from = i + 1;
	}
	buf_add(out, s.p + from, s.len - from);
}

void hole_fill(const struct hole_text *t, const struct str *cells, enum hole_form form, struct buf *out)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct hole *h = &t->v[i];
		buf_add(out, h->before.p, h->before.len);
		if (h->column == HOLE_NONE)
			continue;
		struct str value = cells[h->column];
		if (!value.len)
			value = str_of(h->fallback);
		if (form == HOLE_HTML)
			add_escaped(out, value);
		else
			buf_add(out, value.p, value.len);
	}
}

const struct hole *hole_missing(const struct hole_text *t, const struct str *cells)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct hole *h = &t->v[i];
		if (h->column != HOLE_NONE && !h->fallback && !cells[h->column].len)
			return h;
	}
	return NULL;
}

const struct hole *hole_spoilt(const struct hole_text *t, const struct str *cells)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].column != HOLE_NONE && cell_is_error(cells[t->v[i].column]))
			return &t->v[i];
	return NULL;
}
