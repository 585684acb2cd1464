/* SPDX-License-Identifier: Apache-2.0 */
#include "show/trail_events.h"

#include <string.h>

#include "mail/mailbox.h"
#include "relay/copies.h"
#include "relay/login_told.h"
#include "relay/own_route.h"
#include "relay/steer.h"
#include "show/trail_words.h"

static const char *host_of(struct arena *a, const struct store_event *v)
{
	if (v->host.len && v->address.len)
		return arena_printf(a, STR_FMT " [" STR_FMT "]", STR_ARG(v->host), STR_ARG(v->address));
	if (v->host.len || v->address.len) {
		struct str s = v->host.len ? v->host : v->address;
		return arena_dup(a, s.p, s.len);
	}
	return "the next server";
}

/* "mx.example [192.0.2.1] answered 450 4.2.0 ..." or what went wrong before any answer. */
static const char *said(struct arena *a, const struct store_event *v)
{
	const char *why = v->why.len ? arena_printf(a, STR_FMT, STR_ARG(v->why)) : "";
	if (v->code || v->reply.len) {
		bool by_api = v->state == STORE_HANDED_OVER; /* whose answers have no code of SMTP */
		const char *verb = v->code || by_api ? "answered" : "could not be used:";
		return arena_printf(a, "%s %s %s%s%s", host_of(a, v), verb, trail_reply(a, v->code, v->reply),
				    *why ? " - " : "", why);
	}
	if (*why)
		return v->host.len ? arena_printf(a, "%s: %s", host_of(a, v), why) : why;
	const struct finding_entry *f =
		v->finding.len ? finding_entry_find(arena_dup(a, v->finding.p, v->finding.len)) : NULL;
	return f ? f->title : "";
}

/* Whom it was said to, or by: behind a server's answer. */
static const char *over_tls(struct arena *a, const char *words, const struct store_event *v)
{
	const char *tls = trail_tls(a, v);
	return *tls ? arena_printf(a, "%s (%s)", words, tls) : words;
}

static const char *refused(const char *words)
{
	return *words ? words : "no reason was recorded";
}

static const char *taken_words(struct arena *a, const struct store_trail *t)
{
	const struct store_message *m = &t->message;
	const char *who =
		m->account.len ? arena_printf(a, " (logged in as " STR_FMT ")", STR_ARG(m->account)) : "";
	const char *from = m->client.len ? arena_printf(a, " from " STR_FMT, STR_ARG(m->client)) : "";
	const char *sender = m->sender_why.len ? arena_printf(a, "; " STR_FMT, STR_ARG(m->sender_why)) : "";
	return arena_printf(a, "taken%s%s, safe on our disk%s", from, who, sender);
}

static const char *with_why(struct arena *a, const char *words, const struct store_event *v)
{
	return v->why.len ? arena_printf(a, "%s: " STR_FMT, words, STR_ARG(v->why)) : words;
}

static const char *held(struct arena *a, const struct store_trail *t, const struct store_event *v)
{
	const struct str why = trail_held_why(a, t, v);
	return why.len ? arena_printf(a, "waits on purpose: " STR_FMT, STR_ARG(why)) : "waits on purpose";
}

static const char *reported(struct arena *a, const char *words, const struct store_event *v)
{
	if (!v->reply.len)
		return with_why(a, words, v);
	return arena_printf(a, "%s: %s said %s%s" STR_FMT, words, host_of(a, v),
			    trail_reply(a, v->code, v->reply), v->why.len ? " - " : "", STR_ARG(v->why));
}

/* What ended the session says nothing of the message. */
static const char *in_doubt(struct arena *a, const char *words, const struct store_event *v)
{
	const char *gone = arena_printf(a, "all of it had gone out, and %s came", copies_answer(v->code));
	return *words ? arena_printf(a, "%s; %s", words, gone)
		      : arena_printf(a, "%s: it may have arrived or not", gone);
}

const char *trail_event_words(struct arena *a, const struct store_trail *t, const struct store_event *v)
{
	const char *words = said(a, v);
	if (v == t->events && (v->state == STORE_QUEUED || v->rcpt == UINT32_MAX))
		return taken_words(a, t);
	switch (v->state) {
	case STORE_QUEUED:
		return with_why(a, "waits to be sent", v);
	case STORE_HELD:
		return held(a, t, v);
	case STORE_SENDING:
		return v->dot ? arena_printf(a, "all of it goes out to %s", host_of(a, v))
			      : arena_printf(a, "a session with %s", host_of(a, v));
	case STORE_IN_DOUBT:
		return in_doubt(a, words, v);
	case STORE_REFUSED:
		return v->code ? over_tls(a, words, v) : refused(words);
	case STORE_DELAYED:
	case STORE_EXPIRED:
		return refused(words);
	case STORE_HANDED_OVER:
		if (trail_is_note(v))
			return words;
		return arena_printf(a, "%s: handed over, which is not delivered", over_tls(a, words, v));
	case STORE_SUPPRESSED:
		return with_why(a, "the address is on the suppression list", v);
	case STORE_CANCELLED:
		return with_why(a, "withdrawn", v);
	case STORE_BOUNCED:
		return reported(a, "a delivery report says that it failed", v);
	case STORE_CONFIRMED:
		return reported(a, "a delivery report says that it arrived", v);
	default:
		return words;
	}
}

static bool concerns(const struct store_event *v, uint32_t rcpt)
{
	return v->rcpt == rcpt || v->rcpt == UINT32_MAX;
}

const struct store_event *trail_last(const struct store_trail *t, uint32_t rcpt)
{
	for (size_t i = t->nevents; i-- > 0;)
		if (concerns(&t->events[i], rcpt))
			return &t->events[i];
	return NULL;
}

/* A server spoke, or the relay knows a finding: not our own words, nor a person's. */
static bool has_meaning(const struct store_event *v)
{
	return v->code || v->reply.len || (v->finding.len && !steer_wrote(v->why));
}

const struct store_event *trail_last_said(const struct store_trail *t, uint32_t rcpt)
{
	for (size_t i = t->nevents; i-- > 0;) {
		const struct store_event *v = &t->events[i];
		if (concerns(v, rcpt) && has_meaning(v))
			return v;
	}
	return NULL;
}

/* What we found ourselves, by what we did and saw: no reading of anybody's words, so nothing is left to
 * guess. */
static const double proved = 0.99;

static bool is_own_finding(const struct store_event *v)
{
	return !v->code && !v->reply.len;
}

/* The relay knew more (the step, the whole dialogue): what it found stands first, and alone where no server
 * answered, since the words are its own; then it is proved, however much such words would say elsewhere. */
static void put_finding_first(struct arena *a, struct explanation *x, const struct store_event *v)
{
	const struct str id = v->finding;
	const struct finding_entry *f = id.len ? finding_entry_find(arena_dup(a, id.p, id.len)) : NULL;
	size_t i = 0;
	if (!f)
		return;
	f = v->state == STORE_EXPIRED ? cause_outlasted(f) : f;
	while (i < x->n && x->meanings[i].entry != f)
		i++;
	const bool known = i < x->n; /* else the words mean nothing of what they seem to, there */
	struct reply_meaning m =
		known ? x->meanings[i] : (struct reply_meaning){ f, x->meanings[0].confidence, "relay" };
	if (is_own_finding(v) && m.confidence < proved)
		m.confidence = proved;
	else if (m.confidence < x->meanings[0].confidence)
		m.confidence = x->meanings[0].confidence;
	if (i == x->n && x->n < REPLY_MEANINGS_MAX)
		x->n++;
	i = i < x->n ? i : x->n - 1;
	memmove(&x->meanings[1], &x->meanings[0], i * sizeof(x->meanings[0]));
	x->meanings[0] = m;
	x->n = known && v->code ? x->n : 1;
	x->class = finding_class_find(f->class);
}

void trail_settle_cause(struct arena *a, const struct store_trail *t, const struct store_event *v,
			struct cause *c)
{
	enum store_state now = v->rcpt < t->message.nrcpts ? t->message.rcpts[v->rcpt].state : v->state;
	bool was_lost = !store_state_live(now) && now != STORE_HANDED_OVER && now != STORE_CONFIRMED;
	const struct own_route_case k = { .lane = own_route_lane(t, v->rcpt, v),
					  .host = v->host,
					  .state = v->state,
					  .code = v->code,
					  .sent = copies_in_doubt(t, v->rcpt) > 0 };
	own_route_settle(a, &k, c);
	if (v->code)
		cause_guessed(a, c);
	if (was_lost && copies_in_doubt(t, v->rcpt))
		cause_ended_in_doubt(a, c);
	else if (was_lost || !store_state_live(v->state))
		cause_given_up(a, c);
	else if (v->state == STORE_IN_DOUBT || now == STORE_IN_DOUBT)
		cause_in_doubt(a, c);
	else if (now == STORE_QUEUED || now == STORE_DELAYED || now == STORE_SENDING)
		cause_under_way(a, c);
}

bool trail_explain(struct arena *a, const struct store_trail *t, const struct store_event *v,
		   struct explanation *out)
{
	bool failed = v->state == STORE_DELAYED || v->state == STORE_REFUSED || v->state == STORE_EXPIRED ||
		      v->state == STORE_BOUNCED || v->state == STORE_IN_DOUBT;
	const char *reply = trail_reply(a, v->code, v->reply.len ? v->reply : v->why);
	if (!failed || !has_meaning(v))
		return false;
	const struct store_rcpt *r = v->rcpt < t->message.nrcpts ? &t->message.rcpts[v->rcpt] : NULL;
	const struct explain_hint hint = {
		.host = arena_dup(a, v->host.p, v->host.len),
		.recipient = r ? arena_dup(a, r->address.p, r->address.len) : NULL,
		.sender = arena_dup(a, t->message.reverse_path.p, t->message.reverse_path.len),
		.author = mailbox_author(a, t->message.from),
		.user = login_told_user(a, v->why),
		.code = v->code,
	};
	explain_text(a, str_of(reply), &hint, out);
	put_finding_first(a, out, v);
	out->refusal = true;
	return true;
}

bool trail_answer(struct arena *a, const struct store_trail *t, uint32_t rcpt, struct answer_item *out)
{
	enum store_state now = t->message.rcpts[rcpt].state;
	const struct store_event *v = trail_last_said(t, rcpt);
	bool over_well = now == STORE_HANDED_OVER || now == STORE_CONFIRMED || now == STORE_CANCELLED;
	*out = (struct answer_item){ .who = NULL };
	if (!v || over_well || trail_has_no_route(t, rcpt) || !trail_explain(a, t, v, &out->x))
		return false;
	out->cause = answer_cause(a, &out->x);
	trail_settle_cause(a, t, v, &out->cause);
	return true;
}
