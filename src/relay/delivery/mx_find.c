/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/delivery/mx_find.h"

#include <stdlib.h>
#include <string.h>

#include "mail/ipaddr.h"
#include "net/dns_keys.h"
#include "relay/delivery/mx_look.h"
#include "store/names.h"

struct known {
	struct named named;
	struct arena *arena;
	struct mx_plan plan;
	uint64_t until_ms;
};

struct mx_cache {
	struct names names;
	struct sts_cache *sts;
	struct dns_keys *keys;   /* NULL: nothing was asked yet */
	enum dns_keys_word word; /* the last that was one */
};

struct mx_cache *mx_cache_new(const char *data)
{
	struct mx_cache *c = mem_alloc(sizeof(*c));
	CLEANUP(mem_free) char *path = mem_printf("%s/mta-sts", data);
	c->sts = sts_cache_new(path, relay_now_ms());
	return c;
}

static void known_clear(struct named *x)
{
	arena_free(&((struct known *)x)->arena);
}

void mx_cache_free(struct mx_cache **cp)
{
	struct mx_cache *c = *cp;
	if (!c)
		return;
	names_drop(&c->names, known_clear);
	sts_cache_free(&c->sts);
	dns_keys_free(&c->keys);
	free(c);
	*cp = NULL;
}

static void copy(struct arena *a, const struct mx_plan *from, struct mx_plan *to)
{
	*to = *from;
	to->finding = arena_strdup(a, from->finding);
	to->why = arena_strdup(a, from->why);
	to->untold = arena_strdup(a, from->untold);
	for (size_t i = 0; i < from->n; i++) {
		to->v[i].host = arena_strdup(a, from->v[i].host);
		to->v[i].address = arena_strdup(a, from->v[i].address);
		to->v[i].base = arena_strdup(a, from->v[i].base);
		to->v[i].tlsa = (struct strlist){ 0 };
		for (size_t k = 0; k < from->v[i].tlsa.n; k++)
			strlist_add(&to->v[i].tlsa, a, from->v[i].tlsa.v[k]);
	}
}

/* "[192.0.2.7]", "[IPv6:2001:db8::7]", or an address as it is: nothing to look up. */
static bool literal(struct arena *a, const char *name, struct mx_plan *out)
{
	struct str s = str_of(name);
	struct ipaddr ip;
	char text[IPADDR_TEXT_BYTES];
	if (s.len > 2 && s.p[0] == '[' && s.p[s.len - 1] == ']')
		s = str_cut(s, 1, s.len - 1);
	if (str_istarts(s, "IPv6:"))
		s = str_cut(s, 5, s.len);
	if (!ipaddr_read(s, &ip))
		return false;
	const char *address = arena_strdup(a, ipaddr_text(&ip, text));
	*out = (struct mx_plan){ .result = MX_READY,
				 .v = { { .host = address, .address = address, .base = address } },
				 .n = 1,
				 .finding = "",
				 .why = "",
				 .untold = "" };
	return true;
}

/* What is too old goes when there is no room. */
static void purge(struct mx_cache *c, uint64_t now)
{
	for (size_t i = 0; i < c->names.room; i++) {
		struct known *k;
		while ((k = (struct known *)c->names.v[i]) && k->until_ms <= now &&
		       names_leave(&c->names, &k->named)) {
			arena_free(&k->arena);
			names_free(&k->named);
		}
	}
}

static void remember(struct mx_cache *c, struct str key, const struct mx_plan *p, unsigned ttl, uint64_t now)
{
	struct known *k = (struct known *)names_find(&c->names, key);
	if (!k && c->names.n >= MX_CACHE_MAX)
		purge(c, now);
	if (!k && c->names.n >= MX_CACHE_MAX)
		return;
	if (!k)
		k = names_use(&c->names, key, sizeof(*k));
	arena_free(&k->arena);
	k->arena = arena_new();
	copy(k->arena, p, &k->plan);
	uint64_t keep = ttl < MX_KEEP_LEAST_S ? MX_KEEP_LEAST_S : ttl < MX_KEEP_MOST_S ? ttl : MX_KEEP_MOST_S;
	if (p->result != MX_READY && keep > MX_KEEP_FAILURE_S)
		keep = MX_KEEP_FAILURE_S;
	if (p->voucher == MX_VOUCHER_UNTOLD && keep > MX_KEEP_UNTOLD_S)
		keep = MX_KEEP_UNTOLD_S;
	k->until_ms = now + keep * 1000;
}

static void tell(struct relay *r, const char *resolver, enum dns_keys_word word)
{
	struct err e = { 0 };
	ERR_FILL(&e, ERR_DNS, 0, "prove mail hosts by DNSSEC", "with the resolver %s", resolver);
	err_detail(&e,
		   "%s: DANE is not used, and mail with REQUIRETLS may wait; set \"resolver\" to one that "
		   "validates, such as a local unbound",
		   dns_keys_why(word));
	relay_tell(r, &e);
}

/* Told when it begins; what is only asked anew has not ended. */
static void learn_keys(struct relay *r, struct mx_cache *c, const char *resolver)
{
	enum dns_keys_word word = dns_keys_word(c->keys);
	if (word == DNS_KEYS_UNTOLD)
		return;
	if (dns_keys_withheld(word) && !dns_keys_withheld(c->word))
		tell(r, resolver, word);
	c->word = word;
}

bool mx_unprovable(const struct mx_cache *c)
{
	return dns_keys_withheld(c->word);
}

/* A policy that nobody was asked for is no leave to go without it. */
static void want_policies(const struct mx_ask *ask, struct mx_plan *out)
{
	if (!out->lack || out->result != MX_READY || ask->host_only || ask->waived)
		return;
	out->result = MX_TROUBLE;
	out->n = 0;
	out->why = "this machine had no room for every look-up, so what the domain asks of TLS is not known";
}

void mx_find(struct relay *r, struct mx_cache *c, const struct mx_ask *ask, struct arena *a,
	     struct mx_plan *out)
{
	struct err e = { 0 };
	char words[400];
	if (literal(a, ask->name, out))
		return;
	struct str key = str_of(arena_printf(a, "%s:%u%s", ask->name, ask->host_only ? 0 : ask->port,
					     ask->waived ? " waived" : ""));
	uint64_t now = net_loop_now_ms(r->loop);
	const struct known *k = (const struct known *)names_find(&c->names, key);
	if (k && k->until_ms > now) {
		copy(a, &k->plan, out);
		return;
	}
	const char *resolver = r->settings->resolver;
	if (!c->keys)
		c->keys = dns_keys_new(r->loop);
	const struct dns_options o = { .resolver = resolver && *resolver ? resolver : NULL, .keys = c->keys };
	CLEANUP(dns_free) struct dns *dns = dns_new(r->loop, &o, &e);
	*out = (struct mx_plan){ .finding = "", .why = "", .untold = "" };
	if (!dns) {
		out->result = MX_TROUBLE;
		out->lack = e.kind == ERR_SYS ? (int)e.code : 0;
		out->why = arena_strdup(a, err_text(&e, words, sizeof(words)));
		return;
	}
	unsigned ttl = mx_look(r, c->sts, ask, dns, a, out);
	learn_keys(r, c, dns_resolver(dns));
	out->lack = out->lack ? out->lack : dns_lack(dns);
	want_policies(ask, out);
	if (!out->lack) /* what was not asked is asked when there is room */
		remember(c, key, out, ttl, net_loop_now_ms(r->loop));
}
