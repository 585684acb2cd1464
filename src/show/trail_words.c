/* SPDX-License-Identifier: Apache-2.0 */
#include "show/trail_words.h"

#include <stdlib.h>
#include <string.h>

#include "relay/copies.h"
#include "relay/filter/filter_lane.h"
#include "relay/lane/lane_name.h"
#include "relay/lane/route_caps.h"
#include "relay/notice/notice_last.h"
#include "relay/steer.h"

static const struct {
	const char *word;
	enum paper_style style;
} states[STORE_STATES] = {
	[STORE_NO_STATE] = { "UNKNOWN", PAPER_ODD },
	[STORE_QUEUED] = { "QUEUED", PAPER_PLAIN },
	[STORE_HELD] = { "HELD", PAPER_ODD },
	[STORE_SENDING] = { "SENDING", PAPER_PLAIN },
	[STORE_IN_DOUBT] = { "IN DOUBT", PAPER_ODD },
	[STORE_DELAYED] = { "DELAYED", PAPER_ODD },
	[STORE_HANDED_OVER] = { "HANDED OVER", PAPER_GOOD },
	[STORE_REFUSED] = { "REFUSED", PAPER_BAD },
	[STORE_EXPIRED] = { "EXPIRED", PAPER_BAD },
	[STORE_SUPPRESSED] = { "SUPPRESSED", PAPER_BAD },
	[STORE_CANCELLED] = { "CANCELLED", PAPER_BAD },
	[STORE_BOUNCED] = { "BOUNCED", PAPER_BAD },
	[STORE_CONFIRMED] = { "CONFIRMED", PAPER_GOOD },
};

const char *trail_state_word(enum store_state s)
{
	return states[s < STORE_STATES ? s : STORE_NO_STATE].word;
}

enum paper_style trail_state_style(enum store_state s)
{
	return states[s < STORE_STATES ? s : STORE_NO_STATE].style;
}

const char *trail_hop(struct str lane)
{
	if (!lane.len || str_eq(lane, LANE_NONE))
		return "";
	return lane_smarthost(lane).len ? "smarthost" : "mx";
}

const char *trail_tls(struct arena *a, const struct store_event *v)
{
	const char *proof = store_proof_words(v->proof);
	return v->tls.len ? arena_printf(a, STR_FMT "%s%s", STR_ARG(v->tls), *proof ? ", " : "", proof) : "";
}

const char *trail_reply(struct arena *a, unsigned code, struct str reply)
{
	char *s = arena_dup(a, reply.p, reply.len);
	for (char *p = s; *p; p++)
		if (*p == '\r' || *p == '\n')
			*p = ' ';
	bool has_code = code && strlen(s) >= 3 && strtoul(arena_printf(a, "%.3s", s), NULL, 10) == code;
	return code && !has_code ? arena_printf(a, "%u %s", code, s) : s;
}

static const char *tried_again(struct arena *a, const struct store_event *v, int64_t now_ms)
{
	if (v->next_ms == STORE_NEVER || !v->next_ms)
		return "";
	if (now_ms && v->next_ms <= now_ms)
		return " It is due to be tried again.";
	return arena_printf(a, " It is tried again %s.",
			    now_ms ? trail_span(a, now_ms, v->next_ms) : "by itself");
}

static struct str lane_of_rcpt(const struct store_trail *t, uint32_t rcpt)
{
	return rcpt < t->message.nrcpts ? t->message.rcpts[rcpt].lane : (struct str){ "", 0 };
}

bool trail_has_no_route(const struct store_trail *t, uint32_t rcpt)
{
	return rcpt < t->message.nrcpts && store_state_live(t->message.rcpts[rcpt].state) &&
	       str_eq(lane_of_rcpt(t, rcpt), LANE_NONE);
}

static const char *taker(const struct store_trail *t, uint32_t rcpt)
{
	const char *hop = trail_hop(lane_of_rcpt(t, rcpt));
	if (!strcmp(hop, "mx"))
		return "the recipient's own mail server has taken it";
	if (!strcmp(hop, "smarthost"))
		return "the server that sends our mail on has taken it";
	return "the next server has taken it";
}

bool trail_is_note(const struct store_event *v)
{
	return v->state == STORE_HANDED_OVER && v->why.len && !v->code;
}

static const struct store_event *handing_over(const struct store_trail *t, uint32_t rcpt)
{
	for (size_t i = 0; i < t->nevents; i++)
		if (t->events[i].rcpt == rcpt && t->events[i].state == STORE_HANDED_OVER)
			return &t->events[i];
	return NULL;
}

static const char *known_handed_over(struct arena *a, const struct store_trail *t, uint32_t rcpt,
				     const struct store_event *last)
{
	const struct store_event *v = handing_over(t, rcpt);
	const char *since = last && last != v && trail_is_note(last)
				    ? arena_printf(a, " Since then: " STR_FMT ".", STR_ARG(last->why))
				    : "";
	const char *id =
		v && v->remote_id.len
			? arena_printf(a, " Who runs %s finds it there as " STR_FMT ".",
				       v->host.len ? arena_dup(a, v->host.p, v->host.len) : "that server",
				       STR_ARG(v->remote_id))
			: "";
	return arena_printf(a,
			    "Handed over, which is not delivered: %s. Whether it reached the mailbox only a "
			    "delivery report or the recipient can say.%s%s%s",
			    taker(t, rcpt), trail_copies(a, t, rcpt), id, since);
}

const char *trail_copies(struct arena *a, const struct store_trail *t, uint32_t rcpt)
{
	unsigned n = copies_in_doubt(t, rcpt);
	if (!n)
		return "";
	return n > 1 ? arena_printf(a,
				    " It may be there more than once: %u times before all of it went out, "
				    "and %s came.",
				    n, copies_answer(copies_code(t, rcpt)))
		     : arena_printf(a, " It may be there twice: once before all of it went out, and %s came.",
				    copies_answer(copies_code(t, rcpt)));
}

static const struct store_event *next_of(const struct store_trail *t, const struct store_event *v)
{
	for (const struct store_event *x = v + 1; x < t->events + t->nevents; x++)
		if (x->rcpt == v->rcpt)
			return x;
	return NULL;
}

/* Held before it could be said why (by a filter's word, until an hour with room), and told in the next. */
bool trail_is_step(const struct store_trail *t, const struct store_event *v)
{
	bool bare = v->state == STORE_HELD && !v->why.len && !v->finding.len;
	const struct store_event *next = bare ? next_of(t, v) : NULL;
	if (!next || !next->why.len || steer_wrote(next->why))
		return false;
	if (v->next_ms != STORE_NEVER)
		return next->state == STORE_HELD && next->next_ms == v->next_ms;
	return next->state == STORE_HELD || next->state == STORE_CANCELLED || next->state == STORE_REFUSED;
}

struct str trail_held_why(struct arena *a, const struct store_trail *t, const struct store_event *v)
{
	if (v->why.len || v->state != STORE_HELD)
		return v->why;
	return trail_is_step(t, v) ? next_of(t, v)->why : filter_lane_why(lane_of_rcpt(t, v->rcpt), a);
}

const char *trail_held_then(const struct store_event *v)
{
	return caps_outlast(v->finding, v->why) ? "is given up, unless the cap is raised,"
						: "goes on by itself";
}

static const char *known_held(struct arena *a, const struct store_trail *t, const struct store_event *v,
			      int64_t now_ms)
{
	enum { WORTH_SAYING_MS = 3600000 };
	bool long_ago = v && now_ms - v->at_ms >= WORTH_SAYING_MS;
	const char *since =
		long_ago ? arena_printf(a, " for %s now", trail_length(a, now_ms - v->at_ms)) : "";
	const struct str said = v ? trail_held_why(a, t, v) : STR_LIT("");
	const char *why = said.len ? arena_printf(a, ": " STR_FMT, STR_ARG(said)) : "";
	if (v && v->next_ms && v->next_ms != STORE_NEVER)
		return arena_printf(a, "Waiting on purpose%s%s. It %s%s%s.", since, why, trail_held_then(v),
				    now_ms ? " " : "",
				    !now_ms               ? ""
				    : v->next_ms > now_ms ? trail_span(a, now_ms, v->next_ms)
							  : "now");
	return arena_printf(a, "Waiting on purpose%s%s, until it is released (postrider queue release).",
			    since, why);
}

static const char *known_in_doubt(struct arena *a, const struct store_event *last, int64_t now_ms)
{
	const char *answer = copies_answer(last ? last->code : 0);
	if (last && last->next_ms == STORE_NEVER)
		return arena_printf(a,
				    "It may have arrived already: it went out whole, and %s came. It is not "
				    "sent again by itself. Ask the recipient, or look for it in the "
				    "provider's message trace; postrider queue retry sends it again.",
				    answer);
	return arena_printf(a,
			    "It went out whole, and %s came: the next server may have it or not.%s It may "
			    "arrive twice then.",
			    answer, last ? tried_again(a, last, now_ms) : " It is tried again.");
}

static const char *known_given_up(struct arena *a, const struct store_trail *t, uint32_t rcpt, struct str why)
{
	const struct store_event *v = notice_last_answer(t, rcpt);
	const char *said =
		v ? arena_printf(a, " The last answer was: %s", trail_reply(a, v->code, v->reply)) : "";
	return arena_printf(a, "An administrator ended it (" STR_FMT "), and it is not tried any more: %s.%s",
			    STR_ARG(why),
			    copies_in_doubt(t, rcpt) ? "it may have arrived before" : "it did not arrive",
			    said);
}

static const char *known_expired(struct arena *a, const struct store_trail *t, uint32_t rcpt,
				 const struct store_event *last)
{
	if (last && steer_wrote(last->why))
		return known_given_up(a, t, rcpt, last->why);
	unsigned copies = copies_in_doubt(t, rcpt);
	if (copies)
		return arena_printf(a,
				    "All of it went out, %s came, and it is not tried any more: %s. "
				    "Ask the recipient before it is sent again.",
				    copies_answer(copies_code(t, rcpt)), copies_words(a, copies));
	return "It could not be handed over within the time allowed and is not tried any more: it did not "
	       "arrive.";
}

/* The refusal is of the last copy only. */
static const char *known_refused(struct arena *a, const struct store_trail *t, uint32_t rcpt,
				 const struct store_event *last)
{
	unsigned copies = copies_in_doubt(t, rcpt);
	bool nobody_said = last && !last->code && !last->reply.len;
	if (copies)
		return arena_printf(a,
				    "%s; before that all of it went out and %s came: %s. Ask the "
				    "recipient before it is sent again.",
				    nobody_said ? "It cannot be handed over any more"
						: "The next server refused it for good",
				    copies_answer(copies_code(t, rcpt)), copies_words(a, copies));
	return nobody_said ? "It cannot be handed over: it did not and will not arrive."
			   : "The next server refused it for good: it did not and will not arrive.";
}

static const char *known_cancelled(struct arena *a, const struct store_trail *t, uint32_t rcpt,
				   const struct store_event *last)
{
	const char *why = last && last->why.len ? arena_printf(a, ": " STR_FMT, STR_ARG(last->why)) : "";
	unsigned copies = copies_in_doubt(t, rcpt);
	if (copies)
		return arena_printf(a,
				    "It is not sent again%s. All of it had gone out before, and %s came: %s.",
				    why, copies_answer(copies_code(t, rcpt)), copies_words(a, copies));
	return arena_printf(a, "It was withdrawn before it left%s.", why);
}

static const char *known_sending(struct arena *a, const struct store_trail *t, uint32_t rcpt,
				 const struct store_event *last)
{
	if (last && last->dot)
		return "It may have arrived already: all of it is going out, or had gone out if the relay "
		       "was "
		       "stopped since. The next server's answer is not known yet.";
	unsigned n = copies_in_doubt(t, rcpt);
	const char *before = n ? arena_printf(a, " All of it went out before and %s came: %s.",
					      copies_answer(copies_code(t, rcpt)), copies_words(a, n))
			       : "";
	return arena_printf(a, "A session with the next server is under way.%s", before);
}

static const char *known_delayed(struct arena *a, const struct store_event *last, int64_t now_ms)
{
	const char *again = last ? tried_again(a, last, now_ms) : "";
	if (last && str_eq(last->finding, FINDING_OWN_COPY) && !steer_wrote(last->why))
		return arena_printf(a,
				    "It cannot go out: this relay cannot read its own copy of it. Its sender "
				    "has to send it again.%s",
				    again);
	return arena_printf(a, "Not taken yet, nothing is lost.%s", again);
}

/* Where the last event tells more than the state. */
static const char *known_by_event(struct arena *a, const struct store_trail *t, uint32_t rcpt,
				  const struct store_event *last, enum store_state s, int64_t now_ms)
{
	const char *why = last && last->why.len ? arena_printf(a, ": " STR_FMT, STR_ARG(last->why)) : "";
	switch (s) {
	case STORE_HELD:
		return known_held(a, t, last, now_ms);
	case STORE_SENDING:
		return known_sending(a, t, rcpt, last);
	case STORE_IN_DOUBT:
		return known_in_doubt(a, last, now_ms);
	case STORE_DELAYED:
		return known_delayed(a, last, now_ms);
	case STORE_SUPPRESSED:
		return arena_printf(a, "It was not tried: the address is on the suppression list%s.", why);
	default:
		return "";
	}
}

const char *trail_known(struct arena *a, const struct store_trail *t, uint32_t rcpt,
			const struct store_event *last, int64_t now_ms)
{
	static const char *const known[STORE_STATES] = {
		[STORE_QUEUED] = "It is safe on our disk; nothing was tried yet.",
		[STORE_BOUNCED] = ("The next server had taken it; a delivery report said later that it "
				   "failed: it did not arrive."),
		[STORE_CONFIRMED] = "A delivery report or a receipt said that it arrived.",
	};
	enum store_state s = rcpt < t->message.nrcpts ? t->message.rcpts[rcpt].state : STORE_NO_STATE;
	if (known[s])
		return known[s];
	if (s == STORE_DELAYED && trail_has_no_route(t, rcpt))
		return arena_printf(
			a,
			"Not taken yet, nothing is lost: no route of the configuration carries it. "
			"Add one that fits its sender and recipient.%s",
			last ? tried_again(a, last, now_ms) : "");
	if (s == STORE_EXPIRED)
		return known_expired(a, t, rcpt, last);
	if (s == STORE_REFUSED)
		return known_refused(a, t, rcpt, last);
	if (s == STORE_CANCELLED)
		return known_cancelled(a, t, rcpt, last);
	return s == STORE_HANDED_OVER ? known_handed_over(a, t, rcpt, last)
				      : known_by_event(a, t, rcpt, last, s, now_ms);
}
