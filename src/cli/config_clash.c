/* SPDX-License-Identifier: Apache-2.0 */
/* Places where the relay listens, against each other and against where it sends: two cannot share a port, and
 * a route that leads back here goes round until the message is refused for its many Received lines. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/config_relay_inner.h"
#include "smtp/host.h"

struct place {
	struct ipaddr address;
	bool both; /* "*": IPv4 and IPv6 (net/listen.h); address is IPv4's any */
	unsigned long port;
};

/* False where the kernel chooses the port, or there is none. */
static bool place_of(const char *where, struct place *out)
{
	const char *colon = strrchr(where, ':');
	struct str s = { where, colon ? (size_t)(colon - where) : 0 };
	if (s.len > 2 && *s.p == '[')
		s = str_cut(s, 1, s.len - 1);
	out->both = str_eq(s, "*");
	return colon && ipaddr_read(out->both ? STR_LIT("0.0.0.0") : s, &out->address) &&
	       str_number(str_of(colon + 1), 65535, &out->port) && out->port;
}

static bool is_any(const struct ipaddr *a)
{
	static const unsigned char zero[16] = { 0 };
	return !memcmp(a->bytes, zero, a->family == 4 ? 4 : 16);
}

static bool is_shared(const struct place *a, const struct place *b)
{
	if (a->port != b->port)
		return false;
	if (a->both || b->both)
		return true;
	bool wide = is_any(&a->address) || is_any(&b->address);
	return a->address.family == b->address.family && (wide || ipaddr_eq(&a->address, &b->address));
}

static bool judge_shared(const struct config_reading *r)
{
	const struct relay_settings *s = r->s;
	struct place a, b;
	for (size_t i = 0; i < s->nlistens; i++) {
		if (!place_of(s->listens[i].where, &a))
			continue;
		for (size_t k = 0; k < i; k++)
			if (place_of(s->listens[k].where, &b) && is_shared(&a, &b))
				return config_mistake(
					r, "listen", s->listens[i].where, "",
					"listen \"%s\" has that port already: leave one out, or "
					"give it another port",
					s->listens[k].where);
		if (place_of(s->http.listen, &b) && is_shared(&a, &b))
			return config_mistake(r, "http", "", "listen",
					      "listen \"%s\" has that port already: give the page another, "
					      "such as 127.0.0.1:8025",
					      s->listens[i].where);
	}
	return true;
}

/* ---- routes that lead back ---- */

/* Whoever talks to an address of his own does so from it.  Nothing is sent. */
static bool is_own(const struct ipaddr *a)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(9) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(9) };
	bool is4 = a->family == 4;
	socklen_t size = is4 ? sizeof(v4) : sizeof(v6);
	void *address = is4 ? (void *)&v4 : (void *)&v6,
	     *bytes = is4 ? (void *)&v4.sin_addr : (void *)&v6.sin6_addr;
	memcpy(bytes, a->bytes, is4 ? 4 : 16);
	int fd = socket(is4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool own = fd >= 0 && connect(fd, address, size) == 0 && getsockname(fd, address, &size) == 0 &&
		   !memcmp(bytes, a->bytes, is4 ? 4 : 16);
	if (fd >= 0)
		close(fd);
	return own;
}

static bool is_loopback(const struct ipaddr *a)
{
	char text[IPADDR_TEXT_BYTES];
	return smtp_host_is_loopback(ipaddr_text(a, text));
}

static bool is_localhost(const struct ipaddr *a)
{
	char text[IPADDR_TEXT_BYTES];
	const char *is = ipaddr_text(a, text);
	return is_any(a) || !strcmp(is, "127.0.0.1") || !strcmp(is, "::1");
}

/* A listener at [::] takes IPv6 alone.  Where any other name leads is not known here: not even our own. */
static bool leads_to(const char *host, const struct place *p)
{
	struct ipaddr to;
	bool any = is_any(&p->address);
	if (!ipaddr_read(str_of(host), &to))
		return !strcasecmp(host, "localhost") && is_localhost(&p->address);
	to = ipaddr_unmapped(to);
	if (!p->both && to.family != p->address.family)
		return false;
	return ipaddr_eq(&to, &p->address) || (any && (is_any(&to) || is_loopback(&to) || is_own(&to)));
}

static bool judge_route(const struct config_reading *r, const struct relay_route *w)
{
	const struct relay_settings *s = r->s;
	struct place p;
	for (size_t i = 0; i < s->nlistens; i++)
		if (place_of(s->listens[i].where, &p) && p.port == w->port && leads_to(w->smarthost, &p))
			return config_mistake(
				r, "route", w->name, "smarthost",
				"%s port %u is this relay itself (listen \"%s\"), mail would go "
				"round in circles: name the next server",
				w->smarthost, w->port, s->listens[i].where);
	return true;
}

bool config_judge_clashes(const struct config_reading *r)
{
	for (size_t i = 0; i < r->s->nroutes; i++)
		if (!r->s->routes[i].mx && !judge_route(r, &r->s->routes[i]))
			return false;
	return judge_shared(r);
}
