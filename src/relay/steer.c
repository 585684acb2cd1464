/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/bounce/inbox.h"
#include "relay/filter/filter_lane.h"
#include "relay/steer.h"

#include <string.h>

static const struct {
	const char *name, *why; /* as the trail tells it */
	unsigned fits;          /* bits of enum store_state */
} words[STEERS] = {
	[STEER_HOLD] = { "hold", "held",
			 1 << STORE_QUEUED | 1 << STORE_DELAYED | 1 << STORE_IN_DOUBT | 1 << STORE_HELD },
	[STEER_RELEASE] = { "release", "released", 1 << STORE_HELD | 1 << STORE_IN_DOUBT },
	[STEER_RETRY] = { "retry", "to be tried now",
			  1 << STORE_QUEUED | 1 << STORE_DELAYED | 1 << STORE_IN_DOUBT },
	[STEER_BOUNCE] = { "bounce", "given up",
			   1 << STORE_QUEUED | 1 << STORE_DELAYED | 1 << STORE_IN_DOUBT | 1 << STORE_HELD },
	[STEER_CANCEL] = { "cancel", "withdrawn",
			   1 << STORE_QUEUED | 1 << STORE_DELAYED | 1 << STORE_IN_DOUBT | 1 << STORE_HELD },
};

const char *steer_name(enum steer s)
{
	return words[s].name;
}

bool steer_of(struct str name, enum steer *out)
{
	for (int i = 0; i < STEERS; i++)
		if (str_eq(name, words[i].name)) {
			*out = (enum steer)i;
			return true;
		}
	return false;
}

bool steer_fits(enum steer s, enum store_state state)
{
	return words[s].fits >> state & 1;
}

bool steer_wrote(struct str why)
{
	for (int i = 0; i < STEERS; i++)
		if (str_istarts(why, words[i].why)) {
			struct str rest = str_cut(why, strlen(words[i].why), why.len);
			if (!rest.len || str_istarts(rest, " by ") || str_istarts(rest, ": "))
				return true;
		}
	return false;
}

static const char *why_not(enum steer s, enum store_state state)
{
	if (state == STORE_SENDING)
		return "it is going out right now";
	if (!store_state_live(state))
		return "it has come to an end already";
	return s == STEER_RELEASE ? "it is not held" : "it is held: release it first";
}

/* Doubt stays doubt while it is held: a person who only lets go has not asked whether it arrived, and its
 * sender was told that it is not sent again by itself. */
static const char *doubt_forbids(const struct steer_order *o, const struct store_rcpt *r)
{
	if (r->state != STORE_IN_DOUBT)
		return NULL;
	if (o->what == STEER_HOLD && r->next_ms == STORE_NEVER)
		return "it may have arrived already, and waits for a person: nothing sends it again by "
		       "itself";
	if (o->what != STEER_RELEASE)
		return NULL;
	if (r->next_ms != STORE_NEVER)
		return why_not(o->what, r->state);
	return "it may have arrived already, and waits for a person: postrider queue retry sends it again, "
	       "postrider queue cancel ends it";
}

/* What it was before it was held. */
static enum store_state going_on(const struct store_rcpt *r)
{
	if (r->state == STORE_HELD)
		return r->tries ? STORE_DELAYED : STORE_QUEUED;
	return r->state;
}

static struct str why_of(const struct steer_order *o, struct arena *a)
{
	const char *by = o->by.len ? arena_printf(a, " by " STR_FMT, STR_ARG(o->by)) : "";
	const char *reason = o->reason.len ? arena_printf(a, ": " STR_FMT, STR_ARG(o->reason)) : "";
	return str_of(arena_printf(a, "%s%s%s", words[o->what].why, by, reason));
}

/* By the present routes; what is not known to them goes as before, but not by a name that says what a filter
 * said of it. */
static struct str lane_on(const struct store_rcpt *r, const struct steer_known *k)
{
	return !k->lane.len && filter_lane_is(r->lane) ? filter_lane_own(r->lane) : k->lane;
}

/* Why it may not be; NULL: it may. */
static const char *forbids(const struct steer_order *o, const struct store_rcpt *r)
{
	if (!r)
		return "there is no such recipient";
	if (!steer_fits(o->what, r->state))
		return why_not(o->what, r->state);
	if (str_eq(filter_lane_own(r->lane), INBOX_LANE) && o->what != STEER_CANCEL)
		return "it is a report that came back to us: see postrider bounces";
	return doubt_forbids(o, r);
}

static void turn(struct store_mark *m, const struct steer_order *o, const struct store_rcpt *r,
		 const struct steer_known *k)
{
	switch (o->what) {
	case STEER_HOLD:
		m->state = r->state == STORE_IN_DOUBT ? r->state : STORE_HELD;
		m->next_ms = o->until_ms ? o->until_ms : STORE_NEVER;
		break;
	case STEER_RELEASE:
	case STEER_RETRY:
		m->state = going_on(r);
		m->next_ms = o->now_ms;
		m->lane = lane_on(r, k);
		break;
	case STEER_BOUNCE:
		m->state = STORE_EXPIRED;
		break;
	default:
		m->state = STORE_CANCELLED;
		break;
	}
}

bool steer_mark(const struct steer_order *o, const struct store_message *m, uint32_t rcpt,
		const struct steer_known *k, struct arena *a, struct store_mark *out, const char **no)
{
	const struct store_rcpt *r = rcpt < m->nrcpts ? &m->rcpts[rcpt] : NULL;
	const char *why = forbids(o, r);
	if (why) {
		*no = why;
		return false;
	}
	*out = (struct store_mark){
		.id = m->id,
		.rcpt = rcpt,
		.at_ms = o->now_ms,
		.tries = r->tries,
		.finding = k->finding,
		.why = why_of(o, a),
	};
	turn(out, o, r, k);
	return true;
}
