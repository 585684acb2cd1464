/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/spec.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { SPEC_SETUP_DEPTH_MAX = 8 };

const struct strlist *spec_list(const struct spec_section *s, const char *key)
{
	for (size_t i = 0; i < s->n; i++)
		if (!strcmp(s->settings[i].key, key))
			return &s->settings[i].list;
	return NULL;
}

const char *spec_text(const struct spec_section *s, const char *key, const char *otherwise)
{
	const struct strlist *l = spec_list(s, key);
	return l && l->n ? l->v[0] : otherwise;
}

long spec_number(const struct spec_section *s, const char *key, long otherwise)
{
	const char *z = spec_text(s, key, NULL);
	return z ? strtol(z, NULL, 10) : otherwise;
}

bool spec_yes(const struct spec_section *s, const char *key, bool otherwise)
{
	const char *z = spec_text(s, key, NULL);
	return z ? !strcmp(z, "yes") : otherwise;
}

bool spec_duration(struct str s, long long *ms)
{
	static const struct {
		const char *unit;
		long long ms;
	} units[] = { { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 }, { "d", 86400000 } };
	bool minus = s.len && s.p[0] == '-';
	s = str_cut(s, minus ? 1 : 0, s.len);
	size_t digits = 0;
	while (digits < s.len && s.p[digits] >= '0' && s.p[digits] <= '9')
		digits++;
	unsigned long n;
	if (!str_number(str_cut(s, 0, digits), 1000000, &n))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (str_eq(str_cut(s, digits, s.len), units[i].unit)) {
			*ms = (minus ? -1 : 1) * (long long)n * units[i].ms;
			return true;
		}
	return false;
}

const struct spec *spec_find(const struct spec_library *l, const char *name, bool setup)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->all[i].setup == setup && !strcmp(l->all[i].top.title, name))
			return &l->all[i];
	return NULL;
}

void spec_library_clear(struct spec_library *l)
{
	free(l->all);
	arena_free(&l->arena);
	*l = (struct spec_library){ 0 };
}

/* ---- merging */

/* True when two zone lines speak of the same owner and type. */
static bool same_rrset(const char *a, const char *b)
{
	struct str ra = str_of(a), rb = str_of(b);
	for (int i = 0; i < 2; i++) {
		struct str pa, pb;
		if (!str_next(&ra, " \t", &pa) || !str_next(&rb, " \t", &pb))
			return false;
		if (i == 0 && pa.len && pa.p[pa.len - 1] == '.')
			pa.len--;
		if (i == 0 && pb.len && pb.p[pb.len - 1] == '.')
			pb.len--;
		if (pa.len != pb.len || strncasecmp(pa.p, pb.p, pa.len) != 0)
			return false;
	}
	return true;
}

static bool replaced(const char *line, const struct strlist *by)
{
	for (size_t i = 0; i < by->n; i++)
		if (same_rrset(line, by->v[i]))
			return true;
	return false;
}

static void merge_zone(struct strlist *into, const struct strlist *from, struct arena *a)
{
	struct strlist out = { 0 };
	for (size_t i = 0; i < into->n; i++)
		if (!replaced(into->v[i], from))
			strlist_add(&out, a, into->v[i]);
	for (size_t i = 0; i < from->n; i++)
		strlist_add(&out, a, from->v[i]);
	*into = out;
}

void spec_fold_section(struct spec_section *into, const struct spec_section *from, struct arena *a)
{
	struct spec_setting *all = arena_alloc(a, (into->n + from->n) * sizeof(*all));
	if (into->n)
		memcpy(all, into->settings, into->n * sizeof(*all));
	into->settings = all;
	for (size_t i = 0; i < from->n; i++) {
		const struct spec_setting *f = &from->settings[i];
		size_t k = 0;
		while (k < into->n && strcmp(all[k].key, f->key) != 0)
			k++;
		if (k == into->n) {
			all[into->n++] = *f;
		} else if (!strcmp(f->key, "zone")) {
			merge_zone(&all[k].list, &f->list, a);
		} else {
			all[k].list = f->list;
		}
	}
}

static struct spec_section *section_for(struct spec *s, const struct spec_section *like, struct arena *a)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->sections[i].kind == like->kind && !strcmp(s->sections[i].title, like->title))
			return &s->sections[i];
	struct spec_section *all = arena_alloc(a, (s->n + 1) * sizeof(*all));
	if (s->n)
		memcpy(all, s->sections, s->n * sizeof(*all));
	s->sections = all;
	struct spec_section *new = &all[s->n++];
	*new = *like;
	new->settings = NULL;
	new->n = 0;
	return new;
}

static bool fold(const struct spec_library *l, const struct spec *from, struct spec *into, struct arena *a,
		 int depth, struct err *e)
{
	if (depth > SPEC_SETUP_DEPTH_MAX)
		return ERR_FILL(e, ERR_LIMIT, 0, "use setup", "%s:%d: setups use one another in a circle",
				from->top.file, from->top.line);
	const struct strlist *use = spec_list(&from->top, "use");
	for (size_t i = 0; use && i < use->n; i++) {
		const struct spec *setup = spec_find(l, use->v[i], true);
		if (!setup)
			return ERR_FILL(e, ERR_SYNTAX, from->top.line, "use setup",
					"%s:%d: there is no setup \"%s\"", from->top.file, from->top.line,
					use->v[i]);
		if (!fold(l, setup, into, a, depth + 1, e))
			return false;
	}
	spec_fold_section(&into->top, &from->top, a);
	for (size_t i = 0; i < from->n; i++)
		spec_fold_section(section_for(into, &from->sections[i], a), &from->sections[i], a);
	return true;
}

struct spec *spec_merge(const struct spec_library *l, const struct spec *s, struct arena *a, struct err *e)
{
	struct spec *out = arena_alloc(a, sizeof(*out));
	out->top = s->top;
	out->top.settings = NULL;
	out->top.n = 0;
	return fold(l, s, out, a, 0, e) ? out : NULL;
}
