/* SPDX-License-Identifier: Apache-2.0 */
/* A connection to the target in hand, or why there is none. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "relay/delivery/delivery.h"

bool delivery_tls_at_once(const struct delivery *d)
{
	return !d->route->mx && d->route->security == RELAY_SECURITY_TLS;
}

void delivery_connect(struct delivery *d)
{
	const struct mx_target *t = &d->plan.v[d->target];
	d->line = (struct ride_line){
		.route = d->route, /* the rest outlives the plan */
		.host = arena_strdup(d->arena, t->host),
		.address = arena_strdup(d->arena, t->address),
		.base = arena_strdup(d->arena, t->base),
	};
	const struct session_options o = {
		.address = d->line.address,
		.port = delivery_port(d),
		.security = delivery_tls_at_once(d) ? SESSION_TLS : SESSION_STARTTLS,
		.offer = { .sni = strcmp(t->host, t->address) ? d->line.base : "" },
		.connect_ms = DELIVERY_CONNECT_MS,
		.client = { .timeout_ms = { [SMTP_CMD_DATA] = DELIVERY_BLOCK_MS } },
	};
	d->host = d->line.host;
	d->address = d->line.address;
	d->tls = d->line_tls = "";
	d->proof = STORE_PROOF_UNKNOWN;
	d->logged_in = d->dirty = d->greeted = false;
	d->pressed = false;
	d->line_ms = net_loop_now_ms(d->relay->loop);
	d->done = 0;
	d->session = session_open(d->relay->loop, &o);
	if (d->hurry)
		session_hurry(d->session, 0);
}

/* Of this machine, which says nothing about the server. */
static bool lacks_here(struct delivery *d, int number)
{
	lanes_lack(d->lanes, number);
	delivery_broke(d, TROUBLE_HERE, "", strerror(number));
	return false;
}

/* Findings of a connection by whose server it is: of our next server somebody here has typed name and port,
 * of the recipients' nobody has. */
static const struct {
	int number;
	const char *smarthost, *mx;
} no_connections[] = {
	{ ECONNREFUSED, "tcp-refused", "rs-destination-not-responding" },
	{ ETIMEDOUT, "tcp-timeout-drop", "rs-destination-not-responding" },
	{ EACCES, "tcp-prohibited-local", "tcp-prohibited-local" },
	{ EPERM, "tcp-prohibited-local", "tcp-prohibited-local" },
	{ ENETUNREACH, "tcp-unreachable-icmp", "tcp-unreachable-icmp" },
	{ EHOSTUNREACH, "tcp-unreachable-icmp", "rs-destination-not-responding" },
	{ EADDRNOTAVAIL, "", "" },
	{ ENOBUFS, "", "" },
	{ ENOMEM, "", "" },
};

static const char *no_connection(const struct delivery *d, int number)
{
	for (size_t i = 0; i < ARRAY_LEN(no_connections); i++)
		if (no_connections[i].number == number)
			return d->route->mx ? no_connections[i].mx : no_connections[i].smarthost;
	return d->route->mx ? "rs-destination-not-responding" : "server-down";
}

/* By one kind of address only, or where all ports to one server are in use: another may do. */
static const char *here_words(int number)
{
	if (number == EADDRNOTAVAIL)
		return ": this machine has no address or port to connect from, it is not the server";
	if (number == ENOBUFS || number == ENOMEM)
		return ": this machine has no memory for the way there, it is not the server";
	return "";
}

static bool connect_failed(struct delivery *d)
{
	int number = session_errno(d->session);
	if (lane_lacks(d->lanes, d->lane, number))
		return lacks_here(d, number);
	const char *finding = no_connection(d, number);
	if (d->pressed && number == ETIMEDOUT) {
		delivery_broke(d, TROUBLE_CONNECT, finding, delivery_pressed_words);
		return false;
	}
	char text[200];
	snprintf(text, sizeof(text), "cannot connect to %s port %u: %s%s", d->address, delivery_port(d),
		 strerror(number), here_words(number));
	delivery_broke(d, TROUBLE_CONNECT, finding, text);
	return false;
}

bool delivery_await_connection(struct delivery *d)
{
	enum session_event ev = session_wait(d->session, 0);
	delivery_log(d);
	if (ev == SESSION_CONNECTED)
		return true;
	if (ev == SESSION_CONNECT_FAILED)
		return connect_failed(d);
	delivery_broke(d, TROUBLE_CONNECT, no_connection(d, ETIMEDOUT), "the connection was given up");
	return false;
}
