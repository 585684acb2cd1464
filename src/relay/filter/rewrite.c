/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/filter/rewrite.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mail/header.h"

struct field {
	struct str name;
	struct str raw;                     /* as it stands; empty: made anew from change */
	const struct milter_change *change; /* NULL: as it was */
	bool gone;
};

struct fields {
	struct field *v;
	size_t n, room;
};

static void insert(struct fields *f, size_t at, struct field x)
{
	if (f->n == f->room) {
		f->room = f->room ? f->room * 2 : 32;
		f->v = mem_grow(f->v, f->room, sizeof(*f->v));
	}
	if (at > f->n)
		at = f->n;
	memmove(f->v + at + 1, f->v + at, (f->n - at) * sizeof(*f->v));
	f->v[at] = x;
	f->n++;
}

/* The nth (from 1) of that name; NULL: there are fewer. */
static struct field *nth(struct fields *f, struct str name, unsigned n)
{
	for (size_t i = 0; i < f->n; i++)
		if (!f->v[i].gone && str_iequal(f->v[i].name, name) && --n == 0)
			return &f->v[i];
	return NULL;
}

/* A field that is not there is added, as libmilter's documentation says. */
static void change(struct fields *f, const struct milter_change *c)
{
	struct field *old = nth(f, c->name, c->index ? c->index : 1);
	const struct field fresh = { .name = c->name, .change = c };
	if (old && !c->value.len)
		old->gone = true;
	else if (old)
		*old = fresh;
	else if (c->value.len)
		insert(f, f->n, fresh);
}

bool rewrite_is_field(const struct milter_change *c)
{
	return c->kind == MILTER_ADD_FIELD || c->kind == MILTER_INSERT_FIELD ||
	       c->kind == MILTER_CHANGE_FIELD;
}

static void apply(struct fields *f, const struct milter_change *c)
{
	const struct field fresh = { .name = c->name, .change = c };
	if (c->kind == MILTER_CHANGE_FIELD)
		change(f, c);
	else if (rewrite_is_field(c))
		insert(f, c->kind == MILTER_INSERT_FIELD ? c->index : f->n, fresh);
}

void rewrite_line_ends(struct str text, struct buf *out)
{
	size_t from = 0;
	for (size_t i = 0; i < text.len; i++) {
		bool cr = text.p[i] == '\r', lf = text.p[i] == '\n';
		if (!cr && !lf)
			continue;
		buf_add(out, text.p + from, i - from);
		buf_add(out, "\r\n", 2);
		i += cr && i + 1 < text.len && text.p[i + 1] == '\n';
		from = i + 1;
	}
	buf_add(out, text.p + from, text.len - from);
}

static void put(const struct field *x, struct buf *out)
{
	if (x->gone)
		return;
	if (!x->change) {
		buf_add(out, x->raw.p, x->raw.len);
		return;
	}
	struct str value = x->change->value;
	bool blank = value.len && (value.p[0] == ' ' || value.p[0] == '\t');
	buf_addf(out, STR_FMT ":%s", STR_ARG(x->name), blank ? "" : " ");
	rewrite_line_ends(value, out);
	buf_adds(out, "\r\n");
}

void rewrite_header(struct str header, const struct milter_change *changes, size_t n, struct buf *out)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct fields f = { 0 };
	struct header h;
	header_read(a, header, &h);
	for (size_t i = 0; i < h.n; i++)
		insert(&f, f.n, (struct field){ .name = h.v[i].name, .raw = h.v[i].raw });
	for (size_t i = 0; i < n; i++)
		apply(&f, &changes[i]);
	for (size_t i = 0; i < f.n; i++)
		put(&f.v[i], out);
	free(f.v);
}
