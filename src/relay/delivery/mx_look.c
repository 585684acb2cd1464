/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/delivery/mx_look.h"

#include <string.h>
#include <sys/random.h>

#include "mail/dns_view.h"
#include "mail/ipaddr.h"
#include "net/route.h"
#include "relay/delivery/dane.h"
#include "relay/delivery/lookup.h"
#include "relay/place.h"

/* One look-up under way. */
struct finding_out {
	struct relay *relay;
	struct sts_cache *sts;
	const struct mx_ask *ask;
	struct dns *dns;
	struct arena *a;
	struct mx_plan *out;
	struct mx_list list;
	bool mx_proven;
	const char *unprovable; /* why it is not known whether it is; "" */
	struct one_host {
		struct dns_question *a4, *a6;
		struct strlist addresses;
		struct dane dane;
		enum tls_need need;
		bool unsure;              /* its addresses could not be looked up */
		const char *barred, *why; /* finding: not to be used now; NULL */
	} hosts[MX_HOSTS_MAX];
	unsigned ttl;
	uint64_t until_ms;
};

static double dice(void *ctx)
{
	unsigned x = 0;
	(void)ctx;
	(void)!getrandom(&x, sizeof(x), 0);
	return x / 4294967296.0;
}

static void end(struct finding_out *f, enum mx_result result, const char *finding, const char *why)
{
	f->out->result = result;
	f->out->finding = finding;
	f->out->why = why;
}

static void trouble(struct finding_out *f, const char *name, const char *type, const struct dns_answer *x)
{
	end(f, MX_TROUBLE, lookup_finding(x),
	    arena_printf(f->a, "the look-up of %s %s at %s failed: %s", name, type, dns_resolver(f->dns),
			 lookup_words(x)));
}

static void learn_ttl(struct finding_out *f, const struct dns_answer *x)
{
	if (x && x->ttl < f->ttl)
		f->ttl = x->ttl;
}

/* ---- the hosts ---- */

static void only_host(struct finding_out *f, const char *name)
{
	f->list = (struct mx_list){ .kind = MX_FOUND, .v = { { name, 0 } }, .n = 1 };
}

/* False: the plan has ended. */
static bool find_hosts(struct finding_out *f, const char *domain)
{
	struct dns_question *mx = dns_ask(f->dns, domain, "MX", 0, NULL);
	if (!f->ask->waived)
		(void)dns_ask(f->dns, arena_printf(f->a, "_mta-sts.%s", domain), "TXT", 0, NULL);
	const struct dns_answer *x = lookup_proven(f->dns, mx, f->until_ms);
	learn_ttl(f, x);
	f->mx_proven = x && x->secure;
	f->unprovable = dns_unprovable(x);
	if (!lookup_is_told(x)) {
		trouble(f, domain, "MX", x);
		return false;
	}
	if (x->status == DNS_ANSWER_NXDOMAIN) {
		end(f, MX_NO_DOMAIN, "dns-nxdomain-recipient-domain",
		    arena_printf(f->a, "the domain %s does not exist", domain));
		return false;
	}
	if (x->status == DNS_ANSWER_NODATA) {
		f->out->implicit = true;
		only_host(f, domain);
		return true;
	}
	mx_read(&x->records, dice, NULL, f->a, &f->list);
	if (f->list.kind == MX_NULL)
		end(f, MX_NO_MAIL, "mx-null",
		    arena_printf(f->a, "the domain %s says that it takes no mail (null MX)", domain));
	else if (f->list.kind == MX_BAD)
		end(f, MX_NO_ADDRESS, "mx-target-missing",
		    arena_printf(f->a, "the MX records of %s name no host", domain));
	return f->list.kind == MX_FOUND;
}

/* ---- their addresses ---- */

static void ask_addresses(struct finding_out *f)
{
	struct ipaddr ip;
	for (size_t i = 0; i < f->list.n; i++) {
		const char *host = f->list.v[i].name;
		struct one_host *h = &f->hosts[i];
		if (ipaddr_read(str_of(host), &ip)) { /* against the rules, and meant all the same */
			strlist_add(&h->addresses, f->a, host);
			continue;
		}
		h->a4 = dns_ask(f->dns, host, "A", 0, NULL);
		h->a6 = dns_ask(f->dns, host, "AAAA", 0, NULL);
		if (!f->ask->host_only && !f->ask->waived)
			dane_begin(f->dns, host, f->ask->port);
	}
}

static void take(struct finding_out *f, struct one_host *h, struct dns_question *q, struct strlist *out)
{
	const struct dns_answer *x = q ? dns_wait(f->dns, q, f->until_ms) : NULL;
	learn_ttl(f, x);
	if (q && !lookup_is_told(x))
		h->unsure = true;
	for (size_t k = 0; x && x->status == DNS_ANSWER_OK && k < x->records.n; k++)
		strlist_add(out, f->a, x->records.v[k]);
}

/* Addresses nobody can reach from here are not tried. */
static void await_addresses(struct finding_out *f)
{
	for (size_t i = 0; i < f->list.n; i++) {
		struct strlist v4 = { 0 }, v6 = { 0 };
		struct one_host *h = &f->hosts[i];
		take(f, h, h->a6, &v6);
		take(f, h, h->a4, &v4);
		if (v6.n && v4.n && net_route_errno(v6.v[0]))
			v6.n = 0;
		mx_mix(&v6, &v4, f->a, &h->addresses);
	}
}

/* ---- what they ask of TLS ---- */

static void refuse_host(struct one_host *h, const char *finding, const char *why)
{
	h->barred = finding;
	h->why = why;
}

/* Of a host that was named by a domain without signatures records count for nothing (RFC 7672, 2.2.1). */
static void judge_dane(struct finding_out *f, size_t i, uint64_t until_ms)
{
	struct one_host *h = &f->hosts[i];
	const struct dane_ask ask = { f->list.v[i].name, f->ask->port, { h->a4, h->a6 }, until_ms };
	if (!h->a4)
		return;
	dane_find(f->dns, &ask, f->a, &h->dane);
	if (h->dane.ttl < f->ttl)
		f->ttl = h->dane.ttl;
	if (h->dane.word == DANE_RECORDS)
		h->need = TLS_DANE;
	else if (h->dane.word == DANE_UNSURE)
		refuse_host(h, h->dane.finding, h->dane.why);
}

/* DANE goes before (RFC 8461, 2), where any of its records can be used. */
static void judge_sts(struct finding_out *f, const struct mta_sts_policy *policy)
{
	for (size_t i = 0; i < f->list.n; i++) {
		struct one_host *h = &f->hosts[i];
		if (h->barred || (h->need == TLS_DANE && h->dane.usable))
			continue;
		h->need = TLS_PROVEN;
		if (!mta_sts_allows(policy, f->list.v[i].name))
			refuse_host(h, "dp-mta-sts-mx-mismatch",
				    "the MTA-STS policy of the domain does not list it");
	}
}

/* Either of the two that is open could vouch for them. */
static void judge_voucher(struct finding_out *f, const struct sts *sts)
{
	struct mx_plan *out = f->out;
	bool untold = *f->unprovable || sts->word == STS_UNTOLD;
	out->voucher = f->mx_proven || sts->word == STS_ENFORCED ? MX_VOUCHED
		       : untold                                  ? MX_VOUCHER_UNTOLD
								 : MX_VOUCHED_BY_NOBODY;
	if (out->voucher != MX_VOUCHER_UNTOLD)
		return;
	const char *dns = *f->unprovable ? arena_printf(f->a,
							"%s (the resolver is %s); who runs this "
							"relay has to give it a resolver that passes on "
							"DNSSEC's signatures, and the root's trust anchor "
							"(Debian: dns-root-data)",
							f->unprovable, dns_resolver(f->dns))
					 : "";
	out->untold =
		arena_printf(f->a, "%s%s%s", dns, *dns && sts->word == STS_UNTOLD ? "; " : "", sts->why);
}

static void judge_policies(struct finding_out *f)
{
	struct sts sts;
	/* In a time of its own: what is not proven by then bars the host, however long the rest took. */
	uint64_t until_ms = net_loop_now_ms(f->relay->loop) + MX_WAIT_MS;
	for (size_t i = 0; i < f->list.n && (f->out->implicit || f->mx_proven); i++)
		judge_dane(f, i, until_ms);
	sts_find(f->relay, f->sts, f->dns, f->ask->name, f->until_ms, f->a, &sts);
	if (sts.word == STS_ENFORCED)
		judge_sts(f, &sts.policy);
	judge_voucher(f, &sts);
	f->out->lack = sts.lack;
}

/* ---- ourselves among them ---- */

/* Also where we listen at every address of this machine, and the name is another than ours. */
static bool is_own_address(const struct finding_out *f, const char *address)
{
	const struct relay_settings *s = f->relay->settings;
	struct ipaddr ip;
	struct place p;
	for (size_t i = 0; ipaddr_read(str_of(address), &ip) && i < s->nlistens; i++)
		if (place_read(s->listens[i].where, &p) && p.port == f->ask->port && place_takes(&p, &ip))
			return true;
	return false;
}

static bool is_self(void *ctx, size_t i)
{
	struct finding_out *f = ctx;
	if (dns_name_eq(f->list.v[i].name, f->relay->settings->hostname))
		return true;
	for (size_t k = 0; k < f->hosts[i].addresses.n; k++)
		if (is_own_address(f, f->hosts[i].addresses.v[k]))
			return true;
	return false;
}

static bool is_usable(const struct one_host *h)
{
	return h->addresses.n && !h->barred;
}

/* One with many addresses leaves room for those behind it: at least one of each. */
static void add_targets(struct finding_out *f, size_t i)
{
	const struct one_host *h = &f->hosts[i];
	size_t last = f->out->n, room = MX_ADDRESSES_MAX;
	for (size_t k = i + 1; k < f->list.n && room > last + 1; k++)
		room -= is_usable(&f->hosts[k]);
	for (size_t k = 0; k < h->addresses.n && f->out->n < room; k++)
		f->out->v[f->out->n++] = (struct mx_target){
			.host = f->list.v[i].name,
			.address = h->addresses.v[k],
			.preference = f->list.v[i].preference,
			.need = h->need,
			.base = h->need == TLS_DANE ? h->dane.base : f->list.v[i].name,
			.tlsa = h->dane.records,
		};
}

static void lay_out(struct finding_out *f, const char *name)
{
	const char *doubtful = NULL, *barred = NULL;
	const struct one_host *bar = NULL;
	for (size_t i = 0; i < f->list.n; i++) {
		const struct one_host *h = &f->hosts[i];
		if (h->unsure && !h->addresses.n)
			doubtful = f->list.v[i].name;
		if (h->barred) {
			barred = f->list.v[i].name;
			bar = h;
		} else {
			add_targets(f, i);
		}
	}
	if (f->out->n)
		end(f, MX_READY, "", "");
	else if (barred)
		end(f, MX_TROUBLE, bar->barred,
		    arena_printf(f->a, "%s may not be used now: %s", barred, bar->why));
	else if (doubtful)
		end(f, MX_TROUBLE, "dns-servfail",
		    arena_printf(f->a, "the addresses of %s could not be looked up at %s", doubtful,
				 dns_resolver(f->dns)));
	else
		end(f, MX_NO_ADDRESS, f->out->implicit ? "mx-none-implicit-a" : "mx-target-missing",
		    arena_printf(f->a, "no mail server of %s has an address", name));
}

static void look_up(struct finding_out *f)
{
	const char *name = f->ask->name;
	if (f->ask->host_only)
		only_host(f, name);
	else if (!find_hosts(f, name))
		return;
	ask_addresses(f);
	await_addresses(f);
	if (!f->ask->host_only && mx_cut_self(&f->list, is_self, f) && !f->list.n) {
		end(f, MX_LOOP, "mx-loops-to-self",
		    arena_printf(f->a, "the mail server of %s is this relay itself", name));
		return;
	}
	if (!f->ask->host_only && !f->ask->waived)
		judge_policies(f);
	lay_out(f, name);
}

unsigned mx_look(struct relay *r, struct sts_cache *sts, const struct mx_ask *ask, struct dns *dns,
		 struct arena *a, struct mx_plan *out)
{
	struct finding_out f = { .relay = r,
				 .sts = sts,
				 .ask = ask,
				 .dns = dns,
				 .a = a,
				 .out = out,
				 .unprovable = "",
				 .ttl = MX_KEEP_MOST_S,
				 .until_ms = net_loop_now_ms(r->loop) + MX_WAIT_MS };
	look_up(&f);
	return f.ttl;
}
