/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/delivery/dane.h"

#include <limits.h>

#include "mail/tlsa.h"
#include "relay/delivery/lookup.h"

struct look {
	struct dns *dns;
	const struct dane_ask *ask;
	struct arena *a;
	struct dane *out;
};

static struct dns_question *ask_at(struct dns *d, const char *base, unsigned port)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	return dns_ask(d, arena_printf(a, "_%u._tcp.%s", port, base), "TLSA", 0, NULL);
}

void dane_begin(struct dns *d, const char *host, unsigned port)
{
	(void)ask_at(d, host, port);
}

static void unsure(struct look *l, const char *what, const struct dns_answer *x)
{
	l->out->word = DANE_UNSURE;
	l->out->finding = lookup_finding(x);
	l->out->why = arena_printf(l->a, "its %s could not be looked up (%s)", what, lookup_words(x));
}

static void keep(struct look *l, const char *base, const struct strlist *records)
{
	l->out->word = DANE_RECORDS;
	l->out->base = arena_strdup(l->a, base);
	for (size_t i = 0; i < records->n; i++)
		strlist_add(&l->out->records, l->a, records->v[i]);
	l->out->usable = tlsa_any_usable(&l->out->records);
}

/* False: there are none that count. */
static bool find_at(struct look *l, const char *base)
{
	const struct dns_answer *x =
		lookup_proven(l->dns, ask_at(l->dns, base, l->ask->port), l->ask->until_ms);
	if (!lookup_is_told(x)) {
		unsure(l, "TLSA records", x);
		return true;
	}
	if (x->ttl < l->out->ttl)
		l->out->ttl = x->ttl;
	if (x->status != DNS_ANSWER_OK || !x->secure)
		return false;
	keep(l, base, &x->records);
	return true;
}

/* The host is an alias that leads out of what is signed: its own name may still be (2.2.3). */
static bool alias_is_proven(struct look *l)
{
	const struct dns_answer *x =
		lookup_proven(l->dns, dns_ask(l->dns, l->ask->host, "CNAME", 0, NULL), l->ask->until_ms);
	if (!lookup_is_told(x))
		unsure(l, "alias", x);
	return lookup_is_told(x) && x->status == DNS_ANSWER_OK && x->secure;
}

/* Addresses have come of which it is not known whether they are signed. */
static bool is_in_doubt(const struct dns_question *q, const struct dns_answer *proven)
{
	const struct dns_answer *came = dns_answer_of(q);
	return !lookup_is_told(proven) &&
	       ((came && came->status == DNS_ANSWER_OK) || (proven && proven->status == DNS_ANSWER_BOGUS));
}

/* The kind of addresses that is signed, else any.  NULL: there is none, or it is unsure. */
static const struct dns_answer *addresses(struct look *l)
{
	const struct dns_answer *found = NULL, *doubtful = NULL;
	bool in_doubt = false;
	for (size_t i = 0; i < ARRAY_LEN(l->ask->addresses) && !(found && found->secure); i++) {
		struct dns_question *q = l->ask->addresses[i];
		const struct dns_answer *x = lookup_proven(l->dns, q, l->ask->until_ms);
		if (is_in_doubt(q, x)) {
			in_doubt = true;
			doubtful = x;
		} else if (x && x->status == DNS_ANSWER_OK && (!found || x->secure)) {
			found = x;
		}
	}
	if (!in_doubt || (found && found->secure))
		return found;
	unsure(l, "addresses", doubtful);
	return NULL;
}

void dane_find(struct dns *d, const struct dane_ask *ask, struct arena *a, struct dane *out)
{
	struct look l = { d, ask, a, out };
	*out = (struct dane){ .base = "", .finding = "", .why = "", .ttl = UINT_MAX };
	const struct dns_answer *x = addresses(&l);
	if (!x)
		return;
	if (*x->cname && x->secure && find_at(&l, x->cname))
		return;
	if (x->secure || (*x->cname && alias_is_proven(&l)))
		(void)find_at(&l, ask->host);
}
