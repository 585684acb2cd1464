/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a template: what is fixed is encoded once. */
#include <string.h>

#include "batch/template_inner.h"
#include "mail/base64_lines.h"
#include "mail/charset.h"
#include "mail/mime.h"

enum { RAW_LINE_MAX = 998 };

struct taking {
	struct template *t;
	struct mime mime;
	const struct template_options *o;
	struct strlist *faults;
	struct arena *scratch;
};

static void add_op(struct template *t, struct op op)
{
	if (t->nops == t->room) {
		size_t room = t->room ? 2 * t->room : 16;
		struct op *v = arena_alloc(t->arena, room * sizeof(*v));
		if (t->nops)
			memcpy(v, t->ops, t->nops * sizeof(*v));
		t->ops = v;
		t->room = room;
	}
	t->ops[t->nops++] = op;
}

static void add_raw(struct template *t, struct str s)
{
	add_op(t, (struct op){ .kind = OP_RAW, .raw = arena_str(t->arena, s) });
}

static bool is_multipart(const struct mime_part *p)
{
	return !strncmp(p->type, "multipart/", 10);
}

/* The part behind i and all that is in it. */
static size_t next_sibling(const struct mime *m, size_t i)
{
	size_t k = i + 1;
	while (k < m->n && m->v[k].depth > m->v[i].depth)
		k++;
	return k;
}

/* Fields of a part but those that are written anew.  Of the message's header only the content's. */
static void add_fields(struct buf *b, const struct mime_part *p, bool root, bool anew)
{
	for (size_t i = 0; i < p->header.n; i++) {
		const struct header_field *f = &p->header.v[i];
		bool how = str_ieq(f->name, "Content-Type") ||
			   str_ieq(f->name, "Content-Transfer-Encoding") ||
			   str_ieq(f->name, "Content-Length");
		if ((root && !str_istarts(f->name, "Content-")) || (how && anew))
			continue;
		template_lines(b, f->raw);
	}
}

static void add_parameter(struct taking *x, struct buf *b, struct str type, const char *name)
{
	bool coded = false;
	const char *value = mime_parameter(x->scratch, type, name, &coded);
	if (value && *value && !strpbrk(value, "\"\\\r\n"))
		buf_addf(b, "; %s=\"%s\"", name, value);
}

static void take_part(struct taking *x, size_t i);

static void take_multipart(struct taking *x, size_t i)
{
	const struct mime_part *p = &x->mime.v[i];
	struct str type = header_get(x->scratch, &p->header, "Content-Type");
	const char *boundary = arena_printf(x->t->arena, "=_%zu_%s", i, x->o->nonce);
	CLEANUP(buf_clear) struct buf b = { 0 };
	add_fields(&b, p, i == 0, true);
	buf_addf(&b, "Content-Type: %s", p->type);
	add_parameter(x, &b, type, "type");
	add_parameter(x, &b, type, "start");
	buf_addf(&b, ";\r\n\tboundary=\"%s\"\r\n", boundary);
	add_raw(x->t, buf_str(&b));
	for (size_t k = i + 1; k < next_sibling(&x->mime, i); k = next_sibling(&x->mime, k)) {
		add_raw(x->t, str_of(arena_printf(x->scratch, "\r\n--%s\r\n", boundary)));
		take_part(x, k);
	}
	if (i == 0 && z_eq(p->type, "multipart/mixed")) {
		x->t->mixed = true;
		add_op(x->t, (struct op){ .kind = OP_FILES, .raw = str_of(boundary) });
	}
	add_raw(x->t, str_of(arena_printf(x->scratch, "\r\n--%s--\r\n", boundary)));
}

static void take_text(struct taking *x, size_t i, struct str content)
{
	const struct mime_part *p = &x->mime.v[i];
	bool html = z_eq(p->type, "text/html"), coded = false;
	struct str type = header_get(x->scratch, &p->header, "Content-Type");
	const char *charset = mime_parameter(x->scratch, type, "charset", &coded);
	struct op op = { .kind = html ? OP_HTML : OP_TEXT };
	hole_read(x->t->arena, charset_utf8(x->scratch, content, charset), x->o->columns,
		  html ? "in the page" : "in the text", &op.text, x->faults);
	CLEANUP(buf_clear) struct buf b = { 0 };
	add_fields(&b, p, i == 0, true);
	buf_addf(&b, "Content-Type: %s; charset=\"utf-8\"", p->type);
	add_parameter(x, &b, type, "format");
	add_parameter(x, &b, type, "delsp");
	buf_adds(&b, "\r\n");
	if (hole_any(&op.text)) {
		add_raw(x->t, buf_str(&b));
		add_op(x->t, op);
	} else {
		template_text(&b, op.text.v[0].before);
		add_raw(x->t, buf_str(&b));
	}
}

/* What may go into a mail as it stands. */
static bool is_sound(struct str body)
{
	size_t column = 0;
	for (size_t i = 0; i < body.len; i++) {
		unsigned char c = (unsigned char)body.p[i];
		column = c == '\n' ? 0 : column + 1;
		if (!c || c >= 0x80 || column > RAW_LINE_MAX)
			return false;
	}
	return true;
}

static void take_other(struct taking *x, size_t i)
{
	const struct mime_part *p = &x->mime.v[i];
	bool sound = is_sound(p->body);
	CLEANUP(buf_clear) struct buf b = { 0 };
	add_fields(&b, p, i == 0, !sound);
	if (sound) {
		buf_adds(&b, "\r\n");
		template_lines(&b, p->body);
	} else {
		struct str type = header_get(x->scratch, &p->header, "Content-Type");
		buf_addf(&b, "Content-Type: " STR_FMT "\r\nContent-Transfer-Encoding: base64\r\n\r\n",
			 STR_ARG(type.len ? type : STR_LIT("application/octet-stream")));
		base64_lines(&b, p->body);
	}
	add_raw(x->t, buf_str(&b));
}

static void take_part(struct taking *x, size_t i)
{
	const struct mime_part *p = &x->mime.v[i];
	struct str content;
	bool text = (z_eq(p->type, "text/plain") || z_eq(p->type, "text/html")) && !*p->name;
	if (is_multipart(p) && next_sibling(&x->mime, i) > i + 1)
		take_multipart(x, i);
	else if (text && mime_decode(x->scratch, p, &content))
		take_text(x, i, content);
	else
		take_other(x, i);
}

void template_body(struct template *t, struct str raw, const struct template_options *o,
		   struct strlist *faults)
{
	CLEANUP(arena_free) struct arena *scratch = arena_new();
	struct taking x = { .t = t, .o = o, .faults = faults, .scratch = scratch };
	mime_read(scratch, raw, &x.mime);
	t->boundary = arena_printf(t->arena, "=_m_%s", o->nonce);
	if (x.mime.n)
		take_part(&x, 0);
}
