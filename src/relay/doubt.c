/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/doubt.h"

#include <stdlib.h>

#include "relay/mark.h"
#include "relay/steer.h"

/* An invoice is worse doubled than late.  So is the mail of an account, a route or a profile that is no
 * longer in the configuration: what it said of doubt nobody knows any more. */
static const char of_a_block_gone[] = "its account, route or profile is no longer in the configuration",
		  as_asked[] = "hold-in-doubt";

/* NULL: it is sent again. */
static const char *reason_of(const struct relay_settings *s, struct str account, const char *lane)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	const struct lane_as as = lane_as_of(str_of(lane));
	const struct relay_account *who = account.len ? relay_account_find(s, arena_str(a, account).p) : NULL;
	const struct relay_profile *p = as.profile.len ? relay_profile_find(s, as.profile) : NULL;
	const struct relay_route *route = lane_route(s, lane);
	if (!route || (account.len && !who) || (as.profile.len && !p))
		return of_a_block_gone;
	bool asked = route->hold_in_doubt || as.never_twice || (who && who->hold_in_doubt) ||
		     (p && p->hold_in_doubt);
	return asked ? as_asked : NULL;
}

static const char *why_of(const char *reason, struct arena *a)
{
	return arena_printf(a,
			    "it went out whole and was never answered: it may have arrived already, and a "
			    "person has to say whether it is sent again (%s)",
			    reason);
}

bool doubt_is_kept(const struct relay_settings *s, struct str account, const char *lane)
{
	return reason_of(s, account, lane);
}

const char *doubt_kept_why(const struct relay_settings *s, struct str account, const char *lane,
			   struct arena *a)
{
	const char *reason = reason_of(s, account, lane);
	return reason ? why_of(reason, a) : NULL;
}

struct doubtful {
	struct store_id id;
	uint32_t rcpt;
	unsigned tries;
	const char *reason;
};

struct keeping {
	const struct relay_settings *settings;
	struct doubtful *v;
	size_t n, room;
};

static bool add(void *user, const struct store_live *row)
{
	struct keeping *k = user;
	bool waits = row->state == STORE_IN_DOUBT && row->next_ms != STORE_NEVER;
	const char *reason = waits ? reason_of(k->settings, str_of(row->account), row->lane) : NULL;
	if (!reason)
		return true;
	if (k->n == k->room) {
		k->room = k->room ? k->room * 2 : 16;
		k->v = mem_grow(k->v, k->room, sizeof(*k->v));
	}
	k->v[k->n++] = (struct doubtful){ row->id, row->rcpt, row->tries, reason };
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
		.why = str_of(why_of(x->reason, a)),
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
