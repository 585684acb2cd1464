/* SPDX-License-Identifier: Apache-2.0 */
/* Our client and our server, joined by memory, for tests. */
#ifndef TESTS_UNIT_DIALOGUE_PAIR_H
#define TESTS_UNIT_DIALOGUE_PAIR_H

#include "tests/unit/unit.h"

#include "smtp/client.h"
#include "smtp/sasl_server.h"
#include "smtp/server.h"

struct pair {
	struct smtp_client *c;
	struct smtp_server *s;
	struct sasl_server *login;
	size_t piece;     /* most bytes that cross at once */
	unsigned shut_at; /* the answer that is a 421 instead; 0 never */
	unsigned answers;
	bool tls_client, tls_server, closed;
	struct buf body;
	unsigned messages, body_odd;
};

/* At most so many bytes cross at once; "user" logs in with "pencil". */
struct pair pair_new(size_t piece, unsigned extensions, unsigned shut_at);
void pair_clear(struct pair *p);
bool pair_to_server(struct pair *p); /* the client's bytes; true when any went */
unsigned pair_code(struct pair *p);  /* of the next reply; 0: there is none, or it is a 421 */

#endif
