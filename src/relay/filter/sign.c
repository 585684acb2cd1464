/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/filter/sign.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "mail/dkim_sign.h"

enum { KEY_BYTES_MAX = 32 * 1024 };

struct signer {
	const char *domain; /* of the settings */
	struct dkim_signer *key;
};

struct signers {
	struct signer *v;
	size_t n;
};

static bool read_key(const char *path, struct buf *out, struct err *e)
{
	char piece[4096];
	out->max = KEY_BYTES_MAX;
	CLEANUP(close_file) FILE *f = fopen(path, "re");
	if (!f) {
		ERR_FILL(e, ERR_USAGE, errno, "read the signing key", "%s", path);
		return err_detail(e, "%s", strerror(errno));
	}
	bool fits = true;
	for (size_t n; fits && (n = fread(piece, 1, sizeof(piece), f)) > 0;)
		fits = buf_add(out, piece, n);
	mem_wipe(piece, sizeof(piece));
	if (fits && !ferror(f))
		return true;
	ERR_FILL(e, ERR_USAGE, 0, "read the signing key", "%s", path);
	return err_detail(e, "it cannot be read, or is too long for a key");
}

static bool load(const struct relay_sign *from, struct signer *to, struct err *e)
{
	CLEANUP(buf_wipe) struct buf pem = { 0 };
	if (!read_key(from->key_file, &pem, e))
		return false;
	to->domain = from->domain;
	to->key = dkim_signer_new(from->domain, from->selector, buf_str(&pem), e);
	return to->key != NULL;
}

struct signers *signers_new(const struct relay_settings *settings, struct err *e)
{
	struct signers *s = mem_alloc(sizeof(*s));
	if (settings->nsigns > SIGN_KEYS_MAX) {
		ERR_FILL(e, ERR_USAGE, 0, "load the signing keys", "%zu of them, %d at most",
			 settings->nsigns, SIGN_KEYS_MAX);
		free(s);
		return NULL;
	}
	s->v = mem_alloc((settings->nsigns + 1) * sizeof(*s->v));
	for (; s->n < settings->nsigns; s->n++)
		if (!load(&settings->signs[s->n], &s->v[s->n], e)) {
			signers_free(&s);
			return NULL;
		}
	return s;
}

void signers_free(struct signers **sp)
{
	struct signers *s = *sp;
	if (!s)
		return;
	for (size_t i = 0; i < s->n; i++)
		dkim_signer_free(&s->v[i].key);
	free(s->v);
	mem_free(sp);
}

/* The nearest of our domains at or above that of the address; "" none. */
static const char *domain_for(const struct signers *s, const char *from)
{
	for (const char *d = z_domain(from); *d; d = strchr(d, '.') ? strchr(d, '.') + 1 : "")
		for (size_t i = 0; i < s->n; i++)
			if (str_ieq(str_of(s->v[i].domain), d))
				return s->v[i].domain;
	return "";
}

bool signers_have(const struct signers *s, const char *from)
{
	return *domain_for(s, from);
}

bool signers_have_domain(const struct signers *s, const char *domain)
{
	for (size_t i = 0; i < s->n; i++)
		if (str_ieq(str_of(s->v[i].domain), domain))
			return true;
	return false;
}

bool signers_fields(const struct signers *s, const char *domain, struct str head,
		    const unsigned char body[DKIM_HASH_BYTES], long long now_s, struct buf *fields,
		    struct err *e)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct header h;
	struct str field;
	header_read(a, head, &h);
	for (size_t i = 0; i < s->n; i++) {
		if (!str_ieq(str_of(s->v[i].domain), domain))
			continue;
		if (!dkim_sign(s->v[i].key, a, &h, body, now_s, 0, &field, e))
			return false;
		buf_add(fields, field.p, field.len);
	}
	return true;
}

static bool read_body(const struct store_body *body, struct sign_text *t, struct err *e)
{
	struct store_reader *r = store_body_look(body);
	struct str piece;
	int got;
	while ((got = store_reader_next(r, &piece, e)) > 0)
		sign_text_feed(t, piece);
	store_reader_free(&r);
	return got == 0 && sign_text_end(t, e);
}

bool signers_sign(const struct signers *s, const char *from, struct store_body *body, long long now_s,
		  struct err *e)
{
	const char *domain = domain_for(s, from);
	CLEANUP(sign_text_clear) struct sign_text t = { 0 };
	CLEANUP(buf_clear) struct buf fields = { 0 };
	if (!*domain)
		return true;
	return read_body(body, &t, e) &&
	       signers_fields(s, domain, buf_str(&t.head), t.body, now_s, &fields, e) &&
	       store_body_prepend(body, buf_str(&fields), e);
}
