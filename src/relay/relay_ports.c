/* SPDX-License-Identifier: Apache-2.0 */
/* Where the relay listens: bound early, started late, kept or taken away by a reload. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "relay/relay_inner.h"

enum {
	TOLD_AGAIN_MS = 60000,
	PORT_OUTPUT_BYTES =
		64 * 1024 /* in the kernel, of who does not read: not the megabytes it would grow to */
};

static struct relay_port *port_of(const struct relay *r, const char *where)
{
	for (size_t i = 0; i < r->nports; i++)
		if (r->ports[i]->socket && !strcmp(r->ports[i]->where, where))
			return r->ports[i];
	return NULL;
}

static void add_port(struct relay *r, const struct relay_listen *l, struct listen *socket)
{
	struct relay_port *p = mem_alloc(sizeof(*p));
	*p = (struct relay_port){ .relay = r, .listen = l, .socket = socket, .where = mem_strdup(l->where) };
	r->ports = mem_grow(r->ports, r->nports + 1, sizeof(struct relay_port *));
	r->ports[r->nports++] = p;
}

bool ports_bind(struct relay *r, const struct relay_settings *s, struct err *e)
{
	for (size_t i = 0; i < s->nlistens; i++) {
		struct relay_port *p = port_of(r, s->listens[i].where);
		if (p)
			continue;
		struct listen *socket = listen_bind(s->listens[i].where, e);
		if (!socket)
			return false;
		listen_output_max(socket, PORT_OUTPUT_BYTES);
		add_port(r, &s->listens[i], socket);
	}
	return true;
}

static void on_accepted(void *user, int fd)
{
	door_open(user, fd);
}

/* Rather an answer than none: a client that hears 421 comes again or tells its user. */
static void turn_away(const struct relay_port *p)
{
	char text[400];
	snprintf(text, sizeof(text), "421 4.3.2 %.255s has too many connections: try again later\r\n",
		 p->relay->settings->hostname);
	listen_turn_away(p->socket, p->listen->security == RELAY_SECURITY_TLS ? "" : text);
}

static void on_refused(void *user, int number)
{
	struct relay_port *p = user;
	struct err e = { 0 };
	turn_away(p);
	uint64_t now = net_loop_now_ms(p->relay->loop);
	if (now < p->relay->told_ms + TOLD_AGAIN_MS && p->relay->told_ms)
		return;
	p->relay->told_ms = now;
	ERR_FILL(&e, ERR_SYS, number, "take a connection at", "%s", p->where);
	err_detail(&e, "%s; clients are told to try again until there is room: raise LimitNOFILE",
		   strerror(number));
	relay_tell(p->relay, &e);
}

static const struct listen_events listen_events = { on_accepted, on_refused };

/* Ports that the new settings don't have are closed; the others go by the new settings. */
void ports_adopt(struct relay *r, const struct relay_settings *s)
{
	for (size_t i = 0; i < r->nports; i++) {
		struct relay_port *p = r->ports[i];
		const struct relay_listen *now = NULL;
		for (size_t k = 0; k < s->nlistens && p->socket; k++)
			if (!strcmp(s->listens[k].where, p->where))
				now = &s->listens[k];
		if (now)
			p->listen = now;
		else
			listen_free(&p->socket);
	}
}

void ports_forget(struct relay *r, size_t from)
{
	while (r->nports > from) {
		struct relay_port *p = r->ports[--r->nports];
		listen_free(&p->socket);
		mem_free(&p->where);
		mem_free(&p);
	}
}

/* Without a store nothing can be taken.  It is said in one go, before the client has said anything; where
 * TLS comes first the connection just ends, which clients take for "later", too. */
static void on_unwanted(void *user, int fd)
{
	const struct relay_port *p = user;
	char text[400];
	int n = snprintf(text, sizeof(text), "421 4.3.1 %.255s has no room on its disk: try again later\r\n",
			 p->relay->settings->hostname);
	if (p->listen->security != RELAY_SECURITY_TLS)
		(void)!send(fd, text, (size_t)n, MSG_NOSIGNAL);
	close(fd);
}

static const struct listen_events unwanted_events = { on_unwanted, on_refused };

void relay_turn_away(struct relay *r)
{
	for (size_t i = 0; i < r->nports; i++)
		if (!r->ports[i]->unwanted) {
			r->ports[i]->unwanted = true;
			listen_start(r->ports[i]->socket, r->loop, &unwanted_events, r->ports[i]);
		}
}

static void start(struct relay *r, struct relay_port *p)
{
	if (p->unwanted)
		listen_stop(p->socket);
	p->unwanted = false;
	p->started = true;
	listen_start(p->socket, r->loop, &listen_events, p);
}

void relay_start(struct relay *r)
{
	for (size_t i = 0; i < r->nports; i++)
		if (r->ports[i]->socket && !r->ports[i]->started)
			start(r, r->ports[i]);
}
