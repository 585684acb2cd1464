/* SPDX-License-Identifier: Apache-2.0 */
/* tests/flow/session_server.h - a server in a thread that does one scripted thing, and a session's way to it.
 */
#ifndef TESTS_FLOW_SESSION_SERVER_H
#define TESTS_FLOW_SESSION_SERVER_H

#include "tests/unit/unit.h"

#include <openssl/ssl.h>
#include <pthread.h>

#include "net/session.h"

struct script {
	const char *name;
	void (*run)(int fd);
};

struct server {
	int fd;
	unsigned port;
	void (*run)(int fd);
	pthread_t thread;
};

extern struct net_loop *loop;
extern SSL_CTX *plain_ctx, *asking_ctx; /* of servers; asking: for the client's certificate */

/* Set-up and teardown of these. */
int sessions_begin(void **state);
int sessions_end(void **state);

void server_start(struct server *s, void (*run)(int fd)); /* run NULL: it accepts nobody */
void server_stop(struct server *s);
struct session_options options(const struct server *s);
uint64_t in_ms(uint64_t ms); /* on the loop's clock */

void say(int fd, const char *text);
bool hear(int fd, char *line, size_t size); /* up to a line's end, which is in line */
void close_hard(int fd);                    /* by a reset, once it is closed */
SSL *accept_tls(SSL_CTX *ctx, int fd);

/* Scripts that several tests play. */
void only_reset(int fd);
void half_a_reply(int fd);
void silent(int fd);
void greet_in_clear(int fd);
void implicit(int fd); /* TLS from the first byte */

#endif
