/* SPDX-License-Identifier: Apache-2.0 */
/* The tags of a DKIM-Signature field. */
#include <stdint.h>
#include <string.h>

#include "base/base64.h"
#include "base/text.h"
#include "mail/dkim_job.h"

bool dkim_fail(struct dkim_job *j, enum dkim_result result, const char *why)
{
	j->out->result = result;
	j->out->why = why;
	return false;
}

static struct str tag(const struct dkim_job *j, const char *name)
{
	struct str v;
	taglist_get(&j->tags, name, false, &v);
	return v;
}

static const char *tag_text(const struct dkim_job *j, const char *name)
{
	struct str v = tag(j, name);
	return arena_dup(j->a, v.p, v.len);
}

/* Base64 with folds in it. */
static struct str decoded(const struct dkim_job *j, const char *name)
{
	struct str v = tag(j, name), out = { "", 0 };
	struct buf packed = { 0 }, plain = { 0 };
	for (size_t i = 0; i < v.len; i++)
		if (!v.p[i] || !strchr(" \t\r\n", v.p[i]))
			buf_add(&packed, &v.p[i], 1);
	if (base64_decode(&plain, buf_str(&packed)))
		out = arena_str(j->a, buf_str(&plain));
	buf_clear(&packed);
	buf_clear(&plain);
	return out;
}

/* d= and s=: letters, digits, "-", "_" between dots. */
static bool is_domain(const char *s)
{
	return dns_name_askable(s) &&
	       strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.") == strlen(s);
}

static bool read_canon(struct str word, enum dkim_canon *out)
{
	*out = str_ieq(word, "relaxed") ? DKIM_RELAXED : DKIM_SIMPLE;
	return *out == DKIM_RELAXED || str_ieq(word, "simple");
}

/* c= header [ "/" body ], both simple by default. */
static bool read_canons(struct dkim_job *j)
{
	struct str c = tag(j, "c"), header, body;
	const char *slash = memchr(c.p, '/', c.len);
	size_t at = slash ? (size_t)(slash - c.p) : c.len;
	if (!c.len)
		return true;
	header = str_trim(str_cut(c, 0, at));
	body = str_trim(str_cut(c, at + 1, c.len));
	return read_canon(header, &j->header_canon) && (!slash || read_canon(body, &j->body_canon));
}

static bool read_algorithm(struct dkim_job *j)
{
	struct str v = tag(j, "a");
	j->out->algorithm = text_printable(j->a, v);
	j->algorithm = str_ieq(v, "ed25519-sha256") ? DKIM_ED25519 : DKIM_RSA;
	if (j->algorithm == DKIM_ED25519 || str_ieq(v, "rsa-sha256"))
		return true;
	return dkim_fail(j, DKIM_RESULT_SYNTAX,
			 str_ieq(v, "rsa-sha1") ? "rsa-sha1 does not count any more (RFC 8301)"
						: "a= names no known algorithm");
}

static bool read_headers(struct dkim_job *j)
{
	struct str h = tag(j, "h"), name;
	while (str_next(&h, ":", &name) && j->out->headers.n < DKIM_HEADERS_MAX) {
		name = str_trim(name);
		strlist_add(&j->out->headers, j->a, arena_dup(j->a, name.p, name.len));
	}
	return strlist_has(&j->out->headers, "From") ||
	       dkim_fail(j, DKIM_RESULT_SYNTAX, "h= does not hold From");
}

static bool read_number(const struct dkim_job *j, const char *name, unsigned long max, unsigned long *out)
{
	struct str v = tag(j, name);
	*out = 0;
	return !v.len || str_number(v, max, out);
}

static bool read_numbers(struct dkim_job *j)
{
	unsigned long t, x, l;
	if (!read_number(j, "t", INT64_MAX, &t) || !read_number(j, "x", INT64_MAX, &x) ||
	    !read_number(j, "l", SIZE_MAX, &l))
		return dkim_fail(j, DKIM_RESULT_SYNTAX, "t=, x= or l= is no number");
	j->out->expires_s = (long long)x;
	j->out->body_limited = tag(j, "l").len > 0;
	j->body_limit = j->out->body_limited ? l : SIZE_MAX;
	return !x || x > t || dkim_fail(j, DKIM_RESULT_SYNTAX, "x= is not after t=");
}

static bool read_names(struct dkim_job *j)
{
	const char *d = tag_text(j, "d"), *s = tag_text(j, "s"), *i = tag_text(j, "i");
	const char *at = strrchr(i, '@');
	j->out->domain = text_printable(j->a, str_of(d));
	j->out->selector = text_printable(j->a, str_of(s));
	j->out->identity = *i ? text_printable(j->a, str_of(i)) : arena_printf(j->a, "@%s", j->out->domain);
	if (!is_domain(d) || !is_domain(s))
		return dkim_fail(j, DKIM_RESULT_SYNTAX, "d= or s= is missing or no name");
	if (*i && (!at || !dns_name_within(at + 1, d)))
		return dkim_fail(j, DKIM_RESULT_SYNTAX, "i= does not lie within d=");
	return true;
}

bool dkim_signature_read(struct dkim_job *j)
{
	if (!taglist_parse(j->field->value, &j->tags))
		return dkim_fail(j, DKIM_RESULT_SYNTAX, j->tags.bad);
	if (!read_names(j) || !read_algorithm(j) || !read_headers(j) || !read_numbers(j))
		return false;
	if (!str_eq(tag(j, "v"), "1"))
		return dkim_fail(j, DKIM_RESULT_SYNTAX, "v= is not 1");
	if (!read_canons(j))
		return dkim_fail(j, DKIM_RESULT_SYNTAX, "c= names an unknown form");
	j->body_hash = decoded(j, "bh");
	j->signature = decoded(j, "b");
	if (j->body_hash.len != DKIM_HASH_BYTES || !j->signature.len)
		return dkim_fail(j, DKIM_RESULT_SYNTAX, "bh= or b= is missing or no base64");
	return true;
}
