/* SPDX-License-Identifier: Apache-2.0 */
/* Whom a report without a known pattern is about: the addresses in its text. */
#include <string.h>

#include "mail/dsn_spoken.h"

enum {
	NEAR_LINES = 3, /* around an address, in which words of failure are looked for */
	GUESSES_MAX = 100,
	USER_MAX = 64,  /* bytes of a name without a domain */
	LIST_WORDS = 4, /* most words of a line of a list of recipients */
};

/* A wide colon, comma or bracket of Chinese and Japanese before s[at]: U+3000.., U+FF00... */
static bool ends_wide_mark(struct str s, size_t at)
{
	const unsigned char *u = (const unsigned char *)s.p + at;
	return at >= 3 && ((u[-3] == 0xef && u[-2] == 0xbc) || (u[-3] == 0xe3 && u[-2] == 0x80));
}

/* The next local@domain in s from *at on. */
static struct str next_address(struct str s, size_t *at)
{
	for (; *at < s.len; ++*at) {
		if (s.p[*at] != '@')
			continue;
		size_t from = *at, to = *at + 1;
		while (from && !strchr(" \t<>,;:()[]\"'", s.p[from - 1]) && !ends_wide_mark(s, from))
			from--;
		while (to < s.len && !strchr(" \t<>,;:()[]\"'", s.p[to]))
			to++;
		while (to > *at + 1 && strchr(".!?", s.p[to - 1]))
			to--;
		struct str found = str_cut(s, from, to);
		bool good = from < *at && to > *at + 2;
		*at = to;
		if (good)
			return found;
	}
	return str_cut(s, s.len, s.len);
}

static bool is_office(struct str a)
{
	static const char *const names[] = { "postmaster@", "abuse@",    "support@", "mailer-daemon@",
					     "helpdesk@",   "info@",     "noreply@", "no-reply@",
					     "hostmaster@", "webmaster@" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_istarts(a, names[i]))
			return true;
	return false;
}

static bool is_near_failure(const struct dsn_spoken *s, size_t i)
{
	const struct dsn_lines *l = &s->j->lines;
	size_t from = i > NEAR_LINES ? i - NEAR_LINES : 0;
	for (size_t k = from; k < l->n && k <= i + NEAR_LINES; k++)
		if (dsn_spoken_hit(s, k, BOUNCE_FAILED) || dsn_spoken_hit(s, k, BOUNCE_DELAYED) ||
		    dsn_reply_at(l->v[k].text) < l->v[k].text.len)
			return true;
	return false;
}

static void guess_one(struct dsn_spoken *s, struct str address, size_t line)
{
	size_t before = s->j->out->n;
	if (s->n < s->room && dsn_recipient_for(s->j, address) && s->j->out->n > before)
		s->v[s->n++] = (struct dsn_span){ .r = before, .from = line, .to = line };
}

static size_t nwords(struct str s)
{
	size_t n = 0;
	for (struct str word; str_next(&s, " ", &word);)
		n++;
	return n;
}

/* Addresses of the text that are nobody's own: those near words of failure, or only the
 * first.  True when one stands in a line of its own, as in a list. */
static bool guess_addresses(struct dsn_spoken *s, bool near)
{
	bool alone = false;
	const struct dsn_lines *l = &s->j->lines;
	for (size_t i = 0; i < l->n && s->n < (near ? GUESSES_MAX : 1u); i++) {
		struct str text = l->v[i].text;
		size_t at = 0;
		if (l->v[i].cited || dsn_spoken_hit(s, i, BOUNCE_DROP))
			continue;
		for (struct str a = next_address(text, &at); a.len; a = next_address(text, &at)) {
			if (str_ieq(a, s->to) || str_ieq(a, s->from) || is_office(a) ||
			    (near && !is_near_failure(s, i)))
				continue;
			guess_one(s, a, i);
			alone = alone || nwords(text) <= LIST_WORDS;
		}
	}
	return alone;
}

static bool has(struct str s, const char *word)
{
	return str_ifind(s, word) < s.len;
}

/* "... to the following recipients:": a list follows. */
static bool introduces_list(struct str low)
{
	bool whom = has(low, "recipient") || has(low, "address") || has(low, "the following:");
	return low.len && low.p[low.len - 1] == ':' && has(low, "following") && whom && !has(low, "reason") &&
	       !has(low, "error");
}

/* The name without a domain that begins the line behind such an introduction: AOL, Jetmail, phquery. */
static void guess_user(struct dsn_spoken *s)
{
	const struct dsn_lines *l = &s->j->lines;
	for (size_t i = 0; i < l->n && !s->n; i++) {
		size_t next = i + 1, n = 0;
		while (next < l->n && l->v[next].blank)
			next++;
		struct str text = l->v[next < l->n ? next : i].text;
		while (n < text.len && n < USER_MAX && text.p[n] > ' ' && !strchr("\"'<>()[]:;,", text.p[n]))
			n++;
		bool whole = n == text.len || text.p[n] == ' ';
		if (next < l->n && n && whole && introduces_list(l->v[i].low) &&
		    !dsn_says_nothing(str_cut(text, 0, n)))
			guess_one(s, str_cut(text, 0, n), next);
	}
}

bool dsn_spoken_guess(struct dsn_spoken *s)
{
	const struct dsn_lines *l = &s->j->lines;
	bool alone = guess_addresses(s, true);
	if (!s->n)
		guess_user(s);
	if (!s->n)
		guess_addresses(s, false);
	struct str to = dsn_address(str_of(s->j->out->original.to)), from = str_of(s->from);
	if (!s->n && memchr(to.p, '@', to.len))
		guess_one(s, to, 0);
	for (size_t i = 0; i < l->n && !s->n && from.len && !is_office(from); i++)
		if (str_ifind(l->v[i].low, s->from) < l->v[i].low.len)
			guess_one(s, from, i); /* a mailbox that writes of itself */
	return alone;
}
