/* SPDX-License-Identifier: Apache-2.0 */
/* The relay's certificate and key: read at the start, at a reload, and when the files are new. */
#include <string.h>
#include <time.h>

#include "net/tls_identity.h"
#include "relay/relay_inner.h"

bool relay_identity_load(const struct relay_settings *s, struct tls_identity **out, struct err *e)
{
	*out = NULL;
	if (!*s->cert_file)
		return true;
	*out = tls_identity_load(s->cert_file, s->key_file, (long long)time(NULL), e);
	return *out;
}

static bool same_files(const struct relay_settings *a, const struct relay_settings *b)
{
	return !strcmp(a->cert_file, b->cert_file) && !strcmp(a->key_file, b->key_file);
}

bool relay_identity_reload(struct relay *r, const struct relay_settings *s, struct tls_identity **out,
			   struct err *e)
{
	struct err no = { 0 };
	if (relay_identity_load(s, out, &no))
		return true;
	if (!r->identity || !same_files(s, r->settings)) {
		*e = no;
		return false;
	}
	(void)renewal_judge(&r->renewal, &no, tls_identity_cert(r->identity)->not_after);
	relay_tell(r, &no);
	*out = r->identity;
	return true;
}

void relay_identity_adopt(struct relay *r, struct tls_identity *fresh)
{
	if (fresh == r->identity)
		return;
	tls_identity_free(&r->identity);
	r->identity = fresh;
}

/* STARTTLS without a certificate is not offered; TLS from the start cannot be. */
bool relay_identity_fits(const struct relay_settings *s, const struct tls_identity *i, struct err *e)
{
	for (size_t k = 0; !i && k < s->nlistens; k++)
		if (s->listens[k].security != RELAY_SECURITY_NONE) {
			ERR_FILL(e, ERR_USAGE, 0, "listen at", "%s", s->listens[k].where);
			return err_detail(
				e,
				"security there needs a certificate: certificate { file = ... key = ... }");
		}
	return true;
}

static struct tls_identity *look_again(const struct relay *r, struct err *e)
{
	struct tls_identity *fresh = NULL;
	bool is_new = tls_identity_changed(r->identity) && relay_identity_load(r->settings, &fresh, e);
	return is_new ? fresh : NULL;
}

/* A new certificate is put there by a program that renews it: it is used from the next handshake on.  Until
 * then the old one is; half written files are read again soon. */
void relay_identity_renew(struct relay *r)
{
	struct err e = { 0 };
	if (!r->identity)
		return;
	struct tls_identity *fresh = look_again(r, &e);
	if (renewal_judge(&r->renewal, &e, tls_identity_cert(r->identity)->not_after))
		relay_tell(r, &e);
	if (fresh)
		relay_identity_adopt(r, fresh);
}
