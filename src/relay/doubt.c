/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/doubt.h"

#include <stdlib.h>

#include "relay/mark.h"

bool doubt_is_kept(const struct relay_settings *s, struct str account, const char *lane)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	const struct relay_account *who = account.len ? relay_account_find(s, arena_str(a, account).p) : NULL;
	const struct relay_route *route = lane_route(s, lane);
	return (who && who->hold_in_doubt) || (route && route->hold_in_doubt);
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

static void keep(struct relay *r, const struct doubtful *x)
{
	struct err e = { 0 };
	struct arena *a = arena_new();
	struct kept *k = arena_alloc(a, sizeof(*k));
	k->arena = a;
	if (!store_fetch(r->store, x->id, a, &k->message, &e)) {
		arena_free(&a);
		return;
	}
	const struct store_mark m = {
		.id = x->id,
		.rcpt = x->rcpt,
		.state = STORE_IN_DOUBT,
		.next_ms = STORE_NEVER,
		.tries = x->tries,
		.why = STR_LIT("it went out whole and the relay ended before the answer: a person "
			       "has to say whether it is sent again (hold-in-doubt)")
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
