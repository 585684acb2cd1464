/* SPDX-License-Identifier: Apache-2.0 */
#include "report/redact.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "explain/hide.h"
#include "mail/ipaddr.h"

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (unsigned char)c >= 0x80;
}

/* RFC 5321's atoms, as far as people have them, and =: of VERP. */
static bool is_local(char c)
{
	return is_word(c) || (c && strchr("._+-=%&'*/!#$^`{|}~?", c));
}

/* Of a text that passed here before. */
static size_t number_masked(const struct redactor *r, struct str name)
{
	unsigned long n;
	return str_istarts(name, "person-") &&
			       str_number(str_cut(name, strlen("person-"), name.len), r->people.n, &n)
		       ? n
		       : 0;
}

static size_t number_of(struct redactor *r, struct str name)
{
	size_t known = number_masked(r, name);
	if (known)
		return known;
	for (size_t i = 0; i < r->people.n; i++)
		if (str_ieq(name, r->people.v[i]))
			return i + 1;
	if (r->people.n < REDACT_PEOPLE_MAX)
		strlist_add(&r->people, r->arena, arena_dup(r->arena, name.p, name.len));
	return r->people.n;
}

void redact_know(struct redactor *r, const char *name)
{
	if (r->mask && *name && !strchr(name, '@'))
		number_of(r, str_of(name));
}

void redact_keep(struct redactor *r, const char *text)
{
	if (*text)
		strlist_add(&r->keep, r->arena, text);
}

/* ---- what begins at a place; bytes taken, 0 nothing */

static size_t take_kept(const struct redactor *r, struct str rest, struct buf *out)
{
	for (size_t i = 0; i < r->keep.n; i++) {
		size_t n = strlen(r->keep.v[i]);
		if (n <= rest.len && !memcmp(rest.p, r->keep.v[i], n)) {
			buf_add(out, rest.p, n);
			return n;
		}
	}
	return 0;
}

/* local "@" domain */
static size_t take_address(struct redactor *r, struct str rest, struct buf *out)
{
	size_t n = 0;
	while (n < rest.len && is_local(rest.p[n]))
		n++;
	if (!n || n + 1 >= rest.len || rest.p[n] != '@' || !(is_word(rest.p[n + 1]) || rest.p[n + 1] == '['))
		return 0;
	buf_addf(out, "person-%zu", number_of(r, str_cut(rest, 0, n)));
	return n;
}

static size_t take_known(struct redactor *r, struct str rest, struct buf *out)
{
	for (size_t i = 0; i < r->people.n; i++) {
		size_t n = strlen(r->people.v[i]);
		if (n < 3 || n > rest.len || strncasecmp(rest.p, r->people.v[i], n) != 0 ||
		    (n < rest.len && (is_word(rest.p[n]) || rest.p[n] == '.')))
			continue;
		buf_addf(out, "person-%zu", i + 1);
		return n;
	}
	return 0;
}

static size_t take_ip(struct str rest, struct buf *out)
{
	size_t n = 0;
	struct ipaddr ip;
	while (n < rest.len && strchr("0123456789abcdefABCDEF.:", rest.p[n]))
		n++;
	while (n && strchr(".:", rest.p[n - 1]))
		n--;
	if (n < 3 || !ipaddr_read(str_cut(rest, 0, n), &ip) || !ipaddr_is_internal(&ip))
		return 0;
	buf_adds(out, "[internal address]");
	return n;
}

static size_t take_one(struct redactor *r, struct str all, size_t at, struct buf *out)
{
	struct str rest = str_cut(all, at, all.len);
	bool begins = !at || !is_word(all.p[at - 1]);
	size_t n = take_kept(r, rest, out);
	if (!n && (!at || !is_local(all.p[at - 1])))
		n = take_address(r, rest, out);
	if (!n && begins)
		n = take_ip(rest, out);
	return n || !begins ? n : take_known(r, rest, out);
}

static const char *masked(struct redactor *r, struct str all)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	for (size_t at = 0; at < all.len;) {
		size_t n = take_one(r, all, at, &b);
		if (!n)
			buf_add(&b, all.p + at, 1);
		at += n ? n : 1;
	}
	struct str s = buf_str(&b);
	return arena_dup(r->arena, s.p, s.len);
}

const char *redact_str(struct redactor *r, struct str text)
{
	struct str safe = explain_hide(r->arena, text);
	return r->mask ? masked(r, safe) : arena_dup(r->arena, safe.p, safe.len);
}

const char *redact(struct redactor *r, const char *text)
{
	return redact_str(r, str_of(text));
}

const char *redact_own(struct redactor *r, const char *text)
{
	return r->mask ? masked(r, str_of(text)) : arena_strdup(r->arena, text);
}
