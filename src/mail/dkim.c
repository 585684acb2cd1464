/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/dkim.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <string.h>

#include "mail/dkim_job.h"

static void free_md(EVP_MD_CTX **m)
{
	EVP_MD_CTX_free(*m);
}

static void free_pkey(EVP_PKEY **k)
{
	EVP_PKEY_free(*k);
}

static bool body_matches(struct dkim_job *j)
{
	unsigned char digest[DKIM_HASH_BYTES];
	struct dkim_body_hash h = { .limit = j->body_limit };
	if (!dkim_hash_body(j->header->body, j->body_canon, &h, digest))
		return false;
	if (j->out->body_limited && h.hashed < j->body_limit)
		return false;
	return j->body_hash.len == sizeof(digest) && !memcmp(digest, j->body_hash.p, sizeof(digest));
}

/* The field with an empty b= (3.7): from behind its "=" to the semicolon. */
static struct str without_b(struct dkim_job *j)
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

static EVP_PKEY *open_key(const struct dkim_job *j)
{
	const struct str der = j->out->key.der;
	const unsigned char *p = (const unsigned char *)der.p;
	if (j->algorithm == DKIM_ED25519)
		return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, p, der.len);
	return d2i_PUBKEY(NULL, &p, (long)der.len);
}

/* RSA signs the header; Ed25519 the header's SHA-256 (RFC 8463, 3). */
static bool header_matches(struct dkim_job *j)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	struct str data =
		dkim_signed_data(j->a, j->header, j->field, &j->out->headers, j->header_canon, without_b(j));
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
static bool judge_key(struct dkim_job *j)
{
	const struct dkim_key *k = &j->out->key;
	const char *at = strrchr(j->out->identity, '@');
	if (k->result == DKIM_KEY_TEMPERROR)
		return dkim_fail(j, DKIM_RESULT_TEMPERROR, "no answer from the DNS about the key");
	if (k->result == DKIM_KEY_MISSING)
		return dkim_fail(j, DKIM_RESULT_KEY_MISSING, "there is no key at the selector");
	if (!k->usable)
		return dkim_fail(j, k->result == DKIM_KEY_SHORT ? DKIM_RESULT_KEY_SHORT : DKIM_RESULT_KEY_BAD,
				 k->problem);
	if (k->algorithm != j->algorithm)
		return dkim_fail(j, DKIM_RESULT_KEY_BAD, "the key is of another kind than the signature");
	if (k->no_sha256)
		return dkim_fail(j, DKIM_RESULT_KEY_BAD, k->problem);
	if (k->strict && at && !dns_name_eq(at + 1, j->out->domain))
		return dkim_fail(j, DKIM_RESULT_KEY_BAD, "the key (t=s) does not allow this i=");
	return true;
}

static void judge(struct dkim_job *j, long long now_s)
{
	bool usable = judge_key(j);
	j->out->body_ok = body_matches(j);
	j->out->header_ok = usable && header_matches(j);
	if (!usable)
		return;
	if (now_s && j->out->expires_s && j->out->expires_s < now_s)
		dkim_fail(j, DKIM_RESULT_EXPIRED, "the signature has expired (x=)");
	else if (!j->out->body_ok)
		dkim_fail(j, DKIM_RESULT_BODY_HASH, "the body was changed after signing");
	else if (!j->out->header_ok)
		dkim_fail(j, DKIM_RESULT_SIGNATURE,
			  "a signed header field was changed, or another key signed");
	else
		j->out->result = DKIM_RESULT_PASS;
}

/* False: the key is not known yet. */
static bool verify_one(struct arena *a, const struct header *h, const struct header_field *f, long long now_s,
		       const struct dns_view *view, struct dns_wants *w, struct dkim_signature *out)
{
	struct dkim_job j = { .a = a, .header = h, .field = f, .out = out };
	*out = (struct dkim_signature){
		.why = "", .domain = "", .selector = "", .identity = "", .algorithm = ""
	};
	if (!dkim_signature_read(&j))
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
