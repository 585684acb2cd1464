/* SPDX-License-Identifier: Apache-2.0 */
#include "batch/cell.h"

#include <string.h>

#include "base/mem.h"

/* No-break, zero-width and direction marks, soft hyphen, word joiner, narrow no-break, byte order mark. */
static const char *const unseen[] = { "\xc2\xa0",     "\xe2\x80\x8b", "\xe2\x80\x8c", "\xe2\x80\x8d",
				      "\xe2\x80\x8e", "\xe2\x80\x8f", "\xc2\xad",     "\xe2\x81\xa0",
				      "\xe2\x80\xaf", "\xef\xbb\xbf" };

static size_t unseen_at_start(struct str s)
{
	for (size_t i = 0; s.len && (unsigned char)*s.p >= 0xc2 && i < ARRAY_LEN(unseen); i++) {
		size_t n = strlen(unseen[i]);
		if (s.len >= n && !memcmp(s.p, unseen[i], n))
			return n;
	}
	return 0;
}

static size_t unseen_at_end(struct str s)
{
	for (size_t i = 0; s.len && (unsigned char)s.p[s.len - 1] >= 0x80 && i < ARRAY_LEN(unseen); i++) {
		size_t n = strlen(unseen[i]);
		if (s.len >= n && !memcmp(s.p + s.len - n, unseen[i], n))
			return n;
	}
	return 0;
}

struct str cell_trim(struct str s)
{
	for (;;) {
		s = str_trim(s);
		size_t front = unseen_at_start(s);
		s = str_cut(s, front, s.len);
		size_t back = unseen_at_end(s);
		s = str_cut(s, 0, s.len - back);
		if (!front && !back)
			return s;
	}
}

bool cell_has_unseen(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (unseen_at_start(str_cut(s, i, s.len)))
			return true;
	return false;
}

/* Excel's in English, German, French, Spanish, Italian and Dutch, and LibreOffice's. */
static const char *const errors[] = {
	"#N/A",
	"#REF!",
	"#VALUE!",
	"#NAME?",
	"#DIV/0!",
	"#NULL!",
	"#NUM!",
	"#SPILL!",
	"#CALC!",
	"#NV",
	"#BEZUG!",
	"#WERT!",
	"#ZAHL!",
	("#\xc3\x9c"
	 "BERLAUF!"),
	"#VALEUR!",
	"#NOM?",
	"#NOMBRE!",
	"#NUL!",
	"#N/D",
	"#RIF!",
	"#VALORE!",
	"#NOME?",
	"#N/B",
	"#VERW!",
	"#WAARDE!",
	"#NAAM?",
	"#\xc2\xa1REF!",
	"#\xc2\xa1VALOR!",
	"#\xc2\xbfNOMBRE?",
	"#\xc2\xa1NUM!",
	("#\xc2\xa1"
	 "DIV/0!"),
};

bool cell_is_error(struct str s)
{
	size_t hashes = 0;
	if (!s.len || (*s.p != '#' && *s.p != 'E'))
		return false;
	while (hashes < s.len && s.p[hashes] == '#')
		hashes++;
	if (hashes == s.len && hashes > 2) /* the column was too narrow when it was saved */
		return true;
	for (size_t i = 0; i < ARRAY_LEN(errors); i++)
		if (str_eq(s, errors[i]))
			return true;
	unsigned long code;
	return str_istarts(s, "Err:") && str_number(str_cut(s, 4, s.len), 999, &code);
}
