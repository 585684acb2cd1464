/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/flow/resolver_server.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PACKET_BYTES = 1500, HEADER = 12 };

struct packet {
	unsigned char b[PACKET_BYTES];
	size_t n;
};

static void put(struct packet *p, const void *bytes, size_t n)
{
	memcpy(p->b + p->n, bytes, n);
	p->n += n;
}

/* Cuts the question out of q: header and question, nothing else. */
static struct packet reply_to(const struct packet *q, unsigned rcode)
{
	struct packet r = { .n = 0 };
	size_t end = HEADER;
	while (end < q->n && q->b[end])
		end += q->b[end] + 1u;
	put(&r, q->b, end + 5);
	r.b[2] = 0x81;
	r.b[3] = (unsigned char)(0x80 | rcode);
	memset(r.b + 6, 0, 6);
	return r;
}

static void add_address(struct packet *r, unsigned char last)
{
	static const unsigned char head[] = { 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2 };
	put(r, head, sizeof(head));
	put(r, &last, 1);
	r->b[7]++;
}

static void add_alias(struct packet *r, const char *label)
{
	unsigned char head[] = { 0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 0 };
	unsigned char len = (unsigned char)strlen(label), skip = (unsigned char)(HEADER + 1 + r->b[HEADER]);
	unsigned char tail[] = { 0xc0, skip };
	head[11] = (unsigned char)(len + 3);
	put(r, head, sizeof(head));
	put(r, &len, 1);
	put(r, label, len);
	put(r, tail, sizeof(tail));
	r->b[7]++;
}

static void add_ede(struct packet *r)
{
	static const unsigned char opt[] = { 0, 0,  41, 4, 208, 0,  0,   0,   0,   0,  10,
					     0, 15, 0,  6, 0,   22, 'd', 'o', 'w', 'n' };
	put(r, opt, sizeof(opt));
	r->b[11]++;
}

struct asker {
	struct resolver *r;
	bool tcp;
	struct sockaddr_in from;
	int fd;
};

static void send_back(const struct asker *a, const struct packet *p)
{
	if (!a->tcp) {
		sendto(a->r->udp, p->b, p->n, 0, (const struct sockaddr *)&a->from, sizeof(a->from));
		return;
	}
	unsigned char head[2] = { (unsigned char)(p->n >> 8), (unsigned char)p->n };
	(void)!write(a->fd, head, 2);
	(void)!write(a->fd, p->b, p->n);
}

static bool is(const struct packet *q, const char *label)
{
	size_t n = strlen(label);
	return q->b[HEADER] == n && !strncasecmp((const char *)q->b + HEADER + 1, label, n);
}

/* Wrong id, wrong question, then what is right. */
static void spoof(const struct asker *a, const struct packet *q)
{
	struct packet bad = reply_to(q, 0);
	add_address(&bad, 66);
	bad.b[0] ^= 1;
	send_back(a, &bad);
	bad.b[0] ^= 1;
	bad.b[HEADER + 1] = 'x';
	send_back(a, &bad);
}

static void answer(const struct asker *a, const struct packet *q)
{
	if (atomic_load(&a->r->willing) && !is(q, "both")) {
		struct packet good = reply_to(q, 0);
		add_address(&good, 7);
		send_back(a, &good);
		return;
	}
	struct packet r = reply_to(q, is(q, "servfail") || is(q, "both") ? 2
				      : is(q, "nxdomain")                ? 3
				      : is(q, "refused")                 ? 5
				      : is(q, "plain") && q->b[11]       ? 1
									 : 0);
	if (is(q, "silent") || (is(q, "late") && atomic_load(&a->r->asked) < 2))
		return;
	if (is(q, "servfail"))
		add_ede(&r);
	if ((is(q, "big") || is(q, "cut")) && !a->tcp)
		r.b[2] |= 2;
	else if (is(q, "alias"))
		add_alias(&r, "target");
	else if (is(q, "ring"))
		add_alias(&r, "ring");
	else if (!(r.b[3] & 15) && !is(q, "nodata"))
		add_address(&r, 7);
	if (is(q, "spoof"))
		spoof(a, q);
	if (is(q, "garbage"))
		r.n -= 2;
	send_back(a, &r);
}

static void answer_udp(struct resolver *r)
{
	struct packet q;
	struct asker a = { .r = r };
	socklen_t len = sizeof(a.from);
	ssize_t n = recvfrom(r->udp, q.b, sizeof(q.b), 0, (struct sockaddr *)&a.from, &len);
	if (n < HEADER)
		return;
	q.n = (size_t)n;
	atomic_fetch_add(&r->asked, 1);
	answer(&a, &q);
}

static void answer_tcp(struct resolver *r)
{
	struct packet q;
	struct asker a = { .r = r, .tcp = true, .fd = accept(r->tcp, NULL, NULL) };
	ssize_t n = read(a.fd, q.b, 2);
	if (n == 2)
		n = read(a.fd, q.b, (size_t)(q.b[0] << 8 | q.b[1]));
	if (n >= HEADER) {
		q.n = (size_t)n;
		atomic_fetch_add(&r->asked_by_tcp, 1);
		if (!is(&q, "cut"))
			answer(&a, &q);
	}
	close(a.fd);
}

static void *serve(void *arg)
{
	struct resolver *r = arg;
	while (!atomic_load(&r->stop)) {
		struct pollfd p[2] = { { r->udp, POLLIN, 0 }, { r->tcp, POLLIN, 0 } };
		if (poll(p, 2, 20) <= 0)
			continue;
		if (p[0].revents)
			answer_udp(r);
		if (p[1].revents)
			answer_tcp(r);
	}
	return NULL;
}

void resolver_start(struct resolver *r)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(sa);
	memset(r, 0, sizeof(*r));
	r->tcp = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(r->tcp, (struct sockaddr *)&sa, sizeof(sa)), 0);
	getsockname(r->tcp, (struct sockaddr *)&sa, &len);
	r->udp = socket(AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(bind(r->udp, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(listen(r->tcp, 4), 0);
	snprintf(r->text, sizeof(r->text), "127.0.0.1:%u", ntohs(sa.sin_port));
	assert_int_equal(pthread_create(&r->thread, NULL, serve, r), 0);
}

void resolver_stop(struct resolver *r)
{
	atomic_store(&r->stop, true);
	pthread_join(r->thread, NULL);
	close(r->udp);
	close(r->tcp);
}
