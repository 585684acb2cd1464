/* SPDX-License-Identifier: Apache-2.0 */
#include "batch/csv.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/nearest.h"
#include "batch/cell.h"
#include "batch/csv_inner.h"

enum { PIECE_BYTES = 64 * 1024 };

struct cell {
	size_t from, to; /* in text */
};

struct csv {
	FILE *f;
	char *name;
	struct arena *arena;
	struct csv_kind kind;
	struct strlist columns;
	struct buf in; /* read and not yet taken */
	bool ended;
	uint64_t offset; /* of in's first byte */
	uint64_t count;  /* rows taken */
	struct buf text; /* of the row, in UTF-8 */
	struct cell cells[CSV_CELLS_MAX];
	struct str v[CSV_CELLS_MAX];
	struct csv_row row;
};

/* ---- one row out of the bytes that wait ---- */

enum taking { TAKEN, WANTS_MORE, IS_BAD };

struct taking_row {
	struct csv *c;
	struct str s;
	size_t at;
	size_t n; /* cells */
	struct err *e;
};

static enum taking bad(struct taking_row *t, size_t at, const char *why)
{
	const struct csv *c = t->c;
	unsigned long long offset = c->offset + at;
	ERR_FILL(t->e, ERR_SYNTAX, (long)offset, "read", "%s, row %llu, byte %llu", c->name,
		 (unsigned long long)c->count + 1, offset);
	err_detail(t->e, "%s", why);
	return IS_BAD;
}

/* Windows-1252 where it differs from Latin-1; what it leaves free becomes U+FFFD. */
static unsigned windows_character(unsigned char c)
{
	static const unsigned short odd[32] = {
		0x20ac, 0xfffd, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
		0x2039, 0x0152, 0xfffd, 0x017d, 0xfffd, 0xfffd, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
		0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0xfffd, 0x017e, 0x0178,
	};
	return c >= 0x80 && c < 0xa0 ? odd[c - 0x80] : c;
}

static void add_text(struct csv *c, struct str s)
{
	if (!c->kind.windows) {
		buf_add(&c->text, s.p, s.len);
		return;
	}
	for (size_t i = 0; i < s.len; i++) {
		unsigned u = windows_character((unsigned char)s.p[i]);
		char three[3] = { (char)(0xe0 | u >> 12), (char)(0x80 | (u >> 6 & 0x3f)),
				  (char)(0x80 | (u & 0x3f)) };
		if (u < 0x80) {
			buf_add(&c->text, s.p + i, 1);
		} else if (u < 0x800) {
			three[1] = (char)(0xc0 | u >> 6);
			buf_add(&c->text, three + 1, 2);
		} else {
			buf_add(&c->text, three, 3);
		}
	}
}

static bool is_end_of_cell(const struct csv *c, char x)
{
	return x == c->kind.separator || x == '\r' || x == '\n';
}

static enum taking plain_cell(struct taking_row *t)
{
	size_t from = t->at;
	while (t->at < t->s.len && !is_end_of_cell(t->c, t->s.p[t->at]))
		t->at++;
	if (t->at == t->s.len && !t->c->ended)
		return WANTS_MORE;
	add_text(t->c, str_cut(t->s, from, t->at));
	return TAKEN;
}

static enum taking quoted_cell(struct taking_row *t)
{
	size_t opened = t->at++;
	for (;;) {
		const char *quote = memchr(t->s.p + t->at, '"', t->s.len - t->at);
		size_t end = quote ? (size_t)(quote - t->s.p) : t->s.len;
		if (!quote && !t->c->ended)
			return WANTS_MORE;
		if (!quote)
			return bad(t, opened, "the quote that opens there is never closed");
		add_text(t->c, str_cut(t->s, t->at, end));
		t->at = end + 1;
		if (t->at == t->s.len && !t->c->ended)
			return WANTS_MORE;
		if (t->at == t->s.len || t->s.p[t->at] != '"')
			break;
		add_text(t->c, STR_LIT("\""));
		t->at++;
	}
	while (t->at < t->s.len && t->s.p[t->at] == ' ')
		t->at++;
	if (t->at == t->s.len)
		return t->c->ended ? TAKEN : WANTS_MORE;
	return is_end_of_cell(t->c, t->s.p[t->at])
		       ? TAKEN
		       : bad(t, t->at,
			     "text follows a closing quote: quotes within a value are doubled (\"\")");
}

static enum taking one_cell(struct taking_row *t)
{
	struct csv *c = t->c;
	if (t->n == CSV_CELLS_MAX)
		return bad(t, t->at, "it has more than 1000 cells");
	size_t from = buf_waiting(&c->text);
	if (t->at == t->s.len && !c->ended)
		return WANTS_MORE;
	enum taking got = t->at < t->s.len && t->s.p[t->at] == '"' ? quoted_cell(t) : plain_cell(t);
	if (got == TAKEN)
		c->cells[t->n++] = (struct cell){ from, buf_waiting(&c->text) };
	return got;
}

/* CRLF, LF or CR alone (old Macs). */
static enum taking end_of_row(struct taking_row *t)
{
	if (t->at == t->s.len)
		return TAKEN;
	bool cr = t->s.p[t->at] == '\r';
	if (cr && t->at + 1 == t->s.len && !t->c->ended)
		return WANTS_MORE;
	t->at += cr && t->at + 1 < t->s.len && t->s.p[t->at + 1] == '\n' ? 2 : 1;
	return TAKEN;
}

static enum taking take_cells(struct taking_row *t)
{
	buf_take(&t->c->text, buf_waiting(&t->c->text));
	for (;;) {
		enum taking got = one_cell(t);
		if (got != TAKEN)
			return got;
		if (t->at == t->s.len || t->s.p[t->at] != t->c->kind.separator)
			return end_of_row(t);
		t->at++;
	}
}

static void set_row(struct csv *c, size_t n)
{
	struct str text = buf_str(&c->text);
	for (size_t i = 0; i < n; i++)
		c->v[i] = cell_trim(str_cut(text, c->cells[i].from, c->cells[i].to));
	c->row = (struct csv_row){ c->count, c->offset, c->v, n };
}

/* ---- reading ---- */

static bool read_more(struct csv *c, struct err *e)
{
	char piece[PIECE_BYTES];
	size_t n = fread(piece, 1, sizeof(piece), c->f);
	if (ferror(c->f))
		return ERR_FILL(e, ERR_SYS, errno, "read", "%s", c->name);
	c->ended = n == 0;
	buf_add(&c->in, piece, n);
	return true;
}

static int take_row(struct csv *c, struct err *e)
{
	for (;;) {
		struct taking_row t = { .c = c, .s = buf_str(&c->in), .e = e };
		if (c->ended && !t.s.len)
			return 0;
		enum taking got = take_cells(&t);
		if (got == TAKEN) {
			c->count++;
			set_row(c, t.n);
			c->offset += t.at;
			buf_take(&c->in, t.at);
			return 1;
		}
		if (got != IS_BAD && t.s.len > CSV_ROW_BYTES_MAX)
			got = bad(&t, 0, "the row has more than 1 MB: was a quote left open?");
		if (got == IS_BAD || !read_more(c, e))
			return -1;
	}
}

static bool is_empty(const struct csv_row *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].len)
			return false;
	return true;
}

int csv_next(struct csv *c, const struct csv_row **row, struct err *e)
{
	int got;
	do
		got = take_row(c, e);
	while (got > 0 && is_empty(&c->row));
	*row = &c->row;
	return got;
}

static bool to_start(struct csv *c, struct err *e)
{
	if (fseek(c->f, c->kind.start, SEEK_SET))
		return ERR_FILL(e, ERR_SYS, errno, "read again", "%s", c->name);
	clearerr(c->f);
	buf_take(&c->in, buf_waiting(&c->in));
	c->offset = (uint64_t)c->kind.start;
	c->count = 0;
	c->ended = false;
	return true;
}

bool csv_rewind(struct csv *c, struct err *e)
{
	const struct csv_row *header;
	return to_start(c, e) && csv_next(c, &header, e) > 0;
}

/* ---- the header ---- */

size_t csv_column(const struct strlist *columns, struct str name)
{
	struct str s = str_trim(name);
	for (size_t i = 0; i < columns->n; i++)
		if (str_ieq(s, columns->v[i]))
			return i;
	return columns->n;
}

const char *csv_near(const struct strlist *columns, struct str name)
{
	if (!name.len)
		return NULL;
	/* Not all of its letters: "a" is no misspelt "b". */
	struct nearest near =
		nearest_to(name, name.len > NEAREST_WRONG ? NEAREST_WRONG : (unsigned)name.len - 1);
	for (size_t i = 0; i < columns->n; i++)
		nearest_look(&near, columns->v[i]);
	return near.name;
}

static bool read_header(struct csv *c, struct err *e)
{
	const struct csv_row *header;
	int got = csv_next(c, &header, e);
	if (got < 0)
		return false;
	if (!got) {
		ERR_FILL(e, ERR_SYNTAX, 0, "read", "%s", c->name);
		return err_detail(e, "it is empty: its first row names the columns");
	}
	for (size_t i = 0; i < header->n; i++)
		strlist_add(&c->columns, c->arena, arena_str(c->arena, header->v[i]).p);
	return true;
}

bool csv_open(FILE *f, const char *name, struct csv **out, struct err *e)
{
	CLEANUP(csv_free) struct csv *c = mem_alloc(sizeof(*c));
	c->f = f;
	c->name = mem_strdup(name);
	c->arena = arena_new();
	if (!csv_look(f, name, &c->kind, e) || !to_start(c, e) || !read_header(c, e))
		return false;
	*out = STEAL(c);
	return true;
}

void csv_free(struct csv **cp)
{
	struct csv *c = *cp;
	if (!c)
		return;
	close_file(&c->f);
	mem_free(&c->name);
	arena_free(&c->arena);
	buf_clear(&c->in);
	buf_clear(&c->text);
	mem_free(cp);
}

const struct strlist *csv_columns(const struct csv *c)
{
	return &c->columns;
}

char csv_separator(const struct csv *c)
{
	return c->kind.separator;
}

bool csv_is_windows(const struct csv *c)
{
	return c->kind.windows;
}

uint64_t csv_size(const struct csv *c)
{
	return c->kind.size;
}
