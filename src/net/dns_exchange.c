/* SPDX-License-Identifier: Apache-2.0 */
#include "net/dns_leg.h"

#include <stdlib.h>

static void finish(struct dns_exchange *x)
{
	x->finished = true;
	for (size_t i = 0; i < x->nlegs; i++)
		dns_leg_close(&x->legs[i]);
	net_timer_free(&x->timer);
	x->o.done(x->o.ctx);
}

static void on_timer(void *ctx)
{
	finish(ctx);
}

static bool may_ask_more(const struct dns_exchange *x)
{
	for (size_t i = 0; i < x->nlegs; i++)
		if (x->legs[i].state == LEG_IDLE)
			return true;
	return false;
}

static bool is_awaited(const struct dns_exchange *x)
{
	for (size_t i = 0; i < x->nlegs; i++)
		if (x->legs[i].state != LEG_IDLE && x->legs[i].state != LEG_OVER)
			return true;
	return false;
}

/* The leg has nothing more to give.  The first server's failure is the one that is told. */
static void leg_over(struct leg *g)
{
	struct dns_exchange *x = g->x;
	dns_leg_close(g);
	g->state = LEG_OVER;
	for (size_t i = 0; i < x->nlegs && !x->finished; i++)
		if (x->legs[i].state == LEG_IDLE)
			dns_leg_ask(&x->legs[i]);
	if (!is_awaited(x) && !may_ask_more(x))
		dns_leg_finish_soon(x);
}

static void ask_all(struct dns_exchange *x)
{
	for (size_t i = 0; i < x->nlegs; i++)
		if (x->legs[i].state == LEG_IDLE || x->legs[i].state == LEG_UDP)
			dns_leg_ask(&x->legs[i]);
}

static bool has_tcp(const struct dns_exchange *x)
{
	for (size_t i = 0; i < x->nlegs; i++)
		if (x->legs[i].state == LEG_TCP_CONNECT || x->legs[i].state == LEG_TCP)
			return true;
	return false;
}

static void on_try(void *ctx)
{
	struct dns_exchange *x = ctx;
	unsigned most = x->o.flags & DNS_ONE_TRY ? 1 : DNS_TRIES;
	if (x->finished || x->tries >= most || has_tcp(x)) {
		on_timer(x);
		return;
	}
	net_timer_set(x->timer, net_loop_now_ms(x->loop) + ((uint64_t)x->o.try_ms << x->tries));
	if (x->tries++ == 0)
		dns_leg_ask(&x->legs[0]);
	else
		ask_all(x);
}

struct dns_exchange *dns_exchange_start(struct net_loop *l, const struct dns_exchange_options *o)
{
	struct dns_exchange *x = mem_alloc(sizeof(*x));
	x->loop = l;
	x->o = *o;
	if (!x->o.try_ms)
		x->o.try_ms = DNS_TRY_MS;
	x->nlegs = o->nservers;
	x->result = (struct dns_exchange_result){ .status = DNS_ANSWER_TIMEOUT, .via = "udp", .error = "" };
	x->result.server = &o->servers[0];
	for (size_t i = 0; i < x->nlegs; i++)
		x->legs[i] = (struct leg){ .x = x, .over = leg_over, .server = &o->servers[i], .fd = -1 };
	for (size_t i = 0; i < x->nlegs; i++)
		x->legs[i].q = (struct dns_wire_question){
			.name = o->name, .type = o->type, .flags = o->flags, .edns = true
		};
	x->timer = net_timer_new(l, on_try, x);
	on_try(x);
	return x;
}

const struct dns_exchange_result *dns_exchange_result(const struct dns_exchange *x)
{
	return &x->result;
}

void dns_exchange_free(struct dns_exchange **xp)
{
	struct dns_exchange *x = *xp;
	if (!x)
		return;
	for (size_t i = 0; i < x->nlegs; i++)
		dns_leg_close(&x->legs[i]);
	net_timer_free(&x->timer);
	free(x);
	*xp = NULL;
}
