/* SPDX-License-Identifier: Apache-2.0 */
/* -bs: standard input and output joined with the relay, which speaks. */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/write.h"
#include "cli/sendmail.h"
#include "cli/sendmail_lines.h"

static int connect_to(const struct local_relay *r)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)r->port) };
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons((uint16_t)r->port) };
	bool is_four = inet_pton(AF_INET, r->host, &four.sin_addr) == 1;
	if (!is_four && inet_pton(AF_INET6, r->host, &six.sin6_addr) != 1)
		return -1;
	int fd = socket(is_four ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, is_four ? (struct sockaddr *)&four : (struct sockaddr *)&six,
			       is_four ? sizeof(four) : sizeof(six))) {
		int no = errno;
		close(fd);
		errno = no;
		fd = -1;
	}
	return fd;
}

struct joined {
	int fd; /* the relay's */
	struct sendmail_lines lines;
	struct sendmail_replies replies;
	bool over; /* the input is */
};

/* The next piece; 1, 0: the end, -1: nothing yet. */
static int piece_of(int from, char *room, size_t size, struct str *piece)
{
	ssize_t n = read(from, room, size);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return -1;
	*piece = (struct str){ room, n > 0 ? (size_t)n : 0 };
	return n > 0;
}

/* Of the relay, for the caller.  1: went on, 0: the end, -1: it cannot be written. */
static int pass_answer(struct joined *j)
{
	char room[16384];
	struct str piece;
	int got = piece_of(j->fd, room, sizeof(room), &piece);
	if (got <= 0)
		return got ? 1 : 0;
	sendmail_replies_take(&j->replies, piece);
	return write_whole(STDOUT_FILENO, piece) ? 1 : -1;
}

static void pass_input(struct joined *j)
{
	char room[16384];
	struct str piece;
	CLEANUP(buf_clear) struct buf out = { 0 };
	int got = piece_of(STDIN_FILENO, room, sizeof(room), &piece);
	if (got < 0)
		return;
	sendmail_lines_take(&j->lines, piece, &out);
	j->over = !got || !write_whole(j->fd, buf_str(&out));
	if (j->over)
		shutdown(j->fd, SHUT_WR);
}

/* The relay has closed. */
static int status_of(const struct joined *j)
{
	enum { GOODBYE = 221 };
	if (j->over && sendmail_lines_cut(&j->lines, &j->replies)) {
		fputs("sendmail: the input ended within a command or a message, which was not taken\n",
		      stderr);
		return EX_IOERR;
	}
	return j->over || j->replies.code == GOODBYE ? EX_OK : EX_TEMPFAIL;
}

/* Until the relay has closed: what it says last is for the caller still. */
static int join(struct joined *j)
{
	struct pollfd p[2] = { { j->fd, POLLIN, 0 }, { STDIN_FILENO, POLLIN, 0 } };
	for (;;) {
		if (poll(p, 2, SENDMAIL_PATIENCE_MS) <= 0) {
			if (errno == EINTR)
				continue;
			return EX_TEMPFAIL;
		}
		int went = p[0].revents ? pass_answer(j) : 1;
		if (went <= 0)
			return went ? EX_IOERR : status_of(j);
		if (p[1].revents)
			pass_input(j);
		if (j->over)
			p[1].fd = -1;
	}
}

int sendmail_smtp(const struct local_relay *r)
{
	if (r->security != SESSION_PLAIN) {
		fputs("sendmail: -bs needs a listener without TLS on loopback: add listen \"127.0.0.1:25\" { "
		      "security = \"none\" }\n",
		      stderr);
		return EX_CONFIG;
	}
	int fd = connect_to(r);
	if (fd < 0) {
		fprintf(stderr, "sendmail: the relay at %s:%u cannot be reached: %s\n", r->host, r->port,
			strerror(errno));
		fputs("421 4.3.2 The relay cannot be reached: try again shortly\r\n", stdout);
		return EX_TEMPFAIL;
	}
	fflush(stdout);
	int status = join(&(struct joined){ .fd = fd });
	close(fd);
	return status;
}
