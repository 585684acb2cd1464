/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/delivery/sts_cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "relay/kept_lines.h"
#include "store/names.h"

struct known {
	struct named named; /* first */
	struct arena *arena;
	const char *id;
	struct mta_sts_policy policy;
	int64_t until_ms;
	int64_t tried_ms; /* fetched anew in vain; 0 never */
};

struct sts_cache {
	struct names names;
	char *path;
	size_t lines; /* of the file */
};

static void known_clear(struct named *x)
{
	arena_free(&((struct known *)x)->arena);
}

void sts_cache_free(struct sts_cache **cp)
{
	struct sts_cache *c = *cp;
	if (!c)
		return;
	names_drop(&c->names, known_clear);
	free(c->path);
	mem_free(cp);
}

static void copy(struct arena *a, const struct mta_sts_policy *from, struct mta_sts_policy *to)
{
	*to = *from;
	to->problem = "";
	to->mx = (struct strlist){ 0 };
	for (size_t i = 0; i < from->mx.n; i++)
		strlist_add(&to->mx, a, from->mx.v[i]);
}

static void purge(struct sts_cache *c, int64_t now_ms)
{
	for (size_t i = 0; i < c->names.room; i++) {
		struct known *k;
		while ((k = (struct known *)c->names.v[i]) && k->until_ms <= now_ms &&
		       names_leave(&c->names, &k->named)) {
			arena_free(&k->arena);
			names_free(&k->named);
		}
	}
}

static struct known *keep(struct sts_cache *c, struct str domain, struct str id,
			  const struct mta_sts_policy *p, int64_t until_ms, int64_t now_ms)
{
	struct known *k = (struct known *)names_find(&c->names, domain);
	if (!k && c->names.n >= STS_CACHE_MAX)
		purge(c, now_ms);
	if (!k && c->names.n >= STS_CACHE_MAX)
		return NULL;
	if (!k)
		k = names_use(&c->names, domain, sizeof(*k));
	struct arena *old = k->arena;
	k->arena = arena_new();
	copy(k->arena, p, &k->policy);
	k->id = arena_str(k->arena, id).p;
	k->until_ms = until_ms;
	k->tried_ms = 0;
	arena_free(&old);
	return k;
}

bool sts_cache_get(const struct sts_cache *c, const char *domain, int64_t now_ms, struct arena *a,
		   struct mta_sts_policy *out, const char **id)
{
	const struct known *k = (const struct known *)names_find(&c->names, str_of(domain));
	if (!k || k->until_ms <= now_ms)
		return false;
	copy(a, &k->policy, out);
	*id = arena_strdup(a, k->id);
	return true;
}

bool sts_cache_wants(struct sts_cache *c, const char *domain, const char *id, int64_t now_ms)
{
	struct known *k = (struct known *)names_find(&c->names, str_of(domain));
	if (!k || k->until_ms <= now_ms)
		return true;
	bool old = k->until_ms - now_ms < (int64_t)k->policy.max_age * 1000 / 2;
	bool just_tried = k->tried_ms && k->tried_ms <= now_ms && now_ms - k->tried_ms < STS_AGAIN_MS;
	if (just_tried || (!old && !strcmp(k->id, id)))
		return false;
	k->tried_ms = now_ms;
	return true;
}

/* ---- the file: until_ms max-age mode domain id pattern... ---- */

static bool is_word(const char *s)
{
	if (!*s)
		return false;
	for (; *s; s++)
		if (*s <= ' ' || *s == 127)
			return false;
	return true;
}

static void add_line(struct buf *out, const struct known *k)
{
	bool fine = is_word(k->named.name) && is_word(k->id);
	for (size_t i = 0; i < k->policy.mx.n; i++)
		fine = fine && is_word(k->policy.mx.v[i]);
	if (!fine)
		return;
	buf_addf(out, "%lld %lu %s %s %s", (long long)k->until_ms, k->policy.max_age,
		 mta_sts_mode_name(k->policy.mode), k->named.name, k->id);
	for (size_t i = 0; i < k->policy.mx.n; i++) {
		buf_adds(out, " ");
		buf_adds(out, k->policy.mx.v[i]);
	}
	buf_adds(out, "\n");
}

static void write_anew(struct sts_cache *c)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	c->lines = 0;
	for (size_t i = 0; i < c->names.room; i++)
		if (c->names.v[i]) {
			add_line(&b, (const struct known *)c->names.v[i]);
			c->lines++;
		}
	kept_lines_replace(c->path, buf_str(&b));
}

static bool read_mode(struct str word, enum mta_sts_mode *out)
{
	static const enum mta_sts_mode modes[] = { MTA_STS_MODE_NONE, MTA_STS_MODE_TESTING,
						   MTA_STS_MODE_ENFORCE };
	for (size_t i = 0; i < ARRAY_LEN(modes); i++)
		if (str_eq(word, mta_sts_mode_name(modes[i]))) {
			*out = modes[i];
			return true;
		}
	return false;
}

static void read_line(struct sts_cache *c, struct str line, int64_t now_ms, struct arena *a)
{
	struct str until, age, mode, domain, id, pattern;
	struct mta_sts_policy p = { .good = true, .problem = "" };
	if (!str_next(&line, " ", &until) || !str_next(&line, " ", &age) || !str_next(&line, " ", &mode) ||
	    !str_next(&line, " ", &domain) || !str_next(&line, " ", &id) ||
	    !str_number(age, MTA_STS_AGE_MAX, &p.max_age) || !read_mode(mode, &p.mode))
		return;
	int64_t ends = strtoll(arena_str(a, until).p, NULL, 10);
	if (ends <= now_ms || ends > now_ms + (int64_t)p.max_age * 1000) /* not under this clock */
		return;
	while (str_next(&line, " ", &pattern))
		strlist_add(&p.mx, a, arena_str(a, pattern).p);
	(void)keep(c, domain, id, &p, ends, now_ms);
}

struct reading {
	struct sts_cache *c;
	int64_t now_ms;
};

static void on_line(void *user, struct str line)
{
	const struct reading *r = user;
	CLEANUP(arena_free) struct arena *a = arena_new();
	read_line(r->c, line, r->now_ms, a);
}

struct sts_cache *sts_cache_new(const char *path, int64_t now_ms)
{
	struct sts_cache *c = mem_alloc(sizeof(*c));
	if (!path)
		return c;
	c->path = mem_printf("%s", path);
	struct reading r = { c, now_ms };
	c->lines = kept_lines_read(path, on_line, &r);
	if (c->lines != c->names.n)
		write_anew(c);
	return c;
}

void sts_cache_put(struct sts_cache *c, const char *domain, const char *id, const struct mta_sts_policy *p,
		   int64_t now_ms)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	const struct known *k =
		keep(c, str_of(domain), str_of(id), p, now_ms + (int64_t)p->max_age * 1000, now_ms);
	if (!k || !c->path)
		return;
	if (c->lines++ >= 2 * STS_CACHE_MAX) {
		write_anew(c);
		return;
	}
	add_line(&b, k);
	kept_lines_add(c->path, buf_str(&b));
}
