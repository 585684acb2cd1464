/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/access.h"

#include <string.h>

#include "base/text.h"
#include "mail/mailbox.h"

enum { ADDRESS_SHOWN_MAX = 254 };

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

const struct smtp_answer *access_answer(struct arena *a, unsigned code, const char *enhanced,
					const char *text)
{
	struct smtp_answer *x = arena_alloc(a, sizeof(*x));
	*x = (struct smtp_answer){ code, enhanced, text };
	return x;
}

static bool may_be(const struct relay_account *who, struct str address)
{
	return !who || !who->senders.n || relay_fits(&who->senders, address);
}

static const struct smtp_answer *not_as(const struct relay_account *who, struct str address,
					const char *where, struct arena *a)
{
	return access_answer(a, 550, "5.7.1",
			     arena_printf(a,
					  "%s may not send as %s%s: add it to senders of account \"%s\", or "
					  "send as %s",
					  who->name,
					  text_printable(a, str_cut(address, 0, ADDRESS_SHOWN_MAX)), where,
					  who->name, strlist_join(&who->senders, a, ", ")));
}

/* Nobody sends in the name of an account that does not own the address; a report
 * (<>) is nobody's name. */
static const struct smtp_answer *judge_sender(const struct access_client *c, struct str from, struct arena *a)
{
	return !from.len || may_be(c->account, from) ? NULL : not_as(c->account, from, "", a);
}

static size_t count_ats(struct str s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.len; i++)
		n += s.p[i] == '@';
	return n;
}

/* Of one of its senders: "*@example.com", "example.com" or "a@example.com". */
static bool has_domain(const struct relay_account *who, struct str domain)
{
	for (size_t i = 0; i < who->senders.n; i++) {
		struct str pattern = str_of(who->senders.v[i]);
		if (str_iequal(domain, count_ats(pattern) ? str_domain(pattern) : pattern))
			return true;
	}
	return false;
}

/* A server behind an account sends its reports (<>) in these names: of its own domains, or of ours. */
static bool is_reporter(const struct access_author *by, const struct mailbox *m)
{
	struct str local = str_of(m->local), domain = str_of(m->domain);
	return !by->sender.len && (str_ieq(local, "mailer-daemon") || str_ieq(local, "postmaster")) &&
	       (has_domain(by->who, domain) || str_ieq(domain, by->hostname));
}

/* Why other programs may read other addresses in a field than we do; NULL: they hardly can. */
static const char *doubt_of(const struct mailbox_list *all)
{
	for (size_t i = 0; i < all->n; i++)
		if (strchr(all->v[i].local, '@'))
			return "an address has more than one @";
	return all->routed ? "a route stands before an address" : NULL;
}

/* Every address in it.  Of a malformed field, or one with a source route, other programs may read another
 * address than we do, so there each @ has to be one of those we read ("Acme, Inc. <a@example.com>" has one,
 * "<a@example.com b@example.com>" two). */
static const struct smtp_answer *judge_names(const struct access_author *by, const struct header_field *f,
					     const char *field, struct arena *a)
{
	const struct relay_account *who = by->who;
	struct mailbox_list all = { 0 };
	struct str value = header_unfold(a, f->value);
	const char *doubt = mailbox_parse(a, value, &all) ? doubt_of(&all) : all.bad;
	for (size_t i = 0; i < all.n; i++)
		if (!is_reporter(by, &all.v[i]) && !may_be(who, str_of(all.v[i].address)))
			return not_as(who, str_of(all.v[i].address),
				      arena_printf(a, " (its %s field)", field), a);
	if (!doubt || count_ats(value) <= all.n)
		return NULL;
	return access_answer(
		a, 550, "5.7.1",
		arena_printf(a,
			     "Whose name the %s field says is not clear (%s), and %s may send as "
			     "its senders only: put names in quotes and addresses in <>",
			     field, doubt, who->name));
}

/* Mail programs show all of these.  A second From or Sender is refused before (door/intake_judge.c); what
 * stands further down under a Resent field is of those who resent it before. */
static const char *const named_in[] = { "From", "Sender", "Resent-From", "Resent-Sender" };

const struct smtp_answer *access_header(const struct access_author *by, const struct header *h,
					struct arena *a)
{
	const struct smtp_answer *no = NULL;
	const struct header_field *f;
	if (!by->who || !by->who->senders.n)
		return NULL;
	for (size_t i = 0; !no && i < ARRAY_LEN(named_in); i++)
		if ((f = header_find(h, named_in[i], 0)))
			no = judge_names(by, f, named_in[i], a);
	return no;
}

static const struct smtp_answer *judge_size(const struct relay_settings *s, const struct access_client *c,
					    long size, struct arena *a)
{
	long long most = access_size_max(s, c);
	if (size <= most)
		return NULL;
	return access_answer(a, 552, "5.3.4",
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
		return access_answer(
			a, 452, "4.7.1",
			arena_printf(a,
				     "%s has sent to %ld recipients today, its limit; more is taken tomorrow",
				     who->name, who->daily_cap));
	if (who && who->rate && (long)rcpts >= c->rate_room)
		return access_answer(
			a, 450, "4.7.1",
			arena_printf(a, "%s may send to %u recipients in %u s; more is taken in %ld s",
				     who->name, who->rate, who->rate_s, c->rate_wait_s ? c->rate_wait_s : 1));
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
	return access_answer(a, 550, "5.7.1",
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
	const struct relay_sender whose = { sender, str_of(c->account ? c->account->name : "") };
	const struct relay_route *route = relay_route_find(s, whose, to);
	if (route && route->mx && !memrchr(to.p, '@', to.len))
		return access_answer(a, 553, "5.1.3",
				     arena_printf(a, "<" STR_FMT "> needs a domain: nobody knows whose it is",
						  STR_ARG(to)));
	if (!route)
		return access_answer(a, 550, "5.7.1",
				     arena_printf(a,
						  "No route carries mail from <" STR_FMT "> to <" STR_FMT ">",
						  STR_ARG(sender), STR_ARG(to)));
	return judge_cap(c, rcpts, a);
}

/* A network this wide is the world, whoever wrote it. */
enum { WIDE_V4_BITS = 8, WIDE_V6_BITS = 16, NAT64_BITS = 96 };

static unsigned wide_bits(const struct relay_network *n)
{
	return n->net.family == 4 ? WIDE_V4_BITS : WIDE_V6_BITS;
}

/* Behind a translator the IPv4 internet comes from one IPv6 network (RFC 6052, 2.1): its part of that is what
 * counts. */
static struct relay_network as_counted(const struct relay_network *n)
{
	static const struct ipaddr nat64 = { 6, { 0, 0x64, 0xff, 0x9b } };
	struct relay_network four = { .net = { .family = 4 } };
	if (n->bits < NAT64_BITS)
		return ipaddr_in(&nat64, &n->net, n->bits) ? four : *n;
	if (!ipaddr_in(&n->net, &nat64, NAT64_BITS))
		return *n;
	memcpy(four.net.bytes, n->net.bytes + NAT64_BITS / 8, 4);
	four.bits = n->bits - NAT64_BITS;
	return four;
}

/* From its first address to its last: 10.0.0.0/8 is, 172.16.0.0/8 is not.  None is wider than fc00::/7, and
 * 0.0.0.0/1, which begins and ends with one, is none. */
static bool is_internal(const struct relay_network *n)
{
	struct ipaddr first = n->net, last = n->net;
	if (n->bits < (n->net.family == 4 ? 8u : 7u))
		return false;
	for (unsigned i = n->bits; i < (n->net.family == 4 ? 32u : 128u); i++) {
		unsigned char bit = (unsigned char)(0x80u >> i % 8);
		first.bytes[i / 8] &= (unsigned char)~bit;
		last.bytes[i / 8] |= bit;
	}
	return ipaddr_is_internal(&first) && ipaddr_is_internal(&last);
}

/* How much of one that is too wide it is. */
static double share_of(const struct relay_network *n)
{
	double share = 1;
	for (unsigned bits = wide_bits(n); bits < n->bits && share > 0; bits++)
		share /= 2;
	return share;
}

static bool lies_in(const struct relay_network *n, const struct relay_network *other)
{
	return n->bits >= other->bits && ipaddr_in(&n->net, &other->net, other->bits);
}

/* In another one that is counted: of two that are the same, the first. */
static bool is_counted_in_another(const struct relay_network *v, size_t n, size_t i)
{
	for (size_t k = 0; k < n; k++)
		if (k != i && !is_internal(&v[k]) && lies_in(&v[i], &v[k]) &&
		    (k < i || v[k].bits < v[i].bits))
			return true;
	return false;
}

/* Many narrow ones are as open as a wide one. */
static const char *open_together(const struct relay_network *v, size_t n, struct arena *a)
{
	double all = 0;
	for (size_t i = 0; i < n; i++)
		if (!is_internal(&v[i]) && !is_counted_in_another(v, n, i))
			all += share_of(&v[i]);
	return all < 1 ? NULL
		       : arena_printf(a,
				      "allow-from: its %zu networks together let strangers send through this "
				      "relay",
				      n);
}

const char *access_open_relay(const struct relay_settings *s, struct arena *a)
{
	char text[IPADDR_TEXT_BYTES];
	struct relay_network *v = arena_alloc(a, (s->nallow + 1) * sizeof(*v));
	for (size_t i = 0; i < s->nallow; i++) {
		const struct relay_network *n = &s->allow[i];
		v[i] = as_counted(n);
		if (v[i].bits <= wide_bits(&v[i]) && !is_internal(&v[i]))
			return arena_printf(a,
					    "allow-from = \"%s/%u\" lets strangers send through this relay",
					    ipaddr_text(&n->net, text), n->bits);
	}
	return open_together(v, s->nallow, a);
}
