/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/dkim_sign.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdint.h>
#include <string.h>

#include "base/base64.h"

enum { FOLD_AT = 72, SIGNATURE_BYTES_MAX = 2048 };

/* RFC 6376, 5.4.1; what was not there when it was signed may be added later. */
static const char *const wanted[] = {
	"From",
	"To",
	"Cc",
	"Subject",
	"Date",
	"Message-ID",
	"Reply-To",
	"Sender",
	"In-Reply-To",
	"References",
	"MIME-Version",
	"Content-Type",
	"Content-Transfer-Encoding",
	"List-Unsubscribe",
	"List-Unsubscribe-Post",
};

struct dkim_signer {
	EVP_PKEY *key;
	char *domain, *selector;
};

static void free_md(EVP_MD_CTX **m)
{
	EVP_MD_CTX_free(*m);
}

static void free_bio(BIO **b)
{
	BIO_free(*b);
}

static bool is_ed25519(const struct dkim_signer *s)
{
	return EVP_PKEY_get_id(s->key) == EVP_PKEY_ED25519;
}

/* A passphrase is not asked for: nobody sits there. */
static int no_passphrase(char *buf, int size, int rwflag, void *u)
{
	(void)buf, (void)size, (void)rwflag, (void)u;
	return -1;
}

static bool is_name(const char *name)
{
	return *name && strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") ==
				strlen(name);
}

static bool key_fits(const struct dkim_signer *s, struct err *e)
{
	if (!s->key) {
		ERR_FILL(e, ERR_USAGE, 0, "read", "the DKIM key of %s", s->domain);
		return err_detail(
			e, "it must be a private key in PEM form without a passphrase: openssl genrsa 2048");
	}
	if (is_ed25519(s))
		return true;
	if (EVP_PKEY_get_base_id(s->key) != EVP_PKEY_RSA)
		return ERR_FILL(e, ERR_USAGE, 0, "use", "the DKIM key of %s: neither RSA nor Ed25519",
				s->domain);
	int bits = EVP_PKEY_get_bits(s->key);
	if (bits >= DKIM_SIGN_RSA_BITS_MIN)
		return true;
	ERR_FILL(e, ERR_USAGE, 0, "use", "the DKIM key of %s: %d bits", s->domain, bits);
	return err_detail(e, "make one of %d bits: openssl genrsa %d", DKIM_SIGN_RSA_BITS_MIN,
			  DKIM_SIGN_RSA_BITS_MIN);
}

struct dkim_signer *dkim_signer_new(const char *domain, const char *selector, struct str pem, struct err *e)
{
	struct dkim_signer *s = mem_alloc(sizeof(*s));
	CLEANUP(free_bio) BIO *bio = pem.len <= INT32_MAX ? BIO_new_mem_buf(pem.p, (int)pem.len) : NULL;
	s->domain = mem_strdup(domain);
	s->selector = mem_strdup(selector);
	s->key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL) : NULL;
	bool names = is_name(domain) && is_name(selector);
	if (!names)
		ERR_FILL(e, ERR_USAGE, 0, "sign for", "%s with selector %s: no DNS names", domain, selector);
	if (!names || !key_fits(s, e))
		dkim_signer_free(&s);
	return s;
}

void dkim_signer_free(struct dkim_signer **s)
{
	if (!*s)
		return;
	EVP_PKEY_free((*s)->key); /* cleanses */
	mem_free(&(*s)->domain);
	mem_free(&(*s)->selector);
	mem_free(s);
}

static void names_of(struct arena *a, const struct header *h, struct strlist *out)
{
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
		for (unsigned k = header_count(h, wanted[i]); k > 0; k--)
			strlist_add(out, a, wanted[i]);
	strlist_add(out, a, "From");
}

/* Text that may be broken anywhere, in lines of a header field. */
static void add_folded(struct buf *out, struct str text)
{
	for (size_t at = 0; at < text.len; at += FOLD_AT) {
		struct str line = str_cut(text, at, at + FOLD_AT);
		buf_adds(out, "\r\n\t");
		buf_add(out, line.p, line.len);
	}
}

static void add_base64(struct buf *out, struct str bytes)
{
	struct buf b = { 0 };
	base64_encode(&b, bytes);
	add_folded(out, buf_str(&b));
	buf_clear(&b);
}

static void add_names(struct buf *out, const struct strlist *names)
{
	size_t column = FOLD_AT;
	for (size_t i = 0; i < names->n; i++) {
		size_t n = strlen(names->v[i]) + 1;
		if (column + n > FOLD_AT) {
			buf_adds(out, i ? ":\r\n\t" : "\r\n\t");
			column = 0;
		} else {
			buf_adds(out, ":");
		}
		buf_adds(out, names->v[i]);
		column += n;
	}
}

/* The field up to and with "b=". */
static void add_tags(struct buf *out, const struct dkim_signer *s, const struct strlist *names,
		     struct str body_hash, long long now_s, long long expire_s)
{
	buf_addf(out, "DKIM-Signature: v=1; a=%s; c=relaxed/relaxed;\r\n\td=%s; s=%s;\r\n\tt=%lld;",
		 is_ed25519(s) ? "ed25519-sha256" : "rsa-sha256", s->domain, s->selector, now_s);
	if (expire_s)
		buf_addf(out, " x=%lld;", now_s + expire_s);
	buf_adds(out, "\r\n\th=");
	add_names(out, names);
	buf_adds(out, ";\r\n\tbh=");
	add_base64(out, body_hash);
	buf_adds(out, ";\r\n\tb=");
}

/* RSA signs the data; Ed25519 the data's SHA-256 (RFC 8463, 3). */
static bool sign(const struct dkim_signer *s, struct str data, unsigned char *sig, size_t *n)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	CLEANUP(free_md) EVP_MD_CTX *md = EVP_MD_CTX_new();
	if (!md || EVP_DigestSignInit(md, NULL, is_ed25519(s) ? NULL : EVP_sha256(), NULL, s->key) != 1)
		return false;
	if (is_ed25519(s)) {
		if (!EVP_Digest(data.p, data.len, digest, &len, EVP_sha256(), NULL))
			return false;
		data = (struct str){ (const char *)digest, len };
	}
	return EVP_DigestSign(md, sig, n, (const unsigned char *)data.p, data.len) == 1;
}

static bool fill_field(const struct dkim_signer *s, struct arena *a, const struct header *h,
		       const struct strlist *names, struct buf *out)
{
	unsigned char sig[SIGNATURE_BYTES_MAX];
	size_t n = sizeof(sig);
	struct str data = dkim_signed_data(a, h, NULL, names, DKIM_RELAXED, buf_str(out));
	bool signed_well = sign(s, data, sig, &n);
	if (signed_well) {
		add_base64(out, (struct str){ (const char *)sig, n });
		buf_adds(out, "\r\n");
	}
	return signed_well;
}

bool dkim_sign(const struct dkim_signer *s, struct arena *a, const struct header *h,
	       const unsigned char body[DKIM_HASH_BYTES], long long now_s, long long expire_s,
	       struct str *field, struct err *e)
{
	struct strlist names = { 0 };
	CLEANUP(buf_clear) struct buf out = { 0 };
	if (!header_find(h, "From", 0))
		return ERR_FILL(e, ERR_SYNTAX, 0, "sign", "a message without a From field");
	names_of(a, h, &names);
	add_tags(&out, s, &names, (struct str){ (const char *)body, DKIM_HASH_BYTES }, now_s, expire_s);
	if (!fill_field(s, a, h, &names, &out))
		return ERR_FILL(e, ERR_TLS, 0, "sign", "for %s", s->domain);
	*field = arena_str(a, buf_str(&out));
	return true;
}
