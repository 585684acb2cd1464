/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of IMAP and POP3 servers that are lines: hostile until read. */
#include <string.h>

#include "base/text.h"
#include "net/maildrop.h"

enum { UID_BYTES_MAX = 70 /* RFC 1939, 7: 1 to 70 characters */, NUMBER_MAX = 0x7fffffff };
static const unsigned long uid_max = 4294967295UL;

/* "* SEARCH 2 84 882" (RFC 9051, 7.3.4); a server may send several. */
size_t maildrop_read_search(struct str answer, unsigned long *v, size_t max)
{
	struct str line, word;
	size_t n = 0;
	while (str_next(&answer, "\r\n", &line)) {
		if (!str_istarts(line, "* SEARCH"))
			continue;
		line = str_cut(line, strlen("* SEARCH"), line.len);
		while (n < max && str_next(&line, " ", &word))
			n += str_number(word, uid_max, &v[n]) && v[n];
	}
	return n;
}

/* The number behind NAME in a FETCH answer; 0 when there is none. */
static unsigned long value_of(struct str line, const char *name)
{
	size_t at = str_ifind(line, name), end;
	unsigned long n = 0;
	if (at == line.len)
		return 0;
	line = str_cut(line, at + strlen(name), line.len);
	for (end = 0; end < line.len && line.p[end] >= '0' && line.p[end] <= '9';)
		end++;
	return str_number(str_cut(line, 0, end), 0xffffffffUL, &n) ? n : 0;
}

void maildrop_read_sizes(struct str answer, struct maildrop_mail *v, size_t n)
{
	struct str line;
	while (str_next(&answer, "\r\n", &line)) {
		unsigned long uid = value_of(line, "UID ");
		for (size_t i = 0; uid && i < n; i++)
			if (v[i].number == uid) {
				v[i].bytes = value_of(line, "RFC822.SIZE ");
				v[i].seen = str_ifind(line, "\\Seen") < line.len;
			}
	}
}

static struct maildrop_mail *mail_of(struct maildrop_mail *v, size_t n, unsigned long number)
{
	for (size_t i = n; i-- > 0;)
		if (v[i].number == number)
			return &v[i];
	return NULL;
}

/* scan-listing = number SP size; unique-id listing = number SP 1*70(%x21-7E) */
size_t maildrop_read_pop3(struct str answer, bool names, struct arena *a, struct maildrop_mail *v, size_t n,
			  size_t max)
{
	struct str line, word;
	while (str_next(&answer, "\r\n", &line)) {
		unsigned long number, bytes;
		if (!str_next(&line, " ", &word) || !str_number(word, NUMBER_MAX, &number) || !number ||
		    !str_next(&line, " ", &word))
			continue;
		struct maildrop_mail *x = mail_of(v, n, number);
		if (names && x && word.len <= UID_BYTES_MAX)
			x->uid = text_printable(a, word);
		else if (!names && !x && n < max && str_number(word, uid_max, &bytes))
			v[n++] = (struct maildrop_mail){ arena_printf(a, "%lu", number), number, bytes,
							 false };
	}
	return n;
}

/* ---- folders ---- */

/* A quoted text, with \\ and \" in it, or a word; "" at the end, or of a literal. */
static const char *take_string(struct str *rest, struct arena *a)
{
	struct str word;
	*rest = str_trim(*rest);
	if (!rest->len || *rest->p == '{')
		return "";
	if (*rest->p != '"')
		return str_next(rest, " ", &word) ? arena_str(a, word).p : "";
	char *out = arena_alloc(a, rest->len + 1);
	size_t n = 0, i = 1;
	for (; i < rest->len && rest->p[i] != '"'; i++) {
		i += rest->p[i] == '\\' && i + 1 < rest->len;
		out[n++] = rest->p[i];
	}
	out[n] = 0;
	*rest = str_cut(*rest, i + 1, rest->len);
	return out;
}

/* Behind the last delimiter: "INBOX.Junk". */
static const char *last_part(const char *name, const char *delimiter)
{
	const char *at = *delimiter ? strrchr(name, *delimiter) : NULL;
	return at ? at + 1 : name;
}

/* As servers and mail programs name it: Dovecot and Apple, cPanel and many others, Exchange, Yahoo, and
 * Exchange in German and French (the last in modified UTF-7). */
static bool is_usual_junk(const char *name)
{
	static const char *const all[] = {
		"Junk",        "Spam", "Junk E-mail",  "Junk Email",      "Bulk Mail",
		"Junk-E-Mail", "Bulk", "Spamverdacht", "Unerw&APw-nscht", "Courrier ind&AOk-sirable"
	};
	return str_is_among(str_of(name), all, ARRAY_LEN(all));
}

const char *maildrop_read_junk(struct str answer, struct arena *a)
{
	const char *usual = NULL;
	struct str line;
	while (str_next(&answer, "\r\n", &line)) {
		size_t open = str_ifind(line, "("), close = str_ifind(line, ")");
		if (!str_istarts(line, "* LIST ") || open > close || close == line.len)
			continue;
		struct str flags = str_cut(line, open, close), rest = str_cut(line, close + 1, line.len);
		const char *delimiter = take_string(&rest, a), *name = take_string(&rest, a);
		bool is_there = *name && str_ifind(flags, "\\Noselect") == flags.len;
		if (is_there && str_ifind(flags, "\\Junk") < flags.len)
			return name;
		if (is_there && !usual && is_usual_junk(last_part(name, delimiter)))
			usual = name;
	}
	return usual;
}
