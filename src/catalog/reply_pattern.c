/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/reply_pattern.h"

#include <string.h>

#include "base/sixteen.h"
#include "base/str.h"
#include "catalog/letters.h"

enum { STATUS_NUMBER_DIGITS = 3, CODE_DIGITS = 3, TRIES_MAX = 16 };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' || c == '\f';
}

static size_t number_at(const char *p, size_t len)
{
	size_t n = 0;
	while (n < len && n <= STATUS_NUMBER_DIGITS && is_digit(p[n]))
		n++;
	return n <= STATUS_NUMBER_DIGITS ? n : 0;
}

size_t reply_status_at(const char *p, size_t len)
{
	if (len < 5 || (p[0] != '2' && p[0] != '4' && p[0] != '5') || p[1] != '.')
		return 0;
	size_t subject = number_at(p + 2, len - 2), at = 2 + subject;
	if (!subject || at >= len || p[at] != '.')
		return 0;
	size_t detail = number_at(p + at + 1, len - at - 1), end = at + 1 + detail;
	if (!detail)
		return 0;
	bool goes_on = end + 1 < len && p[end] == '.' && is_digit(p[end + 1]); /* an address */
	return goes_on ? 0 : end;
}

bool reply_code_at(const char *p, size_t len)
{
	return len >= CODE_DIGITS && p[0] >= '2' && p[0] <= '5' && is_digit(p[1]) && is_digit(p[2]) &&
	       (len == CODE_DIGITS || !is_digit(p[3]));
}

/* What of the first line's codes the later lines repeat. */
struct fold {
	struct str in;
	const char *code;  /* NULL until seen */
	struct str status; /* empty until seen */
	char *out;
	size_t len;
};

static void fold_put(struct fold *f, char c)
{
	if (f->len < REPLY_FOLDED_MAX)
		f->out[f->len++] = c;
}

static void fold_skip(struct fold *f, size_t n)
{
	f->in.p += n;
	f->in.len -= n;
}

static size_t blanks_at(struct str s, size_t from)
{
	size_t n = 0;
	while (from + n < s.len && is_blank(s.p[from + n]))
		n++;
	return n;
}

static bool same_status(const struct fold *f, size_t at)
{
	if (!f->status.len || at > f->in.len)
		return false;
	size_t n = reply_status_at(f->in.p + at, f->in.len - at);
	return n == f->status.len && !memcmp(f->in.p + at, f->status.p, n);
}

/* A reply code at the beginning of a word; true when it was taken from the input. */
static bool fold_code(struct fold *f)
{
	if (!reply_code_at(f->in.p, f->in.len))
		return false;
	bool hyphen = f->in.len > CODE_DIGITS && f->in.p[CODE_DIGITS] == '-';
	if (!f->code) {
		if (f->len && !hyphen)
			return false;
		f->code = f->in.p;
		for (size_t i = 0; i < CODE_DIGITS; i++)
			fold_put(f, f->in.p[i]);
		fold_put(f, ' ');
		fold_skip(f, CODE_DIGITS + (hyphen ? 1 : 0));
		return true;
	}
	size_t gap = hyphen ? 1 : blanks_at(f->in, CODE_DIGITS);
	if (memcmp(f->in.p, f->code, CODE_DIGITS) != 0 ||
	    !(hyphen || (gap && same_status(f, CODE_DIGITS + gap))))
		return false;
	fold_skip(f, CODE_DIGITS + gap);
	return true;
}

/* A status at the beginning of a word: kept the first time, dropped when it comes again. */
static bool fold_status(struct fold *f)
{
	size_t n = reply_status_at(f->in.p, f->in.len);
	if (!n || (n < f->in.len && !is_blank(f->in.p[n])))
		return false;
	if (same_status(f, 0)) {
		fold_skip(f, n);
		return true;
	}
	if (!f->status.len)
		f->status = (struct str){ f->in.p, n };
	return false;
}

static void fold_char(struct fold *f, char c)
{
	if (!is_blank(c))
		fold_put(f, c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c);
	else if (f->len && f->out[f->len - 1] != ' ')
		fold_put(f, ' ');
}

static bool is_foreign(struct str s)
{
	return s.len && (unsigned char)*s.p >= 0x80;
}

/* One letter, or as many outside ASCII as follow one another: whole languages are written so. */
static void fold_letters(struct fold *f)
{
	if (!is_foreign(f->in)) {
		fold_char(f, *f->in.p);
		fold_skip(f, 1);
	}
	while (is_foreign(f->in) && f->len < REPLY_FOLDED_MAX) {
		char out[LETTER_FOLDED_MAX];
		size_t n, took = letter_fold(f->in.p, f->in.len, out, &n);
		for (size_t i = 0; i < n; i++)
			fold_char(f, out[i]);
		fold_skip(f, took);
	}
}

static bool begins_word(const struct fold *f)
{
	return !f->len || f->out[f->len - 1] == ' ';
}

/* Words with a blank between them, up to a digit that begins one, sixteen bytes at a time. */
static void fold_plain(struct fold *f)
{
	unsigned n = SIXTEEN;
	while (n == SIXTEEN && f->in.len && f->len + n <= REPLY_FOLDED_MAX) {
		struct sixteen b = f->in.len < SIXTEEN ? sixteen_of(f->in.p, f->in.len) : sixteen_at(f->in.p);
		unsigned blank = sixteen_between(b, ' ', ' '), begin = blank << 1 | begins_word(f);
		unsigned odd = ~(blank | sixteen_between(b, '!', '~'));
		odd |= begin & (blank | sixteen_between(b, '0', '9'));
		sixteen_put(f->out + f->len, sixteen_small(b));
		n = (unsigned)__builtin_ctz(odd | 1u << SIXTEEN);
		f->len += n;
		fold_skip(f, n);
	}
}

size_t reply_fold(const char *text, char out[REPLY_FOLDED_MAX])
{
	struct fold f = { .in = str_of(text), .out = out };
	for (fold_plain(&f); f.in.len && f.len < REPLY_FOLDED_MAX; fold_plain(&f)) {
		if (begins_word(&f) && is_digit(*f.in.p) && (fold_code(&f) || fold_status(&f)))
			continue;
		fold_letters(&f);
	}
	while (f.len && out[f.len - 1] == ' ')
		f.len--;
	return f.len;
}

/* Digits, small letters, and all outside ASCII. */
const bool reply_word_bytes[256] = { ['0' ... '9'] = true, ['a' ... 'z'] = true, [0x80 ... 0xff] = true };

/* One piece of a phrase, without its blanks at the ends. */
struct piece {
	const char *p;
	size_t len;
	bool edge_before, edge_after;
};

static const char *piece_read(const char *phrase, struct piece *piece)
{
	size_t n = strcspn(phrase, "*");
	const char *next = phrase[n] ? phrase + n + 1 : NULL;
	*piece = (struct piece){ .p = phrase, .len = n };
	if (piece->len && piece->p[0] == ' ') {
		piece->edge_before = true;
		piece->p++;
		piece->len--;
	}
	if (piece->len && piece->p[piece->len - 1] == ' ') {
		piece->edge_after = true;
		piece->len--;
	}
	return next;
}

/* How common a byte is in replies: the rarest of a piece leads to it soonest. */
static const unsigned char common[0x80] = {
	[' '] = 30, ['e'] = 26, ['t'] = 25, ['a'] = 24, ['o'] = 23, ['i'] = 22, ['n'] = 21,
	['s'] = 20, ['r'] = 19, ['d'] = 18, ['l'] = 17, ['c'] = 16, ['m'] = 15, ['.'] = 14,
	['0'] = 14, ['1'] = 14, ['2'] = 14, ['5'] = 14, ['u'] = 14, ['p'] = 13, ['h'] = 12,
	['f'] = 11, ['b'] = 10, ['y'] = 9,  ['g'] = 8,  ['w'] = 7,  ['v'] = 6,
};

static unsigned commonness(char c)
{
	return (unsigned char)c < sizeof(common) ? common[(unsigned char)c] : 0;
}

static size_t rarest(const char *p, size_t len)
{
	size_t best = 0;
	for (size_t i = 1; i < len; i++)
		if (commonness(p[i]) < commonness(p[best]))
			best = i;
	return best;
}

/* As memmem(), for needles of a few bytes in a text of a few lines. */
static const char *bytes_find(const char *text, size_t len, const char *p, size_t n)
{
	size_t rare = rarest(p, n);
	const char *from = text + rare, *end = text + len - (n - rare) + 1;
	while (from < end && (from = memchr(from, p[rare], (size_t)(end - from)))) {
		if (!memcmp(from - rare, p, n))
			return from - rare;
		from++;
	}
	return NULL;
}

size_t reply_words_at(struct str folded, struct str words, size_t from)
{
	if (from + words.len > folded.len)
		return 0;
	const char *hit = bytes_find(folded.p + from, folded.len - from, words.p, words.len);
	return hit ? (size_t)(hit - folded.p) + words.len : 0;
}

/* Where the piece ends in text when found at or after `from`, else 0. */
static size_t piece_find(const struct piece *piece, const char *text, size_t len, size_t from)
{
	while (piece->len && from + piece->len <= len) {
		const char *hit = bytes_find(text + from, len - from, piece->p, piece->len);
		if (!hit)
			return 0;
		size_t at = (size_t)(hit - text), end = at + piece->len;
		if (reply_stands_apart((struct str){ text, len }, at, end, piece->edge_before,
				       piece->edge_after))
			return end;
		from = at + 1;
	}
	return 0;
}

/* The rest of a phrase, each piece soon after the one before. */
static bool pieces_follow(const char *phrase, const char *text, size_t len, size_t at)
{
	while (phrase) {
		struct piece piece;
		phrase = piece_read(phrase, &piece);
		size_t most = at + REPLY_GAP_MAX + piece.len;
		at = piece.len ? piece_find(&piece, text, most < len ? most : len, at) : at;
		if (!at)
			return false;
	}
	return true;
}

bool reply_phrase_in(const char *phrase, const char *folded, size_t len)
{
	struct piece first;
	const char *rest = piece_read(phrase, &first);
	size_t at = 0;
	for (size_t tries = 0; first.len && tries < TRIES_MAX; tries++) {
		at = piece_find(&first, folded, len, at);
		if (!at || pieces_follow(rest, folded, len, at))
			return at != 0;
	}
	return false;
}
