/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/dns_view.h"

#include <string.h>
#include <strings.h>

/* Adds a question once; silently not when the list is full. */
static void want(struct dns_wants *w, const char *name, const char *type)
{
	for (size_t i = 0; i < w->n; i++)
		if (!strcmp(w->v[i].type, type) && dns_name_eq(w->v[i].name, name))
			return;
	if (w->n == DNS_WANTS_MAX)
		return;
	w->v[w->n].name = dns_name_plain(w->arena, name);
	w->v[w->n++].type = arena_strdup(w->arena, type);
}

bool dns_name_askable(const char *name)
{
	size_t label = 0, len = strlen(name);
	if (len && name[len - 1] == '.')
		len--;
	if (!len || len > DNS_NAME_BYTES_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		label = name[i] == '.' ? 0 : label + 1;
		if (label > DNS_LABEL_BYTES_MAX || (name[i] == '.' && (i == 0 || name[i - 1] == '.')))
			return false;
	}
	return label > 0;
}

bool dns_view_ask(const struct dns_view *view, struct dns_wants *w, const char *name, const char *type,
		  struct dns_records *out)
{
	char plain[DNS_NAME_BYTES_MAX + 2];
	*out = (struct dns_records){ .status = DNS_NXDOMAIN };
	if (!dns_name_askable(name))
		return true;
	size_t len = strlen(name);
	memcpy(plain, name, len + 1);
	if (plain[len - 1] == '.')
		plain[len - 1] = 0;
	if (!view->get(view->ctx, plain, type, out)) {
		*out = (struct dns_records){ .status = DNS_TEMPERROR };
		if (w)
			want(w, plain, type);
		return false;
	}
	if (out->status == DNS_OK && !out->n)
		out->status = DNS_NODATA;
	if (out->status != DNS_OK)
		out->n = 0;
	return true;
}

static struct str without_dot(const char *name)
{
	struct str s = str_of(name);
	if (s.len && s.p[s.len - 1] == '.')
		s.len--;
	return s;
}

bool dns_name_eq(const char *a, const char *b)
{
	return str_iequal(without_dot(a), without_dot(b));
}

bool dns_name_within(const char *name, const char *parent)
{
	struct str n = without_dot(name), p = without_dot(parent);
	if (!p.len || n.len < p.len || strncasecmp(n.p + n.len - p.len, p.p, p.len) != 0)
		return false;
	return n.len == p.len || n.p[n.len - p.len - 1] == '.';
}

const char *dns_name_plain(struct arena *a, const char *name)
{
	struct str s = without_dot(name);
	return arena_dup(a, s.p, s.len);
}

const char *dns_mx_host(struct arena *a, const char *mx)
{
	struct str rest = str_of(mx), preference, host;
	unsigned long n;
	if (!str_next(&rest, " \t", &preference) || !str_number(preference, 65535, &n))
		return NULL;
	if (!str_next(&rest, " \t", &host))
		return ""; /* some resolvers print the root as nothing */
	return dns_name_plain(a, arena_dup(a, host.p, host.len));
}

const char *dns_view_status_name(enum dns_status s)
{
	static const char *const names[] = { "ok", "nodata", "nxdomain", "temperror" };
	return names[s];
}
