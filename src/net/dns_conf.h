/* SPDX-License-Identifier: Apache-2.0 */
/* net/dns_conf.h - which resolvers to ask, and what the hosts file says instead. */
#ifndef NET_DNS_CONF_H
#define NET_DNS_CONF_H

#include <sys/socket.h>

#include "base/arena.h"
#include "net/loop.h"

enum { DNS_SERVERS_MAX = 3, DNS_FILE_BYTES_MAX = 1 << 20 }; /* as resolv.conf(5) */

struct dns_server {
	struct sockaddr_storage addr;
	socklen_t len;
	bool loopback;
	char text[80]; /* "192.0.2.53:53", "[2001:db8::53]:53" */
};

/* "ADDR", "ADDR:PORT", "V6", "[V6]:PORT", "V6%zone"; false for anything else. */
bool dns_server_read(const char *text, struct dns_server *out) MUST_USE;

/* A name server that a peer's records name is as good as any address of theirs; the known ones may be asked
 * whatever the guard says. */
bool dns_server_allowed(const struct net_guard *g, const struct dns_server *known, size_t n,
			const struct dns_server *s);

/* nameserver lines, at most DNS_SERVERS_MAX; without any, the local host (as resolv.conf(5)). */
size_t dns_resolv_conf_read(struct str text, struct dns_server out[DNS_SERVERS_MAX]);

/* Adds the addresses of a type ("A", "AAAA") that hosts(5) gives name; false when it gives the
 * name none of either type. */
bool dns_hosts_find(struct str text, const char *name, const char *type, struct arena *a,
		    struct strlist *out);

/* The file's text, in a; empty when it cannot be read. */
struct str dns_file_read(const char *path, struct arena *a);

#endif
