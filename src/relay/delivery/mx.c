/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/delivery/mx.h"

#include <string.h>

#include "mail/dns_view.h"

static bool read_host(const char *record, struct arena *a, struct mx_host *out)
{
	struct str rest = str_of(record), number;
	unsigned long preference;
	const char *host = dns_mx_host(a, record);
	if (!host || !str_next(&rest, " \t", &number) || !str_number(number, 65535, &preference))
		return false;
	*out = (struct mx_host){ host, (unsigned)preference };
	return true;
}

static struct mx_host *find(struct mx_list *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (dns_name_eq(l->v[i].name, name))
			return &l->v[i];
	return NULL;
}

static void add(struct mx_list *l, const struct mx_host *h)
{
	struct mx_host *same = find(l, h->name);
	if (same && h->preference < same->preference)
		same->preference = h->preference;
	else if (!same && l->n < MX_HOSTS_MAX)
		l->v[l->n++] = *h;
}

/* Insertion keeps equals in their order; there are few. */
static void sort(struct mx_list *l)
{
	for (size_t i = 1; i < l->n; i++) {
		struct mx_host x = l->v[i];
		size_t k = i;
		for (; k && l->v[k - 1].preference > x.preference; k--)
			l->v[k] = l->v[k - 1];
		l->v[k] = x;
	}
}

static void shuffle(struct mx_host *v, size_t n, double (*dice)(void *ctx), void *ctx)
{
	for (size_t i = n; i > 1; i--) {
		size_t k = (size_t)(dice(ctx) * (double)i);
		struct mx_host x = v[i - 1];
		k = k < i ? k : i - 1;
		v[i - 1] = v[k];
		v[k] = x;
	}
}

static void shuffle_equals(struct mx_list *l, double (*dice)(void *ctx), void *ctx)
{
	for (size_t i = 0, end; i < l->n; i = end) {
		for (end = i + 1; end < l->n && l->v[end].preference == l->v[i].preference;)
			end++;
		shuffle(&l->v[i], end - i, dice, ctx);
	}
}

void mx_read(const struct strlist *records, double (*dice)(void *ctx), void *ctx, struct arena *a,
	     struct mx_list *out)
{
	bool null = false;
	out->n = 0;
	for (size_t i = 0; i < records->n; i++) {
		struct mx_host h;
		if (!read_host(records->v[i], a, &h))
			continue;
		null = null || !*h.name;
		if (*h.name) /* beside others a null MX is a mistake, and they count */
			add(out, &h);
	}
	sort(out);
	shuffle_equals(out, dice, ctx);
	out->kind = out->n ? MX_FOUND : null ? MX_NULL : MX_BAD;
}

bool mx_cut_self(struct mx_list *l, bool (*is_self)(void *ctx, size_t i), void *ctx)
{
	bool found = false;
	unsigned ours = 0;
	for (size_t i = 0; i < l->n; i++) {
		if (!is_self(ctx, i))
			continue;
		ours = found && ours < l->v[i].preference ? ours : l->v[i].preference;
		found = true;
	}
	size_t kept = 0;
	while (found && kept < l->n && l->v[kept].preference < ours)
		kept++;
	if (found)
		l->n = kept;
	return found;
}

void mx_mix(const struct strlist *first, const struct strlist *second, struct arena *a, struct strlist *out)
{
	for (size_t i = 0; i < first->n || i < second->n; i++) {
		if (i < first->n)
			strlist_add(out, a, first->v[i]);
		if (i < second->n)
			strlist_add(out, a, second->v[i]);
	}
}
