/* SPDX-License-Identifier: Apache-2.0 */
#include "net/dns_keys.h"

#include <string.h>
#include <sys/random.h>

#include "net/dns_exchange.h"

/* ---- what it means ---- */

static const struct {
	uint64_t stands_ms, again_ms; /* until it must, or may, be asked again */
	const char *why;              /* nothing can be proven; NULL: that is not said */
} of_word[DNS_KEYS_WORDS] = {
	[DNS_KEYS_UNTOLD] = { 0, 0, NULL },
	[DNS_KEYS_GIVEN] = { DNS_KEYS_GIVEN_MS, DNS_KEYS_GIVEN_MS, NULL },
	[DNS_KEYS_STRIPPED] = { 2 * DNS_KEYS_WITHHELD_MS, DNS_KEYS_WITHHELD_MS,
				"the resolver leaves out DNSSEC signatures, so nothing can be proven" },
	[DNS_KEYS_FAILED] = { DNS_KEYS_FAILED_MS, DNS_KEYS_FAILED_MS,
			      "the resolver fails at the key of the trust anchor, so nothing can be proven" },
	[DNS_KEYS_SILENT] = { 2 * DNS_KEYS_WITHHELD_MS, DNS_KEYS_WITHHELD_MS,
			      "the resolver keeps silent to DNSKEY questions, so nothing can be proven" },
};

static bool is_answered(enum dns_status_code s)
{
	return s == DNS_ANSWER_OK || s == DNS_ANSWER_NODATA || s == DNS_ANSWER_NXDOMAIN;
}

enum dns_keys_word dns_keys_judge(const struct dns_keys_seen *s)
{
	switch (s->key) {
	case DNS_ANSWER_LOCAL_ERROR:
		return DNS_KEYS_UNTOLD;
	case DNS_ANSWER_TIMEOUT:
		return is_answered(s->plain) ? DNS_KEYS_SILENT : DNS_KEYS_UNTOLD;
	case DNS_ANSWER_SERVFAIL:
	case DNS_ANSWER_REFUSED: /* often too many questions at once */
		return DNS_KEYS_FAILED;
	case DNS_ANSWER_OK:
		return s->has_signatures ? DNS_KEYS_GIVEN : DNS_KEYS_STRIPPED;
	default:
		return DNS_KEYS_STRIPPED;
	}
}

enum dns_keys_word dns_keys_follow(enum dns_keys_word before, enum dns_keys_word now)
{
	return before == DNS_KEYS_GIVEN && dns_keys_withheld(now) ? DNS_KEYS_UNTOLD : now;
}

bool dns_keys_withheld(enum dns_keys_word w)
{
	return of_word[w].why;
}

bool dns_keys_stands(enum dns_keys_word w, uint64_t age_ms, bool *again)
{
	*again = age_ms >= of_word[w].again_ms;
	return age_ms < of_word[w].stands_ms;
}

const char *dns_keys_why(enum dns_keys_word w)
{
	return of_word[w].why ? of_word[w].why : "";
}

/* ---- asking ---- */

struct dns_keys {
	struct net_loop *loop;
	struct dns_server servers[DNS_SERVERS_MAX];
	size_t nservers;
	enum dns_keys_word word;
	uint64_t told_ms;
	struct arena *arena; /* of the question under way; NULL: none is */
	const char *name;
	struct dns_exchange *exchange;
	struct dns_keys_seen seen;
	struct dns_keys_wait *waiting;
};

struct dns_keys *dns_keys_new(struct net_loop *l)
{
	struct dns_keys *k = mem_alloc(sizeof(*k));
	k->loop = l;
	return k;
}

static void stop_asking(struct dns_keys *k)
{
	dns_exchange_free(&k->exchange);
	arena_free(&k->arena);
}

void dns_keys_free(struct dns_keys **kp)
{
	if (!*kp)
		return;
	stop_asking(*kp);
	mem_free(kp);
}

bool dns_keys_asking(const struct dns_keys *k)
{
	return k->arena;
}

void dns_keys_leave(struct dns_keys *k, struct dns_keys_wait *w)
{
	struct dns_keys_wait **at = &k->waiting;
	while (*at && *at != w)
		at = &(*at)->next;
	if (*at)
		*at = w->next;
	w->waits = false;
}

static void conclude(struct dns_keys *k)
{
	struct dns_keys_wait *w;
	k->word = dns_keys_follow(k->word, dns_keys_judge(&k->seen));
	k->told_ms = net_loop_now_ms(k->loop);
	stop_asking(k);
	while ((w = k->waiting)) {
		dns_keys_leave(k, w);
		w->told(w->ctx);
	}
}

static void on_plain(void *ctx)
{
	struct dns_keys *k = ctx;
	k->seen.plain = dns_exchange_result(k->exchange)->status;
	conclude(k);
}

static void ask(struct dns_keys *k, const char *name, const char *type, void (*done)(void *ctx))
{
	const struct dns_exchange_options o = { .servers = k->servers,
						.nservers = k->nservers,
						.name = name,
						.type = type,
						.flags = DNS_CD,
						.try_ms = DNS_KEYS_TRY_MS,
						.arena = k->arena,
						.done = done,
						.ctx = k };
	dns_exchange_free(&k->exchange);
	k->exchange = dns_exchange_start(k->loop, &o);
}

/* A name that nobody has asked for: what a forwarder remembers would be answered with its line down. */
static const char *fresh_name(const struct dns_keys *k)
{
	unsigned x = 0;
	const char *under = k->name, *dot;
	while (*under == '_' && (dot = strchr(under, '.'))) /* of services and policies: too seldom to tell */
		under = dot + 1;
	(void)!getrandom(&x, sizeof(x), 0);
	return arena_printf(k->arena, "nx-%08x.%s", x, under);
}

static void on_key(void *ctx)
{
	struct dns_keys *k = ctx;
	const struct dns_exchange_result *x = dns_exchange_result(k->exchange);
	k->seen = (struct dns_keys_seen){ x->status, x->answered && x->reply.has_signatures,
					  DNS_ANSWER_TIMEOUT };
	if (x->status == DNS_ANSWER_TIMEOUT)
		ask(k, fresh_name(k), "A", on_plain);
	else
		conclude(k);
}

static bool are_others(const struct dns_keys *k, const struct dns_keys_ask *a)
{
	bool others = k->nservers != a->nservers;
	for (size_t i = 0; i < a->nservers && !others; i++)
		others = strcmp(k->servers[i].text, a->servers[i].text) != 0;
	return others;
}

static void begin_with(struct dns_keys *k, const struct dns_keys_ask *a)
{
	stop_asking(k);
	k->word = DNS_KEYS_UNTOLD;
	k->nservers = a->nservers;
	for (size_t i = 0; i < a->nservers; i++)
		k->servers[i] = a->servers[i];
}

static void start(struct dns_keys *k, const struct dns_keys_ask *a)
{
	k->arena = arena_new();
	k->name = arena_strdup(k->arena, a->name);
	ask(k, arena_strdup(k->arena, a->anchor), "DNSKEY", on_key);
}

static enum dns_keys_word word_now(const struct dns_keys *k, bool *again)
{
	return dns_keys_stands(k->word, net_loop_now_ms(k->loop) - k->told_ms, again) ? k->word
										      : DNS_KEYS_UNTOLD;
}

enum dns_keys_word dns_keys_word(const struct dns_keys *k)
{
	bool again;
	return word_now(k, &again);
}

enum dns_keys_word dns_keys_look(struct dns_keys *k, const struct dns_keys_ask *a, struct dns_keys_wait *w)
{
	bool again;
	if (are_others(k, a))
		begin_with(k, a);
	enum dns_keys_word word = word_now(k, &again);
	if (a->doubted && word == DNS_KEYS_GIVEN &&
	    net_loop_now_ms(k->loop) - k->told_ms >= DNS_KEYS_DOUBTED_MS)
		again = true;
	if (again && !dns_keys_asking(k))
		start(k, a);
	if (dns_keys_asking(k) && !w->waits) {
		w->next = k->waiting;
		w->waits = true;
		k->waiting = w;
	}
	return word;
}
