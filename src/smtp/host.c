/* SPDX-License-Identifier: Apache-2.0 */
#include "smtp/host.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"

enum { LABEL_BYTES_MAX = 63 };

static bool is_letter_or_digit(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_address(struct str s, int family)
{
	char z[INET6_ADDRSTRLEN];
	unsigned char address[sizeof(struct in6_addr)];
	if (!s.len || s.len >= sizeof(z) || memchr(s.p, '\0', s.len))
		return false;
	memcpy(z, s.p, s.len);
	z[s.len] = '\0';
	return inet_pton(family, z, address) == 1;
}

/* Characters that are not ASCII but look or act as if they were, by the
 * encoding of one character.  "" : invisible. */
static const struct {
	const char *utf8, *ascii, *word;
} impostors[] = {
	{ "\xe2\x80\x8b", "", "zero-width" }, /* ZERO WIDTH SPACE, NON-JOINER, JOINER */
	{ "\xe2\x80\x8c", "", "zero-width" }, { "\xe2\x80\x8d", "", "zero-width" },
	{ "\xe2\x80\x8e", "", "zero-width" },                                       /* direction marks */
	{ "\xe2\x80\x8f", "", "zero-width" }, { "\xe2\x81\xa0", "", "zero-width" }, /* WORD JOINER */
	{ "\xef\xbb\xbf", "", "zero-width" },                                       /* byte order mark */
	{ "\xe2\x80\xaa", "", "zero-width" }, /* embeddings, overrides and isolates of direction */
	{ "\xe2\x80\xab", "", "zero-width" }, { "\xe2\x80\xac", "", "zero-width" },
	{ "\xe2\x80\xad", "", "zero-width" }, { "\xe2\x80\xae", "", "zero-width" },
	{ "\xe2\x81\xa6", "", "zero-width" }, { "\xe2\x81\xa7", "", "zero-width" },
	{ "\xe2\x81\xa8", "", "zero-width" }, { "\xe2\x81\xa9", "", "zero-width" },
	{ "\xc2\xad", "", "zero-width" }, /* SOFT HYPHEN */
	{ "\xc2\xa0", " ", "blank" },     /* NO-BREAK SPACE */
	{ "\xe2\x80\xaf", " ", "blank" },     { "\xe3\x80\x80", " ", "blank" },
	{ "\xe2\x80\x90", "-", "lookalike" }, /* hyphens and dashes */
	{ "\xe2\x80\x91", "-", "lookalike" }, { "\xe2\x80\x92", "-", "lookalike" },
	{ "\xe2\x80\x93", "-", "lookalike" }, { "\xe2\x80\x94", "-", "lookalike" },
	{ "\xe2\x88\x92", "-", "lookalike" }, { "\xe3\x80\x82", ".", "lookalike" }, /* full stops */
	{ "\xef\xbc\x8e", ".", "lookalike" }, { "\xef\xbd\xa1", ".", "lookalike" },
	{ "\xd0\xb0", "a", "lookalike" }, /* Cyrillic */
	{ "\xd0\xb5", "e", "lookalike" },     { "\xd0\xbe", "o", "lookalike" },
	{ "\xd1\x80", "p", "lookalike" },     { "\xd1\x81", "c", "lookalike" },
	{ "\xd1\x85", "x", "lookalike" },     { "\xd1\x83", "y", "lookalike" },
	{ "\xd1\x96", "i", "lookalike" },     { "\xd1\x98", "j", "lookalike" },
	{ "\xd1\x95", "s", "lookalike" },     { "\xd0\xbc", "m", "lookalike" },
	{ "\xd1\x82", "t", "lookalike" },     { "\xce\xbf", "o", "lookalike" }, /* Greek */
	{ "\xce\xb1", "a", "lookalike" },     { "\xce\xb9", "i", "lookalike" },
	{ "\xc4\xb1", "i", "lookalike" }, /* dotless i */
};

struct character {
	struct str bytes;
	const char *word;  /* the impostor's; NULL: it is none */
	const char *ascii; /* what it stands for */
	char plain[2];
};

/* U+FF01..U+FF5E are ASCII at full width. */
static bool is_fullwidth(struct str s, char *ascii)
{
	if (s.len != 3 || (unsigned char)s.p[0] != 0xef)
		return false;
	unsigned v = ((unsigned char)s.p[1] & 0x3fu) << 6 | ((unsigned char)s.p[2] & 0x3fu);
	if (v < 0xf01 || v > 0xf5e)
		return false;
	*ascii = (char)(v - 0xf01 + '!');
	return true;
}

static size_t character_length(struct str s)
{
	unsigned char c = (unsigned char)s.p[0];
	size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	return n <= s.len && text_is_utf8(str_cut(s, 0, n)) ? n : 1;
}

static struct character character_at(struct str s, size_t at)
{
	struct str rest = str_cut(s, at, s.len);
	struct character c = { .bytes = str_cut(rest, 0, character_length(rest)) };
	for (size_t i = 0; i < ARRAY_LEN(impostors); i++)
		if (str_eq(c.bytes, impostors[i].utf8)) {
			c.word = impostors[i].word;
			c.ascii = impostors[i].ascii;
		}
	if (!c.word && is_fullwidth(c.bytes, c.plain)) {
		c.word = "lookalike";
		c.ascii = NULL; /* plain has it */
	}
	return c;
}

static const char *const ascii_words[256] = {
	[' '] = "blank",    ['\t'] = "blank",       ['\r'] = "line-break", ['\n'] = "line-break",
	['/'] = "slash",    ['\\'] = "slash",       [','] = "comma",       [';'] = "comma",
	['@'] = "at-sign",  ['['] = "brackets",     [']'] = "brackets",    ['<'] = "brackets",
	['>'] = "brackets", ['('] = "brackets",     [')'] = "brackets",    ['"'] = "quoted",
	['\''] = "quoted",  [':'] = "port-in-host",
};

static void offence(struct smtp_host *h, const char *word, size_t at)
{
	if (h->problem && h->at <= at)
		return;
	h->problem = word;
	h->at = at;
}

/* Letters of one other alphabet make an honest name (its A-label is another
 * module's work); mixed with ASCII letters in one label they are disguise. */
static bool label_has_ascii_letter(struct str s, size_t at)
{
	size_t from = at, to = at;
	while (from && s.p[from - 1] != '.')
		from--;
	while (to < s.len && s.p[to] != '.')
		to++;
	for (size_t i = from; i < to; i++)
		if (is_letter_or_digit(s.p[i]) && (s.p[i] < '0' || s.p[i] > '9'))
			return true;
	return false;
}

static void check_characters(struct str s, struct smtp_host *h)
{
	for (size_t i = 0; i < s.len;) {
		struct character c = character_at(s, i);
		unsigned char b = (unsigned char)s.p[i];
		if (c.word && !strcmp(c.word, "lookalike") && b < 0xe0 && !label_has_ascii_letter(s, i))
			offence(h, "non-ascii", i);
		else if (c.word)
			offence(h, c.word, i);
		else if (b >= 0x80)
			offence(h, c.bytes.len > 1 ? "non-ascii" : "bad-character", i);
		else if (!is_letter_or_digit((char)b) && b != '-' && b != '.')
			offence(h, ascii_words[b] ? ascii_words[b] : "bad-character", i);
		i += c.bytes.len;
	}
}

static void check_label(struct str s, size_t from, size_t to, struct smtp_host *h)
{
	if (from == to)
		offence(h, "dot", from < s.len ? from : from - 1);
	else if (s.p[from] == '-')
		offence(h, "bad-label", from);
	else if (s.p[to - 1] == '-')
		offence(h, "bad-label", to - 1);
	else if (to - from > LABEL_BYTES_MAX)
		offence(h, "bad-label", from + LABEL_BYTES_MAX);
}

/* No top-level domain is a number: such a "name" is a spoilt address. */
static void check_numbers(struct str s, struct smtp_host *h)
{
	size_t from = s.len;
	while (from && s.p[from - 1] != '.')
		from--;
	for (size_t i = from; i < s.len; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return;
	if (from < s.len)
		offence(h, "bad-number", from);
}

static unsigned check_labels(struct str s, struct smtp_host *h)
{
	unsigned labels = 0;
	for (size_t from = 0, to; from <= s.len; from = to + 1, labels++) {
		for (to = from; to < s.len && s.p[to] != '.'; to++)
			;
		check_label(s, from, to, h);
	}
	return labels;
}

/* Fills form, problem and at for what may be used as it stands. */
static bool check(struct str s, struct smtp_host *h)
{
	*h = (struct smtp_host){ .form = SMTP_HOST_BAD };
	if (is_address(s, AF_INET) || is_address(s, AF_INET6)) {
		h->form = is_address(s, AF_INET) ? SMTP_HOST_IPV4 : SMTP_HOST_IPV6;
		offence(h, "ip-literal", 0);
		return true;
	}
	if (!s.len)
		offence(h, "empty", 0);
	check_characters(s, h);
	if (h->problem)
		return false;
	unsigned labels = check_labels(s, h);
	check_numbers(s, h);
	if (s.len > SMTP_HOST_BYTES_MAX)
		offence(h, "too-long", SMTP_HOST_BYTES_MAX);
	if (!h->problem)
		h->form = labels > 1 ? SMTP_HOST_NAME : SMTP_HOST_SHORT;
	return !h->problem;
}

/* Impostors become what they stand for, invisible ones nothing. */
static void fold(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.len;) {
		struct character c = character_at(s, i);
		if (c.plain[0])
			buf_add(out, c.plain, 1);
		else if (c.ascii)
			buf_adds(out, c.ascii);
		else
			buf_add(out, c.bytes.p, c.bytes.len);
		i += c.bytes.len;
	}
}

static bool is_wrapping(char c)
{
	return strchr(" \t\r\n\"'<>()[].,;/", c) && c;
}

static struct str unwrap(struct str s)
{
	while (s.len && is_wrapping(s.p[0]))
		s = str_cut(s, 1, s.len);
	while (s.len && is_wrapping(s.p[s.len - 1]))
		s.len--;
	return s;
}

/* "smtps://user@host:465/path" is mostly not the host. */
static struct str core_of(struct str s, unsigned *port)
{
	size_t scheme = str_ifind(s, "://");
	if (scheme < s.len)
		s = str_cut(s, scheme + 3, s.len);
	const char *slash = s.len ? memchr(s.p, '/', s.len) : NULL;
	if (slash)
		s.len = (size_t)(slash - s.p);
	const char *sign = s.len ? memrchr(s.p, '@', s.len) : NULL;
	if (sign)
		s = str_cut(s, (size_t)(sign - s.p) + 1, s.len);
	if (is_address(unwrap(s), AF_INET6))
		return unwrap(s);
	const char *colon = s.len ? memrchr(s.p, ':', s.len) : NULL;
	unsigned long n;
	if (colon && str_number(unwrap(str_cut(s, (size_t)(colon - s.p) + 1, s.len)), 65535, &n)) {
		*port = (unsigned)n;
		s.len = (size_t)(colon - s.p);
	} else if (colon && colon == s.p + s.len - 1) {
		s.len--;
	}
	return unwrap(s);
}

/* Inner blanks go, a comma between labels was meant as a dot, dots stand singly. */
static void squeeze(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i] == ',' || s.p[i] == ';' ? '.' : s.p[i];
		struct str have = buf_str(out);
		if (strchr(" \t\r\n", c) || (c == '.' && have.len && have.p[have.len - 1] == '.'))
			continue;
		buf_add(out, &c, 1);
	}
}

static void propose(struct str typed, struct smtp_host *h)
{
	CLEANUP(buf_clear) struct buf folded = { 0 }, narrow = { 0 };
	struct smtp_host again;
	fold(&folded, typed);
	squeeze(&narrow, core_of(unwrap(buf_str(&folded)), &h->port));
	struct str s = buf_str(&narrow);
	if (s.len <= SMTP_HOST_BYTES_MAX && check(s, &again))
		memcpy(h->clean, s.p, s.len);
}

static size_t find_scheme(struct str s)
{
	size_t at = str_ifind(s, "://");
	return at < s.len ? at : SIZE_MAX;
}

bool smtp_host_read(struct str typed, struct smtp_host *h)
{
	bool good = check(typed, h);
	if (good) {
		memcpy(h->clean, typed.p, typed.len);
		return true;
	}
	size_t scheme = find_scheme(typed);
	if (scheme <= h->at) { /* the colon of a scheme is no port's */
		h->problem = "scheme";
		h->at = scheme;
	}
	propose(typed, h);
	return false;
}

bool smtp_host_is_loopback(const char *address)
{
	return !strcmp(address, "::1") ||
	       (z_istarts(address, "127.") && !address[strspn(address, "0123456789.")]);
}
