/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/tls_openssl.h"

struct tls_trust {
	X509_STORE *store;
	bool is_system;
	bool is_pending; /* the system's certificates are read when a chain is to be judged */
};

/* Where OpenSSL's own default paths hold nothing (containers, other builds). */
static const char *const bundles[] = {
	"/etc/ssl/certs/ca-certificates.crt",
	"/etc/pki/tls/certs/ca-bundle.crt",
	"/etc/ssl/cert.pem",
};

static bool is_there(const char *env, const char *path)
{
	const char *set = getenv(env);
	return access(set && *set ? set : path, R_OK) == 0;
}

static bool has_default_paths(void)
{
	return is_there(X509_get_default_cert_dir_env(), X509_get_default_cert_dir()) ||
	       is_there(X509_get_default_cert_file_env(), X509_get_default_cert_file());
}

static const char *bundle(void)
{
	for (size_t i = 0; i < ARRAY_LEN(bundles); i++)
		if (access(bundles[i], R_OK) == 0)
			return bundles[i];
	return NULL;
}

static bool load_system(X509_STORE *s)
{
	const char *path = has_default_paths() ? NULL : bundle();
	return path ? X509_STORE_load_file(s, path) == 1 : X509_STORE_set_default_paths(s) == 1;
}

struct tls_trust *tls_trust_new(const char *ca_file, struct err *e)
{
	CLEANUP(tls_trust_free) struct tls_trust *t = mem_alloc(sizeof(*t));
	t->store = X509_STORE_new();
	ERR_clear_error();
	t->is_system = t->is_pending = !ca_file;
	bool ok = ca_file ? X509_STORE_load_file(t->store, ca_file) == 1 : has_default_paths() || bundle();
	if (!ok) {
		unsigned long code = ERR_peek_last_error();
		const char *words = ERR_reason_error_string(code);
		ERR_FILL(e, ERR_TLS, (long)code, "read trusted certificates", "%s",
			 ca_file ? ca_file : "of the system");
		err_detail(e, "%s", words ? words : "no certificate in PEM form found");
		ERR_clear_error();
		return NULL;
	}
	ERR_clear_error();
	return STEAL(t);
}

void tls_trust_free(struct tls_trust **t)
{
	if (!*t)
		return;
	X509_STORE_free((*t)->store);
	free(*t);
	*t = NULL;
}

void tls_trust_ready(struct tls_trust *t)
{
	if (t->is_pending && !load_system(t->store))
		ERR_clear_error(); /* an empty store trusts nobody, and says so of each chain */
	t->is_pending = false;
}

/* As c_rehash names them: "5ed36f99.0". */
static bool is_hashed(const char *name)
{
	return strspn(name, "0123456789abcdef") == 8 && name[8] == '.';
}

static bool holds_any(const char *path)
{
	DIR *d = opendir(path);
	const struct dirent *x;
	bool any = false;
	while (d && !any && (x = readdir(d)))
		any = is_hashed(x->d_name);
	if (d)
		closedir(d);
	return any;
}

/* Of a folder a certificate is read when a chain asks for it; several stand with colons between. */
static bool folders_hold_any(void)
{
	const char *set = getenv(X509_get_default_cert_dir_env());
	struct str rest = str_of(set && *set ? set : X509_get_default_cert_dir()), path;
	bool any = false;
	while (!any && str_next(&rest, ":", &path)) {
		CLEANUP(mem_free) char *z = mem_dup(path.p, path.len);
		any = holds_any(z);
	}
	return any;
}

bool tls_trust_anybody(struct tls_trust *t)
{
	tls_trust_ready(t);
	X509_STORE_lock(t->store);
	bool any = sk_X509_OBJECT_num(X509_STORE_get0_objects(t->store)) > 0;
	X509_STORE_unlock(t->store);
	return any || (t->is_system && folders_hold_any());
}

X509_STORE *tls_trust_store(struct tls_trust *t)
{
	tls_trust_ready(t);
	return t->store;
}
