/* SPDX-License-Identifier: Apache-2.0 */
/* A template and a row: the mail. */
#include <string.h>

#include "base/text.h"
#include "base/text_time.h"
#include "batch/template_inner.h"
#include "mail/header_write.h"

/* ---- whom it goes to ---- */

static void fill(const struct address_places *p, const struct str *cells, struct letter *l, const char *what,
		 struct addresses *out, struct strlist *problems)
{
	const char *problem;
	if (!address_fill(p, cells, l->arena, out, &problem))
		strlist_add(problems, l->arena, arena_printf(l->arena, "%s: %s", what, problem));
}

void template_address(const struct template *t, const struct str *cells, struct letter *l,
		      struct strlist *problems)
{
	size_t before = problems->n;
	fill(&t->from, cells, l, "From", &l->from, problems);
	if (l->from.n != 1 && problems->n == before)
		strlist_add(problems, l->arena, "From: one sender is needed");
	fill(&t->sender, cells, l, "Sender", &l->sender, problems);
	fill(&t->reply_to, cells, l, "Reply-To", &l->reply_to, problems);
	before = problems->n;
	fill(&t->to, cells, l, "To", &l->to, problems);
	if (!l->to.n && problems->n == before)
		strlist_add(problems, l->arena,
			    *t->to_column
				    ? arena_printf(l->arena, "no address in column \"%s\"", t->to_column)
				    : "no address for To");
	l->ncc = l->to.n;
	fill(&t->cc, cells, l, "Cc", &l->to, problems);
	l->nbcc = l->to.n;
	fill(&t->bcc, cells, l, "Bcc", &l->to, problems);
}

static void missing(const struct hole_text *text, const struct str *cells, struct arena *a,
		    struct strlist *problems)
{
	const struct hole *h = hole_missing(text, cells), *error = hole_spoilt(text, cells);
	const char *words =
		h       ? arena_printf(a, "column \"%s\" is empty ({{%s|...}} would give a default)", h->name,
				       h->name)
		: error ? arena_printf(a, "column \"%s\" holds an error of the spreadsheet: " STR_FMT,
				       error->name, STR_ARG(cells[error->column]))
			: NULL;
	if (words && !strlist_has(problems, words))
		strlist_add(problems, a, words);
}

void template_missing(const struct template *t, const struct str *cells, struct arena *a,
		      struct strlist *problems)
{
	for (size_t i = 0; i < t->nfields; i++)
		if (t->fields[i].name)
			missing(&t->fields[i].text, cells, a, problems);
	for (size_t i = 0; i < t->nops; i++)
		if (t->ops[i].kind == OP_TEXT || t->ops[i].kind == OP_HTML)
			missing(&t->ops[i].text, cells, a, problems);
}

/* ---- the header ---- */

static struct addresses part_of(const struct addresses *x, size_t to)
{
	struct addresses y = *x;
	y.n = to;
	return y;
}

static void write_fields(const struct template *t, const struct str *cells, struct letter *l)
{
	for (size_t i = 0; i < t->nfields; i++) {
		const struct field *f = &t->fields[i];
		if (!f->name) {
			buf_add(&l->bytes, f->raw.p, f->raw.len);
			continue;
		}
		buf_take(&l->scratch, buf_waiting(&l->scratch));
		hole_fill(&f->text, cells, HOLE_TEXT, &l->scratch);
		header_write(&l->bytes, f->name, buf_str(&l->scratch), HEADER_WORDS);
	}
}

static void write_header(const struct template *t, const struct str *cells, struct letter *l,
			 long long date_s)
{
	char date[TEXT_MAIL_DATE_BYTES];
	struct addresses to = part_of(&l->to, l->ncc), cc = part_of(&l->to, l->nbcc);
	address_write(&l->bytes, "From", &l->from, 0);
	address_write(&l->bytes, "Sender", &l->sender, 0);
	address_write(&l->bytes, "Reply-To", &l->reply_to, 0);
	address_write(&l->bytes, "To", &to, 0);
	address_write(&l->bytes, "Cc", &cc, l->ncc);
	write_fields(t, cells, l);
	buf_addf(&l->bytes, "Date: %s\r\nMessage-ID: <%s>\r\n", text_mail_date(date_s, date), l->message_id);
	buf_addf(&l->bytes, "X-Postrider-Key: %s\r\nMIME-Version: 1.0\r\n", l->key);
}

/* ---- the body ---- */

static bool is_token(const char *s)
{
	return *s && !s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")];
}

/* RFC 2183; what is not ASCII as RFC 2231 has it. */
static void write_name(struct buf *out, const char *name)
{
	if (is_token(name)) {
		buf_addf(out, "; filename=%s", name);
	} else if (text_is_ascii(str_of(name)) && !strpbrk(name, "\"\\\r\n")) {
		buf_addf(out, ";\r\n\tfilename=\"%s\"", name);
	} else {
		buf_adds(out, ";\r\n\tfilename*=utf-8''");
		for (const char *c = name; *c; c++) {
			char one[2] = { *c, 0 };
			if (is_token(one))
				buf_add(out, c, 1);
			else
				buf_addf(out, "%%%02X", (unsigned char)*c);
		}
	}
}

static void write_files(struct letter *l, struct str boundary)
{
	struct buf *b = &l->bytes;
	for (size_t i = 0; i < l->nfiles; i++) {
		struct letter_file *f = &l->files[i];
		buf_addf(b, "\r\n--" STR_FMT "\r\nContent-Type: %s\r\nContent-Transfer-Encoding: base64\r\n",
			 STR_ARG(boundary), f->type);
		buf_adds(b, "Content-Disposition: attachment");
		write_name(b, f->name);
		buf_adds(b, "\r\n\r\n");
		f->at = buf_waiting(b);
	}
}

static void write_op(const struct op *op, const struct str *cells, struct letter *l)
{
	if (op->kind == OP_RAW) {
		buf_add(&l->bytes, op->raw.p, op->raw.len);
	} else if (op->kind == OP_FILES) {
		write_files(l, op->raw);
	} else {
		buf_take(&l->scratch, buf_waiting(&l->scratch));
		hole_fill(&op->text, cells, op->kind == OP_HTML ? HOLE_HTML : HOLE_TEXT, &l->scratch);
		template_text(&l->bytes, buf_str(&l->scratch));
	}
}

void template_write(const struct template *t, const struct str *cells, struct letter *l, long long date_s)
{
	bool wrap = l->nfiles && !t->mixed;
	write_header(t, cells, l, date_s);
	if (wrap)
		buf_addf(&l->bytes, "Content-Type: multipart/mixed;\r\n\tboundary=\"%s\"\r\n\r\n--%s\r\n",
			 t->boundary, t->boundary);
	for (size_t i = 0; i < t->nops; i++)
		write_op(&t->ops[i], cells, l);
	if (!wrap)
		return;
	write_files(l, str_of(t->boundary));
	buf_addf(&l->bytes, "\r\n--%s--\r\n", t->boundary);
}
