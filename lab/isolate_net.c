/* SPDX-License-Identifier: Apache-2.0 */
/* lab/isolate_net.c - addresses and routes on loopback, by rtnetlink(7). */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

#include "lab/isolate.h"

enum { LOOPBACK_INDEX = 1, REQUEST_BYTES = 512 };

struct request {
	struct nlmsghdr h;
	char body[REQUEST_BYTES];
};

static void begin(struct request *r, int type, int flags, const void *body, size_t n)
{
	memset(r, 0, sizeof(*r));
	r->h.nlmsg_type = (__u16)type;
	r->h.nlmsg_flags = (__u16)(NLM_F_REQUEST | NLM_F_ACK | flags);
	r->h.nlmsg_len = (__u32)NLMSG_LENGTH(n);
	memcpy(r->body, body, n);
}

static void attribute(struct request *r, unsigned short type, const void *p, size_t n)
{
	size_t at = NLMSG_ALIGN(r->h.nlmsg_len) - sizeof(r->h);
	struct rtattr a = { .rta_len = (unsigned short)RTA_LENGTH(n), .rta_type = type };
	memcpy(r->body + at, &a, sizeof(a));
	memcpy(r->body + at + RTA_LENGTH(0), p, n);
	r->h.nlmsg_len = (__u32)(NLMSG_ALIGN(r->h.nlmsg_len) + RTA_ALIGN(a.rta_len));
}

static bool ask(int fd, const struct request *r, const char *doing, const char *what, struct err *e)
{
	struct {
		struct nlmsghdr h;
		struct nlmsgerr err;
		char more[REQUEST_BYTES];
	} answer;
	if (send(fd, r, r->h.nlmsg_len, 0) < 0 || recv(fd, &answer, sizeof(answer), 0) < 0)
		return ERR_FILL(e, ERR_SYS, errno, doing, "%s", what);
	int code = answer.h.nlmsg_type == NLMSG_ERROR ? -answer.err.error : 0;
	return code == 0 || code == EEXIST || ERR_FILL(e, ERR_SYS, code, doing, "%s", what);
}

/* Reads "ADDR[/BITS]". */
static bool read_address(const char *text, int *family, unsigned char out[16], unsigned *bits)
{
	char host[64];
	const char *slash = strchr(text, '/');
	size_t n = slash ? (size_t)(slash - text) : strlen(text);
	unsigned long given;
	if (n >= sizeof(host))
		return false;
	memcpy(host, text, n);
	host[n] = '\0';
	*family = strchr(host, ':') ? AF_INET6 : AF_INET;
	*bits = *family == AF_INET ? 32 : 128;
	if (slash && (!str_number(str_of(slash + 1), *bits, &given)))
		return false;
	*bits = slash ? (unsigned)given : *bits;
	return inet_pton(*family, host, out) == 1;
}

static size_t address_bytes(int family)
{
	return family == AF_INET ? 4 : 16;
}

bool isolate_link_up(int fd, struct err *e)
{
	struct request r;
	struct ifinfomsg m = { .ifi_index = LOOPBACK_INDEX, .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	begin(&r, RTM_NEWLINK, 0, &m, sizeof(m));
	return ask(fd, &r, "bring loopback up", "lo", e);
}

bool isolate_address(int fd, const char *address, struct err *e)
{
	struct request r;
	unsigned char ip[16];
	unsigned bits;
	int family;
	if (!read_address(address, &family, ip, &bits))
		return ERR_FILL(e, ERR_SYNTAX, 0, "read address", "%s", address);
	struct ifaddrmsg m = { .ifa_family = (unsigned char)family,
			       .ifa_prefixlen = (unsigned char)bits,
			       .ifa_flags = IFA_F_NODAD | IFA_F_PERMANENT,
			       .ifa_index = LOOPBACK_INDEX };
	begin(&r, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, &m, sizeof(m));
	attribute(&r, IFA_LOCAL, ip, address_bytes(family));
	attribute(&r, IFA_ADDRESS, ip, address_bytes(family));
	return ask(fd, &r, "add address", address, e);
}

/* What becomes of packets on a route, by the word before its address. */
static const struct {
	const char *word;
	unsigned char type;
} route_types[] = {
	{ "unreachable ", RTN_UNREACHABLE },
	{ "prohibit ", RTN_PROHIBIT },
	{ "blackhole ", RTN_BLACKHOLE },
	{ "drop ", RTN_UNICAST }, /* to loopback, where nobody owns the address */
};

static unsigned char route_type(const char *text, const char **address)
{
	*address = text;
	for (size_t i = 0; i < ARRAY_LEN(route_types); i++)
		if (z_istarts(text, route_types[i].word)) {
			*address = text + strlen(route_types[i].word);
			return route_types[i].type;
		}
	return RTN_UNSPEC;
}

bool isolate_route(int fd, const char *text, struct err *e)
{
	struct request r;
	unsigned char ip[16];
	unsigned bits;
	int family, lo = LOOPBACK_INDEX;
	const char *address;
	unsigned char type = route_type(text, &address);
	if (type == RTN_UNSPEC || !read_address(address, &family, ip, &bits))
		return ERR_FILL(e, ERR_SYNTAX, 0, "read route", "%s", text);
	const struct rtmsg m = { .rtm_family = (unsigned char)family,
				 .rtm_dst_len = (unsigned char)bits,
				 .rtm_table = RT_TABLE_MAIN,
				 .rtm_protocol = RTPROT_STATIC,
				 .rtm_scope = type == RTN_UNICAST ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE,
				 .rtm_type = type };
	begin(&r, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, &m, sizeof(m));
	attribute(&r, RTA_DST, ip, address_bytes(family));
	if (type == RTN_UNICAST || family == AF_INET6)
		attribute(&r, RTA_OIF, &lo, sizeof(lo));
	return ask(fd, &r, "add route", text, e);
}
