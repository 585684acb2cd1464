/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/doubt.h"

#include <stdlib.h>

#include "relay/mark.h"
#include "relay/steer.h"

/* An invoice is worse doubled than late.  So is the mail of an account, a route or a profile that is no
 * longer in the configuration: what it said of doubt nobody knows any more. */
static bool profile_keeps(const struct relay_settings *s, const char *lane)
{
	const struct lane_as as = lane_as_of(str_of(lane));
	const struct relay_profile *p = as.profile.len ? relay_profile_find(s, as.profile) : NULL;
	return as.never_twice || (p ? p->hold_in_doubt : as.profile.len > 0);
}

bool doubt_is_kept(const struct relay_settings *s, struct str account, const char *lane)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	const struct relay_account *who = account.len ? relay_account_find(s, arena_str(a, account).p) : NULL;
	const struct relay_route *route = lane_route(s, lane);
	bool account_keeps = who ? who->hold_in_doubt : account.len > 0;
	return account_keeps || !route || route->hold_in_doubt || profile_keeps(s, lane);
}

struct doubtful {
	struct store_id id;
	uint32_t rcpt;
	unsigned tries;
};

struct keeping {
	const struct relay_settings *settings;
	struct doubtful *v;
	size_t n, room;
};

static bool add(void *user, const struct store_live *row)
{
	struct keeping *k = user;
	if (row->state != STORE_IN_DOUBT || row->next_ms == STORE_NEVER ||
	    !doubt_is_kept(k->settings, str_of(row->account), row->lane))
		return true;
	if (k->n == k->room) {
		k->room = k->room ? k->room * 2 : 16;
		k->v = mem_grow(k->v, k->room, sizeof(*k->v));
	}
	k->v[k->n++] = (struct doubtful){ row->id, row->rcpt, row->tries };
	return true;
}

struct kept {
	struct arena *arena;
	struct store_message message;
};

static void on_kept(void *ctx, const struct store_done *d)
{
	struct arena *a = ((struct kept *)ctx)->arena; /* ctx is in it */
	(void)d;
	arena_free(&a);
}

/* He has asked, and said so; it had not gone out again yet. */
static bool is_a_persons_wish(const struct store_trail *t, uint32_t rcpt)
{
	for (size_t i = t->nevents; i; i--)
		if (t->events[i - 1].rcpt == rcpt)
			return steer_wrote(t->events[i - 1].why);
	return false;
}

static void keep(struct relay *r, const struct doubtful *x)
{
	struct err e = { 0 };
	struct arena *a = arena_new();
	struct kept *k = arena_alloc(a, sizeof(*k));
	struct store_trail t;
	k->arena = a;
	if (!store_fetch(r->store, x->id, a, &k->message, &e) ||
	    (store_trail(r->store, x->id, a, &t, &e) == 1 && is_a_persons_wish(&t, x->rcpt))) {
		arena_free(&a);
		return;
	}
	const struct store_mark m = {
		.id = x->id,
		.rcpt = x->rcpt,
		.state = STORE_IN_DOUBT,
		.next_ms = STORE_NEVER,
		.tries = x->tries,
		.why = STR_LIT("it went out whole and the relay ended before the answer: it may have arrived "
			       "already, and a person has to say whether it is sent again (hold-in-doubt)")
	};
	relay_mark(r, &k->message, &m, 1, on_kept, k);
}

void doubt_keep(struct relay *r)
{
	struct keeping k = { .settings = r->settings };
	store_each_live(r->store, add, &k);
	for (size_t i = 0; i < k.n; i++)
		keep(r, &k.v[i]);
	free(k.v);
	store_settle(r->store);
}
