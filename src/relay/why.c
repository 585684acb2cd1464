/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/why.h"

#include "catalog/fill.h"
#include "relay/copies.h"
#include "relay/lane/route_caps.h"
#include "relay/steer.h"

static const char *length(struct arena *a, int64_t ms)
{
	static const struct {
		const char *unit;
		int64_t ms, from;
	} units[] = { { "days", 86400000, 172800000 },
		      { "h", 3600000, 5400000 },
		      { "min", 60000, 90000 },
		      { "s", 1000, 0 } };
	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (ms >= units[i].from) {
			long long n = (ms + units[i].ms / 2) / units[i].ms;
			return arena_printf(a, "%lld %s", n ? n : 1, units[i].unit);
		}
	return "1 s";
}

static const char *in(struct arena *a, int64_t from_ms, int64_t to_ms)
{
	return to_ms > from_ms ? arena_printf(a, "in about %s", length(a, to_ms - from_ms)) : "now";
}

static const char *value_of(const void *source, struct str name, struct arena *a)
{
	(void)a;
	return str_eq(name, "host") ? source : "";
}

const char *why_title(const struct finding_entry *f, const char *host, struct arena *a)
{
	return fill_sentence(a, f->title, value_of, host);
}

int64_t why_eta_ms(const struct why_case *c)
{
	const struct lane_view *l = c->lane;
	int64_t at = c->rcpt->next_ms > c->now_ms ? c->rcpt->next_ms : 0;
	if (!c->running || c->rcpt->next_ms == STORE_NEVER || !store_state_live(c->rcpt->state) ||
	    caps_outlast(c->rcpt->finding, c->why))
		return STORE_NEVER;
	if (!l || l->claimed || c->rcpt->state == STORE_SENDING)
		return at;
	int64_t slot = l->next_ms > c->now_ms ? l->next_ms : c->now_ms;
	int64_t turn = slot + (int64_t)(l->ahead + l->turns) * l->slot_ms;
	if (turn > c->now_ms && turn > at)
		at = turn;
	return at;
}

static const char *who_allows(const struct lane_view *l)
{
	return *l->provider ? l->provider : *l->route ? l->route : l->lane;
}

static const char *before(struct arena *a, const struct lane_view *l)
{
	const char *messages =
		l->ahead ? arena_printf(a, "; %s%zu message%s before it", l->more ? "more than " : "",
					l->ahead, l->ahead == 1 ? " goes" : "s go")
			 : "";
	return l->turns ? arena_printf(a, "%s; %zu other destination%s of the same hosts %s first", messages,
				       l->turns, l->turns == 1 ? "" : "s",
				       l->turns == 1 ? "has its turn" : "have their turns")
			: messages;
}

/* A session's, or kept while what became of it is being written down. */
static const char *claimed(const struct lane_view *l, struct arena *a)
{
	return l->sessions ? arena_printf(a, "a session for its destination (%s) has it in hand", l->lane)
			   : arena_printf(a,
					  "the relay has it in hand (destination %s): what becomes of it is "
					  "being written down",
					  l->lane);
}

static const char *because(struct arena *a, const struct lane_view *l)
{
	const struct finding_entry *f = *l->finding ? finding_entry_find(l->finding) : NULL;
	if (f)
		return arena_printf(a, " (%s)", why_title(f, "", a));
	return *l->reply ? arena_printf(a, " (%s)", l->reply) : "";
}

/* It has as many sessions as it may. */
static const char *full(const struct why_case *c, int64_t eta, struct arena *a)
{
	const struct lane_view *l = c->lane;
	const char *of_others = l->others ? arena_printf(a, ", and %u of them carr%s mail to others there",
							 l->others, l->others == 1 ? "ies" : "y")
					  : "";
	return arena_printf(a,
			    "waiting: %s takes %u connection%s at a time (destination %s)%s%s; next slot %s",
			    who_allows(l), l->sessions_max, l->sessions_max == 1 ? "" : "s", l->lane,
			    of_others, before(a, l), eta ? in(a, c->now_ms, eta) : "when one is done");
}

/* Left alone after a failure, or asked by one session whether it works again. */
static const char *failed(const struct why_case *c, struct arena *a)
{
	const struct lane_view *l = c->lane;
	if (l->next_ms > c->now_ms)
		return arena_printf(a,
				    "waiting: %s is left alone for a while after a failure%s; it is tried "
				    "again %s%s",
				    who_allows(l), because(a, l), in(a, c->now_ms, l->next_ms), before(a, l));
	return arena_printf(a,
			    "waiting: %s failed%s; one connection finds out whether it works again "
			    "(destination %s)%s",
			    who_allows(l), because(a, l), l->lane, before(a, l));
}

/* Others that have not answered either have all the seats of its kind. */
static const char *no_seat(const struct lane_view *l, struct arena *a)
{
	static const char *const whose[SEATS] = {
		[SEAT_NEW] = "destinations that have not answered yet",
		[SEAT_SILENT] = "destinations that did not answer last time",
	};
	const char *first = l->seats_before
				    ? arena_printf(a, "; %zu of them %s first", l->seats_before,
						   l->seats_before == 1 ? "has its turn" : "have their turns")
				    : "";
	return arena_printf(a,
			    "waiting: %s take %u connections at a time together, so that all others find "
			    "room (destination %s)%s%s; its turn comes when one of these is done",
			    whose[l->seat < SEATS ? l->seat : SEAT_NEW], l->seats_max, l->lane, first,
			    before(a, l));
}

/* The lane's own state: a pause, its sessions, its rate. */
static const char *waits_for_lane(const struct why_case *c, struct arena *a)
{
	const struct lane_view *l = c->lane;
	int64_t eta = why_eta_ms(c);
	bool is_full = l->sessions_max && l->sessions + l->others >= l->sessions_max,
	     later = l->next_ms > c->now_ms;
	if ((*l->reply || *l->finding) && (later || (l->failed && is_full)))
		return failed(c, a);
	if (*l->rule && (is_full || later))
		return arena_printf(a, "waiting: %s (destination %s)%s; its turn %s", l->rule, l->lane,
				    before(a, l), eta ? in(a, c->now_ms, eta) : "when that is done");
	if (l->seat != SEAT_PROVEN)
		return no_seat(l, a);
	if (l->all_busy)
		return arena_printf(a,
				    "waiting: the relay has as many connections open as it may (destination "
				    "%s)%s; its turn comes when one is done",
				    l->lane, before(a, l));
	if (is_full)
		return full(c, eta, a);
	if (l->rate && later)
		return arena_printf(a, "waiting: %s takes %u messages in %s (destination %s)%s; its turn %s",
				    who_allows(l), l->rate, length(a, (int64_t)l->rate_s * 1000), l->lane,
				    before(a, l), in(a, c->now_ms, eta));
	return arena_printf(a, "due: it goes out next (destination %s)%s", l->lane, before(a, l));
}

/* A person put it there and forgets it: nobody else is told that it waits. */
static const char *how_long(const struct why_case *c, struct arena *a)
{
	enum { WORTH_SAYING_MS = 3600000 };
	int64_t ms = c->now_ms - c->since_ms, ends = c->rcpt->expires_ms;
	bool over = ends && ends != STORE_NEVER && ends < c->now_ms;
	if (!c->since_ms || ms < WORTH_SAYING_MS)
		return "";
	return arena_printf(a, "; it has been held for %s%s%s", length(a, ms),
			    c->rcpt->tries ? "" : " and its sender has not been told",
			    over ? "; the time for its tries (retry expire) is over, so that a failure after "
				   "the release soon ends it"
				 : "");
}

static const char *held(const struct why_case *c, struct arena *a)
{
	const char *why = "held";
	if (str_istarts(c->why, "held")) /* in a person's words already */
		why = arena_str(a, c->why).p;
	else if (c->why.len)
		why = arena_printf(a, "held: " STR_FMT, STR_ARG(c->why));
	if (c->rcpt->next_ms == STORE_NEVER)
		return arena_printf(a, "%s, until it is released (postrider queue release)%s", why,
				    how_long(c, a));
	if (caps_outlast(c->rcpt->finding, c->why))
		return arena_printf(
			a,
			"%s: it is given up %s, and its sender is told, unless the cap is raised "
			"before that and the relay reloads (a hold until after that, postrider queue "
			"hold --until, keeps what was never tried)%s",
			why, in(a, c->now_ms, c->rcpt->next_ms), how_long(c, a));
	return arena_printf(a, "%s; it goes on by itself %s%s", why, in(a, c->now_ms, c->rcpt->next_ms),
			    how_long(c, a));
}

/* A disk may come back, so it is read again until its time is over; then its sender is told. */
static const char *unreadable(const struct why_case *c, struct arena *a)
{
	const struct store_rcpt *r = c->rcpt;
	bool ends = r->expires_ms && r->expires_ms != STORE_NEVER;
	return arena_printf(
		a,
		"this relay cannot read its own copy of it on its disk, tried %u time%s: it is read "
		"again %s%s (postrider queue retry: now; postrider queue bounce: end it now, its "
		"sender is told)",
		r->tries, r->tries == 1 ? "" : "s", in(a, c->now_ms, r->next_ms),
		ends ? arena_printf(a,
				    "; if the disk does not give it back, it ends %s, and its sender is "
				    "told that it did not go out",
				    in(a, c->now_ms, r->expires_ms))
		     : "");
}

static const char *pausing(const struct why_case *c, struct arena *a)
{
	const struct store_rcpt *r = c->rcpt;
	char id[64];
	struct str f = str_cut(r->finding, 0, sizeof(id) - 1);
	const struct finding_entry *entry = finding_entry_find(arena_dup(a, f.p, f.len));
	const char *what = entry        ? arena_printf(a, " (%s)", why_title(entry, "", a))
			   : c->why.len ? arena_printf(a, " (" STR_FMT ")", STR_ARG(c->why))
					: "";
	if (r->state == STORE_IN_DOUBT)
		return arena_printf(a, "in doubt: it went out whole and %s came; it is sent again %s",
				    copies_answer(c->doubt), in(a, c->now_ms, r->next_ms));
	const char *tries =
		arena_printf(a, "waiting after %u tr%s%s", r->tries, r->tries == 1 ? "y" : "ies", what);
	if (c->lane && c->lane->next_ms > r->next_ms && (*c->lane->reply || *c->lane->finding))
		return arena_printf(
			a,
			"%s: its destination, %s, is left alone until then, and it is tried again %s "
			"(postrider queue retry: now)",
			tries, c->lane->lane, in(a, c->now_ms, c->lane->next_ms));
	return arena_printf(a, "%s: it is tried again %s (postrider queue retry: now)", tries,
			    in(a, c->now_ms, r->next_ms));
}

/* Not sent again by itself (hold-in-doubt, or a person's word). */
static const char *in_doubt(const struct why_case *c, struct arena *a)
{
	const struct store_rcpt *r = c->rcpt;
	const char *tries = r->tries > 1 ? arena_printf(a, " (try %u)", r->tries) : "";
	const char *held = steer_wrote(c->why) ? arena_printf(a, " (" STR_FMT ")", STR_ARG(c->why)) : "";
	return arena_printf(a,
			    "in doubt: it may have arrived already. It went out whole%s and %s came, "
			    "so it is not sent again by itself%s. Ask the recipient, or look for it in the "
			    "provider's message trace; postrider queue retry sends it again, postrider queue "
			    "cancel ends it",
			    tries, copies_answer(c->doubt), held);
}

const char *why_sentence(const struct why_case *c, struct arena *a)
{
	const struct store_rcpt *r = c->rcpt;
	if (!store_state_live(r->state))
		return arena_printf(a, "it does not wait: %s", store_state_name(r->state));
	if (c->running && c->lane && c->lane->claimed)
		return claimed(c->lane, a);
	if (r->state == STORE_SENDING)
		return "it is going out right now";
	if (r->state == STORE_HELD)
		return held(c, a);
	if (r->state == STORE_IN_DOUBT && r->next_ms == STORE_NEVER)
		return in_doubt(c, a);
	if (!c->running)
		return "no relay is running on this folder: start it (postrider serve)";
	if (str_eq(r->lane, "none"))
		return "no route carries it: add one to the configuration that fits its sender and "
		       "recipient, "
		       "reload, then postrider queue retry";
	if (r->next_ms > c->now_ms)
		return str_eq(r->finding, FINDING_OWN_COPY) && !steer_wrote(c->why) ? unreadable(c, a)
										    : pausing(c, a);
	return c->lane ? waits_for_lane(c, a) : "due: it goes out next";
}
