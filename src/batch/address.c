/* SPDX-License-Identifier: Apache-2.0 */
#include "batch/address.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "batch/cell.h"
#include "mail/header_write.h"
#include "mail/mailbox.h"
#include "mail/mime.h"
#include "net/plain_address.h"
#include "smtp/path.h"

#define MARK "zq7place" /* stands for a place while the field is read as addresses */
#define HOME "zq7home.invalid"

enum {
	SHOWN_MAX = 80,
	PLAIN_NAME_MAX = 200, /* longer ones are encoded words, which fold */
};

/* ---- the template's field ---- */

/* Every place becomes a word that may stand in a name and in an address alike. */
static struct str with_marks(struct arena *a, struct str value, struct strlist *places)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	for (size_t at = 0; at < value.len;) {
		struct str inside, rest = str_cut(value, at, value.len);
		size_t n = hole_at(rest, &inside);
		if (n) {
			buf_addf(&b, MARK "%zux", places->n);
			strlist_add(places, a, arena_dup(a, rest.p, n));
		} else {
			buf_add(&b, rest.p, 1);
		}
		at += n ? n : 1;
	}
	return arena_str(a, buf_str(&b));
}

static struct str without_marks(struct arena *a, const char *s, const struct strlist *places)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	while (*s) {
		unsigned i;
		int n = 0;
		if (sscanf(s, MARK "%ux%n", &i, &n) == 1 && n && i < places->n) {
			buf_adds(&b, places->v[i]);
			s += n;
		} else {
			buf_add(&b, s++, 1);
		}
	}
	return arena_str(a, buf_str(&b));
}

static const char *without_home(struct arena *a, const struct mailbox *m)
{
	return z_eq(m->domain, HOME) ? m->local : arena_strdup(a, m->address);
}

void address_read(struct arena *a, struct str value, const struct strlist *columns, const char *where,
		  struct address_places *out, struct strlist *faults)
{
	struct strlist places = { 0 };
	struct mailbox_list l = { 0 };
	bool coded;
	bool sound = mailbox_parse_at(a, with_marks(a, value, &places), HOME, &l);
	if (!sound)
		strlist_add(faults, a, arena_printf(a, "%s: %s", where, l.bad));
	*out = (struct address_places){ arena_alloc(a, (l.n + 1) * sizeof(*out->v)), l.n };
	for (size_t i = 0; i < l.n; i++) {
		const char *name = mime_words(a, l.v[i].name, &coded);
		hole_read(a, without_marks(a, name, &places), columns, where, &out->v[i].name, faults);
		hole_read(a, without_marks(a, without_home(a, &l.v[i]), &places), columns, where,
			  &out->v[i].address, faults);
	}
}

struct address_places address_of_column(struct arena *a, const struct strlist *columns, size_t column)
{
	struct address_places p = { arena_alloc(a, sizeof(*p.v)), 1 };
	struct hole *v = arena_alloc(a, 2 * sizeof(*v));
	v[0] = (struct hole){ STR_LIT(""), column, columns->v[column], NULL };
	v[1] = (struct hole){ STR_LIT(""), HOLE_NONE, "", NULL };
	p.v->address = (struct hole_text){ v, 2 };
	p.v->name = (struct hole_text){ v + 1, 1 };
	return p;
}

bool address_has_holes(const struct address_places *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (hole_any(&p->v[i].address))
			return true;
	return false;
}

/* ---- a row's addresses ---- */

static bool no_address(struct arena *a, const char *typed, const char *why, const char **problem)
{
	*problem =
		arena_printf(a, "\"%s\" is no address: %s",
			     text_printable(a, str_cut(str_of(typed), 0, SHOWN_MAX)), smtp_path_words(why));
	return false;
}

static bool add(struct arena *a, struct addresses *out, const char *name, const char *address,
		const char **problem)
{
	struct smtp_mailbox m;
	struct smtp_path_problem why;
	if (cell_has_unseen(str_of(address)))
		return no_address(a, address, "it has a character in it that nobody sees: type it anew",
				  problem);
	if (!smtp_mailbox_read(str_of(address), SMTP_PATH_UTF8, &m, &why))
		return no_address(a, address, why.word, problem);
	if (out->n == ADDRESSES_MAX) {
		*problem = "it has more than 100 addresses";
		return false;
	}
	const char *no, *plain = plain_address(a, address, &no);
	if (!plain)
		return no_address(a, address, no, problem);
	out->v[out->n++] = (struct address){ name, plain, !text_is_ascii(str_of(plain)) };
	return true;
}

static bool add_several(struct arena *a, struct addresses *out, char *cell, const char *name,
			const char **problem)
{
	struct mailbox_list l = { 0 };
	bool coded;
	for (char *c = cell; *c; c++)
		*c = *c == ';' || *c == '\n' || *c == '\r' ? ',' : *c;
	if (!mailbox_parse(a, str_of(cell), &l))
		return no_address(a, cell, l.bad, problem);
	for (size_t i = 0; i < l.n; i++) {
		const char *own = mime_words(a, l.v[i].name, &coded);
		if (!add(a, out, *own ? own : l.n == 1 ? name : "", l.v[i].address, problem))
			return false;
	}
	return true;
}

static char *filled(const struct hole_text *t, const struct str *cells, struct arena *a)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	hole_fill(t, cells, HOLE_TEXT, &b);
	struct str s = str_trim(buf_str(&b));
	return arena_dup(a, s.p, s.len);
}

bool address_fill(const struct address_places *p, const struct str *cells, struct arena *a,
		  struct addresses *out, const char **problem)
{
	for (size_t i = 0; i < p->n; i++) {
		char *address = filled(&p->v[i].address, cells, a);
		const char *name = filled(&p->v[i].name, cells, a);
		if (!*address)
			continue;
		bool several = strpbrk(address, ",;<\"\n") != NULL;
		if (several ? !add_several(a, out, address, name, problem)
			    : !add(a, out, name, address, problem))
			return false;
	}
	return true;
}

/* ---- writing ---- */

/* phrase: atoms as they are, else a quoted string, or encoded words (RFC 5322, 3.2.5; RFC 2047, 5). */
static void write_name(struct buf *out, const char *name)
{
	static const char atoms[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 !#$%&'*+-/"
		"=?^_`{|}~";
	if (!text_is_ascii(str_of(name)) || strstr(name, "=?") || strlen(name) > PLAIN_NAME_MAX) {
		CLEANUP(buf_clear) struct buf words = { 0 };
		header_encode_words(&words, str_of(name));
		struct str rest = buf_str(&words), word;
		for (bool more = false; str_next(&rest, " ", &word); more = true)
			buf_addf(out, "%s" STR_FMT, more ? "\r\n " : "", STR_ARG(word));
		return;
	}
	if (!name[strspn(name, atoms)]) {
		buf_adds(out, name);
		return;
	}
	buf_adds(out, "\"");
	for (const char *c = name; *c; c++) {
		if (*c == '"' || *c == '\\')
			buf_adds(out, "\\");
		buf_add(out, c, 1);
	}
	buf_adds(out, "\"");
}

void address_write(struct buf *out, const char *field, const struct addresses *x, size_t from)
{
	for (size_t i = from; i < x->n; i++) {
		CLEANUP(buf_clear) struct buf one = { 0 };
		if (*x->v[i].name) {
			CLEANUP(buf_clear) struct buf clean = { 0 };
			for (const char *c = x->v[i].name; *c; c++)
				buf_add(&clean, (unsigned char)*c < ' ' || *c == 0x7f ? " " : c, 1);
			buf_add(&clean, "", 1);
			write_name(&one, buf_str(&clean).p);
			buf_adds(&one, strlen(x->v[i].name) > 30 ? "\r\n <" : " <");
		}
		struct str s = buf_str(&one);
		if (i == from)
			buf_addf(out, "%s: ", field);
		buf_add(out, s.p, s.len);
		buf_addf(out, "%s%s%s", x->v[i].address, *x->v[i].name ? ">" : "",
			 i + 1 < x->n ? ",\r\n\t" : "\r\n");
	}
}
