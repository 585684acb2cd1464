/* SPDX-License-Identifier: Apache-2.0 */
/* lab/tls.c - a server's side of TLS: versions, ciphers, certificates by SNI. */
#include <openssl/err.h>
#include <string.h>

#include "lab/pki_openssl.h"
#include "lab/rule.h"

static const struct {
	const char *word;
	int version;
} versions[] = {
	{ "1.0", TLS1_VERSION },
	{ "1.1", TLS1_1_VERSION },
	{ "1.2", TLS1_2_VERSION },
	{ "1.3", TLS1_3_VERSION },
};

static int version_of(const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(versions); i++)
		if (!strcmp(versions[i].word, word))
			return versions[i].version;
	return -1;
}

/* A chain as the scenario wants it sent, right or wrong. */
static void add_chain(SSL_CTX *ctx, const struct pki_cert *leaf)
{
	const struct pki_cert *way[16];
	size_t n = 0;
	for (const struct pki_cert *c = leaf; c->issuer != c && n < ARRAY_LEN(way); c = c->issuer)
		if (c->issuer->issuer != c->issuer || !strcmp(leaf->chain, "with-root"))
			way[n++] = c->issuer;
	if (!strcmp(leaf->chain, "leaf"))
		return;
	bool reverse = !strcmp(leaf->chain, "wrong-order");
	for (size_t i = 0; i < n; i++)
		SSL_CTX_add1_chain_cert(ctx, way[reverse ? n - 1 - i : i]->x509);
}

static bool set_cert(SSL_CTX *ctx, const struct pki_cert *c)
{
	if (SSL_CTX_use_certificate(ctx, c->x509) != 1 || SSL_CTX_use_PrivateKey(ctx, c->key) != 1)
		return false;
	SSL_CTX_set_mode(ctx, SSL_MODE_NO_AUTO_CHAIN);
	add_chain(ctx, c);
	return true;
}

/* ---- by name: "PATTERN=CERT" or "PATTERN=alert"; "" is a client without SNI */

struct sni_map {
	struct strlist rules;
	SSL_CTX **contexts; /* NULL: alert */
};

static int sni_index;

static void free_map(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int idx, long argl, void *argp)
{
	struct sni_map *m = ptr;
	(void)parent, (void)ad, (void)idx, (void)argl, (void)argp;
	if (!m)
		return;
	for (size_t i = 0; i < m->rules.n; i++)
		SSL_CTX_free(m->contexts[i]);
	mem_free(&m->contexts);
	mem_free(&m);
}

static int on_sni(SSL *ssl, int *alert, void *arg)
{
	const struct sni_map *m = arg;
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	for (size_t i = 0; i < m->rules.n; i++) {
		const char *eq = strrchr(m->rules.v[i], '=');
		CLEANUP(mem_free) char *pattern = mem_dup(m->rules.v[i], (size_t)(eq - m->rules.v[i]));
		if (!lab_fits(str_of(name), pattern) || (!name && pattern[0]))
			continue;
		if (!m->contexts[i]) {
			*alert = SSL_AD_UNRECOGNIZED_NAME;
			return SSL_TLSEXT_ERR_ALERT_FATAL;
		}
		SSL_set_SSL_CTX(ssl, m->contexts[i]);
		return SSL_TLSEXT_ERR_OK;
	}
	return SSL_TLSEXT_ERR_OK;
}

static bool set_sni(struct lab_tls *t, struct lab_pki *p, const struct strlist *rules, struct err *e)
{
	struct sni_map *m = mem_alloc(sizeof(*m));
	if (!sni_index)
		sni_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, free_map);
	SSL_CTX_set_ex_data(t->ctx, sni_index, m);
	m->contexts = mem_alloc(rules->n * sizeof(*m->contexts));
	for (size_t i = 0; i < rules->n; i++) {
		const char *eq = strrchr(rules->v[i], '=');
		const struct pki_cert *c = eq ? pki_find(p, eq + 1) : NULL;
		if (!eq || (!c && strcmp(eq + 1, "alert") != 0))
			return ERR_FILL(e, ERR_SYNTAX, 0, "read sni",
					"\"%s\" is not PATTERN=CERT or PATTERN=alert", rules->v[i]);
		m->contexts[i] = c ? SSL_CTX_new(TLS_server_method()) : NULL;
		if (c)
			SSL_CTX_set_security_level(m->contexts[i], 0);
		if (c && !set_cert(m->contexts[i], c))
			return ERR_FILL(e, ERR_TLS, 0, "use certificate", "%s", c->name);
		m->rules.n = i + 1;
		m->rules.v = rules->v;
	}
	SSL_CTX_set_tlsext_servername_callback(t->ctx, on_sni);
	SSL_CTX_set_tlsext_servername_arg(t->ctx, m);
	return true;
}

static int let_in(int ok, X509_STORE_CTX *x)
{
	(void)ok, (void)x;
	return 1;
}

static bool set_limits(SSL_CTX *ctx, const struct spec_section *s, struct err *e)
{
	const char *min = spec_text(s, "tls-min", "1.0"), *max = spec_text(s, "tls-max", "1.3");
	const char *ciphers = spec_text(s, "ciphers", "ALL:@SECLEVEL=0");
	if (version_of(min) < 0 || version_of(max) < 0)
		return ERR_FILL(e, ERR_SYNTAX, s->line, "read TLS versions",
				"%s:%d: 1.0 to 1.3, not \"%s\", \"%s\"", s->file, s->line, min, max);
	SSL_CTX_set_min_proto_version(ctx, version_of(min));
	SSL_CTX_set_max_proto_version(ctx, version_of(max));
	if (SSL_CTX_set_cipher_list(ctx, ciphers) != 1)
		return ERR_FILL(e, ERR_TLS, 0, "set ciphers", "%s:%d: %s", s->file, s->line, ciphers);
	SSL_CTX_set_security_level(ctx, 0);
	if (spec_yes(s, "client-cert", false))
		SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, let_in);
	return true;
}

struct lab_tls *lab_tls_server(struct lab_pki *p, const struct spec_section *s, const char *cert,
			       struct err *e)
{
	const struct pki_cert *c = pki_find(p, cert);
	if (!c) {
		ERR_FILL(e, ERR_SYNTAX, s->line, "use certificate", "%s:%d: there is no cert \"%s\"", s->file,
			 s->line, cert);
		return NULL;
	}
	CLEANUP(lab_tls_free) struct lab_tls *t = mem_alloc(sizeof(*t));
	t->ctx = SSL_CTX_new(TLS_server_method());
	SSL_CTX_set_options(t->ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
	const struct strlist *sni = spec_list(s, "sni");
	if (!set_limits(t->ctx, s, e) || (sni && sni->n && !set_sni(t, p, sni, e)))
		return NULL;
	if (!set_cert(t->ctx, c)) {
		ERR_FILL(e, ERR_TLS, (long)ERR_get_error(), "use certificate", "%s", cert);
		return NULL;
	}
	return STEAL(t);
}

struct lab_tls *lab_tls_client(void)
{
	struct lab_tls *t = mem_alloc(sizeof(*t));
	t->ctx = SSL_CTX_new(TLS_client_method());
	SSL_CTX_set_security_level(t->ctx, 0);
	return t;
}

void lab_tls_free(struct lab_tls **t)
{
	if (*t)
		SSL_CTX_free((*t)->ctx);
	mem_free(t);
}
