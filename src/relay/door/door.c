/* SPDX-License-Identifier: Apache-2.0 */
/* One client at the door: the server engine driven over a link. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "relay/door/door_inner.h"
#include "relay/door/guests.h"

enum { FINISH_MS = 5000 };

static struct relay *relay_of(const struct door *d)
{
	return d->port->relay;
}

static uint64_t now_of(const struct door *d)
{
	return net_loop_now_ms(relay_of(d)->loop);
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
	company_left(&relay_of(d)->clients, d->heard);
	guests_leave(relay_of(d)->guests, &d->address, now_of(d));
	door_forget(d);
	door_login_free(d);
	door_accept_orphan(d);
	link_free(&d->link);
	net_timer_free(&d->timer);
	smtp_server_free(&d->smtp);
	relay_settings_drop(&d->settings);
	free(d);
}

/* True when d is gone. */
static bool leave(struct door *d)
{
	if (--d->busy || !d->dead)
		return false;
	destroy(d);
	return true;
}

static void handle(struct door *d, enum smtp_server_event ev)
{
	door_log_event(d, ev);
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
		d->timer_ms = now_of(d) + DOOR_HANDSHAKE_MS;
		net_timer_set(d->timer, d->timer_ms);
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
		door_log_output(d);
		size_t n = out.len ? link_write(d->link, out) : 0;
		d->logged -= n;
		if (out.len && !n)
			return;
		enum smtp_server_event ev = smtp_server_sent(d->smtp, n, now_of(d));
		handle(d, ev);
		if (ev == SMTP_SERVER_NONE && !smtp_server_output(d->smtp).len)
			return;
	}
}

/* Feeds the engine; returns how much it took. */
static size_t pump(struct door *d, struct str bytes)
{
	size_t all = 0;
	while (!d->dead) {
		size_t used = 0;
		struct str rest = str_cut(bytes, all, bytes.len);
		enum smtp_server_event ev = smtp_server_feed(d->smtp, rest.p, rest.len, &used, now_of(d));
		bool paused = smtp_server_output(d->smtp).len > SMTP_SERVER_OUTPUT_PAUSE;
		all += used;
		handle(d, ev);
		if (ev != SMTP_SERVER_NONE)
			continue;
		flush(d);
		if (!paused || d->dead || smtp_server_output(d->smtp).len > SMTP_SERVER_OUTPUT_PAUSE)
			break;
	}
	return d->dead || link_state(d->link) == LINK_SHAKING ? bytes.len : all;
}

/* At the end of everything that was done for d: is it over, and when to look again? */
static void settle_with(struct door *d, size_t untaken)
{
	if (d->dead)
		return;
	enum link_state state = link_state(d->link);
	bool busy = d->accept || d->login || smtp_server_output(d->smtp).len || untaken;
	if (state == LINK_BROKEN || (state == LINK_ENDED && !busy))
		d->dead = true;
	else
		door_set_timer(d);
}

static void settle(struct door *d)
{
	if (!d->dead)
		settle_with(d, link_untaken(d->link));
}

static size_t on_input(void *user, struct str bytes)
{
	struct door *d = user;
	d->busy++;
	company_heard(&relay_of(d)->clients, &d->heard, now_of(d));
	size_t used = pump(d, bytes);
	settle_with(d, bytes.len - used);
	return leave(d) ? bytes.len : used;
}

/* The handshake is over: a STARTTLS, or the beginning of all. */
static void tls_up(struct door *d)
{
	bool first = d->listen->security == RELAY_SECURITY_TLS;
	char text[160];
	snprintf(text, sizeof(text), "%s, %s", link_tls(d->link)->version, link_tls(d->link)->cipher);
	door_remark(d, text);
	d->account = NULL; /* RFC 3207, 4.2: what was known before counts no more */
	door_forget(d);
	smtp_server_tls_done(d->smtp, now_of(d));
	if (first) {
		smtp_server_connected(d->smtp, now_of(d));
		door_command(d);
	}
	flush(d);
}

/* Why it came to nothing, the client's word on our certificate too: nobody sees it otherwise. */
static void tls_down(struct door *d)
{
	const struct tls_report *r = link_tls(d->link);
	char text[200];
	if (!r || r->result == TLS_OK)
		return;
	snprintf(text, sizeof(text), "TLS failed: %s%s%s", tls_result_name(r->result), *r->reason ? ", " : "",
		 r->reason);
	door_remark(d, text);
}

static void on_moved(void *user)
{
	struct door *d = user;
	enum link_state state = link_state(d->link);
	d->busy++;
	if (state == LINK_OPEN && link_tls(d->link) && !smtp_server_has_tls(d->smtp))
		tls_up(d);
	else if (state == LINK_BROKEN)
		tls_down(d);
	else
		flush(d);
	if (!d->dead && link_untaken(d->link) && !smtp_server_waits(d->smtp))
		link_resume(d->link); /* there was no room for its answers */
	settle(d);
	leave(d);
}

static void on_timer(void *ctx)
{
	struct door *d = ctx;
	d->busy++;
	d->timer_ms = UINT64_MAX;
	if (link_state(d->link) == LINK_SHAKING) {
		d->dead = true; /* it had its time */
		door_remark(d, "TLS failed: the handshake did not end");
	} else if (now_of(d) >= door_doomed_ms(d)) {
		smtp_server_close(d->smtp, door_smuggled.code, door_smuggled.enhanced, door_smuggled.text);
		flush(d);
	} else if (door_is_too_slow(d)) {
		smtp_server_close(d->smtp, 421, "4.4.2", "The message comes too slowly: goodbye");
		flush(d);
	} else {
		handle(d, smtp_server_tick(d->smtp, now_of(d)));
		flush(d);
	}
	settle(d);
	leave(d);
}

static void go_on(struct door *d)
{
	d->busy++;
	flush(d);
	if (!d->dead)
		(void)pump(d, STR_LIT(""));
	if (!d->dead)
		link_resume(d->link);
	settle(d);
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

static struct door *door_new(struct relay_port *p, int fd)
{
	struct relay *r = p->relay;
	struct door *d = mem_alloc(sizeof(*d));
	char limits[60];
	snprintf(limits, sizeof(limits), "MAILMAX=%d RCPTMAX=%d", DOOR_MESSAGES_MAX, ACCESS_RCPTS_MAX);
	const struct smtp_server_options o = { .name = r->settings->hostname,
					       .size = (long)r->settings->max_size,
					       .limits = limits,
					       .crlf_only = true };
	d->go_on = go_on;
	snprintf(d->name, sizeof(d->name), "c%llu", ++r->sessions);
	d->port = p;
	d->listen = p->listen;
	d->settings = relay_settings_hold(r->settings);
	d->timer_ms = UINT64_MAX;
	d->smtp = smtp_server_new(&o);
	d->timer = net_timer_new(r->loop, on_timer, d);
	d->link = link_new(r->loop, fd, &link_events, d);
	join_list(d);
	return d;
}

void door_open(struct relay_port *p, int fd)
{
	struct door *d = door_new(p, fd);
	d->busy++;
	bool known = ipaddr_read(str_of(link_peer(d->link)), &d->address);
	d->guests = guests_enter(p->relay->guests, &d->address);
	if (!known) {
		d->dead = true; /* it has gone already */
	} else if (d->listen->security == RELAY_SECURITY_TLS) {
		d->dead = !p->relay->identity || door_is_crowded(d);
		if (!d->dead)
			(void)link_start_tls(d->link, p->relay->identity);
		d->timer_ms = now_of(d) + DOOR_HANDSHAKE_MS;
		net_timer_set(d->timer, d->timer_ms);
	} else {
		smtp_server_connected(d->smtp, now_of(d));
		door_command(d);
		flush(d);
		settle(d);
	}
	leave(d);
}

void doors_close(struct relay *r)
{
	for (struct door *d = r->doors, *next; d; d = next) {
		next = d->next;
		d->busy++;
		if (link_state(d->link) == LINK_SHAKING)
			d->dead = true;
		else if (d->accept)
			door_accept_hurry(d);
		else if (!d->mail)
			smtp_server_close(d->smtp, 421, "4.3.2", door_draining);
		if (!d->dead)
			flush(d);
		settle(d);
		leave(d);
	}
}

void doors_free(struct relay *r)
{
	for (struct door *d = r->doors, *next; d; d = next) {
		next = d->next;
		destroy(d);
	}
}
