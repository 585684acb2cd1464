/* SPDX-License-Identifier: Apache-2.0 */
#include "net/route.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

struct place {
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} a;
	socklen_t len;
};

static bool read_place(const char *address, struct place *out)
{
	*out = (struct place){ .a.v4 = { .sin_family = AF_INET, .sin_port = htons(53) },
			       .len = sizeof(out->a.v4) };
	if (inet_pton(AF_INET, address, &out->a.v4.sin_addr) == 1)
		return true;
	*out = (struct place){ .a.v6 = { .sin6_family = AF_INET6, .sin6_port = htons(53) },
			       .len = sizeof(out->a.v6) };
	return inet_pton(AF_INET6, address, &out->a.v6.sin6_addr) == 1;
}

/* Of UDP, connect() looks up the route, no more.  0 with the end here in *from, else the errno. */
static int look_up(const struct place *to, struct place *from)
{
	int fd = socket(to->a.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return errno;
	*from = (struct place){ .len = sizeof(from->a) };
	bool found = connect(fd, &to->a.any, to->len) == 0 && getsockname(fd, &from->a.any, &from->len) == 0;
	int number = found ? 0 : errno;
	close(fd);
	return number;
}

int net_route_errno(const char *address)
{
	struct place to, from;
	return read_place(address, &to) ? look_up(&to, &from) : EINVAL;
}

static bool is_same(const struct place *a, const struct place *b)
{
	return a->a.any.sa_family == AF_INET ? a->a.v4.sin_addr.s_addr == b->a.v4.sin_addr.s_addr
					     : IN6_ARE_ADDR_EQUAL(&a->a.v6.sin6_addr, &b->a.v6.sin6_addr);
}

/* All of 127.0.0.0/8 is talked to from 127.0.0.1. */
static bool is_always_here(const struct place *p)
{
	if (p->a.any.sa_family == AF_INET6)
		return IN6_IS_ADDR_UNSPECIFIED(&p->a.v6.sin6_addr);
	in_addr_t v4 = ntohl(p->a.v4.sin_addr.s_addr);
	return v4 == INADDR_ANY || v4 >> 24 == IN_LOOPBACKNET;
}

bool net_route_is_here(const char *address)
{
	struct place to, from;
	return read_place(address, &to) &&
	       (is_always_here(&to) || (look_up(&to, &from) == 0 && is_same(&to, &from)));
}
