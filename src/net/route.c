/* SPDX-License-Identifier: Apache-2.0 */
#include "net/route.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

static int route(const struct sockaddr *sa, socklen_t len)
{
	int fd = socket(sa->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return errno;
	int result = connect(fd, sa, len) < 0 ? errno : 0; /* of UDP: looks up the route, no more */
	close(fd);
	return result;
}

int net_route_errno(const char *address)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(53) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(53) };
	if (inet_pton(AF_INET, address, &v4.sin_addr) == 1)
		return route((const struct sockaddr *)(const void *)&v4, sizeof(v4));
	if (inet_pton(AF_INET6, address, &v6.sin6_addr) == 1)
		return route((const struct sockaddr *)(const void *)&v6, sizeof(v6));
	return EINVAL;
}
