/* SPDX-License-Identifier: Apache-2.0 */
#include "net/dns_conf.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

static bool is_loopback(const struct sockaddr *sa)
{
	if (sa->sa_family == AF_INET)
		return ntohl(((const struct sockaddr_in *)(const void *)sa)->sin_addr.s_addr) >> 24 == 127;
	return sa->sa_family == AF_INET6 &&
	       IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr);
}

/* Splits "[V6]:PORT", "V4:PORT" or an address alone. */
static bool split(const char *text, char *host, size_t size, const char **port)
{
	const char *open = *text == '[' ? text + 1 : text, *end, *colon = strchr(text, ':');
	*port = "53";
	if (*text == '[') {
		end = strchr(open, ']');
		if (!end || (end[1] && end[1] != ':'))
			return false;
		if (end[1])
			*port = end + 2;
	} else if (colon && !strchr(colon + 1, ':')) {
		end = colon;
		*port = colon + 1;
	} else {
		end = text + strlen(text);
	}
	if (end == open || (size_t)(end - open) >= size)
		return false;
	memcpy(host, open, (size_t)(end - open));
	host[end - open] = 0;
	return true;
}

static void free_addrinfo(struct addrinfo **a)
{
	if (*a)
		freeaddrinfo(*a);
}

bool dns_server_read(const char *text, struct dns_server *out)
{
	char host[64];
	const char *port;
	unsigned long number;
	if (!split(text, host, sizeof(host), &port) || !str_number(str_of(port), 65535, &number) || !number)
		return false;
	CLEANUP(free_addrinfo) struct addrinfo *ai = NULL;
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_DGRAM };
	/* "127.1" and other old spellings are no addresses here. */
	unsigned char raw[4];
	if (!strchr(host, ':') && inet_pton(AF_INET, host, raw) != 1)
		return false;
	if (getaddrinfo(host, port, &hints, &ai) != 0 || ai->ai_addrlen > sizeof(out->addr))
		return false;
	*out = (struct dns_server){ .len = ai->ai_addrlen, .loopback = is_loopback(ai->ai_addr) };
	memcpy(&out->addr, ai->ai_addr, ai->ai_addrlen);
	snprintf(out->text, sizeof(out->text), ai->ai_family == AF_INET6 ? "[%s]:%lu" : "%s:%lu", host,
		 number);
	return true;
}

bool dns_server_allowed(const struct net_guard *g, const struct dns_server *known, size_t n,
			const struct dns_server *s)
{
	char host[64], port[8];
	for (size_t i = 0; g && i < n; i++)
		if (!strcmp(known[i].text, s->text))
			return true;
	if (!g)
		return true;
	if (getnameinfo((const struct sockaddr *)&s->addr, s->len, host, sizeof(host), port, sizeof(port),
			NI_NUMERICHOST | NI_NUMERICSERV))
		return false;
	return net_guard_allows(g, host, (unsigned)strtoul(port, NULL, 10));
}

/* Lines without their comments ('#', and ';' as resolv.conf has it at a line's start). */
static bool next_line(struct str *rest, struct str *line)
{
	if (!str_next(rest, "\n", line))
		return false;
	const char *hash = memchr(line->p, '#', line->len);
	if (hash)
		line->len = (size_t)(hash - line->p);
	*line = str_trim(*line);
	return true;
}

size_t dns_resolv_conf_read(struct str text, struct dns_server out[DNS_SERVERS_MAX])
{
	struct str line, word;
	size_t n = 0;
	while (n < DNS_SERVERS_MAX && next_line(&text, &line)) {
		char z[80];
		if (!str_next(&line, " \t\r", &word) || !str_eq(word, "nameserver") ||
		    !str_next(&line, " \t\r", &word) || word.len >= sizeof(z) - 2)
			continue;
		bool six = memchr(word.p, ':', word.len);
		snprintf(z, sizeof(z), six ? "[" STR_FMT "]" : STR_FMT, STR_ARG(word));
		if (dns_server_read(z, &out[n]))
			n++;
	}
	if (n == 0 && dns_server_read("127.0.0.1:53", &out[0]))
		n = 1;
	return n;
}

static bool add_if_address(struct str word, const char *type, struct arena *a, struct strlist *out)
{
	char z[INET6_ADDRSTRLEN];
	unsigned char raw[16];
	if (word.len >= sizeof(z))
		return false;
	memcpy(z, word.p, word.len);
	z[word.len] = 0;
	bool four = inet_pton(AF_INET, z, raw) == 1;
	if (!four && inet_pton(AF_INET6, z, raw) != 1)
		return false;
	if (four == !strcmp(type, "A") && !strlist_has(out, z))
		strlist_add(out, a, z);
	return true;
}

bool dns_hosts_find(struct str text, const char *name, const char *type, struct arena *a, struct strlist *out)
{
	struct str line, word;
	bool found = false;
	while (next_line(&text, &line))
		if (str_next(&line, " \t\r", &word) && str_ilists(line, " \t\r", str_of(name)))
			found |= add_if_address(word, type, a, out);
	return found;
}

struct str dns_file_read(const char *path, struct arena *a)
{
	struct buf b = { .max = DNS_FILE_BYTES_MAX };
	CLEANUP(close_file) FILE *f = fopen(path, "re");
	char chunk[4096];
	size_t n;
	while (f && (n = fread(chunk, 1, sizeof(chunk), f)) > 0 && buf_add(&b, chunk, n))
		continue;
	struct str s = arena_str(a, buf_str(&b));
	buf_clear(&b);
	return s;
}
