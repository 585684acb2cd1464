/* SPDX-License-Identifier: Apache-2.0 */
#include "web/certificate.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "net/tls_identity.h"

enum { PEM_MAX = 256 * 1024 };

static char *read_pem(const char *path, struct err *e)
{
	CLEANUP(buf_wipe) struct buf b = { .max = PEM_MAX };
	char piece[4096];
	size_t n;
	CLEANUP(close_file) FILE *f = fopen(path, "re");
	if (!f)
		ERR_FILL(e, ERR_SYS, errno, "read", "%s", path);
	while (f && (n = fread(piece, 1, sizeof(piece), f)))
		if (!buf_add(&b, piece, n))
			ERR_FILL(e, ERR_LIMIT, 0, "read", "%s: more than 256 KB", path);
	mem_wipe(piece, sizeof(piece));
	return e->kind ? NULL : mem_dup(buf_str(&b).p, buf_str(&b).len);
}

/* One file may hold both. */
static const char *key_of(const struct relay_settings *s)
{
	return *s->key_file ? s->key_file : s->cert_file;
}

struct certificate *certificate_load(const struct relay_settings *s, struct err *e)
{
	CLEANUP(certificate_free) struct certificate *c = mem_alloc(sizeof(*c));
	c->cert_file = mem_strdup(s->cert_file);
	c->key_file = mem_strdup(key_of(s));
	c->identity = tls_identity_load(c->cert_file, c->key_file, (long long)time(NULL), e);
	c->cert = c->identity ? read_pem(c->cert_file, e) : NULL;
	c->key = c->cert ? read_pem(c->key_file, e) : NULL;
	return c->key ? STEAL(c) : NULL;
}

void certificate_free(struct certificate **cp)
{
	struct certificate *c = *cp;
	if (!c)
		return;
	if (c->key)
		mem_wipe(c->key, strlen(c->key));
	tls_identity_free(&c->identity);
	free(c->cert);
	free(c->key);
	free(c->cert_file);
	free(c->key_file);
	mem_free(cp);
}

bool certificate_changed(const struct certificate *c, const struct relay_settings *s)
{
	return strcmp(c->cert_file, s->cert_file) != 0 || strcmp(c->key_file, key_of(s)) != 0 ||
	       tls_identity_changed(c->identity);
}
