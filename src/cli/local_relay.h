/* SPDX-License-Identifier: Apache-2.0 */
/* cli/local_relay.h - the way into the relay that runs on this machine, by its configuration. */
#ifndef CLI_LOCAL_RELAY_H
#define CLI_LOCAL_RELAY_H

#include "cli/config.h"
#include "net/session.h"

struct local_relay {      /* texts in the arena given */
	const char *host; /* numeric */
	unsigned port;
	enum session_security security; /* never STARTTLS: nothing leaves the machine */
	const char *hostname, *data;
};

/* The listener that asks for no login, loopback first.  False with *e (ERR_USAGE): there is none. */
bool local_relay_of(const struct config *c, struct arena *a, struct local_relay *out, struct err *e) MUST_USE;

#endif
