/* SPDX-License-Identifier: Apache-2.0 */
/* -bs: standard input and output joined with the relay, byte by byte; the relay speaks. */
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

/* 1: went on, 0: the end of from, -1: to cannot be written */
static int pass(int from, int to)
{
	char piece[16384];
	ssize_t n = read(from, piece, sizeof(piece));
	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 1 : 0;
	return n == 0                                                                         ? 0
	       : write_whole(to, str_cut((struct str){ piece, sizeof(piece) }, 0, (size_t)n)) ? 1
											      : -1;
}

/* Until the relay has closed: what it says last is for the caller still. */
static int join(int fd)
{
	struct pollfd p[2] = { { fd, POLLIN, 0 }, { STDIN_FILENO, POLLIN, 0 } };
	for (;;) {
		if (poll(p, 2, SENDMAIL_PATIENCE_MS) <= 0) {
			if (errno == EINTR)
				continue;
			return EX_TEMPFAIL;
		}
		if (p[0].revents) {
			int went = pass(fd, STDOUT_FILENO);
			if (went <= 0)
				return went ? EX_IOERR : EX_OK;
		}
		if (p[1].revents && pass(STDIN_FILENO, fd) <= 0) {
			shutdown(fd, SHUT_WR);
			p[1].fd = -1;
		}
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
	int status = join(fd);
	close(fd);
	return status;
}
