/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/zone.h"

#include <string.h>
#include <strings.h>

void zone_add(struct zone *z, const char *name, const char *type, const char *value)
{
	if (z->n == z->room) {
		size_t room = z->room ? z->room * 2 : 16;
		struct zone_record *v = arena_alloc(z->arena, room * sizeof(*v));
		if (z->n)
			memcpy(v, z->v, z->n * sizeof(*v));
		z->v = v;
		z->room = room;
	}
	z->v[z->n++] = (struct zone_record){ dns_name_plain(z->arena, name), arena_strdup(z->arena, type),
					     arena_strdup(z->arena, value) };
}

void zone_add_table(struct zone *z, const struct zone_record *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		zone_add(z, v[i].name, v[i].type, v[i].value);
}

static const char *key(struct zone *z, const char *name, const char *type)
{
	return arena_printf(z->arena, "%s %s", type, name);
}

void zone_hide(struct zone *z)
{
	z->asked = (struct strlist){ 0 };
}

bool zone_show(struct zone *z, const struct dns_wants *w)
{
	bool fresh = false;
	for (size_t i = 0; i < w->n; i++) {
		const char *k = key(z, w->v[i].name, w->v[i].type);
		if (strlist_has(&z->asked, k))
			continue;
		strlist_add(&z->asked, z->arena, k);
		fresh = true;
	}
	return fresh;
}

static const struct zone_record *find(struct zone *z, const char *name, const char *type)
{
	for (size_t i = 0; i < z->n; i++)
		if (!strcasecmp(z->v[i].name, name) && !strcmp(z->v[i].type, type))
			return &z->v[i];
	return NULL;
}

static enum dns_status answer(struct zone *z, const char *name, const char *type, struct strlist *got,
			      int depth)
{
	enum dns_status empty = DNS_NXDOMAIN;
	const struct zone_record *alias = find(z, name, "CNAME");
	if (alias)
		return depth > 8 ? DNS_TEMPERROR : answer(z, alias->value, type, got, depth + 1);
	for (size_t i = 0; i < z->n; i++)
		if (!strcasecmp(z->v[i].name, name)) {
			empty = DNS_NODATA;
			if (!strcmp(z->v[i].type, type))
				strlist_add(got, z->arena, z->v[i].value);
		}
	if (!got->n && find(z, name, "TIMEOUT"))
		return DNS_TEMPERROR;
	return got->n ? DNS_OK : empty;
}

static bool get(void *ctx, const char *name, const char *type, struct dns_records *out)
{
	struct zone *z = ctx;
	struct strlist got = { 0 };
	if (!strlist_has(&z->asked, key(z, name, type)))
		return false;
	out->status = answer(z, name, type, &got, 0);
	out->v = got.v;
	out->n = got.n;
	out->secure = false;
	return true;
}

struct dns_view zone_view(struct zone *z)
{
	return (struct dns_view){ get, z };
}
