/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <string.h>

#include "net/tls_openssl.h"

/* RFC 9525: the common name is no server name; "f*.example" is no wildcard. */
enum {
	HOST_FLAGS = X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS,
	SECURITY_LEVEL = 2
};

static void free_store_ctx(X509_STORE_CTX **c)
{
	X509_STORE_CTX_free(*c);
}

static bool is_address(const char *host)
{
	unsigned char ip[16];
	return inet_pton(AF_INET, host, ip) == 1 || inet_pton(AF_INET6, host, ip) == 1;
}

static void note(struct tls_verdict *v, int code, int depth)
{
	for (size_t i = 0; i < v->nerrors; i++)
		if (v->errors[i].code == code && v->errors[i].depth == depth)
			return;
	if (v->nerrors < ARRAY_LEN(v->errors))
		v->errors[v->nerrors++] =
			(struct tls_verify_error){ code, depth, X509_verify_cert_error_string(code) };
}

/* Notes the error and goes on, so that the next one is found too. */
static int on_verify(int ok, X509_STORE_CTX *c)
{
	if (!ok)
		note(X509_STORE_CTX_get_app_data(c), X509_STORE_CTX_get_error(c),
		     X509_STORE_CTX_get_error_depth(c));
	return 1;
}

static void set_rules(X509_STORE_CTX *c, const char *host, long long at)
{
	X509_VERIFY_PARAM *p = X509_STORE_CTX_get0_param(c);
	X509_STORE_CTX_set_default(c, "ssl_server");
	X509_VERIFY_PARAM_set_auth_level(p, SECURITY_LEVEL);
	X509_VERIFY_PARAM_set_time(p, (time_t)at);
	X509_VERIFY_PARAM_set_hostflags(p, HOST_FLAGS);
	if (*host && is_address(host))
		X509_VERIFY_PARAM_set1_ip_asc(p, host);
	else if (*host)
		X509_VERIFY_PARAM_set1_host(p, host, strlen(host));
}

static bool name_fits(X509 *leaf, const char *host)
{
	if (!*host)
		return true;
	if (is_address(host))
		return X509_check_ip_asc(leaf, host, 0) == 1;
	return X509_check_host(leaf, host, strlen(host), HOST_FLAGS, NULL) == 1;
}

static STACK_OF(X509) *
	untrusted(const struct tls_cert *chain, size_t nchain, const struct str *extra, size_t nextra)
{
	STACK_OF(X509) *list = sk_X509_new_null();
	for (size_t i = 1; i < nchain + nextra; i++) {
		X509 *x = tls_x509_parse(i < nchain ? chain[i].der : extra[i - nchain]);
		if (x && !sk_X509_push(list, x))
			X509_free(x);
	}
	return list;
}

/* "mail.example." is the same host as "mail.example". */
static const char *without_dot(const char *host, struct arena *a)
{
	size_t n = strlen(host);
	return arena_dup(a, host, n && host[n - 1] == '.' ? n - 1 : n);
}

static void verify_chain(X509_STORE *store, X509 *leaf, STACK_OF(X509) * others, const char *host,
			 long long at, struct tls_verdict *v)
{
	CLEANUP(free_store_ctx) X509_STORE_CTX *c = X509_STORE_CTX_new();
	if (!c || !X509_STORE_CTX_init(c, store, leaf, others)) {
		note(v, X509_V_ERR_UNSPECIFIED, 0);
		return;
	}
	set_rules(c, host, at);
	X509_STORE_CTX_set_app_data(c, v);
	X509_STORE_CTX_set_verify_cb(c, on_verify);
	if (X509_verify_cert(c) != 1 && v->nerrors == 0)
		note(v, X509_STORE_CTX_get_error(c) ? X509_STORE_CTX_get_error(c) : X509_V_ERR_UNSPECIFIED,
		     0);
}

struct tls_verdict tls_verify(struct tls_trust *t, const struct tls_cert *chain, size_t nchain,
			      const struct str *extra, size_t nextra, const char *host, long long at,
			      struct arena *a)
{
	struct tls_verdict v = { .chain = nchain };
	CLEANUP(tls_x509_free) X509 *leaf = nchain ? tls_x509_parse(chain[0].der) : NULL;
	if (!leaf) {
		note(&v, X509_V_ERR_UNSPECIFIED, 0);
		return v;
	}
	CLEANUP(tls_x509_list_free) STACK_OF(X509) *others = untrusted(chain, nchain, extra, nextra);
	const char *name = without_dot(host ? host : "", a);
	v.name_matches = name_fits(leaf, name);
	verify_chain(tls_trust_store(t), leaf, others, name, at, &v);
	v.trusted = v.nerrors == 0;
	for (size_t i = 0; i < v.nerrors; i++)
		v.errors[i].words = arena_strdup(a, v.errors[i].words);
	ERR_clear_error();
	return v;
}
