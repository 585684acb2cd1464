/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/lane/caps.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* How exactly sends of that age are kept: those of one grain stand as the last of them. */
static const struct {
	int64_t age_ms, grain_ms;
} grains[] = {
	{ 2 * CAPS_MINUTE_MS, 50 },
	{ 2 * CAPS_HOUR_MS, CAPS_MINUTE_MS / 6 },
	{ INT64_MAX, CAPS_MINUTE_MS * 10 },
};

enum { TIDY_ENTRIES = 64 /* the log may grow by so many before it is made smaller */ };

/* ---- limits ---- */

void caps_add(struct caps *c, unsigned most, enum caps_unit unit, int64_t window_ms, enum caps_source source)
{
	if (most && c->n < CAPS_LIMITS_MAX)
		c->v[c->n++] = (struct caps_limit){ most, unit, window_ms, source };
}

void caps_add_told(struct caps *c, const struct caps_told *t, enum caps_source source)
{
	caps_add(c, t->minute, CAPS_MESSAGES, CAPS_MINUTE_MS, source);
	caps_add(c, t->hour, CAPS_RECIPIENTS, CAPS_HOUR_MS, source);
	caps_add(c, t->day, CAPS_RECIPIENTS, CAPS_DAY_MS, source);
	if (t->recipients && (!c->recipients || t->recipients < c->recipients))
		c->recipients = t->recipients;
}

void caps_add_rate(struct caps *c, unsigned most, int64_t window_ms, enum caps_source source)
{
	if (!most)
		return;
	caps_add(c, most, CAPS_MESSAGES, window_ms < CAPS_DAY_MS ? window_ms : CAPS_DAY_MS, source);
	if (window_ms / most > c->spacing_ms)
		c->spacing_ms = window_ms / most;
}

const struct caps_limit *caps_spacing_limit(const struct caps *c)
{
	for (size_t i = 0; c->spacing_ms && i < c->n; i++)
		if (c->v[i].unit == CAPS_MESSAGES && c->v[i].window_ms / c->v[i].most == c->spacing_ms)
			return &c->v[i];
	return NULL;
}

const char *caps_limit_text(const struct caps_limit *x, struct arena *a)
{
	static const struct {
		int64_t ms;
		const char *name, *unit;
	} spans[] = { { CAPS_DAY_MS, "a day", "days" },
		      { CAPS_HOUR_MS, "an hour", "hours" },
		      { CAPS_MINUTE_MS, "a minute", "minutes" },
		      { 1000, "a second", "seconds" } };
	const char *what = x->unit == CAPS_MESSAGES ? "message" : "recipient", *s = x->most == 1 ? "" : "s";
	for (size_t i = 0; i < ARRAY_LEN(spans); i++) {
		if (x->window_ms == spans[i].ms)
			return arena_printf(a, "%u %s%s %s", x->most, what, s, spans[i].name);
		if (x->window_ms >= spans[i].ms && x->window_ms % spans[i].ms == 0)
			return arena_printf(a, "%u %s%s in %lld %s", x->most, what, s,
					    (long long)(x->window_ms / spans[i].ms), spans[i].unit);
	}
	return arena_printf(a, "%u %s%s in %lld ms", x->most, what, s, (long long)x->window_ms);
}

/* ---- what was sent ---- */

void caps_log_clear(struct caps_log *l)
{
	free(l->v);
	*l = (struct caps_log){ 0 };
}

void caps_log_copy(struct caps_log *to, const struct caps_log *from)
{
	free(to->v);
	*to = *from;
	to->room = from->n;
	to->v = mem_grow(NULL, from->n + 1, sizeof(*to->v));
	if (from->n)
		memcpy(to->v, from->v, from->n * sizeof(*to->v));
}

void caps_log_mend(struct caps_log *l, int64_t now_ms)
{
	for (size_t i = l->n; i && l->v[i - 1].at_ms > now_ms; i--)
		l->v[i - 1].at_ms = now_ms;
	if (l->begun_ms > now_ms)
		l->begun_ms = now_ms;
}

void caps_log_shift(struct caps_log *l, int64_t leap_ms, int64_t now_ms)
{
	for (size_t i = 0; i < l->n; i++)
		l->v[i].at_ms += leap_ms;
	if (l->begun_ms)
		l->begun_ms += leap_ms;
	caps_log_mend(l, now_ms); /* what was noted since the leap was noted by the new clock */
}

static int64_t grain_of(int64_t age_ms)
{
	size_t i = 0;
	while (age_ms > grains[i].age_ms)
		i++;
	return grains[i].grain_ms;
}

/* Forgets what no window reaches; joins what stands closer than its age deserves. */
static void tidy(struct caps_log *l, int64_t now_ms)
{
	size_t kept = 0;
	for (size_t i = 0; i < l->n; i++) {
		/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): there are n of them */
		const struct caps_sent x = l->v[i];
		if (x.at_ms <= now_ms - CAPS_DAY_MS)
			continue;
		int64_t grain = grain_of(now_ms - x.at_ms);
		struct caps_sent *last = kept ? &l->v[kept - 1] : NULL;
		if (last && last->at_ms / grain == x.at_ms / grain) {
			last->at_ms = x.at_ms;
			last->messages += x.messages;
			last->recipients += x.recipients;
		} else {
			l->v[kept++] = x;
		}
	}
	l->n = kept;
}

void caps_note(struct caps_log *l, unsigned messages, unsigned recipients, int64_t at_ms)
{
	struct caps_sent *last = l->n ? &l->v[l->n - 1] : NULL;
	if (at_ms > l->begun_ms)
		l->begun_ms = at_ms;
	if (last && at_ms < last->at_ms) /* never earlier than what stands there */
		at_ms = last->at_ms;
	if (last && last->at_ms == at_ms) {
		last->messages += messages;
		last->recipients += recipients;
		return;
	}
	if (l->n == l->room) {
		tidy(l, at_ms);
		if (l->room < l->n + TIDY_ENTRIES) {
			l->room = l->n + TIDY_ENTRIES;
			l->v = mem_grow(l->v, l->room, sizeof(*l->v));
		}
	}
	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): there is room for more than n */
	l->v[l->n++] = (struct caps_sent){ at_ms, messages, recipients };
}

void caps_begin(struct caps_log *l, unsigned recipients, int64_t now_ms)
{
	l->open_messages++;
	l->open_recipients += recipients;
	l->begun_ms = now_ms;
}

void caps_end(struct caps_log *l, unsigned begun, unsigned sent, int64_t now_ms)
{
	l->open_messages -= l->open_messages > 0;
	l->open_recipients -= begun < l->open_recipients ? begun : l->open_recipients;
	if (sent)
		caps_note(l, 1, sent, now_ms);
}

void caps_log_end_all(struct caps_log *l, int64_t now_ms)
{
	if (l->open_messages)
		caps_note(l, l->open_messages, l->open_recipients, now_ms);
	l->open_messages = l->open_recipients = 0;
}

/* ---- asking ---- */

static unsigned count_of(const struct caps_sent *x, enum caps_unit unit)
{
	return unit == CAPS_MESSAGES ? x->messages : x->recipients;
}

/* When `want` more fit the limit; *room: how many fit now. */
static int64_t ask_limit(const struct caps_limit *x, const struct caps_log *l, unsigned want, int64_t now_ms,
			 unsigned *room)
{
	unsigned long long used = x->unit == CAPS_MESSAGES ? l->open_messages : l->open_recipients;
	unsigned long long open = used, most = x->most;
	size_t first = l->n;
	while (first && l->v[first - 1].at_ms + x->window_ms > now_ms)
		used += count_of(&l->v[--first], x->unit);
	*room = used < most ? (unsigned)(most - used) : 0;
	if (used + want <= most)
		return now_ms;
	if (open + want > most) /* they end when they end: counted as if that were now */
		return now_ms + x->window_ms;
	int64_t at = now_ms;
	for (size_t i = first; i < l->n && used + want > most; i++) {
		used -= count_of(&l->v[i], x->unit);
		at = l->v[i].at_ms + x->window_ms;
	}
	return at;
}

static unsigned wanted(const struct caps_limit *x, unsigned recipients)
{
	unsigned n = x->unit == CAPS_RECIPIENTS ? recipients : 1;
	return n < x->most ? n : x->most;
}

static struct caps_answer ask(const struct caps *c, const struct caps_log *l, unsigned recipients, bool whole,
			      int64_t now_ms)
{
	struct caps_answer out = { .at_ms = now_ms, .room = recipients };
	if (c->recipients && out.room > c->recipients)
		out.room = c->recipients;
	for (size_t i = 0; i < c->n; i++) {
		unsigned room;
		int64_t at = ask_limit(&c->v[i], l, wanted(&c->v[i], whole ? recipients : 1), now_ms, &room);
		if (at > out.at_ms) {
			out.at_ms = at;
			out.limit = &c->v[i];
		}
		if (c->v[i].unit == CAPS_RECIPIENTS && room < out.room)
			out.room = room;
	}
	if (c->spacing_ms && l->begun_ms && l->begun_ms + c->spacing_ms > out.at_ms)
		out.at_ms = l->begun_ms + c->spacing_ms;
	if (!out.room)
		out.room = 1;
	return out;
}

struct caps_answer caps_ask(const struct caps *c, const struct caps_log *l, unsigned recipients,
			    int64_t now_ms)
{
	return ask(c, l, recipients, false, now_ms);
}

struct caps_answer caps_ask_whole(const struct caps *c, const struct caps_log *l, unsigned recipients,
				  int64_t now_ms)
{
	return ask(c, l, recipients, true, now_ms);
}
