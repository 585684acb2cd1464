/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/door/usage.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { DAY_MS = 86400000, SECOND_MS = 1000 };

struct row {
	char *account;
	int64_t day, before_day;
	long today, before; /* before: of before_day */
	double level;       /* of the rate's bucket: recipients not yet forgiven */
	int64_t level_ms;
};

struct usage {
	struct row *v;
	size_t n, room;
};

struct usage *usage_new(void)
{
	return mem_alloc(sizeof(struct usage));
}

void usage_free(struct usage **up)
{
	struct usage *u = *up;
	if (!u)
		return;
	for (size_t i = 0; i < u->n; i++)
		free(u->v[i].account);
	free(u->v);
	mem_free(up);
}

static struct row *find(struct usage *u, const char *account)
{
	for (size_t i = 0; i < u->n; i++)
		if (!strcasecmp(u->v[i].account, account))
			return &u->v[i];
	if (u->n == u->room) {
		u->room = u->room ? u->room * 2 : 8;
		u->v = mem_grow(u->v, u->room, sizeof(*u->v));
	}
	u->v[u->n] = (struct row){ .account = mem_strdup(account) };
	return &u->v[u->n++];
}

/* A clock that is put back opens no second day: what was sent in the one that is yet to come counts as well.
 */
static struct row *of_today(struct usage *u, const char *account, int64_t now_ms)
{
	struct row *r = find(u, account);
	int64_t day = now_ms / DAY_MS;
	if (r->day == day)
		return r;
	if (day > r->day) {
		r->before_day = r->day;
		r->before = r->today;
		r->today = 0;
	} else if (r->before_day == day) {
		r->today += r->before;
		r->before = 0;
	}
	r->day = day;
	return r;
}

/* ---- the rate's bucket: it holds `rate` and runs out evenly, never more than twice the rate in any window
 * ---- */

static double per_ms(const struct relay_account *a)
{
	return a->rate && a->rate_s ? (double)a->rate / ((double)a->rate_s * SECOND_MS) : 0;
}

static void drain(struct row *r, const struct relay_account *a, int64_t now_ms)
{
	if (now_ms > r->level_ms)
		r->level -= (double)(now_ms - r->level_ms) * per_ms(a);
	r->level_ms = now_ms;
	if (r->level < 0)
		r->level = 0;
}

/* ---- a start ---- */

/* What the store knows of an account's recipients, newest first. */
struct counting {
	const struct relay_account *account;
	int64_t now_ms, today_ms;
	long today, all;
	double level;
};

/* The bucket holds what came since some time less what ran out since then; of all times the most. */
static void count_hit(struct counting *c, int64_t at_ms)
{
	double ago = at_ms < c->now_ms ? (double)(c->now_ms - at_ms) : 0;
	double level = (double)++c->all - ago * per_ms(c->account);
	c->level = level > c->level ? level : c->level;
	c->today += at_ms >= c->today_ms;
}

/* More is of no interest. */
static bool is_full(const struct counting *c)
{
	return c->today >= c->account->daily_cap && c->level >= (double)c->account->rate;
}

static int64_t since_ms(const struct counting *c)
{
	const struct relay_account *a = c->account;
	int64_t rate_ms = c->now_ms - (int64_t)a->rate_s * SECOND_MS;
	return !a->daily_cap || (a->rate && rate_ms < c->today_ms) ? rate_ms : c->today_ms;
}

/* What comes later today, of a clock that was ahead, counts: not what comes on other days, or it would bar
 * them. */
static bool count_account(struct usage *u, struct store *s, struct counting *c, struct err *e)
{
	CLEANUP(arena_free) struct arena *arena = arena_new();
	const struct relay_account *a = c->account;
	struct store_query q = { .account = str_of(a->name),
				 .since_ms = since_ms(c),
				 .until_ms = c->today_ms + DAY_MS,
				 .limit = STORE_FIND_MAX };
	struct store_hits hits;
	do {
		if (!store_find(s, &q, arena, &hits, e))
			return false;
		for (size_t i = 0; i < hits.n; i++)
			count_hit(c, hits.v[i].arrived_ms);
		q.cursor = str_of(hits.cursor);
	} while (hits.cursor && !is_full(c));
	struct row *r = of_today(u, a->name, c->now_ms);
	drain(r, a, c->now_ms);
	r->today = c->today > r->today ? c->today : r->today; /* a reload: the index may be a moment behind */
	r->level = c->level > r->level ? c->level : r->level;
	return true;
}

bool usage_count(struct usage *u, struct store *s, const struct relay_settings *settings, int64_t now_ms,
		 struct err *e)
{
	for (size_t i = 0; i < settings->naccounts; i++) {
		struct counting c = { .account = &settings->accounts[i],
				      .now_ms = now_ms,
				      .today_ms = now_ms / DAY_MS * DAY_MS };
		if ((c.account->daily_cap || c.account->rate) && !count_account(u, s, &c, e))
			return false;
	}
	return true;
}

/* ---- what is sent ---- */

/* Of the day before too, where a message that came then is counted, or not taken, after midnight.  NULL:
 * nobody counts that day any more. */
static long *count_of(struct row *r, int64_t at_ms)
{
	int64_t day = at_ms / DAY_MS;
	if (day >= r->day)
		return &r->today;
	return day == r->before_day ? &r->before : NULL;
}

/* It may have waited over midnight: it begins a day, and brings back none. */
void usage_add(struct usage *u, const char *account, unsigned n, int64_t at_ms)
{
	struct row *r = find(u, account);
	if (at_ms / DAY_MS > r->day)
		(void)of_today(u, account, at_ms);
	long *count = count_of(r, at_ms);
	if (count)
		*count += (long)n;
	r->level += n;
}

/* What was added by a clock that was put back since stands under today. */
void usage_withdraw(struct usage *u, const char *account, unsigned n, int64_t at_ms)
{
	struct row *r = find(u, account);
	long *count = count_of(r, at_ms);
	if (count)
		*count = *count > (long)n ? *count - (long)n : 0;
	r->level = r->level > n ? r->level - n : 0;
}

long usage_today(struct usage *u, const char *account, int64_t now_ms)
{
	return of_today(u, account, now_ms)->today;
}

long usage_room(struct usage *u, const struct relay_account *a, int64_t now_ms, long *wait_s)
{
	*wait_s = 0;
	if (!a->rate || !a->rate_s)
		return LONG_MAX;
	struct row *r = find(u, a->name);
	drain(r, a, now_ms);
	double room = (double)a->rate - r->level;
	if (room < 1)
		*wait_s = (long)((1 - room) / per_ms(a) / SECOND_MS) + 1;
	return room < 1 ? 0 : (long)room;
}
