/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/tlsa.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "base/hex.h"

enum { USAGE_TA = 2, USAGE_EE = 3, SELECT_CERT = 0, SELECT_SPKI = 1, DIGEST_BYTES_MAX = 64 };

static bool read_hex(struct arena *a, struct str rest, struct str *out)
{
	char *data = arena_alloc(a, rest.len / 2 + 1);
	size_t n = 0;
	for (size_t i = 0; i < rest.len; i++) {
		int v = hex_value(rest.p[i]);
		if (rest.p[i] == ' ' || rest.p[i] == '\t')
			continue;
		if (v < 0)
			return false;
		data[n / 2] = (char)(data[n / 2] << 4 | v);
		n++;
	}
	*out = (struct str){ data, n / 2 };
	return n && n % 2 == 0;
}

/* A whole certificate, or a whole key, that is one. */
static bool is_whole(const struct tlsa *t)
{
	const unsigned char *p = (const unsigned char *)t->data.p;
	X509 *cert = t->selector == SELECT_CERT ? d2i_X509(NULL, &p, (long)t->data.len) : NULL;
	EVP_PKEY *key = t->selector == SELECT_SPKI ? d2i_PUBKEY(NULL, &p, (long)t->data.len) : NULL;
	bool whole = cert || key;
	X509_free(cert);
	EVP_PKEY_free(key);
	return whole;
}

static bool is_usable(const struct tlsa *t)
{
	static const size_t lengths[] = { 0, 32, 64 };
	if ((t->usage != USAGE_TA && t->usage != USAGE_EE) || t->selector > SELECT_SPKI || t->matching > 2)
		return false;
	return t->matching ? t->data.len == lengths[t->matching] : is_whole(t);
}

/* "3 1 1 ABCD...", blanks inside the data allowed.  False: not such a record. */
static bool parse(struct arena *a, const char *text, struct tlsa *out)
{
	struct str rest = str_of(text), piece;
	unsigned long n[3];
	*out = (struct tlsa){ 0 };
	for (size_t i = 0; i < 3; i++)
		if (!str_next(&rest, " \t", &piece) || !str_number(piece, 255, &n[i]))
			return false;
	out->usage = (unsigned)n[0];
	out->selector = (unsigned)n[1];
	out->matching = (unsigned)n[2];
	if (!read_hex(a, rest, &out->data))
		return false;
	out->usable = is_usable(out);
	return true;
}

bool tlsa_any_usable(const struct strlist *records)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct tlsa t;
	for (size_t i = 0; i < records->n && i < TLSA_RECORDS_MAX; i++)
		if (parse(a, records->v[i], &t) && t.usable)
			return true;
	return false;
}

/* The chain as OpenSSL has it, and what the records ask for. */
struct match {
	struct arena *a;
	const struct tlsa_ask *ask;
	X509 *certs[TLSA_CHAIN_MAX];
	size_t ncerts;
	struct tlsa_report *out;
};

static void free_certs(struct match *m)
{
	for (size_t i = 0; i < m->ncerts; i++)
		X509_free(m->certs[i]);
}

static void read_chain(struct match *m)
{
	for (size_t i = 0; i < m->ask->nchain && i < TLSA_CHAIN_MAX; i++) {
		const unsigned char *p = (const unsigned char *)m->ask->chain[i].p;
		X509 *x = d2i_X509(NULL, &p, (long)m->ask->chain[i].len);
		if (!x)
			break;
		m->certs[m->ncerts++] = x;
	}
}

/* The bytes a record is compared with: the certificate or its key, maybe hashed. */
static bool selected_equals(const struct tlsa *t, X509 *cert)
{
	unsigned char *der = NULL, digest[DIGEST_BYTES_MAX];
	unsigned n = 0;
	int len = t->selector == SELECT_SPKI ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der)
					     : i2d_X509(cert, &der);
	if (len <= 0)
		return false;
	bool same;
	if (!t->matching) {
		same = (size_t)len == t->data.len && !memcmp(der, t->data.p, t->data.len);
	} else {
		const EVP_MD *md = t->matching == 1 ? EVP_sha256() : EVP_sha512();
		same = EVP_Digest(der, (size_t)len, digest, &n, md, NULL) && n == t->data.len &&
		       !memcmp(digest, t->data.p, n);
	}
	OPENSSL_free(der);
	return same;
}

static bool name_fits(const struct match *m)
{
	for (size_t i = 0; i < m->ask->nnames && i < TLSA_NAMES_MAX; i++)
		if (X509_check_host(m->certs[0], m->ask->names[i], 0, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS,
				    NULL) == 1)
			return true;
	return false;
}

static void free_store(X509_STORE **s)
{
	X509_STORE_free(*s);
}

static void free_ctx(X509_STORE_CTX **c)
{
	X509_STORE_CTX_free(*c);
}

static void free_stack(STACK_OF(X509) * *s)
{
	sk_X509_free(*s);
}

/* The last certificate of the chain, where the anchor's bare key has signed it: a record with the whole key
 * (2 1 0) is enough for a chain that leaves its root out (RFC 7671, 5.2).  ncerts: none. */
static size_t signed_by_key(const struct match *m, const struct tlsa *t)
{
	const unsigned char *p = (const unsigned char *)t->data.p;
	EVP_PKEY *key =
		!t->matching && t->selector == SELECT_SPKI ? d2i_PUBKEY(NULL, &p, (long)t->data.len) : NULL;
	size_t depth = m->ncerts;
	for (size_t i = m->ncerts; key && i-- > 0;)
		if (X509_verify(m->certs[i], key) == 1)
			depth = i;
	EVP_PKEY_free(key);
	ERR_clear_error(); /* of those it has not signed */
	return depth;
}

/* Verifies the chain up to the anchor; NULL, or the library's words. */
static const char *chain_fault(const struct match *m, X509 *anchor)
{
	CLEANUP(free_store) X509_STORE *store = X509_STORE_new();
	CLEANUP(free_ctx) X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	CLEANUP(free_stack) STACK_OF(X509) *rest = sk_X509_new_null();
	if (!store || !ctx || !rest || !X509_STORE_add_cert(store, anchor))
		return "out of memory";
	for (size_t i = 1; i < m->ncerts; i++)
		sk_X509_push(rest, m->certs[i]);
	if (!X509_STORE_CTX_init(ctx, store, m->certs[0], rest))
		return "out of memory";
	X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
	X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
	X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_SSL_SERVER);
	X509_VERIFY_PARAM_set_time(param, (time_t)m->ask->now_s);
	if (X509_verify_cert(ctx) == 1)
		return NULL;
	return X509_verify_cert_error_string(X509_STORE_CTX_get_error(ctx));
}

static void free_cert(X509 **x)
{
	X509_free(*x);
}

/* A trust anchor: in the chain, or whole in the record itself (2 0 0), or its key (2 1 0). */
static bool match_anchor(struct match *m, const struct tlsa *t)
{
	const unsigned char *p = (const unsigned char *)t->data.p;
	CLEANUP(free_cert)
	X509 *published =
		!t->matching && t->selector == SELECT_CERT ? d2i_X509(NULL, &p, (long)t->data.len) : NULL;
	X509 *anchor = published;
	size_t depth = m->ncerts;
	for (size_t i = m->ncerts; i-- > 0;)
		if (selected_equals(t, m->certs[i])) {
			anchor = m->certs[i];
			depth = i;
		}
	if (!anchor && (depth = signed_by_key(m, t)) < m->ncerts)
		anchor = m->certs[depth]; /* what the anchor has signed: trusted in its place */
	if (!anchor)
		return false;
	const char *fault = chain_fault(m, anchor);
	if (fault || !name_fits(m)) {
		m->out->why = fault ? fault : "the certificate is for another name";
		return false;
	}
	m->out->depth = depth;
	return true;
}

static bool match_one(struct match *m, const struct tlsa *t)
{
	return t->usage == USAGE_EE ? m->ncerts && selected_equals(t, m->certs[0])
				    : m->ncerts && match_anchor(m, t);
}

/* Digest agility (RFC 7671, 9): of one usage and selector only the strongest hash counts. */
static bool is_outdone(const struct tlsa *v, size_t n, const struct tlsa *t)
{
	for (size_t i = 0; t->matching == 1 && i < n; i++)
		if (v[i].usable && v[i].usage == t->usage && v[i].selector == t->selector &&
		    v[i].matching == 2)
			return true;
	return false;
}

void tlsa_match(struct arena *a, const struct tlsa_ask *ask, struct tlsa_report *out)
{
	struct tlsa v[TLSA_RECORDS_MAX];
	size_t n = ask->nrecords < TLSA_RECORDS_MAX ? ask->nrecords : TLSA_RECORDS_MAX;
	CLEANUP(free_certs) struct match m = { .a = a, .ask = ask, .out = out };
	*out = (struct tlsa_report){ .outcome = TLSA_NO_USABLE, .record = "", .why = "" };
	for (size_t i = 0; i < n; i++)
		if (!parse(a, ask->records[i], &v[i]))
			v[i].usable = false;
	read_chain(&m);
	for (size_t i = 0; i < n && out->outcome != TLSA_MATCH; i++) {
		if (!v[i].usable || is_outdone(v, n, &v[i]))
			continue;
		out->outcome = match_one(&m, &v[i]) ? TLSA_MATCH : TLSA_MISMATCH;
		if (out->outcome == TLSA_MATCH) {
			out->record = ask->records[i];
			out->usage = v[i].usage;
		}
	}
	if (out->outcome == TLSA_MISMATCH && !*out->why)
		out->why =
			m.ncerts ? "no record fits a certificate that was sent" : "no certificate was sent";
	if (out->outcome == TLSA_MATCH)
		out->why = "";
}

const char *tlsa_outcome_name(enum tlsa_outcome o)
{
	static const char *const names[] = { "no-usable", "match", "mismatch" };
	return names[o];
}
