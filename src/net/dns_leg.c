/* SPDX-License-Identifier: Apache-2.0 */
#include "net/dns_leg.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

void dns_leg_close(struct leg *g)
{
	net_watch_free(&g->watch);
	if (g->fd >= 0)
		close(g->fd);
	g->fd = -1;
	buf_clear(&g->in);
	buf_clear(&g->out);
}

void dns_leg_finish_soon(struct dns_exchange *x)
{
	x->finished = true;
	net_timer_set(x->timer, 0);
}

static bool is_first_failure(const struct dns_exchange *x)
{
	return !x->result.answered && !*x->result.error;
}

static void leg_failed(struct leg *g, int number, const char *doing)
{
	struct dns_exchange_result *r = &g->x->result;
	if (is_first_failure(g->x)) {
		r->error = arena_printf(g->x->o.arena, "%s: %s", doing, strerror(number));
		r->server = g->server;
	}
	g->over(g);
}

static const char *via_of(const struct leg *g)
{
	return g->state == LEG_UDP ? "udp" : "tcp";
}

static enum dns_status_code status_of(const struct dns_wire_reply *r)
{
	switch (r->rcode) {
	case 0:
		return r->records.n ? DNS_ANSWER_OK : DNS_ANSWER_NODATA;
	case 2:
		return DNS_ANSWER_SERVFAIL;
	case 3:
		return DNS_ANSWER_NXDOMAIN;
	case 5:
		return DNS_ANSWER_REFUSED;
	default:
		return DNS_ANSWER_OTHER_RCODE;
	}
}

static void keep_reply(struct leg *g, const struct dns_wire_reply *reply, enum dns_status_code status)
{
	struct dns_exchange_result *r = &g->x->result;
	r->status = status;
	r->reply = *reply;
	r->answered = true;
	r->via = via_of(g);
	r->server = g->server;
	r->error = "";
}

static bool is_last_word(enum dns_status_code s)
{
	return s == DNS_ANSWER_OK || s == DNS_ANSWER_NODATA || s == DNS_ANSWER_NXDOMAIN;
}

static void leg_tcp(struct leg *g);

/* FORMERR, NOTIMP and BADVERS may mean no more than "what is EDNS?" (RFC 6891, 7). */
static bool dislikes_edns(const struct leg *g, int rcode)
{
	return g->q.edns && (rcode == 1 || rcode == 4 || rcode == 16);
}

static void ask_without_edns(struct leg *g)
{
	g->q.edns = false;
	dns_leg_close(g);
	g->state = LEG_IDLE;
	dns_leg_ask(g);
}

/* One packet came.  A foreign one changes nothing. */
static void leg_packet(struct leg *g, struct str packet)
{
	struct dns_wire_reply reply;
	struct dns_exchange *x = g->x;
	enum dns_wire_result got = dns_wire_read(&g->q, packet, x->o.arena, &reply);
	if (got == DNS_WIRE_FOREIGN)
		return;
	if (reply.truncated && g->state == LEG_UDP) {
		x->result.truncated = true;
		dns_leg_close(g);
		leg_tcp(g);
		return;
	}
	if (got == DNS_WIRE_REPLY && dislikes_edns(g, reply.rcode)) {
		ask_without_edns(g);
		return;
	}
	bool malformed = got == DNS_WIRE_MALFORMED || reply.truncated;
	enum dns_status_code status = malformed ? DNS_ANSWER_MALFORMED : status_of(&reply);
	if (is_last_word(status) || !x->result.answered)
		keep_reply(g, &reply, status);
	if (is_last_word(status))
		dns_leg_finish_soon(x);
	else
		g->over(g);
}

static void leg_read_udp(struct leg *g)
{
	char packet[4096];
	while (g->state == LEG_UDP && !g->x->finished) {
		ssize_t n = recv(g->fd, packet, sizeof(packet), 0);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n < 0)
			leg_failed(g, errno, "ask by UDP");
		else
			leg_packet(g, (struct str){ packet, (size_t)n });
	}
}

/* Two bytes of length before each message (RFC 7766, 8). */
static bool whole_message(const struct buf *in, struct str *message)
{
	struct str s = buf_str(in);
	if (s.len < 2)
		return false;
	size_t n = (size_t)(unsigned char)s.p[0] << 8 | (unsigned char)s.p[1];
	*message = str_cut(s, 2, 2 + n);
	return s.len >= 2 + n;
}

static void leg_read_tcp(struct leg *g)
{
	char chunk[4096];
	struct str message;
	ssize_t n = recv(g->fd, chunk, sizeof(chunk), 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		leg_failed(g, n < 0 ? errno : ECONNRESET, "ask by TCP");
		return;
	}
	buf_add(&g->in, chunk, (size_t)n);
	if (!whole_message(&g->in, &message))
		return;
	CLEANUP(mem_free) char *copy = mem_dup(message.p, message.len);
	leg_packet(g, (struct str){ copy, message.len });
	if (g->state == LEG_TCP && !g->x->finished)
		leg_failed(g, EPROTO, "ask by TCP");
}

static void leg_write_tcp(struct leg *g)
{
	struct str s = buf_str(&g->out);
	ssize_t n = send(g->fd, s.p, s.len, MSG_NOSIGNAL);
	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		leg_failed(g, errno, "ask by TCP");
		return;
	}
	if (n > 0)
		buf_take(&g->out, (size_t)n);
	net_watch_set(g->watch, buf_waiting(&g->out) ? NET_READ | NET_WRITE : NET_READ);
}

static void leg_connected(struct leg *g)
{
	int number = 0;
	socklen_t len = sizeof(number);
	getsockopt(g->fd, SOL_SOCKET, SO_ERROR, &number, &len);
	if (number) {
		leg_failed(g, number, "ask by TCP");
		return;
	}
	g->state = LEG_TCP;
	leg_write_tcp(g);
}

static void on_leg(void *ctx, unsigned what)
{
	struct leg *g = ctx;
	if (g->x->finished)
		return;
	if (g->state == LEG_UDP)
		leg_read_udp(g);
	else if (g->state == LEG_TCP_CONNECT)
		leg_connected(g);
	else if (g->state == LEG_TCP && what & NET_READ)
		leg_read_tcp(g);
	else if (g->state == LEG_TCP)
		leg_write_tcp(g);
}

static bool leg_socket(struct leg *g, int type)
{
	g->fd = socket(g->server->addr.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (g->fd < 0) {
		int number = errno;
		if (!g->x->result.answered) {
			g->x->result.status = DNS_ANSWER_LOCAL_ERROR;
			if (number != EAFNOSUPPORT) /* such addresses are not used here: no lack */
				g->x->result.number = number;
		}
		leg_failed(g, number, "open a socket");
		return false;
	}
	return true;
}

static bool leg_connect(struct leg *g)
{
	const struct sockaddr *sa = (const struct sockaddr *)(const void *)&g->server->addr;
	if (connect(g->fd, sa, g->server->len) == 0 || errno == EINPROGRESS)
		return true;
	leg_failed(g, errno, g->state == LEG_UDP ? "ask by UDP" : "ask by TCP");
	return false;
}

/* A cut answer, or TCP was asked for. */
static void leg_tcp(struct leg *g)
{
	int on = 1;
	struct buf packet = { 0 };
	g->state = LEG_TCP_CONNECT;
	if (!g->x->result.answered)
		g->x->result.via = "tcp";
	if (!leg_socket(g, SOCK_STREAM))
		return;
	setsockopt(g->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (!leg_connect(g))
		return;
	if (dns_wire_build(&g->q, &packet)) {
		size_t n = buf_waiting(&packet);
		char head[2] = { (char)(n >> 8), (char)(n & 0xff) };
		buf_add(&g->out, head, sizeof(head));
		buf_add(&g->out, buf_str(&packet).p, n);
	}
	buf_clear(&packet);
	g->watch = net_watch_new(g->x->loop, g->fd, on_leg, g);
	net_watch_set(g->watch, NET_WRITE);
	net_timer_set(g->x->timer, net_loop_now_ms(g->x->loop) + 2 * DNS_TRY_MS);
}

/* The socket is connected, so the kernel drops what others send; its port is
 * random, and so is the id. */
static bool leg_udp_open(struct leg *g)
{
	g->state = LEG_UDP;
	if (!leg_socket(g, SOCK_DGRAM) || !leg_connect(g))
		return false;
	g->watch = net_watch_new(g->x->loop, g->fd, on_leg, g);
	net_watch_set(g->watch, NET_READ);
	return true;
}

static void leg_udp(struct leg *g)
{
	struct buf packet = { 0 };
	if (g->fd < 0 && !leg_udp_open(g))
		return;
	bool built = dns_wire_build(&g->q, &packet);
	struct str s = buf_str(&packet);
	bool sent = built && send(g->fd, s.p, s.len, MSG_NOSIGNAL) == (ssize_t)s.len;
	int number = built ? errno : EINVAL;
	buf_clear(&packet);
	if (!sent && number != EAGAIN)
		leg_failed(g, number, "ask by UDP");
}

void dns_leg_ask(struct leg *g)
{
	if (g->fd < 0 && getrandom(&g->q.id, sizeof(g->q.id), 0) != sizeof(g->q.id)) {
		leg_failed(g, errno, "draw a random number");
		return;
	}
	if (g->x->o.flags & DNS_TCP)
		leg_tcp(g);
	else
		leg_udp(g);
}
