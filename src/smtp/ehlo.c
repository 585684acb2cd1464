/* SPDX-License-Identifier: Apache-2.0 */
#include "smtp/ehlo.h"

#include <limits.h>
#include <string.h>

#include "base/text.h"

enum { MECHANISMS_MAX = 64 /* IANA knows 40; more is nobody's list */ };
enum { MASK_CHARS_MIN = 4 }; /* shorter runs of X may be a keyword of somebody's own */

static const struct {
	const char *keyword;
	enum smtp_extension extension;
} extensions[] = {
	{ "STARTTLS", SMTP_EXT_STARTTLS },
	{ "SIZE", SMTP_EXT_SIZE },
	{ "PIPELINING", SMTP_EXT_PIPELINING },
	{ "8BITMIME", SMTP_EXT_8BITMIME },
	{ "SMTPUTF8", SMTP_EXT_SMTPUTF8 },
	{ "CHUNKING", SMTP_EXT_CHUNKING },
	{ "BINARYMIME", SMTP_EXT_BINARYMIME },
	{ "DSN", SMTP_EXT_DSN },
	{ "ENHANCEDSTATUSCODES", SMTP_EXT_ENHANCEDSTATUSCODES },
	{ "REQUIRETLS", SMTP_EXT_REQUIRETLS },
	{ "AUTH", SMTP_EXT_AUTH },
	{ "LIMITS", SMTP_EXT_LIMITS },
};

static unsigned extension_of(struct str keyword)
{
	for (size_t i = 0; i < ARRAY_LEN(extensions); i++)
		if (str_ieq(keyword, extensions[i].keyword))
			return extensions[i].extension;
	return 0;
}

/* Firewalls that "inspect" SMTP overwrite what they do not know and keep its
 * length: Cisco PIX and ASA write XXXXXXXA, XXXXXXXB...; others only X or *. */
static bool is_masked(struct str word)
{
	if (word.len < MASK_CHARS_MIN)
		return false;
	char mask = word.p[0];
	if (mask != 'X' && mask != '*')
		return false;
	for (size_t i = 0; i + 1 < word.len; i++)
		if (word.p[i] != mask)
			return false;
	char last = word.p[word.len - 1];
	return last == mask || (mask == 'X' && last >= 'A' && last <= 'Z');
}

static bool has_masked_word(struct str line)
{
	struct str word;
	while (str_next(&line, " \t", &word))
		if (is_masked(word))
			return true;
	return false;
}

static void add_mechanisms(struct smtp_ehlo *h, struct str rest, struct arena *a)
{
	struct str word;
	while (h->auth.n < MECHANISMS_MAX && str_next(&rest, " \t,", &word)) {
		const char *shown = text_printable(a, word);
		char *name = arena_strdup(a, shown);
		for (char *c = name; *c; c++)
			if (*c >= 'a' && *c <= 'z')
				*c = (char)(*c - 'a' + 'A');
		if (!strlist_has(&h->auth, name))
			strlist_add(&h->auth, a, name);
	}
}

/* SIZE without a number, or with one nobody can read, is no fixed limit (RFC 1870, 3). */
static long read_size(struct str rest)
{
	struct str word;
	unsigned long n = 0;
	if (!str_next(&rest, " \t", &word) || !str_number(word, LONG_MAX, &n))
		return 0;
	return (long)n;
}

/* ehlo-line = ehlo-keyword *( SP ehlo-param ); "AUTH=LOGIN" is how servers of
 * the time before RFC 2554 wrote it, and some still do beside the right form. */
static void read_line(struct smtp_ehlo *h, struct str line, struct arena *a)
{
	struct str rest = line, keyword;
	strlist_add(&h->keywords, a, text_printable(a, line));
	if (has_masked_word(line))
		strlist_add(&h->masked, a, text_printable(a, line));
	if (!str_next(&rest, " \t", &keyword))
		return;
	if (str_istarts(keyword, "AUTH=")) {
		h->extensions |= SMTP_EXT_AUTH;
		add_mechanisms(h, str_cut(keyword, strlen("AUTH="), keyword.len), a);
		add_mechanisms(h, rest, a);
		return;
	}
	unsigned extension = extension_of(keyword);
	h->extensions |= extension;
	if (extension == SMTP_EXT_SIZE)
		h->size = read_size(rest);
	if (extension == SMTP_EXT_AUTH)
		add_mechanisms(h, rest, a);
}

struct smtp_ehlo *smtp_ehlo_read(const struct smtp_reply *reply, struct arena *a)
{
	struct smtp_ehlo *h = arena_alloc(a, sizeof(*h));
	struct str first = reply->lines[0], name;
	h->size = -1;
	str_next(&first, " \t", &name);
	h->name = text_printable(a, name);
	for (size_t i = 1; i < reply->nlines; i++)
		read_line(h, reply->lines[i], a);
	return h;
}
