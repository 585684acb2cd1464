/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/door/sizes.h"

#include <limits.h>
#include <stdlib.h>

#include "base/buf.h"
#include "relay/kept_lines.h"
#include "store/names.h"

struct size {
	struct named named; /* first */
	long size;
	int64_t at_ms, written_ms;
};

struct sizes {
	struct names names;
	char *path;
	size_t lines; /* of the file */
	int64_t tidied_ms;
};

struct str sizes_key(const struct relay_route *r, struct str lane, struct arena *a)
{
	if (!r || r->mx)
		return lane;
	return str_of(arena_printf(a, STR_FMT " by %s:%u", STR_ARG(lane), r->smarthost, r->port));
}

void sizes_free(struct sizes **sp)
{
	struct sizes *s = *sp;
	if (!s)
		return;
	names_drop(&s->names, NULL);
	free(s->path);
	mem_free(sp);
}

static bool is_old(int64_t at_ms, int64_t now_ms)
{
	return now_ms - at_ms >= SIZES_KEEP_MS;
}

/* What moves up into a slot is looked at there. */
static void drop_old(struct sizes *s, int64_t now_ms)
{
	for (size_t i = 0; i < s->names.room;) {
		struct named *x = s->names.v[i];
		if (x && is_old(((struct size *)x)->at_ms, now_ms) && names_leave(&s->names, x))
			names_free(x);
		else
			i++;
	}
	s->tidied_ms = now_ms;
}

static void make_room(struct sizes *s, int64_t now_ms)
{
	bool lately = now_ms >= s->tidied_ms && now_ms - s->tidied_ms < SIZES_TIDY_MS;
	if (s->names.n >= SIZES_MAX && !lately)
		drop_old(s, now_ms);
}

static struct size *keep(struct sizes *s, struct str key, long size, int64_t at_ms)
{
	struct size *x = (struct size *)names_find(&s->names, key);
	if (!x && (size <= 0 || s->names.n >= SIZES_MAX))
		return NULL;
	if (!x)
		x = names_use(&s->names, key, sizeof(*x));
	x->size = size > 0 ? size : 0;
	x->at_ms = at_ms;
	return x;
}

/* ---- the file: at_ms size key; of several lines for a key the last one counts ---- */

static void add_line(struct buf *out, const struct size *x)
{
	buf_addf(out, "%lld %ld %s\n", (long long)x->at_ms, x->size, x->named.name);
}

struct reading {
	struct sizes *s;
	int64_t now_ms;
};

static void on_line(void *user, struct str line)
{
	const struct reading *r = user;
	struct str at, size;
	unsigned long at_ms, n;
	if (!str_next(&line, " ", &at) || !str_next(&line, " ", &size) || line.len < 2 ||
	    !str_number(at, INT64_MAX, &at_ms) || !str_number(size, LONG_MAX, &n) ||
	    (int64_t)at_ms > r->now_ms || is_old((int64_t)at_ms, r->now_ms))
		return;
	struct size *x = keep(r->s, str_cut(line, 1, line.len), (long)n, (int64_t)at_ms);
	if (x)
		x->written_ms = x->at_ms;
}

static void write_anew(struct sizes *s, int64_t now_ms)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	drop_old(s, now_ms);
	for (size_t i = 0; i < s->names.room; i++)
		if (s->names.v[i])
			add_line(&b, (const struct size *)s->names.v[i]);
	s->lines = s->names.n;
	kept_lines_replace(s->path, buf_str(&b));
}

static void write_down(struct sizes *s, struct size *x)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	x->written_ms = x->at_ms;
	if (s->lines++ >= 2 * (size_t)SIZES_MAX) {
		write_anew(s, x->at_ms);
		return;
	}
	add_line(&b, x);
	kept_lines_add(s->path, buf_str(&b));
}

struct sizes *sizes_new(const char *path, int64_t now_ms)
{
	struct sizes *s = mem_alloc(sizeof(*s));
	struct reading r = { s, now_ms };
	if (!path)
		return s;
	s->path = mem_strdup(path);
	s->lines = kept_lines_read(path, on_line, &r);
	return s;
}

void sizes_learn(struct sizes *s, struct str key, long size, int64_t now_ms)
{
	long before = sizes_of(s, key, now_ms);
	make_room(s, now_ms);
	struct size *x = keep(s, key, size, now_ms);
	if (x && s->path && (x->size != before || now_ms - x->written_ms >= SIZES_WRITE_MS))
		write_down(s, x);
}

long sizes_of(const struct sizes *s, struct str key, int64_t now_ms)
{
	const struct size *x = (const struct size *)names_find(&s->names, key);
	return x && !is_old(x->at_ms, now_ms) ? x->size : 0;
}
