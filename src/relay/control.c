/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/control.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "relay/control_inner.h"

enum { BACKLOG = 128, ACCEPTS_A_TURN = 16, PIECE = 16 * 1024 };

static const char name[] = "control";

/* ---- askers ---- */

static void peer_free(struct control_peer *p)
{
	struct control *c = p->control;
	control_job_orphan(p);
	if (p->prev)
		p->prev->next = p->next;
	else
		c->peers = p->next;
	if (p->next)
		p->next->prev = p->prev;
	c->npeers--;
	net_watch_free(&p->watch);
	close(p->fd);
	buf_clear(&p->in);
	buf_clear(&p->out);
	free(p);
}

static bool write_out(struct control_peer *p)
{
	while (buf_waiting(&p->out)) {
		struct str s = buf_str(&p->out);
		ssize_t n = send(p->fd, s.p, s.len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN;
		buf_take(&p->out, (size_t)n);
	}
	return !p->ending;
}

/* One line at a time: its answer is written before the next is looked at. */
static void take_lines(struct control_peer *p)
{
	while (!p->job && !p->ending && !buf_waiting(&p->out)) {
		struct str all = buf_str(&p->in);
		const char *end = all.len ? memchr(all.p, '\n', all.len) : NULL;
		if (!end && all.len >= CONTROL_LINE_MAX) {
			control_refuse(p, "the line is too long", "hand in fewer items at a time");
			p->ending = true;
		}
		if (!end)
			return;
		control_request(p, str_trim((struct str){ all.p, (size_t)(end - all.p) }));
		buf_take(&p->in, (size_t)(end - all.p) + 1);
		if (!write_out(p))
			return;
	}
}

/* False: it is gone. */
static bool read_in(struct control_peer *p)
{
	char piece[PIECE];
	size_t room = CONTROL_LINE_MAX - buf_waiting(&p->in);
	ssize_t n = recv(p->fd, piece, room < sizeof(piece) ? room : sizeof(piece), MSG_DONTWAIT);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	buf_add(&p->in, piece, (size_t)n);
	return n > 0;
}

static void go_on(struct control_peer *p)
{
	take_lines(p);
	if (!write_out(p)) {
		peer_free(p);
		return;
	}
	bool may_read = !p->job && !buf_waiting(&p->out);
	net_watch_set(p->watch, (may_read ? NET_READ : 0) | (buf_waiting(&p->out) ? NET_WRITE : 0));
}

static void on_peer(void *ctx, unsigned what)
{
	struct control_peer *p = ctx;
	bool may_read = !p->job && !p->ending && !buf_waiting(&p->out);
	if ((what & NET_READ) && may_read && !read_in(p)) {
		peer_free(p);
		return;
	}
	go_on(p);
}

/* ---- the socket ---- */

static struct control_peer *most_quiet(struct control *c)
{
	struct control_peer *last = NULL;
	for (struct control_peer *p = c->peers; p; p = p->next)
		if (!p->job)
			last = p;
	return last;
}

static void add_peer(struct control *c, int fd)
{
	if (c->npeers >= CONTROL_PEERS_MAX) {
		struct control_peer *old = most_quiet(c);
		if (!old) {
			close(fd);
			return;
		}
		peer_free(old);
	}
	struct control_peer *p = mem_alloc(sizeof(*p));
	*p = (struct control_peer){ .control = c, .fd = fd, .next = c->peers };
	if (p->next)
		p->next->prev = p; /* NOLINT(clang-analyzer-unix.Malloc): peer_free() took the old one out */
	c->peers = p;
	c->npeers++;
	p->watch = net_watch_new(c->relay->loop, fd, on_peer, p);
	net_watch_set(p->watch, NET_READ);
}

static void on_asked(void *ctx, unsigned what)
{
	struct control *c = ctx;
	(void)what;
	for (int i = 0; i < ACCEPTS_A_TURN; i++) {
		int fd = accept4(c->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0)
			return;
		add_peer(c, fd);
	}
}

/* The folder's own path may be longer than a socket's may be. */
static struct sockaddr_un address_of(const struct control *c)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	snprintf(a.sun_path, sizeof(a.sun_path), "/proc/self/fd/%d/%s", c->dir, name);
	return a;
}

/* Our store is locked, so nobody else's relay answers there: what is left over is of a dead one. */
static bool open_socket(struct control *c, struct err *e)
{
	struct sockaddr_un a = address_of(c);
	struct stat st;
	if (fstatat(c->dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISSOCK(st.st_mode))
		unlinkat(c->dir, name, 0);
	mode_t old = umask(0177);
	bool ok = bind(c->fd, (struct sockaddr *)&a, sizeof(a)) == 0 && listen(c->fd, BACKLOG) == 0;
	int number = errno;
	umask(old);
	if (ok)
		return true;
	ERR_FILL(e, ERR_SYS, number, "open the control socket", "%s/%s", c->relay->settings->data, name);
	return err_detail(e, "%s", strerror(number));
}

struct control *control_new(struct relay *r, struct err *e)
{
	struct control *c = mem_alloc(sizeof(*c));
	c->relay = r;
	c->answered = go_on;
	c->dir = open(r->settings->data, O_PATH | O_DIRECTORY | O_CLOEXEC);
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	bool ok = c->dir >= 0 && c->fd >= 0;
	if (!ok)
		ERR_FILL(e, ERR_SYS, errno, "open the control socket", "%s", r->settings->data);
	if (ok && open_socket(c, e))
		return c;
	if (c->fd >= 0)
		close(c->fd);
	if (c->dir >= 0)
		close(c->dir);
	free(c);
	return NULL;
}

void control_start(struct control *c)
{
	c->watch = net_watch_new(c->relay->loop, c->fd, on_asked, c);
	net_watch_set(c->watch, NET_READ);
}

void control_free(struct control **cp)
{
	struct control *c = *cp;
	*cp = NULL;
	if (!c)
		return;
	while (c->peers)
		peer_free(c->peers); /* NOLINT(clang-analyzer-unix.Malloc): it leaves the list */
	net_watch_free(&c->watch);
	unlinkat(c->dir, name, 0);
	close(c->fd);
	close(c->dir);
	free(c);
}
