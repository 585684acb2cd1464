/* SPDX-License-Identifier: Apache-2.0 */
/* explain/seen.h - who, whom and where: what a text tells besides the reply itself. */
#ifndef EXPLAIN_SEEN_H
#define EXPLAIN_SEEN_H

#include "base/arena.h"

/* Arena-owned; "" and 0 for what the text does not tell. */
struct seen {
	const char *host;     /* who refused: a name, or an address where there is no name */
	const char *address;  /* its IP */
	const char *client;   /* the IP that was judged or that connected */
	const char *enhanced; /* "dsn=5.1.1" of a log, where the reply has none */
	const char *recipient, *sender, *user;
	const char *author; /* whom a server says it was not allowed to send as */
	unsigned port;
	const char *step; /* contract's name, of the command that is named */
	bool tls;         /* port or URL speak of TLS from the first byte */
};

/* text: cleaned, secrets hidden. */
void seen_read(struct arena *a, struct str text, struct seen *out);

#endif
