/* SPDX-License-Identifier: Apache-2.0 */
/* The output of a link: what the kernel takes, and what is waited for. */
#include <errno.h>
#include <sys/socket.h>

#include "net/link_inner.h"

enum { ENCRYPT_BYTES_MAX = 64 * 1024 };

void link_set_watch(struct link *l)
{
	bool room = buf_waiting(&l->in) < LINK_INPUT_MAX;
	bool reads = !l->eof && room && (l->state == LINK_OPEN || l->state == LINK_SHAKING);
	bool writes = l->state != LINK_BROKEN && (l->wanted || (l->tls && tls_conn_output(l->tls).len));
	net_watch_set(l->watch, (reads ? NET_READ : 0) | (writes ? NET_WRITE : 0));
}

void link_break_off(struct link *l, int number)
{
	if (l->state == LINK_BROKEN)
		return;
	l->state = LINK_BROKEN;
	l->number = number;
}

/* False when the kernel takes no more for now. */
static bool send_bytes(struct link *l, struct str bytes, size_t *sent)
{
	ssize_t n = send(l->fd, bytes.p, bytes.len, MSG_NOSIGNAL);
	*sent = n > 0 ? (size_t)n : 0;
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		link_break_off(l, errno);
	return n > 0;
}

void link_flush_tls(struct link *l)
{
	size_t n;
	while (l->tls && l->state != LINK_BROKEN && tls_conn_output(l->tls).len &&
	       send_bytes(l, tls_conn_output(l->tls), &n))
		tls_conn_sent(l->tls, n);
}

static size_t write_plain(struct link *l, struct str bytes)
{
	size_t n, all = 0;
	while (bytes.len && send_bytes(l, bytes, &n)) {
		all += n;
		bytes = str_cut(bytes, n, bytes.len);
	}
	return all;
}

static size_t write_tls(struct link *l, struct str bytes)
{
	size_t all = 0;
	while (all < bytes.len && !tls_conn_output(l->tls).len) {
		struct str piece = str_cut(bytes, all, all + ENCRYPT_BYTES_MAX);
		if (!tls_conn_write(l->tls, piece)) {
			link_break_off(l, EPROTO);
			break;
		}
		all += piece.len;
		link_flush_tls(l);
	}
	return all;
}

size_t link_write(struct link *l, struct str bytes)
{
	if (l->state == LINK_BROKEN || l->state == LINK_SHAKING || !bytes.len)
		return 0;
	size_t n = l->tls ? write_tls(l, bytes) : write_plain(l, bytes);
	l->wanted = n < bytes.len;
	link_set_watch(l);
	return n;
}
