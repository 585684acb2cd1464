/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/dkim_data.h"

#include <openssl/evp.h>

#include "mail/taglist.h"

struct dkim_hasher {
	EVP_MD_CTX *md;
	size_t limit, hashed;
	struct dkim_body body;
};

/* What stands behind the limit is signed by nobody. */
static void hash_put(void *ctx, const void *p, size_t n)
{
	struct dkim_hasher *x = ctx;
	size_t left = x->limit - x->hashed;
	size_t take = n < left ? n : left;
	EVP_DigestUpdate(x->md, p, take);
	x->hashed += take;
}

struct dkim_hasher *dkim_hasher_new(enum dkim_canon canon, size_t limit)
{
	struct dkim_hasher *x = mem_alloc(sizeof(*x));
	*x = (struct dkim_hasher){ .md = EVP_MD_CTX_new(),
				   .limit = limit,
				   .body = { .canon = canon, .sink = { hash_put, x } } };
	if (!x->md || !EVP_DigestInit_ex(x->md, EVP_sha256(), NULL))
		dkim_hasher_free(&x);
	return x;
}

void dkim_hasher_feed(struct dkim_hasher *x, struct str piece)
{
	dkim_body_feed(&x->body, piece);
}

bool dkim_hasher_end(struct dkim_hasher *x, size_t *hashed, unsigned char digest[DKIM_HASH_BYTES])
{
	dkim_body_end(&x->body);
	*hashed = x->hashed;
	return EVP_DigestFinal_ex(x->md, digest, NULL) == 1;
}

void dkim_hasher_free(struct dkim_hasher **x)
{
	if (*x)
		EVP_MD_CTX_free((*x)->md);
	mem_free(x);
}

bool dkim_hash_body(struct str body, enum dkim_canon canon, struct dkim_body_hash *h,
		    unsigned char digest[DKIM_HASH_BYTES])
{
	CLEANUP(dkim_hasher_free) struct dkim_hasher *x = dkim_hasher_new(canon, h->limit);
	h->hashed = 0;
	if (!x)
		return false;
	dkim_hasher_feed(x, body);
	return dkim_hasher_end(x, &h->hashed, digest);
}

const char *dkim_domain_of(struct arena *a, struct str value)
{
	struct taglist tags;
	struct str domain;
	bool sound = taglist_parse(header_unfold(a, value), &tags);
	if (!taglist_get(&tags, "d", false, &domain) || (!sound && !domain.len))
		return NULL;
	return arena_dup(a, domain.p, domain.len);
}

/* The nth field of that name from the bottom (0: the last), `own` left out. */
static const struct header_field *from_bottom(const struct header *h, const struct header_field *own,
					      const char *name, size_t nth)
{
	for (size_t i = h->n; i-- > 0;)
		if (&h->v[i] != own && str_ieq(h->v[i].name, name) && !nth--)
			return &h->v[i];
	return NULL;
}

/* How often the list named the same field before its place `until`. */
static size_t named_before(const struct strlist *l, size_t until)
{
	size_t n = 0;
	for (size_t i = 0; i < until; i++)
		n += str_ieq(str_of(l->v[i]), l->v[until]);
	return n;
}

struct str dkim_signed_data(struct arena *a, const struct header *h, const struct header_field *own,
			    const struct strlist *names, enum dkim_canon canon, struct str own_empty)
{
	struct buf b = { 0 };
	for (size_t i = 0; i < names->n; i++) {
		const struct header_field *f = from_bottom(h, own, names->v[i], named_before(names, i));
		if (f)
			dkim_canon_field(f->raw, canon, &b);
	}
	dkim_canon_field(own_empty, canon, &b);
	struct str all = buf_str(&b);
	struct str out = arena_str(a, str_cut(all, 0, all.len - 2)); /* without the last CRLF */
	buf_clear(&b);
	return out;
}
