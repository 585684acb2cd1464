/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/door/usage.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { DAY_MS = 86400000, SECOND_MS = 1000 };

struct row {
	char *account;
	int64_t day;
	long today;
	double level; /* of the rate's bucket: recipients not yet forgiven */
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

static struct row *of_today(struct usage *u, const char *account, int64_t now_ms)
{
	struct row *r = find(u, account);
	if (r->day == now_ms / DAY_MS)
		return r;
	r->day = now_ms / DAY_MS;
	r->today = 0;
	return r;
}

/* Stops at the cap: more is of no interest. */
static bool count_account(struct usage *u, struct store *s, const struct relay_account *a, int64_t now_ms,
			  struct err *e)
{
	CLEANUP(arena_free) struct arena *arena = arena_new();
	struct row *r = of_today(u, a->name, now_ms);
	struct store_query q = { .account = str_of(a->name),
				 .since_ms = now_ms / DAY_MS * DAY_MS,
				 .until_ms = now_ms + 1,
				 .limit = STORE_FIND_MAX };
	struct store_hits hits;
	r->today = 0;
	do {
		if (!store_find(s, &q, arena, &hits, e))
			return false;
		r->today += (long)hits.n;
		q.cursor = str_of(hits.cursor);
	} while (hits.cursor && r->today < a->daily_cap);
	return true;
}

bool usage_count(struct usage *u, struct store *s, const struct relay_settings *settings, int64_t now_ms,
		 struct err *e)
{
	for (size_t i = 0; i < settings->naccounts; i++)
		if (settings->accounts[i].daily_cap &&
		    !count_account(u, s, &settings->accounts[i], now_ms, e))
			return false;
	return true;
}

void usage_add(struct usage *u, const char *account, unsigned n, int64_t now_ms)
{
	struct row *r = of_today(u, account, now_ms);
	r->today += (long)n;
	r->level += n;
}

void usage_withdraw(struct usage *u, const char *account, unsigned n)
{
	struct row *r = find(u, account);
	r->today = r->today > (long)n ? r->today - (long)n : 0;
	r->level = r->level > n ? r->level - n : 0;
}

long usage_today(struct usage *u, const char *account, int64_t now_ms)
{
	return of_today(u, account, now_ms)->today;
}

/* A bucket that holds `rate` and runs out evenly: never more than twice the rate in any window. */
long usage_room(struct usage *u, const struct relay_account *a, int64_t now_ms, long *wait_s)
{
	*wait_s = 0;
	if (!a->rate || !a->rate_s)
		return LONG_MAX;
	struct row *r = find(u, a->name);
	double per_ms = (double)a->rate / ((double)a->rate_s * SECOND_MS);
	if (now_ms > r->level_ms)
		r->level -= (double)(now_ms - r->level_ms) * per_ms;
	r->level_ms = now_ms;
	if (r->level < 0)
		r->level = 0;
	double room = (double)a->rate - r->level;
	if (room < 1)
		*wait_s = (long)((1 - room) / per_ms / SECOND_MS) + 1;
	return room < 1 ? 0 : (long)room;
}
