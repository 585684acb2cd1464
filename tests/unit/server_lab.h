/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/server_lab.h - the server's engine and a driver that takes all it says. */
#ifndef TESTS_UNIT_SERVER_LAB_H
#define TESTS_UNIT_SERVER_LAB_H

#include "tests/unit/unit.h"

#include "smtp/server.h"

/* What it offers. */
enum {
	SERVER_LAB_OFFER = SMTP_EXT_PIPELINING | SMTP_EXT_SIZE | SMTP_EXT_STARTTLS | SMTP_EXT_AUTH |
			   SMTP_EXT_8BITMIME | SMTP_EXT_SMTPUTF8 | SMTP_EXT_CHUNKING | SMTP_EXT_BINARYMIME |
			   SMTP_EXT_DSN
};

/* A server whose driver answers everything by default and remembers. */
struct server_lab {
	struct smtp_server *s;
	struct buf body, said; /* message bytes; replies, codes only, a blank between */
	size_t before;         /* message bytes of earlier messages */
	unsigned messages, chunks, odd, early, responses, commands;
	unsigned unknown; /* requests that were none: what a smuggler's text becomes when it fails */
	bool tls_ready, closed;
};

struct server_lab server_lab_new(void);
void server_lab_clear(struct server_lab *l);

/* The greeting goes out. */
void server_lab_greet(struct server_lab *l);

/* All of it is read, every event answered by default and the answer written; in one piece, or cut in two. */
void server_lab_feed(struct server_lab *l, struct str in);
void server_lab_feed_cut(struct server_lab *l, struct str in, size_t cut);

/* One line, and what the engine makes of it: nothing is answered. */
enum smtp_server_event server_lab_give(struct smtp_server *s, const char *line);

/* All of it is written; what the engine announces then. */
enum smtp_server_event server_lab_sent_all(struct smtp_server *s);

#endif
