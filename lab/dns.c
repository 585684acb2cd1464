/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/dns.h"

#include <stdlib.h>
#include <string.h>

#include "lab/address.h"
#include "lab/fill.h"

enum { DNS_MESSAGE_BYTES_MAX = 65535, DNS_BACKLOG = 64 };

struct lab_dns {
	struct world *w;
	struct lab_zone *zone;
	uv_udp_t udp;
	uv_tcp_t tcp;
	bool udp_up, tcp_up;
	char bytes[DNS_MESSAGE_BYTES_MAX];
	struct lab_dns *next;
};

/* An answer on its way, maybe later. */
struct later {
	uv_timer_t timer;
	struct lab_dns *dns;
	struct sockaddr_storage to;
	struct dns_tcp *tcp; /* NULL: UDP */
	struct buf out;
	struct later *next; /* of one TCP connection */
};

struct dns_tcp {
	uv_tcp_t tcp;
	struct lab_dns *dns;
	struct buf in;
	size_t owed; /* timers that still point here */
	bool gone;
	char bytes[4096];
};

/* ---- sending */

static void on_later_closed(uv_handle_t *h)
{
	struct later *l = h->data;
	buf_clear(&l->out);
	free(l);
}

static void on_tcp_closed(uv_handle_t *h)
{
	struct dns_tcp *c = h->data;
	c->gone = true;
	buf_clear(&c->in);
	if (!c->owed)
		free(c);
}

static void tcp_end(struct dns_tcp *c)
{
	if (!uv_is_closing((uv_handle_t *)&c->tcp))
		uv_close((uv_handle_t *)&c->tcp, on_tcp_closed);
}

static void on_due(uv_timer_t *timer)
{
	struct later *l = timer->data;
	struct str s = buf_str(&l->out);
	if (!l->tcp) {
		uv_buf_t b = uv_buf_init((char *)(uintptr_t)s.p, (unsigned)s.len);
		uv_udp_try_send(&l->dns->udp, &b, 1, (struct sockaddr *)&l->to);
	} else if (l->tcp->gone) {
		if (!--l->tcp->owed)
			free(l->tcp);
	} else {
		char len[2] = { (char)(s.len >> 8), (char)(s.len & 0xff) };
		uv_buf_t b[2] = { uv_buf_init(len, 2), uv_buf_init((char *)(uintptr_t)s.p, (unsigned)s.len) };
		l->tcp->owed--;
		if (uv_try_write((uv_stream_t *)&l->tcp->tcp, b, 2) < 0)
			tcp_end(l->tcp);
	}
	uv_close((uv_handle_t *)timer, on_later_closed);
}

/* Answers now or later; false: nothing will be said. */
static bool answer(struct lab_dns *d, struct str q, struct dns_tcp *tcp, const struct sockaddr *from)
{
	struct later *l = mem_alloc(sizeof(*l));
	long long delay;
	if (!lab_zone_answer(d->zone, q.p, q.len, tcp ? ZONE_TCP : ZONE_UDP, &l->out, &delay)) {
		buf_clear(&l->out);
		free(l);
		return false;
	}
	l->dns = d;
	l->tcp = tcp;
	if (tcp)
		tcp->owed++;
	if (from)
		memcpy(&l->to, from,
		       from->sa_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6));
	uv_timer_init(&d->w->loop, &l->timer);
	l->timer.data = l;
	if (delay > 0)
		uv_timer_start(&l->timer, on_due, (uint64_t)delay, 0);
	else
		on_due(&l->timer);
	return true;
}

/* ---- UDP */

static void on_udp_alloc(uv_handle_t *h, size_t want, uv_buf_t *buf)
{
	struct lab_dns *d = h->data;
	(void)want;
	*buf = uv_buf_init(d->bytes, sizeof(d->bytes));
}

static void on_udp(uv_udp_t *u, ssize_t n, const uv_buf_t *buf, const struct sockaddr *from, unsigned flags)
{
	(void)flags;
	if (n > 0 && from)
		(void)!answer(u->data, (struct str){ buf->base, (size_t)n }, NULL, from);
}

/* ---- TCP */

static void on_tcp_alloc(uv_handle_t *h, size_t want, uv_buf_t *buf)
{
	struct dns_tcp *c = h->data;
	(void)want;
	*buf = uv_buf_init(c->bytes, sizeof(c->bytes));
}

static void on_tcp(uv_stream_t *s, ssize_t n, const uv_buf_t *buf)
{
	struct dns_tcp *c = s->data;
	if (n < 0) {
		tcp_end(c);
		return;
	}
	buf_add(&c->in, buf->base, (size_t)n);
	for (struct str in = buf_str(&c->in); in.len >= 2; in = buf_str(&c->in)) {
		size_t len = (size_t)((unsigned char)in.p[0] << 8 | (unsigned char)in.p[1]);
		if (in.len < len + 2)
			return;
		bool said = answer(c->dns, str_cut(in, 2, len + 2), c, NULL);
		buf_take(&c->in, len + 2);
		if (!said) {
			tcp_end(c);
			return;
		}
	}
}

static void on_connection(uv_stream_t *listener, int status)
{
	struct lab_dns *d = listener->data;
	if (status < 0)
		return;
	struct dns_tcp *c = mem_alloc(sizeof(*c));
	c->dns = d;
	uv_tcp_init(&d->w->loop, &c->tcp);
	c->tcp.data = c;
	if (uv_accept(listener, (uv_stream_t *)&c->tcp) < 0)
		tcp_end(c);
	else
		uv_read_start((uv_stream_t *)&c->tcp, on_tcp_alloc, on_tcp);
}

/* ---- start */

/* "example.com. A 192.0.2.7" outside a namespace names an address of 127/8. */
static const char *localised(struct world *w, const char *line)
{
	struct str rest = str_of(line), name, type;
	if (w->isolated || !str_next(&rest, " \t", &name) || !str_next(&rest, " \t", &type) ||
	    !str_ieq(type, "A"))
		return line;
	struct str a = str_trim(rest);
	return arena_printf(w->arena, STR_FMT " A %s", STR_ARG(name),
			    address_here(w, arena_dup(w->arena, a.p, a.len)));
}

static bool fill_zone(struct lab_dns *d, const struct spec_section *s, struct err *e)
{
	const struct strlist *zone = spec_list(s, "zone"), *secure = spec_list(s, "secure");
	for (size_t i = 0; zone && i < zone->n; i++)
		if (zone->v[i][0] && !lab_zone_add(d->zone, localised(d->w, fill_text(d->w, zone->v[i])), e))
			return false;
	for (size_t i = 0; secure && i < secure->n; i++)
		lab_zone_secure(d->zone, secure->v[i]);
	return true;
}

static bool listen_at(struct lab_dns *d, const char *where, struct err *e)
{
	struct sockaddr_storage ss = { 0 };
	struct sockaddr *sa = (struct sockaddr *)&ss;
	if (!address_socket(d->w, where, &ss))
		return ERR_FILL(e, ERR_SYNTAX, 0, "read resolver", "\"%s\" is not ADDR:PORT", where);
	uv_udp_init(&d->w->loop, &d->udp);
	uv_tcp_init(&d->w->loop, &d->tcp);
	d->udp.data = d->tcp.data = d;
	d->udp_up = d->tcp_up = true;
	int rc = uv_udp_bind(&d->udp, sa, 0);
	rc = rc < 0 ? rc : uv_udp_recv_start(&d->udp, on_udp_alloc, on_udp);
	rc = rc < 0 ? rc : uv_tcp_bind(&d->tcp, sa, 0);
	rc = rc < 0 ? rc : uv_listen((uv_stream_t *)&d->tcp, DNS_BACKLOG, on_connection);
	return rc == 0 || ERR_FILL(e, ERR_SYS, -rc, "listen for DNS", "%s", where);
}

bool lab_dns_start(struct world *w, const struct spec_section *s, struct err *e)
{
	struct lab_dns *d = mem_alloc(sizeof(*d));
	d->w = w;
	d->zone = lab_zone_new();
	d->next = w->resolvers;
	w->resolvers = d;
	if (s && spec_yes(s, "authoritative", false))
		lab_zone_authoritative(d->zone);
	const char *where = s ? spec_text(s, "listen", "127.0.0.54:53") : w->resolver;
	if (!s)
		return fill_zone(d, &w->spec->top, e) && listen_at(d, where, e);
	struct spec_section both = w->spec->top;
	if (!spec_yes(s, "inherit", true))
		return fill_zone(d, s, e) && listen_at(d, where, e);
	spec_fold_section(&both, s, w->arena);
	return fill_zone(d, &both, e) && listen_at(d, where, e);
}

void lab_dns_close(struct lab_dns *d)
{
	for (; d; d = d->next) {
		if (d->udp_up && !uv_is_closing((uv_handle_t *)&d->udp))
			uv_close((uv_handle_t *)&d->udp, NULL);
		if (d->tcp_up && !uv_is_closing((uv_handle_t *)&d->tcp))
			uv_close((uv_handle_t *)&d->tcp, NULL);
	}
}

void lab_dns_free(struct lab_dns **d)
{
	for (struct lab_dns *one = *d, *next; one; one = next) {
		next = one->next;
		lab_zone_free(&one->zone);
		free(one);
	}
	*d = NULL;
}
