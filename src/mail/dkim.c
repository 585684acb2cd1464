/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/dkim.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "mail/dkim_canon.h"
#include "mail/header.h"
#include "mail/taglist.h"

enum { SHA256_BYTES = 32 };

/* One signature while it is judged. */
struct job {
	struct arena *a;
	const struct header *header;
	const struct header_field *field; /* the DKIM-Signature */
	struct taglist tags;
	enum dkim_canon header_canon, body_canon;
	enum dkim_algorithm algorithm;
	struct str body_hash, signature; /* decoded */
	size_t body_limit;
	struct dkim_signature *out;
};

static void free_md(EVP_MD_CTX **m)
{
	EVP_MD_CTX_free(*m);
}

static void free_pkey(EVP_PKEY **k)
{
	EVP_PKEY_free(*k);
}

static bool fail(struct job *j, enum dkim_result result, const char *why)
{
	j->out->result = result;
	j->out->why = why;
	return false;
}

static struct str tag(const struct job *j, const char *name)
{
	struct str v;
	taglist_get(&j->tags, name, false, &v);
	return v;
}

static const char *tag_text(const struct job *j, const char *name)
{
	struct str v = tag(j, name);
	return arena_dup(j->a, v.p, v.len);
}

/* Base64 with folds in it. */
static struct str decoded(const struct job *j, const char *name)
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
static bool read_canons(struct job *j)
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

static bool read_algorithm(struct job *j)
{
	struct str v = tag(j, "a");
	j->out->algorithm = text_printable(j->a, v);
	j->algorithm = str_ieq(v, "ed25519-sha256") ? DKIM_ED25519 : DKIM_RSA;
	if (j->algorithm == DKIM_ED25519 || str_ieq(v, "rsa-sha256"))
		return true;
	return fail(j, DKIM_RESULT_SYNTAX,
		    str_ieq(v, "rsa-sha1") ? "rsa-sha1 does not count any more (RFC 8301)"
					   : "a= names no known algorithm");
}

static bool read_headers(struct job *j)
{
	struct str h = tag(j, "h"), name;
	while (str_next(&h, ":", &name) && j->out->headers.n < DKIM_HEADERS_MAX) {
		name = str_trim(name);
		strlist_add(&j->out->headers, j->a, arena_dup(j->a, name.p, name.len));
	}
	return strlist_has(&j->out->headers, "From") || fail(j, DKIM_RESULT_SYNTAX, "h= does not hold From");
}

static bool read_number(const struct job *j, const char *name, unsigned long max, unsigned long *out)
{
	struct str v = tag(j, name);
	*out = 0;
	return !v.len || str_number(v, max, out);
}

static bool read_numbers(struct job *j)
{
	unsigned long t, x, l;
	if (!read_number(j, "t", INT64_MAX, &t) || !read_number(j, "x", INT64_MAX, &x) ||
	    !read_number(j, "l", SIZE_MAX, &l))
		return fail(j, DKIM_RESULT_SYNTAX, "t=, x= or l= is no number");
	j->out->signed_s = (long long)t;
	j->out->expires_s = (long long)x;
	j->out->body_limited = tag(j, "l").len > 0;
	j->body_limit = j->out->body_limited ? l : SIZE_MAX;
	return !x || x > t || fail(j, DKIM_RESULT_SYNTAX, "x= is not after t=");
}

static bool read_names(struct job *j)
{
	const char *d = tag_text(j, "d"), *s = tag_text(j, "s"), *i = tag_text(j, "i");
	const char *at = strrchr(i, '@');
	j->out->domain = text_printable(j->a, str_of(d));
	j->out->selector = text_printable(j->a, str_of(s));
	j->out->identity = *i ? text_printable(j->a, str_of(i)) : arena_printf(j->a, "@%s", j->out->domain);
	if (!is_domain(d) || !is_domain(s))
		return fail(j, DKIM_RESULT_SYNTAX, "d= or s= is missing or no name");
	if (*i && (!at || !dns_name_within(at + 1, d)))
		return fail(j, DKIM_RESULT_SYNTAX, "i= does not lie within d=");
	return true;
}

/* Reads the field's tags (3.5). */
static bool read_signature(struct job *j)
{
	if (!taglist_parse(j->field->value, &j->tags))
		return fail(j, DKIM_RESULT_SYNTAX, j->tags.bad);
	if (!read_names(j) || !read_algorithm(j) || !read_headers(j) || !read_numbers(j))
		return false;
	if (!str_eq(tag(j, "v"), "1"))
		return fail(j, DKIM_RESULT_SYNTAX, "v= is not 1");
	if (!read_canons(j))
		return fail(j, DKIM_RESULT_SYNTAX, "c= names an unknown form");
	j->body_hash = decoded(j, "bh");
	j->signature = decoded(j, "b");
	if (j->body_hash.len != SHA256_BYTES || !j->signature.len)
		return fail(j, DKIM_RESULT_SYNTAX, "bh= or b= is missing or no base64");
	return true;
}

/* Hashes the first `left` bytes and counts the rest. */
struct hasher {
	EVP_MD_CTX *md;
	size_t left, seen, over;
};

static void hash_put(void *ctx, const void *p, size_t n)
{
	struct hasher *h = ctx;
	size_t take = n < h->left ? n : h->left;
	EVP_DigestUpdate(h->md, p, take);
	h->left -= take;
	h->seen += take;
	h->over += n - take;
}

static bool body_matches(struct job *j)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	CLEANUP(free_md) EVP_MD_CTX *md = EVP_MD_CTX_new();
	struct hasher h = { .md = md, .left = j->body_limit };
	const struct dkim_sink sink = { hash_put, &h };
	if (!md || !EVP_DigestInit_ex(md, EVP_sha256(), NULL))
		return false;
	dkim_canon_body(j->header->body, j->body_canon, &sink);
	j->out->body_unsigned = h.over;
	if (j->out->body_limited && h.seen < j->body_limit)
		return false;
	return EVP_DigestFinal_ex(md, digest, &n) && n == j->body_hash.len &&
	       !memcmp(digest, j->body_hash.p, n);
}

/* The nth field of that name from the bottom (0: the last), this signature left out. */
static const struct header_field *from_bottom(const struct job *j, const char *name, size_t nth)
{
	for (size_t i = j->header->n; i-- > 0;)
		if (&j->header->v[i] != j->field && str_ieq(j->header->v[i].name, name) && !nth--)
			return &j->header->v[i];
	return NULL;
}

/* The field with an empty b= (3.7): from behind its "=" to the semicolon. */
static struct str without_b(struct job *j)
{
	struct str raw = j->field->raw;
	struct buf b = { 0 };
	size_t at = (size_t)(j->field->value.p - raw.p);
	while (at < raw.len) {
		const char *semicolon = memchr(raw.p + at, ';', raw.len - at);
		size_t end = semicolon ? (size_t)(semicolon - raw.p) : raw.len;
		const char *eq = memchr(raw.p + at, '=', end - at);
		if (eq && str_eq(str_trim(str_cut(raw, at, (size_t)(eq - raw.p))), "b")) {
			buf_add(&b, raw.p, (size_t)(eq - raw.p) + 1);
			buf_add(&b, raw.p + end, raw.len - end);
			break;
		}
		at = end + 1;
	}
	struct str out = arena_str(j->a, buf_str(&b));
	buf_clear(&b);
	return out;
}

/* How often h= named the same field before its place `until`. */
static size_t named_before(const struct strlist *l, size_t until)
{
	size_t n = 0;
	for (size_t i = 0; i < until; i++)
		n += str_ieq(str_of(l->v[i]), l->v[until]);
	return n;
}

static struct str signed_header(struct job *j)
{
	struct buf b = { 0 };
	for (size_t i = 0; i < j->out->headers.n; i++) {
		const struct header_field *f =
			from_bottom(j, j->out->headers.v[i], named_before(&j->out->headers, i));
		if (f)
			dkim_canon_field(f->raw, j->header_canon, &b);
	}
	dkim_canon_field(without_b(j), j->header_canon, &b);
	struct str all = buf_str(&b);
	struct str out = arena_str(j->a, str_cut(all, 0, all.len - 2)); /* without the last CRLF */
	buf_clear(&b);
	return out;
}

static EVP_PKEY *open_key(const struct job *j)
{
	const struct str der = j->out->key.der;
	const unsigned char *p = (const unsigned char *)der.p;
	if (j->algorithm == DKIM_ED25519)
		return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, p, der.len);
	return d2i_PUBKEY(NULL, &p, (long)der.len);
}

/* RSA signs the header; Ed25519 the header's SHA-256 (RFC 8463, 3). */
static bool header_matches(struct job *j)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	struct str data = signed_header(j);
	const EVP_MD *md = j->algorithm == DKIM_RSA ? EVP_sha256() : NULL;
	CLEANUP(free_pkey) EVP_PKEY *key = open_key(j);
	CLEANUP(free_md) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	if (!key || !ctx || EVP_DigestVerifyInit(ctx, NULL, md, NULL, key) != 1)
		return false;
	if (j->algorithm == DKIM_ED25519) {
		if (!EVP_Digest(data.p, data.len, digest, &n, EVP_sha256(), NULL))
			return false;
		data = (struct str){ (const char *)digest, n };
	}
	return EVP_DigestVerify(ctx, (const unsigned char *)j->signature.p, j->signature.len,
				(const unsigned char *)data.p, data.len) == 1;
}

/* What a key that cannot serve means for the signature. */
static bool judge_key(struct job *j)
{
	const struct dkim_key *k = &j->out->key;
	const char *at = strrchr(j->out->identity, '@');
	if (k->result == DKIM_KEY_TEMPERROR)
		return fail(j, DKIM_RESULT_TEMPERROR, "no answer from the DNS about the key");
	if (k->result == DKIM_KEY_MISSING)
		return fail(j, DKIM_RESULT_KEY_MISSING, "there is no key at the selector");
	if (!k->usable)
		return fail(j, k->result == DKIM_KEY_SHORT ? DKIM_RESULT_KEY_SHORT : DKIM_RESULT_KEY_BAD,
			    k->problem);
	if (k->algorithm != j->algorithm)
		return fail(j, DKIM_RESULT_KEY_BAD, "the key is of another kind than the signature");
	if (k->no_sha256)
		return fail(j, DKIM_RESULT_KEY_BAD, k->problem);
	if (k->strict && at && !dns_name_eq(at + 1, j->out->domain))
		return fail(j, DKIM_RESULT_KEY_BAD, "the key (t=s) does not allow this i=");
	return true;
}

static void judge(struct job *j, long long now_s)
{
	bool usable = judge_key(j);
	j->out->body_ok = body_matches(j);
	j->out->header_ok = usable && header_matches(j);
	if (!usable)
		return;
	if (now_s && j->out->expires_s && j->out->expires_s < now_s)
		fail(j, DKIM_RESULT_EXPIRED, "the signature has expired (x=)");
	else if (!j->out->body_ok)
		fail(j, DKIM_RESULT_BODY_HASH, "the body was changed after signing");
	else if (!j->out->header_ok)
		fail(j, DKIM_RESULT_SIGNATURE, "a signed header field was changed, or another key signed");
	else
		j->out->result = DKIM_RESULT_PASS;
}

/* False: the key is not known yet. */
static bool verify_one(struct arena *a, const struct header *h, const struct header_field *f, long long now_s,
		       const struct dns_view *view, struct dns_wants *w, struct dkim_signature *out)
{
	struct job j = { .a = a, .header = h, .field = f, .out = out };
	*out = (struct dkim_signature){
		.why = "", .domain = "", .selector = "", .identity = "", .algorithm = ""
	};
	if (!read_signature(&j))
		return true;
	if (!dkim_key_find(a, out->domain, out->selector, view, w, &out->key))
		return false;
	judge(&j, now_s);
	return true;
}

bool dkim_verify(struct arena *a, struct str message, long long now_s, const struct dns_view *view,
		 struct dns_wants *w, struct dkim_report *out)
{
	struct header h;
	const struct header_field *f;
	bool known = true;
	w->n = 0;
	out->n = 0;
	header_read(a, message, &h);
	while (out->n < DKIM_SIGNATURES_MAX && (f = header_find(&h, "DKIM-Signature", out->n)))
		known = verify_one(a, &h, f, now_s, view, w, &out->v[out->n++]) && known;
	return known;
}

const struct dkim_signature *dkim_best(const struct dkim_report *r, const char *domain)
{
	const struct dkim_signature *best = r->n ? &r->v[0] : NULL;
	for (size_t i = r->n; i-- > 0;) {
		const struct dkim_signature *s = &r->v[i];
		bool near =
			domain && (dns_name_within(s->domain, domain) || dns_name_within(domain, s->domain));
		bool best_near =
			domain && best->result == DKIM_RESULT_PASS &&
			(dns_name_within(best->domain, domain) || dns_name_within(domain, best->domain));
		if (s->result == DKIM_RESULT_PASS && (near || !best_near))
			best = s;
	}
	return best;
}

const char *dkim_result_name(enum dkim_result r)
{
	static const char *const names[] = { "pass",      "body-hash", "signature", "key-missing", "key-bad",
					     "key-short", "temperror", "syntax",    "expired" };
	return names[r];
}
