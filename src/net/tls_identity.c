/* SPDX-License-Identifier: Apache-2.0 */
#include "net/tls_identity.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text_time.h"
#include "net/tls_openssl.h"

struct tls_identity {
	SSL_CTX *ctx;
	struct arena *arena;
	struct tls_cert cert;
	char *cert_file, *key_file;
	struct stat cert_stat, key_stat;
};

static bool stat_file(const char *path, struct stat *st, struct err *e)
{
	if (stat(path, st) == 0 && access(path, R_OK) == 0)
		return true;
	if (errno == EACCES) {
		ERR_FILL(e, ERR_SYS, errno, "read", "%s", path);
		return err_detail(e, "let the relay's user read it");
	}
	ERR_FILL(e, ERR_USAGE, errno, "read", "%s", path);
	return err_detail(e, "%s: put it there, and let the relay's user read it", strerror(errno));
}

static bool refuse(struct err *e, const char *path, const char *doing, const char *mend)
{
	ERR_clear_error();
	ERR_FILL(e, ERR_USAGE, 0, doing, "%s", path);
	return err_detail(e, "%s", mend);
}

static int no_passphrase(char *buf, int size, int rwflag, void *u)
{
	(void)buf, (void)size, (void)rwflag, (void)u;
	return -1; /* nobody sits there to be asked */
}

static SSL_CTX *new_ctx(void)
{
	SSL_CTX *c = SSL_CTX_new(TLS_server_method());
	if (!c)
		return NULL;
	SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION);
	SSL_CTX_set_options(c, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
				       SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_COMPRESSION);
	SSL_CTX_set_mode(c, SSL_MODE_RELEASE_BUFFERS); /* most connections wait most of the time */
	SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_default_passwd_cb(c, no_passphrase);
	return c;
}

static bool load(struct tls_identity *i, long long now_s, struct err *e)
{
	if (SSL_CTX_use_certificate_chain_file(i->ctx, i->cert_file) != 1)
		return refuse(e, i->cert_file, "use the certificate in",
			      "it must be PEM: the server's certificate, then its intermediates");
	X509 *leaf = SSL_CTX_get0_certificate(i->ctx);
	tls_cert_fill(leaf, i->arena, &i->cert);
	if (now_s && i->cert.not_after < now_s) {
		char day[TEXT_TIME_BYTES];
		ERR_FILL(e, ERR_USAGE, 0, "use the certificate in", "%s", i->cert_file);
		return err_detail(e, "it ran out at %s: renew it", text_time(i->cert.not_after, day));
	}
	bool read = SSL_CTX_use_PrivateKey_file(i->ctx, i->key_file, SSL_FILETYPE_PEM) == 1;
	/* One of another kind (RSA beside an EC certificate) is taken without a word. */
	if (read && X509_check_private_key(leaf, SSL_CTX_get0_privatekey(i->ctx)) == 1)
		return true;
	if (read || ERR_GET_REASON(ERR_peek_error()) == X509_R_KEY_VALUES_MISMATCH)
		return refuse(e, i->key_file, "use the key in", "it belongs to another certificate");
	return refuse(e, i->key_file, "use the key in", "it must be PEM, without a passphrase");
}

struct tls_identity *tls_identity_load(const char *cert, const char *key, long long now_s, struct err *e)
{
	struct tls_identity *i = mem_alloc(sizeof(*i));
	i->cert_file = mem_strdup(cert);
	i->key_file = mem_strdup(key);
	i->arena = arena_new();
	ERR_clear_error();
	i->ctx = new_ctx();
	if (!i->ctx)
		ERR_FILL(e, ERR_TLS, (long)ERR_peek_error(), "start", "TLS");
	if (!i->ctx || !stat_file(cert, &i->cert_stat, e) || !stat_file(key, &i->key_stat, e) ||
	    !load(i, now_s, e))
		tls_identity_free(&i);
	return i;
}

void tls_identity_free(struct tls_identity **ip)
{
	struct tls_identity *i = *ip;
	if (!i)
		return;
	SSL_CTX_free(i->ctx);
	arena_free(&i->arena);
	mem_free(&i->cert_file);
	mem_free(&i->key_file);
	mem_free(ip);
}

const struct tls_cert *tls_identity_cert(const struct tls_identity *i)
{
	return &i->cert;
}

SSL_CTX *tls_identity_ctx(const struct tls_identity *i)
{
	return i->ctx;
}

static bool is_another(const char *path, const struct stat *was)
{
	struct stat is;
	return stat(path, &is) ||
	       (is.st_ino != was->st_ino || is.st_size != was->st_size ||
		is.st_mtim.tv_sec != was->st_mtim.tv_sec || is.st_mtim.tv_nsec != was->st_mtim.tv_nsec);
}

bool tls_identity_changed(const struct tls_identity *i)
{
	return is_another(i->cert_file, &i->cert_stat) || is_another(i->key_file, &i->key_stat);
}
