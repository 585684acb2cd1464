/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/access.h"

#include <string.h>

static const struct smtp_answer no_tls = { 538, "5.7.11", "Encrypt first: say STARTTLS, then log in" };
static const struct smtp_answer no_login = { 503, "5.5.1", "No login is offered here" };
static const struct smtp_answer login_first = { 530, "5.7.0", "Log in first (AUTH)" };
static const struct smtp_answer tls_first = { 530, "5.7.0", "Encrypt first: say STARTTLS" };
static const struct smtp_answer too_many = { 452, "4.5.3",
					     "Too many recipients in one message: send the rest in another" };

static bool is_loopback(const struct ipaddr *a)
{
	static const struct ipaddr v4 = { 4, { 127 } }, v6 = { 6, { [15] = 1 } };
	struct ipaddr plain = ipaddr_unmapped(*a);
	return ipaddr_in(&plain, &v4, 8) || ipaddr_in(&plain, &v6, 128);
}

bool access_offers_auth(const struct access_client *c)
{
	return c->listen->login != RELAY_LOGIN_NEVER && (c->tls || is_loopback(&c->address)) && !c->account;
}

const struct smtp_answer *access_auth(const struct access_client *c)
{
	if (c->listen->login == RELAY_LOGIN_NEVER)
		return &no_login;
	return c->tls || is_loopback(&c->address) ? NULL : &no_tls;
}

bool access_may_relay(const struct relay_settings *s, const struct access_client *c)
{
	return c->account || c->trusted || relay_allows(s, &c->address);
}

long long access_size_max(const struct relay_settings *s, const struct access_client *c)
{
	if (c->account && c->account->max_size)
		return c->account->max_size;
	return s->max_size ? s->max_size : RELAY_SIZE_MAX;
}

static const struct smtp_answer *answer(struct arena *a, unsigned code, const char *enhanced,
					const char *text)
{
	struct smtp_answer *x = arena_alloc(a, sizeof(*x));
	*x = (struct smtp_answer){ code, enhanced, text };
	return x;
}

/* Nobody sends in the name of an account that does not own the address; a report
 * (<>) is nobody's name. */
static const struct smtp_answer *judge_sender(const struct access_client *c, struct str from, struct arena *a)
{
	const struct relay_account *who = c->account;
	if (!who || !who->senders.n || !from.len || relay_fits(&who->senders, from))
		return NULL;
	return answer(a, 550, "5.7.1",
		      arena_printf(a, "%s may not send as " STR_FMT "; it may send as %s", who->name,
				   STR_ARG(from), strlist_join(&who->senders, a, ", ")));
}

static const struct smtp_answer *judge_size(const struct relay_settings *s, const struct access_client *c,
					    long size, struct arena *a)
{
	long long most = access_size_max(s, c);
	if (size <= most)
		return NULL;
	return answer(a, 552, "5.3.4",
		      arena_printf(a, "Too big: %ld bytes; at most %lld are taken here", size, most));
}

const struct smtp_answer *access_mail(const struct relay_settings *s, const struct access_client *c,
				      const struct smtp_request *r, struct arena *a)
{
	if (c->listen->security == RELAY_SECURITY_STARTTLS && c->listen->login == RELAY_LOGIN_REQUIRED &&
	    !c->tls && !is_loopback(&c->address))
		return &tls_first;
	if (c->listen->login == RELAY_LOGIN_REQUIRED && !c->account)
		return &login_first;
	const struct smtp_answer *no = judge_sender(c, r->path.address, a);
	return no ? no : judge_size(s, c, r->size, a);
}

static const struct smtp_answer *judge_cap(const struct access_client *c, unsigned rcpts, struct arena *a)
{
	const struct relay_account *who = c->account;
	if (who && who->hold_over_cap) /* it waits here, not there */
		return NULL;
	if (who && who->daily_cap && c->sent_today + (long)rcpts >= who->daily_cap)
		return answer(
			a, 452, "4.7.1",
			arena_printf(a,
				     "%s has sent to %ld recipients today, its limit; more is taken tomorrow",
				     who->name, who->daily_cap));
	if (who && who->rate && (long)rcpts >= c->rate_room)
		return answer(a, 450, "4.7.1",
			      arena_printf(a, "%s may send to %u recipients in %u s; more is taken in %ld s",
					   who->name, who->rate, who->rate_s,
					   c->rate_wait_s ? c->rate_wait_s : 1));
	return NULL;
}

const struct smtp_answer *access_message(const struct access_client *c, unsigned rcpts, struct arena *a)
{
	return rcpts ? judge_cap(c, rcpts - 1, a) : NULL;
}

static const struct smtp_answer *no_relay(const struct relay_settings *s, const struct access_client *c,
					  struct arena *a)
{
	char ip[IPADDR_TEXT_BYTES];
	const char *way =
		c->listen->login == RELAY_LOGIN_NEVER
			? "ask its administrator to add this address to allow-from"
			: "log in (AUTH), or ask its administrator to add this address to allow-from";
	return answer(a, 550, "5.7.1",
		      arena_printf(a, "%s does not relay for %s: %s", s->hostname,
				   ipaddr_text(&c->address, ip), way));
}

const struct smtp_answer *access_rcpt(const struct relay_settings *s, const struct access_client *c,
				      struct str sender, const struct smtp_request *r, unsigned rcpts,
				      struct arena *a)
{
	struct str to = r->path.address;
	if (rcpts >= ACCESS_RCPTS_MAX)
		return &too_many;
	if (relay_is_local(s, to))
		return NULL;
	if (!access_may_relay(s, c))
		return no_relay(s, c, a);
	const struct relay_route *route = relay_route_find(s, sender, to);
	if (route && route->mx && !memrchr(to.p, '@', to.len))
		return answer(a, 553, "5.1.3",
			      arena_printf(a, "<" STR_FMT "> needs a domain: nobody knows whose it is",
					   STR_ARG(to)));
	if (!route)
		return answer(a, 550, "5.7.1",
			      arena_printf(a, "No route carries mail from <" STR_FMT "> to <" STR_FMT ">",
					   STR_ARG(sender), STR_ARG(to)));
	return judge_cap(c, rcpts, a);
}

/* A network this wide is the world, whoever wrote it. */
enum { WIDE_V4_BITS = 8, WIDE_V6_BITS = 16 };

/* From its first address to its last: 10.0.0.0/8 is, 172.16.0.0/8 is not. */
static bool is_internal(const struct relay_network *n)
{
	struct ipaddr first = n->net, last = n->net;
	for (unsigned i = n->bits; i < (n->net.family == 4 ? 32u : 128u); i++) {
		unsigned char bit = (unsigned char)(0x80u >> i % 8);
		first.bytes[i / 8] &= (unsigned char)~bit;
		last.bytes[i / 8] |= bit;
	}
	return ipaddr_is_internal(&first) && ipaddr_is_internal(&last);
}

/* How much of one that is too wide it is. */
static double share_of(const struct relay_network *n, unsigned least)
{
	double share = 1;
	for (unsigned bits = least; bits < n->bits && share > 0; bits++)
		share /= 2;
	return share;
}

static bool lies_in(const struct relay_network *n, const struct relay_network *other)
{
	return n->bits >= other->bits && ipaddr_in(&n->net, &other->net, other->bits);
}

/* In another one that is counted: of two that are the same, the first. */
static bool is_counted_in_another(const struct relay_settings *s, size_t i)
{
	for (size_t k = 0; k < s->nallow; k++)
		if (k != i && !is_internal(&s->allow[k]) && lies_in(&s->allow[i], &s->allow[k]) &&
		    (k < i || s->allow[k].bits < s->allow[i].bits))
			return true;
	return false;
}

/* Many narrow ones are as open as a wide one. */
static const char *open_together(const struct relay_settings *s, struct arena *a)
{
	double all = 0;
	for (size_t i = 0; i < s->nallow; i++)
		if (!is_internal(&s->allow[i]) && !is_counted_in_another(s, i))
			all += share_of(&s->allow[i],
					s->allow[i].net.family == 4 ? WIDE_V4_BITS : WIDE_V6_BITS);
	return all < 1 ? NULL
		       : arena_printf(a,
				      "allow-from: its %zu networks together let strangers send through this "
				      "relay",
				      s->nallow);
}

const char *access_open_relay(const struct relay_settings *s, struct arena *a)
{
	char text[IPADDR_TEXT_BYTES];
	for (size_t i = 0; i < s->nallow; i++) {
		const struct relay_network *n = &s->allow[i];
		unsigned least = n->net.family == 4 ? WIDE_V4_BITS : WIDE_V6_BITS;
		if (n->bits < least || (n->bits == least && !is_internal(n)))
			return arena_printf(a,
					    "allow-from = \"%s/%u\" lets strangers send through this relay",
					    ipaddr_text(&n->net, text), n->bits);
	}
	return open_together(s, a);
}
