/* SPDX-License-Identifier: Apache-2.0 */
#include "net/link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/link_inner.h"

enum { PIECES_A_TURN = 16 /* then others have theirs */ };

static void destroy(struct link *l)
{
	net_watch_free(&l->watch);
	net_timer_free(&l->timer);
	if (l->fd >= 0)
		close(l->fd);
	tls_conn_free(&l->tls);
	buf_clear(&l->in);
	free(l);
}

/* True when l is gone. */
static bool leave(struct link *l)
{
	if (--l->busy || !l->freed)
		return false;
	destroy(l);
	return true;
}

static void peer_ended(struct link *l)
{
	l->eof = true;
	if (l->state == LINK_SHAKING) {
		tls_conn_fail(l->tls, TLS_EOF);
		link_break_off(l, 0);
	} else if (l->state == LINK_OPEN) {
		l->state = LINK_ENDED;
	}
}

static void shake(struct link *l)
{
	enum tls_step step = tls_conn_shake(l->tls);
	link_flush_tls(l);
	if (step == TLS_STEP_DONE)
		l->state = LINK_OPEN;
	else if (step == TLS_STEP_FAILED)
		link_break_off(l, 0);
	if (step != TLS_STEP_MORE)
		l->ev->moved(l->user);
}

/* Offers bytes; keeps what is not taken. */
static void offer(struct link *l, struct str bytes)
{
	bool waited = buf_waiting(&l->in) > 0;
	if (waited) {
		buf_add(&l->in, bytes.p, bytes.len);
		bytes = buf_str(&l->in);
	}
	if (!bytes.len || l->state == LINK_SHAKING)
		return;
	size_t used = l->ev->input(l->user, bytes);
	if (l->freed || !l->ev || l->state == LINK_SHAKING) /* in clear, before TLS: never believed */
		return;
	if (waited && used == bytes.len)
		buf_clear(&l->in); /* thousands wait and say nothing: they keep no room */
	else if (waited)
		buf_take(&l->in, used);
	else
		buf_add(&l->in, bytes.p + used, bytes.len - used);
}

static void read_tls(struct link *l, struct str wire)
{
	struct buf plain = { 0 };
	tls_conn_feed(l->tls, wire);
	if (l->state == LINK_SHAKING)
		shake(l);
	if (l->freed || !l->ev || l->state != LINK_OPEN)
		return;
	enum tls_read got = tls_conn_read(l->tls, &plain);
	if (buf_waiting(&plain))
		offer(l, buf_str(&plain));
	buf_clear(&plain);
	if (l->freed || !l->ev)
		return;
	link_flush_tls(l);
	if (got == TLS_READ_CLOSED)
		peer_ended(l);
	else if (got != TLS_READ_NONE)
		link_break_off(l, EPROTO);
}

/* One piece; true when there may be more. */
static bool read_piece(struct link *l)
{
	static char piece[LINK_PIECE_BYTES]; /* one loop, one thread */
	if (l->freed || !l->ev || l->eof || l->state > LINK_SHAKING || buf_waiting(&l->in) >= LINK_INPUT_MAX)
		return false;
	ssize_t n = recv(l->fd, piece, sizeof(piece), 0);
	struct str bytes = { piece, n > 0 ? (size_t)n : 0 };
	if (n > 0 && l->tls)
		read_tls(l, bytes);
	else if (n > 0)
		offer(l, bytes);
	else if (n == 0)
		peer_ended(l);
	else if (errno != EAGAIN && errno != EINTR)
		link_break_off(l, errno);
	return n == sizeof(piece);
}

static void finish_turn(struct link *l)
{
	link_flush_tls(l);
	if (l->state == LINK_BROKEN || !tls_conn_output(l->tls).len)
		l->freed = true;
}

static void on_ready(void *ctx, unsigned what)
{
	struct link *l = ctx;
	enum link_state before = l->state;
	l->busy++;
	if (!l->ev) {
		finish_turn(l);
	} else {
		bool told = false;
		link_flush_tls(l);
		/* A failure is told once: it stands behind what was sent before it. */
		for (int i = 0; i < PIECES_A_TURN && (read_piece(l) || what & NET_FAILED); i++)
			;
		if (!l->freed && l->ev && what & NET_WRITE && l->wanted) {
			l->wanted = false;
			told = true;
			l->ev->moved(l->user);
		}
		if (!told && !l->freed && l->ev && l->state > LINK_SHAKING && l->state != before)
			l->ev->moved(l->user);
	}
	if (!leave(l))
		link_set_watch(l);
}

static void on_timer(void *ctx)
{
	struct link *l = ctx;
	l->busy++;
	if (!l->ev)
		l->freed = true; /* the peer had its time */
	else if (l->again) {
		l->again = false;
		offer(l, STR_LIT(""));
	}
	if (!leave(l))
		link_set_watch(l);
}

static void keep_peer(struct link *l)
{
	union {
		struct sockaddr any;
		struct sockaddr_in four;
		struct sockaddr_in6 six;
	} sa = { 0 };
	socklen_t len = sizeof(sa);
	if (getpeername(l->fd, &sa.any, &len))
		return;
	bool six = sa.any.sa_family == AF_INET6;
	if (!six && sa.any.sa_family != AF_INET)
		return;
	bool mapped = six && IN6_IS_ADDR_V4MAPPED(&sa.six.sin6_addr);
	if (mapped)
		inet_ntop(AF_INET, &sa.six.sin6_addr.s6_addr[12], l->peer, sizeof(l->peer));
	else if (six)
		inet_ntop(AF_INET6, &sa.six.sin6_addr, l->peer, sizeof(l->peer));
	else
		inet_ntop(AF_INET, &sa.four.sin_addr, l->peer, sizeof(l->peer));
	l->port = ntohs(six ? sa.six.sin6_port : sa.four.sin_port);
}

struct link *link_new(struct net_loop *loop, int fd, const struct link_events *ev, void *user)
{
	struct link *l = mem_alloc(sizeof(*l));
	*l = (struct link){ .loop = loop, .ev = ev, .user = user, .fd = fd };
	keep_peer(l);
	l->watch = net_watch_new(loop, fd, on_ready, l);
	link_set_watch(l);
	return l;
}

void link_free(struct link **lp)
{
	struct link *l = *lp;
	*lp = NULL;
	if (!l)
		return;
	l->freed = true;
	l->busy++;
	leave(l);
}

void link_finish(struct link **lp, uint64_t until_ms)
{
	struct link *l = *lp;
	*lp = NULL;
	if (!l)
		return;
	if (l->tls && l->state != LINK_BROKEN) {
		tls_conn_close(l->tls);
		link_flush_tls(l);
	}
	if (l->state == LINK_BROKEN || !l->tls || !tls_conn_output(l->tls).len) {
		link_free(&l);
		return;
	}
	l->ev = NULL;
	l->eof = true;
	if (!l->timer)
		l->timer = net_timer_new(l->loop, on_timer, l);
	net_timer_set(l->timer, until_ms);
	link_set_watch(l);
}

enum link_state link_state(const struct link *l)
{
	return l->state;
}

size_t link_untaken(const struct link *l)
{
	return buf_waiting(&l->in);
}

void link_resume(struct link *l)
{
	if (!buf_waiting(&l->in))
		return;
	if (!l->timer)
		l->timer = net_timer_new(l->loop, on_timer, l);
	l->again = true;
	net_timer_set(l->timer, net_loop_now_ms(l->loop));
}

size_t link_start_tls(struct link *l, const struct tls_identity *i)
{
	size_t dropped = buf_waiting(&l->in);
	buf_take(&l->in, dropped);
	l->tls = tls_conn_new_server(i);
	l->state = LINK_SHAKING;
	link_set_watch(l);
	return dropped;
}

const struct tls_report *link_tls(const struct link *l)
{
	return l->tls ? tls_conn_report(l->tls) : NULL;
}

const char *link_peer(const struct link *l)
{
	return l->peer;
}

unsigned link_peer_port(const struct link *l)
{
	return l->port;
}
