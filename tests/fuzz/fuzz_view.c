/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz_view.h"

#include <string.h>
#include <strings.h>

static const char *key(struct fuzz_view *v, const char *name, const char *type)
{
	return arena_printf(v->arena, "%s %s", type, name);
}

static const char *take_line(struct fuzz_view *v)
{
	const char *end = memchr(v->rest.p, '\n', v->rest.len);
	size_t n = end ? (size_t)(end - v->rest.p) : v->rest.len;
	const char *line = arena_dup(v->arena, v->rest.p, n);
	v->rest = str_cut(v->rest, n + 1, v->rest.len);
	return line;
}

void fuzz_view_answer(struct fuzz_view *v, const struct dns_wants *w)
{
	for (size_t i = 0; i < w->n; i++) {
		const char *k = key(v, w->v[i].name, w->v[i].type);
		if (strlist_has(&v->keys, k))
			continue;
		strlist_add(&v->keys, v->arena, k);
		strlist_add(&v->values, v->arena, take_line(v));
	}
}

static bool get(void *ctx, const char *name, const char *type, struct dns_records *out)
{
	struct fuzz_view *v = ctx;
	const char *k = key(v, name, type);
	size_t i = 0;
	while (i < v->keys.n && strcasecmp(v->keys.v[i], k) != 0)
		i++;
	if (i == v->keys.n)
		return false;
	struct str rest = str_of(v->values.v[i]), piece;
	struct strlist got = { 0 };
	out->status = !rest.len ? DNS_NXDOMAIN : rest.p[0] == '~' ? DNS_TEMPERROR : DNS_OK;
	while (out->status == DNS_OK && str_next(&rest, "|", &piece))
		strlist_add(&got, v->arena, arena_dup(v->arena, piece.p, piece.len));
	out->v = got.v;
	out->n = got.n;
	return true;
}

struct dns_view fuzz_view_of(struct fuzz_view *v)
{
	return (struct dns_view){ get, v };
}
