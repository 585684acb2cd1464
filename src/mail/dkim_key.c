/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/dkim_key.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <string.h>

#include "base/base64.h"
#include "base/text.h"
#include "mail/taglist.h"

static void free_pkey(EVP_PKEY **k)
{
	EVP_PKEY_free(*k);
}

static void bad(struct dkim_key *k, const char *problem)
{
	k->result = DKIM_KEY_BAD;
	k->problem = problem;
}

/* Base64 without the blanks that may stand anywhere in it. */
static bool decode(struct arena *a, struct str coded, struct str *out)
{
	struct buf packed = { 0 }, plain = { 0 };
	for (size_t i = 0; i < coded.len; i++)
		if (!strchr(" \t\r\n", coded.p[i]))
			buf_add(&packed, &coded.p[i], 1);
	bool good = base64_decode(&plain, buf_str(&packed));
	*out = arena_str(a, buf_str(&plain));
	buf_clear(&packed);
	buf_clear(&plain);
	return good;
}

/* Why text is no base64, seen from the mistakes people make in DNS panels. */
static const char *base64_fault(struct str coded)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/= \t\r\n";
	for (size_t i = 0; i < coded.len; i++)
		if (coded.p[i] == '"' || coded.p[i] == '\\')
			return "p= holds quotation marks or backslashes: the parts were pasted with them";
		else if (coded.p[i] == '-')
			return "p= holds the BEGIN or END line of a key file";
		else if (!memchr(alphabet, coded.p[i], sizeof(alphabet) - 1))
			return "p= holds a character that is no base64";
	return "p= is cut short or has lost characters";
}

/* The length a DER sequence says it has, with its header; 0 when it is none. */
static size_t der_length(struct str der)
{
	const unsigned char *u = (const unsigned char *)der.p;
	if (der.len < 4 || u[0] != 0x30)
		return 0;
	if (u[1] < 0x80)
		return u[1] + 2u;
	if (u[1] == 0x81)
		return u[2] + 3u;
	return u[1] == 0x82 ? (size_t)u[2] * 256 + u[3] + 4 : 0;
}

/* A SubjectPublicKeyInfo, or the bare RSAPublicKey that RFC 6376 names. */
static EVP_PKEY *read_rsa(struct str der)
{
	const unsigned char *p = (const unsigned char *)der.p;
	EVP_PKEY *k = d2i_PUBKEY(NULL, &p, (long)der.len);
	if (k)
		return k;
	p = (const unsigned char *)der.p;
	return d2i_PublicKey(EVP_PKEY_RSA, NULL, &p, (long)der.len);
}

static void judge_bits(struct arena *a, struct dkim_key *k)
{
	if (k->bits >= DKIM_RSA_BITS_GOOD)
		return;
	k->result = DKIM_KEY_SHORT;
	k->usable = k->bits >= DKIM_RSA_BITS_MIN;
	k->problem = k->usable ? arena_printf(a, "%u bits are weak; 2048 are usual", k->bits)
			       : arena_printf(a, "%u bits: receivers ignore keys below 1024", k->bits);
}

static void judge_rsa(struct arena *a, struct str der, struct dkim_key *k)
{
	CLEANUP(free_pkey) EVP_PKEY *pkey = read_rsa(der);
	if (!pkey) {
		bad(k, der_length(der) > der.len ? "p= is cut short" : "p= is no RSA key");
		return;
	}
	if (EVP_PKEY_get_base_id(pkey) != EVP_PKEY_RSA) {
		bad(k, "p= is a key of another kind than k= says");
		return;
	}
	unsigned char *spki = NULL;
	int n = i2d_PUBKEY(pkey, &spki);
	k->bits = (unsigned)EVP_PKEY_get_bits(pkey);
	k->usable = n > 0 && k->bits <= DKIM_RSA_BITS_MAX;
	if (k->usable)
		k->der = arena_str(a, (struct str){ (const char *)spki, (size_t)n });
	else
		bad(k, "p= is an RSA key too long for receivers");
	OPENSSL_free(spki);
	judge_bits(a, k);
}

static void judge_ed25519(struct str raw, struct dkim_key *k)
{
	k->bits = 256;
	k->der = raw;
	k->usable = raw.len == 32;
	if (!k->usable)
		bad(k, raw.len == 44 ? "p= is a whole key structure; Ed25519 wants the bare 32 bytes"
				     : "p= is not the 32 bytes of an Ed25519 key");
}

static void judge_p(struct arena *a, struct str p, struct dkim_key *k)
{
	struct str der;
	if (!p.len) {
		k->result = DKIM_KEY_REVOKED;
		k->problem = "p= is empty: the key was withdrawn";
	} else if (!decode(a, p, &der)) {
		bad(k, base64_fault(p));
	} else if (k->algorithm == DKIM_ED25519) {
		judge_ed25519(der, k);
	} else {
		judge_rsa(a, der, k);
	}
}

/* Whether a colon-separated list has the word. */
static bool listed(struct str list, const char *word)
{
	struct str piece;
	while (str_next(&list, ":", &piece))
		if (str_ieq(str_trim(piece), word))
			return true;
	return false;
}

static bool judge_kind(struct arena *a, const struct taglist *l, struct dkim_key *k)
{
	struct str v;
	if (taglist_get(l, "v", false, &v) && (!str_eq(v, "DKIM1") || !str_eq(l->v[0].name, "v"))) {
		bad(k, str_eq(v, "DKIM1") ? "v=DKIM1 does not stand first" : "v= is not DKIM1");
		return false;
	}
	bool given = taglist_get(l, "k", false, &v);
	k->algorithm = given && str_ieq(v, "ed25519") ? DKIM_ED25519 : DKIM_RSA;
	k->key = k->algorithm == DKIM_ED25519 ? "ed25519" : "rsa";
	if (given && k->algorithm == DKIM_RSA && !str_ieq(v, "rsa")) {
		k->key = "";
		bad(k, arena_printf(a, "k= names an unknown kind of key: %s", text_printable(a, v)));
		return false;
	}
	return true;
}

/* Tags that limit what a sound key may be used for. */
static void judge_limits(const struct taglist *l, struct dkim_key *k)
{
	struct str v;
	bool testing = taglist_get(l, "t", false, &v) && listed(v, "y");
	k->strict = v.len && listed(v, "s");
	if (taglist_get(l, "h", false, &v) && !listed(v, "sha256")) {
		k->no_sha256 = true;
		bad(k, "h= does not allow sha256");
	} else if (taglist_get(l, "s", false, &v) && !listed(v, "*") && !listed(v, "email")) {
		k->usable = false;
		bad(k, "s= does not allow mail");
	} else if (testing && k->result == DKIM_KEY_OK) {
		k->result = DKIM_KEY_TESTING;
		k->problem = "t=y: the domain is testing; receivers treat its mail as unsigned";
	}
}

void dkim_key_parse(struct arena *a, const char *txt, struct dkim_key *k)
{
	struct taglist l;
	struct str p;
	*k = (struct dkim_key){ .domain = "", .selector = "", .key = "", .problem = "" };
	k->record = text_printable(a, str_of(txt));
	bool sound = taglist_parse(str_of(txt), &l);
	if (!judge_kind(a, &l, k))
		return;
	if (!taglist_get(&l, "p", false, &p)) {
		bad(k, "there is no p=");
		return;
	}
	judge_p(a, p, k);
	if (k->usable)
		judge_limits(&l, k);
	if (!sound && (k->result == DKIM_KEY_OK || k->result == DKIM_KEY_TESTING)) {
		k->usable = false;
		bad(k, l.bad);
	}
}

/* Of several records the one that looks like a key; *n counts such. */
static const char *pick(const struct dns_records *got, size_t *n)
{
	const char *best = got->v[0];
	*n = 0;
	for (size_t i = 0; i < got->n; i++)
		if ((z_istarts(got->v[i], "v=DKIM1") || strstr(got->v[i], "p=")) &&
		    !z_istarts(got->v[i], "v=spf1") && !(*n)++)
			best = got->v[i];
	return best;
}

bool dkim_key_find(struct arena *a, const char *domain, const char *selector, const struct dns_view *view,
		   struct dns_wants *w, struct dkim_key *out)
{
	struct dns_records got;
	size_t keys = 0;
	const char *name = arena_printf(a, "%s._domainkey.%s", selector, domain);
	*out = (struct dkim_key){ .result = DKIM_KEY_MISSING, .record = "", .key = "", .problem = "" };
	if (!dns_view_ask(view, w, name, "TXT", &got))
		return false;
	if (got.status == DNS_OK)
		dkim_key_parse(a, pick(&got, &keys), out);
	if (keys > 1) {
		out->usable = false;
		bad(out, "more than one key record stands at the selector");
	}
	if (got.status == DNS_TEMPERROR)
		out->result = DKIM_KEY_TEMPERROR;
	out->domain = text_printable(a, str_of(domain));
	out->selector = text_printable(a, str_of(selector));
	return true;
}

const char *dkim_key_result_name(enum dkim_key_result r)
{
	static const char *const names[] = { "ok",    "missing", "bad",      "revoked",
					     "short", "testing", "temperror" };
	return names[r];
}
