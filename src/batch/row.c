/* SPDX-License-Identifier: Apache-2.0 */
#include "batch/row.h"

#include <string.h>

enum { CELLS_HASHED_MAX = CSV_CELLS_MAX + 2 };

static void problem(struct letter *l, struct strlist *problems, const char *text)
{
	strlist_add(problems, l->arena, text);
}

/* ---- attachments ---- */

static void add_file(const struct row_rules *r, struct letter *l, const char *typed, struct strlist *problems)
{
	const char *why = attachment_add(l, r->folder, typed, r->attachments);
	if (why)
		problem(l, problems, why);
}

static void add_files(const struct row_rules *r, const struct csv_row *row, struct letter *l,
		      struct strlist *problems)
{
	for (size_t i = 0; i < r->attach_all.n; i++)
		add_file(r, l, arena_strdup(l->arena, r->attach_all.v[i]), problems);
	if (r->attach_column == HOLE_NONE)
		return;
	struct str cell = row->v[r->attach_column], piece;
	while (str_next(&cell, ";\r\n", &piece)) {
		struct str s = str_trim(piece);
		if (s.len)
			add_file(r, l, arena_dup(l->arena, s.p, s.len), problems);
	}
}

/* ---- what tells it from the others ---- */

static bool is_key(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] <= ' ' || (unsigned char)s.p[i] >= 0x7f)
			return false;
	return s.len && s.len <= LETTER_KEY_MAX;
}

static const char *mark_text(struct arena *a, struct seen_mark m)
{
	return arena_printf(a, "%016llx%016llx", (unsigned long long)m.high, (unsigned long long)m.low);
}

static struct seen_mark mark_of_row(const struct row_rules *r, const struct csv_row *row)
{
	struct str texts[CELLS_HASHED_MAX];
	size_t n = 0;
	texts[n++] = str_of(r->batch);
	for (size_t i = 0; i < row->n; i++)
		texts[n++] = row->v[i];
	return seen_mark(texts, n);
}

/* The key as it was given where it can stand in a header, else 128 bits of it. */
static void set_key(const struct row_rules *r, const struct csv_row *row, struct letter *l,
		    struct strlist *problems)
{
	struct str given = r->key_column == HOLE_NONE ? STR_LIT("") : row->v[r->key_column];
	if (r->key_column != HOLE_NONE && !given.len)
		problem(l, problems,
			arena_printf(l->arena,
				     "column \"%s\" is empty: it holds the key that keeps a mail "
				     "from being sent twice",
				     r->columns->v[r->key_column]));
	const struct str again[] = { str_of(r->batch), given };
	if (is_key(given) && *r->batch != ROW_AGAIN)
		l->key = arena_str(l->arena, given).p;
	else if (given.len)
		l->key = mark_text(l->arena,
				   *r->batch == ROW_AGAIN ? seen_mark(again, 2) : seen_mark(&given, 1));
	else
		l->key = mark_text(l->arena, mark_of_row(r, row));
}

static struct seen_mark mark_of(const struct letter *l)
{
	struct str texts[ADDRESSES_MAX + 1];
	size_t n = 0;
	texts[n++] = str_of(l->key);
	for (size_t i = 0; i < l->ncc; i++)
		texts[n++] = str_of(l->to.v[i].address);
	return seen_mark(texts, n);
}

/* ---- all of it ---- */

static const char *size_text(struct arena *a, uint64_t bytes)
{
	return bytes < 1000000 ? arena_printf(a, "%.0f KB", (double)bytes / 1024)
			       : arena_printf(a, "%.1f MB", (double)bytes / (1 << 20));
}

static const char *size_problem(const struct row_rules *r, const struct letter *l)
{
	uint64_t size = letter_size(l);
	if (!r->size_max || size <= r->size_max)
		return NULL;
	return arena_printf(l->arena, "with its attachments the mail has %s, %s are the most",
			    size_text(l->arena, size), size_text(l->arena, r->size_max));
}

void row_make(const struct row_rules *r, const struct csv_row *row, long long date_s, struct letter *l,
	      struct strlist *problems)
{
	letter_begin(l, row->number);
	if (row->n != r->columns->n) {
		problem(l, problems,
			arena_printf(
				l->arena,
				"it has %zu cells and the header %zu: is a separator in a value that has no "
				"quotes around it?",
				row->n, r->columns->n));
		return;
	}
	template_address(r->template, row->v, l, problems);
	template_missing(r->template, row->v, l->arena, problems);
	set_key(r, row, l, problems);
	add_files(r, row, l, problems);
	l->mark = mark_of(l);
	if (problems->n)
		return;
	const char *at = strrchr(l->from.v[0].address, '@');
	l->message_id = arena_printf(l->arena, "%s%s", mark_text(l->arena, l->mark), at ? at : "@localhost");
	template_write(r->template, row->v, l, date_s);
	const char *big = size_problem(r, l);
	if (big)
		problem(l, problems, big);
}
