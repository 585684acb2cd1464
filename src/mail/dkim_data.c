/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/dkim_data.h"

#include <openssl/evp.h>

struct hasher {
	EVP_MD_CTX *md;
	struct dkim_body_hash *h;
};

static void free_md(EVP_MD_CTX **m)
{
	EVP_MD_CTX_free(*m);
}

/* What stands behind the limit is signed by nobody. */
static void hash_put(void *ctx, const void *p, size_t n)
{
	struct hasher *x = ctx;
	size_t left = x->h->limit - x->h->hashed;
	size_t take = n < left ? n : left;
	EVP_DigestUpdate(x->md, p, take);
	x->h->hashed += take;
}

bool dkim_hash_body(struct str body, enum dkim_canon canon, struct dkim_body_hash *h,
		    unsigned char digest[DKIM_HASH_BYTES])
{
	CLEANUP(free_md) EVP_MD_CTX *md = EVP_MD_CTX_new();
	struct hasher x = { md, h };
	const struct dkim_sink sink = { hash_put, &x };
	h->hashed = 0;
	if (!md || !EVP_DigestInit_ex(md, EVP_sha256(), NULL))
		return false;
	dkim_canon_body(body, canon, &sink);
	return EVP_DigestFinal_ex(md, digest, NULL) == 1;
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
