/* SPDX-License-Identifier: Apache-2.0 */
/* One client at the door: the server engine driven over a link. */
#include <stdlib.h>
#include <string.h>

#include "relay/door_inner.h"

enum { FINISH_MS = 5000 };

static struct relay *relay_of(const struct door *d)
{
	return d->port->relay;
}

static uint64_t now_of(const struct door *d)
{
	return net_loop_now_ms(relay_of(d)->loop);
}

struct access_client door_client(const struct door *d)
{
	return (struct access_client){ .listen = d->port->listen,
				       .address = d->address,
				       .tls = smtp_server_has_tls(d->smtp),
				       .account = d->account };
}

void door_offer(struct door *d)
{
	const struct relay *r = relay_of(d);
	struct access_client who = door_client(d);
	unsigned x = SMTP_EXT_SIZE | SMTP_EXT_PIPELINING | SMTP_EXT_8BITMIME | SMTP_EXT_SMTPUTF8 |
		     SMTP_EXT_CHUNKING | SMTP_EXT_DSN | SMTP_EXT_ENHANCEDSTATUSCODES;
	if (r->identity && d->port->listen->security == RELAY_SECURITY_STARTTLS && !who.tls)
		x |= SMTP_EXT_STARTTLS;
	if (who.tls)
		x |= SMTP_EXT_REQUIRETLS; /* RFC 8689, 2 */
	bool auth = access_offers_auth(&who) && r->settings->naccounts;
	smtp_server_offer(d->smtp, x | (auth ? SMTP_EXT_AUTH : 0), auth ? "PLAIN LOGIN" : "");
}

static void leave_list(struct door *d)
{
	struct relay *r = relay_of(d);
	if (d->prev)
		d->prev->next = d->next;
	else
		r->doors = d->next;
	if (d->next)
		d->next->prev = d->prev;
	r->ndoors--;
}

static void destroy(struct door *d)
{
	leave_list(d);
	door_forget(d);
	door_login_free(d);
	door_accept_orphan(d);
	link_free(&d->link);
	net_timer_free(&d->timer);
	smtp_server_free(&d->smtp);
	free(d);
}

void door_end(struct door *d)
{
	d->dead = true;
}

/* True when d is gone. */
static bool leave(struct door *d)
{
	if (--d->busy || !d->dead)
		return false;
	destroy(d);
	return true;
}

void door_say(struct door *d, unsigned code, const char *enhanced, const char *text)
{
	relay_of(d)->counts.refused += code >= 400;
	smtp_server_reply(d->smtp, code, enhanced, text);
	if (code >= 400 && smtp_server_mistakes(d->smtp) >= DOOR_MISTAKES_MAX)
		smtp_server_close(d->smtp, 421, "4.7.0", "Too many errors: goodbye");
}

void door_answer(struct door *d, const struct smtp_answer *x)
{
	door_say(d, x->code, x->enhanced, x->text);
}

static void handle(struct door *d, enum smtp_server_event ev)
{
	switch (ev) {
	case SMTP_SERVER_COMMAND:
		door_command(d);
		break;
	case SMTP_SERVER_AUTH_RESPONSE:
		door_login_response(d);
		break;
	case SMTP_SERVER_BODY:
		door_chunk(d);
		break;
	case SMTP_SERVER_BODY_END:
		door_message(d);
		break;
	case SMTP_SERVER_START_TLS_READY:
		(void)link_start_tls(d->link, relay_of(d)->identity);
		break;
	case SMTP_SERVER_EARLY:
		smtp_server_close(d->smtp, 554, "5.5.1", "You spoke before the greeting");
		break;
	case SMTP_SERVER_TIMEOUT:
		smtp_server_close(d->smtp, 421, "4.4.2", "Nothing came for too long: goodbye");
		break;
	case SMTP_SERVER_CLOSED:
		link_finish(&d->link, now_of(d) + FINISH_MS);
		d->dead = true;
		break;
	case SMTP_SERVER_NONE:
		break;
	}
}

/* Gives the link what the engine has to say. */
static void flush(struct door *d)
{
	while (!d->dead && link_state(d->link) != LINK_SHAKING) {
		struct str out = smtp_server_output(d->smtp);
		size_t n = out.len ? link_write(d->link, out) : 0;
		if (out.len && !n)
			return;
		enum smtp_server_event ev = smtp_server_sent(d->smtp, n, now_of(d));
		handle(d, ev);
		if (ev == SMTP_SERVER_NONE && !smtp_server_output(d->smtp).len)
			return;
	}
}

static void set_timer(struct door *d)
{
	uint64_t at = smtp_server_deadline_ms(d->smtp);
	if (d->timer_ms <= at && d->timer_ms != UINT64_MAX)
		return; /* it looks again when it fires */
	if (at == UINT64_MAX)
		return;
	d->timer_ms = at;
	net_timer_set(d->timer, at);
}

/* Feeds the engine; returns how much it took. */
static size_t pump(struct door *d, struct str bytes)
{
	size_t all = 0;
	for (;;) {
		size_t used = 0;
		struct str rest = str_cut(bytes, all, bytes.len);
		enum smtp_server_event ev = smtp_server_feed(d->smtp, rest.p, rest.len, &used, now_of(d));
		all += used;
		handle(d, ev);
		if (d->dead)
			return bytes.len;
		if (ev == SMTP_SERVER_NONE)
			break;
		if (!smtp_server_waits(d->smtp) && ev != SMTP_SERVER_BODY)
			continue; /* answered: the next command may stand behind it */
	}
	flush(d);
	return d->dead || link_state(d->link) == LINK_SHAKING ? bytes.len : all;
}

static size_t on_input(void *user, struct str bytes)
{
	struct door *d = user;
	d->busy++;
	size_t used = pump(d, bytes);
	if (!d->dead)
		set_timer(d);
	return leave(d) ? bytes.len : used;
}

/* The handshake is over: a STARTTLS, or the beginning of all. */
static void tls_up(struct door *d)
{
	bool first = d->port->listen->security == RELAY_SECURITY_TLS;
	smtp_server_tls_done(d->smtp, now_of(d));
	if (first)
		smtp_server_connected(d->smtp, now_of(d));
	else
		door_forget(d);
	d->account = NULL; /* RFC 3207, 4.2: what was known before counts no more */
	(void)pump(d, STR_LIT(""));
	if (first && smtp_server_waits(d->smtp))
		door_command(d);
	flush(d);
}

static void on_moved(void *user)
{
	struct door *d = user;
	enum link_state state = link_state(d->link);
	d->busy++;
	if (state == LINK_BROKEN)
		d->dead = true;
	else if (state == LINK_OPEN && link_tls(d->link) && !smtp_server_has_tls(d->smtp))
		tls_up(d);
	else
		flush(d);
	/* A peer that says no more may still wait for its answer. */
	if (!d->dead && state == LINK_ENDED && !d->accept && !d->login && !smtp_server_output(d->smtp).len)
		d->dead = true;
	if (!d->dead)
		set_timer(d);
	leave(d);
}

static void on_timer(void *ctx)
{
	struct door *d = ctx;
	d->busy++;
	d->timer_ms = UINT64_MAX;
	handle(d, smtp_server_tick(d->smtp, now_of(d)));
	if (!d->dead)
		flush(d);
	if (!d->dead)
		set_timer(d);
	leave(d);
}

void door_go_on(struct door *d)
{
	d->busy++;
	flush(d);
	if (!d->dead) {
		(void)pump(d, STR_LIT(""));
	}
	if (!d->dead) {
		link_resume(d->link);
		if (link_state(d->link) == LINK_ENDED && !smtp_server_output(d->smtp).len && !d->accept)
			d->dead = true;
		set_timer(d);
	}
	leave(d);
}

static const struct link_events link_events = { on_input, on_moved };

static void join_list(struct door *d)
{
	struct relay *r = relay_of(d);
	d->next = r->doors;
	if (d->next)
		d->next->prev = d;
	r->doors = d;
	r->ndoors++;
	r->counts.connections++;
}

void door_open(struct relay_port *p, int fd)
{
	struct door *d = mem_alloc(sizeof(*d));
	const struct smtp_server_options o = { .name = p->relay->settings->hostname, .size = RELAY_SIZE_MAX };
	d->port = p;
	d->timer_ms = UINT64_MAX;
	d->smtp = smtp_server_new(&o);
	d->timer = net_timer_new(p->relay->loop, on_timer, d);
	d->link = link_new(p->relay->loop, fd, &link_events, d);
	join_list(d);
	d->busy++;
	if (!ipaddr_read(str_of(link_peer(d->link)), &d->address)) {
		d->dead = true; /* it has gone already */
	} else if (p->listen->security == RELAY_SECURITY_TLS) {
		(void)link_start_tls(d->link, p->relay->identity);
		d->timer_ms = now_of(d) + DOOR_HANDSHAKE_MS;
		net_timer_set(d->timer, d->timer_ms);
	} else {
		smtp_server_connected(d->smtp, now_of(d));
		door_command(d);
		flush(d);
		set_timer(d);
	}
	leave(d);
}

void doors_close(struct relay *r)
{
	for (struct door *d = r->doors, *next; d; d = next) {
		next = d->next;
		d->busy++;
		if (!d->accept)
			smtp_server_close(d->smtp, 421, "4.3.2",
					  "The relay is shutting down: try again shortly");
		flush(d);
		leave(d);
	}
}
