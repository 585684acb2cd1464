/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/company.h"

/* Windows count from 1: 0 says "never seen". */
static void turn_to(struct company *c, uint64_t window)
{
	if (c->window == window)
		return;
	c->before = c->window + 1 == window ? c->now : 0;
	c->now = 0;
	c->window = window;
}

void company_heard(struct company *c, uint64_t *seen, uint64_t now_ms)
{
	turn_to(c, now_ms / COMPANY_WINDOW_MS + 1);
	c->now += *seen != c->window;
	*seen = c->window;
}

void company_left(struct company *c, uint64_t seen)
{
	c->now -= seen && seen == c->window;
}

size_t company_size(struct company *c, uint64_t now_ms)
{
	turn_to(c, now_ms / COMPANY_WINDOW_MS + 1);
	return c->now > c->before ? c->now : c->before;
}

size_t company_to_await(struct company *clients, struct company *deliveries, uint64_t now_ms)
{
	size_t n = company_size(clients, now_ms);
	return n && n < COMPANY_CLIENTS_LEAST ? 0 : n + company_size(deliveries, now_ms);
}
