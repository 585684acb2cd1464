/* SPDX-License-Identifier: Apache-2.0 */
/* The authorities by which the next servers are judged: read at the start and at each reload. */
#include <stdio.h>
#include <string.h>

#include "net/tls.h"
#include "relay/relay_inner.h"

static bool goes_on(const struct relay *r, const struct relay_settings *s)
{
	return r->trust && !strcmp(s->ca_file, r->settings->ca_file);
}

static void tell_former(struct relay *r, struct err *e)
{
	size_t used = strlen(e->detail);
	snprintf(e->detail + used, sizeof(e->detail) - used, "%sthose read before go on", used ? "; " : "");
	relay_tell(r, e);
}

bool relay_trust_renew(struct relay *r, const struct relay_settings *s, struct err *e)
{
	struct err why = { 0 };
	struct tls_trust *fresh = tls_trust_new(*s->ca_file ? s->ca_file : NULL, &why);
	if (fresh) {
		tls_trust_free(&r->trust); /* who is in a session was judged at its handshake */
		r->trust = fresh;
	} else if (goes_on(r, s)) {
		tell_former(r, &why);
	} else {
		*e = why;
		return false;
	}
	return true;
}
