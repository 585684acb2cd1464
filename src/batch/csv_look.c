/* SPDX-License-Identifier: Apache-2.0 */
/* One look through a table's file: charset and separator. */
#include <errno.h>
#include <string.h>

#include "batch/csv_inner.h"

enum { PIECE_BYTES = 64 * 1024 };

static const char separators[] = { ',', ';', '\t', '|' };

struct looking {
	uint64_t at;
	bool utf8;
	unsigned more;           /* bytes that a character still needs */
	unsigned char low, high; /* bounds of its next byte (RFC 3629, 4) */
	bool in_quotes, first_row_over, first_row_begun;
	size_t seen[sizeof(separators)];
};

static void begin_character(struct looking *l, unsigned char c)
{
	l->low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
	l->high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
	l->more = c < 0xc2 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : c < 0xf5 ? 3 : 0;
	l->utf8 = l->utf8 && l->more;
}

static void look_at_charset(struct looking *l, unsigned char c)
{
	if (l->more) {
		l->utf8 = l->utf8 && c >= l->low && c <= l->high;
		l->low = 0x80;
		l->high = 0xbf;
		l->more--;
	} else if (c >= 0x80) {
		begin_character(l, c);
	}
}

static void look_at_separator(struct looking *l, char c)
{
	if (l->first_row_over)
		return;
	if (c == '"')
		l->in_quotes = !l->in_quotes;
	if (l->in_quotes)
		return;
	if (c == '\n' || c == '\r')
		l->first_row_over = l->first_row_begun;
	else
		l->first_row_begun = true;
	const char *which = memchr(separators, c, sizeof(separators));
	if (which)
		l->seen[which - separators]++;
}

static bool refuse(const char *name, uint64_t at, const char *why, struct err *e)
{
	ERR_FILL(e, ERR_SYNTAX, (long)at, "read", "%s, byte %llu", name, (unsigned long long)at);
	return err_detail(e, "%s", why);
}

static bool look_at_piece(struct looking *l, const char *name, struct str s, struct err *e)
{
	for (size_t i = 0; i < s.len; i++, l->at++) {
		if (!s.p[i])
			return refuse(name, l->at,
				      "a zero byte stands there: this is no CSV text (is it a spreadsheet? "
				      "save it as CSV)",
				      e);
		look_at_charset(l, (unsigned char)s.p[i]);
		look_at_separator(l, s.p[i]);
	}
	return true;
}

/* A mark at the front (UTF-8's), and Excel's line "sep=;". */
static bool look_at_front(struct str s, const char *name, struct csv_kind *out, struct err *e)
{
	if (s.len >= 2 && (!memcmp(s.p, "\xff\xfe", 2) || !memcmp(s.p, "\xfe\xff", 2)))
		return refuse(name, 0, "it is UTF-16 (\"Unicode text\"): save it as \"CSV UTF-8\"", e);
	if (s.len >= 4 && !memcmp(s.p, "PK\3\4", 4))
		return refuse(name, 0, "it is a spreadsheet (.xlsx, .ods): save it as \"CSV UTF-8\"", e);
	out->start = s.len >= 3 && !memcmp(s.p, "\xef\xbb\xbf", 3) ? 3 : 0;
	struct str rest = str_cut(s, (size_t)out->start, s.len);
	size_t n = 5;
	if (!str_istarts(rest, "sep=") || rest.len <= n || (rest.p[n] != '\r' && rest.p[n] != '\n'))
		return true;
	out->separator = rest.p[4];
	n += rest.len > n + 1 && rest.p[n] == '\r' && rest.p[n + 1] == '\n' ? 2 : 1;
	out->start += (long)n;
	return true;
}

static void conclude(const struct looking *l, struct csv_kind *out)
{
	size_t best = 0;
	for (size_t i = 1; i < sizeof(separators); i++)
		best = l->seen[i] > l->seen[best] ? i : best;
	if (!out->separator)
		out->separator = separators[best];
	out->windows = !l->utf8 || l->more;
	out->size = l->at;
}

bool csv_look(FILE *f, const char *name, struct csv_kind *out, struct err *e)
{
	char piece[PIECE_BYTES];
	struct looking l = { .utf8 = true };
	*out = (struct csv_kind){ 0 };
	for (size_t n; (n = fread(piece, 1, sizeof(piece), f)) > 0;) {
		struct str s = { piece, n };
		if (!l.at && !look_at_front(s, name, out, e))
			return false;
		size_t skip = l.at ? 0 : (size_t)out->start;
		l.at += skip;
		if (!look_at_piece(&l, name, str_cut(s, skip, n), e))
			return false;
	}
	if (ferror(f))
		return ERR_FILL(e, ERR_SYS, errno, "read", "%s", name);
	conclude(&l, out);
	return true;
}
