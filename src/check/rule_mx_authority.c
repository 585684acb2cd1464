/* SPDX-License-Identifier: Apache-2.0 */
/* Rules for what the name servers of a zone say themselves: whether they agree, and
 * whether what this network asks is older. */
#include <string.h>

#include "check/rule_domain.h"

static const char *sorted(struct verdict *v, const struct strlist *list)
{
	struct strlist copy = { 0 };
	for (size_t i = 0; i < list->n; i++) {
		char *low = arena_strdup(v->arena, list->v[i]);
		for (char *c = low; *c; c++)
			*c = (char)(*c >= 'A' && *c <= 'Z' ? *c | 0x20 : *c);
		strlist_add(&copy, v->arena, low);
	}
	for (size_t i = 1; i < copy.n; i++)
		for (size_t k = i; k > 0 && strcmp(copy.v[k - 1], copy.v[k]) > 0; k--) {
			const char *swap = copy.v[k];
			copy.v[k] = copy.v[k - 1];
			copy.v[k - 1] = swap;
		}
	return strlist_join(&copy, v->arena, ", ");
}

static bool is_definite(const struct fact *f)
{
	return z_eq(f->dns.status, "ok") || z_eq(f->dns.status, "nodata") || z_eq(f->dns.status, "nxdomain");
}

/* Each name server was asked by itself; one that gives no answer says nothing. */
static void judge_name_servers(const struct evidence *ev, struct verdict *v)
{
	const struct fact *one = NULL;
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_DNS, f));) {
		if (!z_eq(f->dns.purpose, "authority") || !z_eq(f->dns.type, "MX") || !is_definite(f))
			continue;
		one = one ? one : f;
		if (z_eq(sorted(v, &one->dns.answers), sorted(v, &f->dns.answers)))
			continue;
		struct finding *x = verdict_raise(v, "dns-name-server-inconsistent", 0.96, one);
		finding_fact(x, f);
		finding_word(v, x, "zone", f->dns.name);
	}
}

/* What this network asks is old: the zone's own server says otherwise, and there it works.
 * Also for a server for sending. */
static void judge_stale(const struct evidence *ev, struct verdict *v)
{
	const struct fact *main = evidence_session(ev, "main"), *moved = evidence_session(ev, "new-address");
	const struct fact *old = NULL;
	if (!main || !moved || !rule_experiment_is(ev, "new-address", "works"))
		return;
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_DNS, f));)
		if ((z_eq(f->dns.purpose, "host") || z_eq(f->dns.purpose, "mx-host")) &&
		    strlist_has(&f->dns.answers, main->dialogue.address))
			old = f;
	struct finding *x = verdict_raise(v, "dns-stale-after-move", 0.96, old);
	finding_fact(x, rule_experiment(ev, "new-address"));
	finding_word(v, x, "host", main->dialogue.host);
	finding_word(v, x, "value", main->dialogue.address);
	finding_word(v, x, "other", moved->dialogue.address);
	if (old && old->dns.ttl > 0)
		finding_word(v, x, "seconds", arena_printf(v->arena, "%ld", old->dns.ttl));
}

const struct rule rules_mx_authority[] = {
	{ "mx-name-servers", judge_name_servers },
	{ "stale-answer", judge_stale },
	{ NULL, NULL },
};
