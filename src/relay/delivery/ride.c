/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/delivery/ride.h"

#include <string.h>
#include <strings.h>

#include "relay/settings.h"

enum tls_need ride_need(const struct relay_route *r, enum tls_need asked)
{
	if (r->mx)
		return asked == TLS_WELCOME && r->tls_required ? TLS_NEEDED : asked;
	if (r->security == RELAY_SECURITY_NONE)
		return TLS_WELCOME;
	return r->user && *r->user ? TLS_PROVEN : r->tls_required ? TLS_NEEDED : TLS_WELCOME;
}

static size_t find(const struct ride_line *l, const struct mx_plan *p)
{
	size_t i = 0;
	while (i < p->n && (strcasecmp(p->v[i].host, l->host) || strcmp(p->v[i].address, l->address)))
		i++;
	return i;
}

static enum ride ask_tls(const struct ride_line *l, enum tls_need need, const struct mx_target *t)
{
	if (need == TLS_WELCOME && !l->encrypted)
		return l->clear_by_fault ? RIDE_IN_CLEAR : RIDE;
	if (!l->encrypted)
		return RIDE_IN_CLEAR;
	if (strcasecmp(t->base, l->base))
		return RIDE_OTHER_NAME;
	return need == TLS_PROVEN || need == TLS_DANE ? RIDE_PROVE : RIDE;
}

enum ride ride_ask(const struct ride_line *l, const struct relay_route *next, const struct mx_plan *p,
		   size_t *target)
{
	if (!next || next != l->route || next->api != RELAY_API_NONE)
		return RIDE_OTHER_ROUTE;
	if (p->result != MX_READY)
		return RIDE_NO_PLAN;
	size_t i = find(l, p);
	if (i == p->n)
		return RIDE_OTHER_HOST;
	if (p->v[i].preference != p->v[0].preference)
		return RIDE_BACKUP;
	*target = i;
	return ask_tls(l, ride_need(next, p->v[i].need), &p->v[i]);
}

void ride_lead(struct mx_plan *p, size_t target)
{
	struct mx_target all[MX_ADDRESSES_MAX];
	const char *host = p->v[target].host;
	size_t n = 0;
	memcpy(all, p->v, sizeof(all));
	p->v[n++] = all[target];
	for (size_t i = 0; i < p->n; i++)
		if (i != target && !strcasecmp(all[i].host, host))
			p->v[n++] = all[i];
	for (size_t i = 0; i < p->n; i++)
		if (strcasecmp(all[i].host, host) != 0)
			p->v[n++] = all[i];
}
