/* SPDX-License-Identifier: Apache-2.0 */
/* The authorities by which the next servers are judged: read at the start and at each reload. */
#include <string.h>

#include "net/tls.h"
#include "relay/relay_inner.h"

static bool goes_on(const struct relay *r, const struct relay_settings *s)
{
	return r->trust && !strcmp(s->ca_file, r->settings->ca_file);
}

/* The system's are read late and in parts: what is broken there looks like a store of nobody. */
static struct tls_trust *read_anew(const struct relay *r, const struct relay_settings *s, struct err *e)
{
	struct tls_trust *fresh = tls_trust_new(*s->ca_file ? s->ca_file : NULL, e);
	if (!fresh || !goes_on(r, s) || tls_trust_anybody(fresh) || !tls_trust_anybody(r->trust))
		return fresh;
	tls_trust_free(&fresh);
	ERR_FILL(e, ERR_TLS, 0, "read trusted certificates", "of the system");
	err_detail(e, "no certificate in PEM form found");
	return NULL;
}

bool relay_trust_renew(struct relay *r, const struct relay_settings *s, struct err *e)
{
	struct err why = { 0 };
	struct tls_trust *fresh = read_anew(r, s, &why);
	if (fresh) {
		tls_trust_free(&r->trust); /* who is in a session was judged at its handshake */
		r->trust = fresh;
	} else if (goes_on(r, s)) {
		relay_tell_former(r, &why, "those");
	} else {
		*e = why;
		return false;
	}
	return true;
}
