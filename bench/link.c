/* SPDX-License-Identifier: Apache-2.0 */
/* bench/link.c - a line with a delay: what enters one interface leaves the other so much later.
 *
 *     link INTERFACE INTERFACE MICROSECONDS
 *
 * Stands between two veth pairs in a namespace of its own and does what `tc netem
 * delay` does, on kernels built without it.  Whole frames are handed on as they
 * are (offloads too, by the virtio header), so that SYN, ARP, UDP and TCP all
 * take the same way.  Ends with its parent. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"

enum {
	FRAMES_MAX = 512, /* under way in one direction; more are lost, as on a real line */
	FRAME_BYTES = 66 * 1024,
	DELAY_US_MAX = 10 * 1000 * 1000
};

struct frame {
	uint64_t due_ns;
	size_t len;
	unsigned char bytes[FRAME_BYTES];
};

struct way {
	int from, to;
	struct frame *ring;
	size_t head, n;
};

static uint64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
}

static _Noreturn void give_up(const char *doing, const char *what)
{
	fprintf(stderr, "link: %s %s: %s\n", doing, what, strerror(errno));
	exit(1);
}

static int open_interface(const char *name)
{
	int on = 1;
	struct sockaddr_ll at = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(ETH_P_ALL),
				  .sll_ifindex = (int)if_nametoindex(name) };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		give_up("open", name);
	if (setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof(on)) < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)) < 0)
		give_up("set up", name);
	if (!at.sll_ifindex || bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0)
		give_up("bind to", name);
	return fd;
}

static void take(struct way *w, uint64_t delay_ns)
{
	while (w->n < FRAMES_MAX) {
		struct frame *f = &w->ring[(w->head + w->n) % FRAMES_MAX];
		ssize_t got = recv(w->from, f->bytes, sizeof(f->bytes), 0);
		if (got <= 0)
			return;
		f->len = (size_t)got;
		f->due_ns = now_ns() + delay_ns;
		w->n++;
	}
}

static void give(struct way *w)
{
	while (w->n && w->ring[w->head].due_ns <= now_ns()) {
		struct frame *f = &w->ring[w->head];
		if (send(w->to, f->bytes, f->len, 0) < 0 && errno != ENOBUFS && errno != EAGAIN)
			give_up("send", "a frame");
		w->head = (w->head + 1) % FRAMES_MAX;
		w->n--;
	}
}

static struct timespec until_next(const struct way *ways)
{
	uint64_t now = now_ns(), wait = 1000000000U;
	for (size_t i = 0; i < 2; i++)
		if (ways[i].n) {
			uint64_t due = ways[i].ring[ways[i].head].due_ns;
			uint64_t left = due > now ? due - now : 0;
			wait = left < wait ? left : wait;
		}
	return (struct timespec){ (time_t)(wait / 1000000000U), (long)(wait % 1000000000U) };
}

int main(int argc, char **argv)
{
	unsigned long us;
	if (argc != 4 || !str_number(str_of(argv[3]), DELAY_US_MAX, &us)) {
		fputs("use: link INTERFACE INTERFACE MICROSECONDS\n", stderr);
		return 2;
	}
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	prctl(PR_SET_TIMERSLACK, 1UL);
	int a = open_interface(argv[1]), b = open_interface(argv[2]);
	struct way ways[2] = { { .from = a, .to = b }, { .from = b, .to = a } };
	for (size_t i = 0; i < 2; i++) {
		ways[i].ring = calloc(FRAMES_MAX, sizeof(struct frame));
		if (!ways[i].ring)
			give_up("reserve", "frames");
	}
	puts("ready");
	fflush(stdout);
	for (;;) {
		struct pollfd p[2] = { { .fd = a, .events = POLLIN }, { .fd = b, .events = POLLIN } };
		struct timespec wait = until_next(ways);
		if (ppoll(p, 2, &wait, NULL) < 0 && errno != EINTR)
			give_up("wait for", "frames");
		for (size_t i = 0; i < 2; i++) {
			take(&ways[i], us * 1000);
			give(&ways[i]);
		}
	}
}
