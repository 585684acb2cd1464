/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/bounce/bounce_tell.h"

#include <stdlib.h>
#include <string.h>

#include "catalog/reply_match.h"
#include "relay/mark.h"

static const char unknown_user[] = "rcpt-user-unknown";
enum { SAID_MAX = 160, TRIES = 6, AGAIN_MS = 100 };
static const double sure = 0.8;

/* One mark under way. */
struct telling {
	struct arena *arena;
	struct relay *relay;
	struct store_trail trail;
	struct store_mark mark;
	bool suppress;
	const char *proof;
};

/* ---- what it means ---- */

struct meaning {
	unsigned code;
	const char *finding; /* "" none */
	double confidence;
};

static struct meaning meaning_of(const struct dsn_recipient *r)
{
	struct reply_meaning v[REPLY_MEANINGS_MAX];
	struct meaning m = { (unsigned)(strtoul(r->reply, NULL, 10) % 1000), "", 0 };
	const struct reply_context c = { .provider = "",
					 .step = r->step,
					 .code = m.code,
					 .enhanced = r->status,
					 .text = *r->reply ? r->reply : r->status,
					 .pasted = true };
	if (reply_meanings(&c, v)) {
		m.finding = v[0].entry->id;
		m.confidence = v[0].confidence;
	}
	return m;
}

/* The catalogue knows it for certain, and the server meant it for good. */
static bool is_no_such_user(const struct dsn_recipient *r, const struct meaning *m)
{
	bool for_good = *r->status ? *r->status == '5' : m->code / 100 == 5;
	return for_good && !strcmp(m->finding, unknown_user) && m->confidence >= sure;
}

/* ---- words ---- */

static const char *what_note(struct arena *a, const struct bounce_report *r,
			     const struct dsn_recipient *about)
{
	const struct dsn *d = &r->dsn;
	if (d->kind == DSN_FEEDBACK)
		return arena_printf(a, "a complaint came back (%s): the mail arrived, and was reported",
				    *d->feedback ? d->feedback : "feedback");
	if (d->kind == DSN_CHALLENGE)
		return "not delivered yet: the recipient's side asks the sender to prove that he is a person";
	if (d->kind == DSN_REPLY)
		return "an answering machine replied: the mail arrived at it";
	switch (about ? about->action : DSN_ACTION_UNKNOWN) {
	case DSN_DELAYED:
		return arena_printf(a, "delayed there, and still tried%s%s%s%s",
				    *about->will_retry_until ? " until " : "", about->will_retry_until,
				    *about->reply ? ": " : "", about->reply);
	case DSN_RELAYED:
		return "passed on from there to a server that sends no reports";
	case DSN_FAILED:
		return arena_printf(
			a, "a report says that it failed, and nothing in it proves which mail it means%s%s",
			*about->reply ? ": " : "", about->reply);
	case DSN_DELIVERED:
		return "a report says that it arrived, and nothing in it proves which mail it means";
	case DSN_EXPANDED:
		return "passed on from there to the addresses behind it";
	default:
		return "a report came back that decides nothing";
	}
}

/* What the state does not say already. */
static const char *what(struct arena *a, const struct bounce_report *r, const struct bounce_match *m)
{
	if (m->meaning == BOUNCE_NOTED)
		return what_note(a, r, m->about);
	if (r->dsn.kind != DSN_RECEIPT)
		return "";
	return arena_printf(a, "a receipt of the recipient's program (%s)",
			    *r->dsn.disposition ? r->dsn.disposition : "receipt");
}

static const char *why_of(const struct bounce_telling *t, const struct bounce_match *m, struct arena *a)
{
	char id[STORE_ID_TEXT];
	const char *behind = "", *words = what(a, t->report, m);
	if (m->about && *m->about->address && !m->same_address)
		behind = arena_printf(a, "; it names %s", m->about->address);
	const char *by = arena_printf(a, "report %s, matched by %s%s", store_id_text(t->report_id, id),
				      bounce_how_words(m->how), behind);
	return *words ? arena_printf(a, "%s (%s)", words, by) : by;
}

/* ---- suppression ---- */

static void on_suppressed(struct relay_ticket *ticket, const struct store_done *d)
{
	(void)d; /* the next report brings it again */
	free(ticket);
}

static void suppress(struct telling *t)
{
	struct relay_ticket *ticket = mem_alloc(sizeof(*ticket));
	struct err e = { 0 };
	int64_t now = relay_now_ms();
	const struct store_suppressed v = {
		.address = t->trail.message.rcpts[t->mark.rcpt].address,
		.why = t->mark.finding,
		.proof = str_of(t->proof),
		.since_ms = now,
		.until_ms = now + t->relay->settings->bounces.suppress_s * 1000LL,
	};
	struct store_suppressed now_there;
	if (store_is_suppressed(t->relay->store, v.address, now, t->arena, &now_there) &&
	    now_there.until_ms >= v.until_ms) { /* a person's word, or a whole domain: it stands */
		free(ticket);
		return;
	}
	ticket->done = on_suppressed;
	if (store_suppress(t->relay->store, &v, ticket, &e))
		return;
	free(ticket);
	relay_tell(t->relay, &e);
}

/* ---- the mark ---- */

/* STORE_NO_STATE: it changes nothing and tells nothing. */
static enum store_state state_after(enum store_state now, enum bounce_meaning m)
{
	enum store_state then = m == BOUNCE_FAILED    ? STORE_BOUNCED
				: m == BOUNCE_ARRIVED ? STORE_CONFIRMED
						      : now;
	bool news = then != now || m == BOUNCE_NOTED;
	return news && !store_state_live(now) && store_state_may_follow(now, then) ? then : STORE_NO_STATE;
}

static bool was_told(const struct store_trail *t, uint32_t rcpt, const char *why)
{
	for (size_t i = 0; i < t->nevents; i++)
		if (t->events[i].rcpt == rcpt && str_eq(t->events[i].why, why))
			return true;
	return false;
}

/* In whose name it is said: the server that refused, else the one that reports. */
static void fill_reply(struct telling *x, const struct bounce_report *r, const struct bounce_match *m)
{
	const struct dsn_recipient *d = m->about;
	struct store_mark *k = &x->mark;
	k->host = str_of(d && *d->remote ? d->remote : r->dsn.reporter);
	if (!d || m->meaning != BOUNCE_FAILED)
		return; /* the reply that counts stays that of the hand-over */
	struct meaning now = meaning_of(d);
	k->address = str_of(d->remote_ip);
	k->reply = str_of(*d->reply ? d->reply : d->status);
	k->code = now.code;
	k->finding = str_of(now.finding);
	x->suppress = is_no_such_user(d, &now);
}

static void fill(struct telling *x, const struct bounce_telling *t, const struct bounce_candidate *c,
		 const struct bounce_match *m)
{
	const struct store_rcpt *rcpt = &x->trail.message.rcpts[c->rcpt];
	x->mark = (struct store_mark){
		.id = c->id,
		.rcpt = c->rcpt,
		.state = state_after(rcpt->state, m->meaning),
		.next_ms = STORE_NEVER,
		.tries = rcpt->tries,
		.finding = rcpt->finding,
		.why = str_of(why_of(t, m, x->arena)),
		.note = m->meaning == BOUNCE_NOTED,
		.returned = m->how == BOUNCE_BY_RETURN_PATH,
	};
	fill_reply(x, t->report, m);
	x->suppress =
		x->suppress && t->relay->settings->bounces.suppress_s && bounce_is_authentic(c, m, t->peer);
	x->proof = arena_printf(x->arena, STR_FMT " [" STR_FMT "]",
				(int)(x->mark.reply.len < SAID_MAX ? x->mark.reply.len : SAID_MAX),
				x->mark.reply.p, STR_ARG(x->mark.why));
}

/* Once.  *again: somebody else's mark came in between. */
static enum bounce_told tell_once(const struct bounce_telling *t, const struct bounce_candidate *c,
				  const struct bounce_match *m, bool *again)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct telling x = { .arena = a, .relay = t->relay };
	struct err e = { 0 };
	if (store_trail(t->relay->store, c->id, a, &x.trail, &e) != 1 || c->rcpt >= x.trail.message.nrcpts)
		return e.kind == ERR_NONE ? BOUNCE_NO_NEWS : BOUNCE_NOT_NOW;
	fill(&x, t, c, m);
	if (x.mark.state == STORE_NO_STATE || was_told(&x.trail, c->rcpt, x.mark.why.p))
		return BOUNCE_NO_NEWS;
	enum store_verdict v = relay_mark_wait(t->relay, &x.trail.message, &x.mark, 1, &e);
	*again = v == STORE_LOST;
	if (v == STORE_DONE && x.suppress)
		suppress(&x);
	return v == STORE_DONE ? BOUNCE_TOLD : v == STORE_LOST ? BOUNCE_NO_NEWS : BOUNCE_NOT_NOW;
}

static bool is_free(void *ctx)
{
	return !((struct relay *)ctx)->telling_bounce;
}

enum bounce_told bounce_tell(const struct bounce_telling *t, const struct bounce_candidate *c,
			     const struct bounce_match *m)
{
	struct relay *r = t->relay;
	enum bounce_told told = BOUNCE_NO_NEWS;
	bool again = true;
	if (!net_loop_wait(r->loop, is_free, r, UINT64_MAX))
		return BOUNCE_NOT_NOW;
	r->telling_bounce = true;
	for (int i = 0; i < TRIES && again; i++) {
		again = false;
		told = tell_once(t, c, m, &again);
		if (again) /* the index shows it in a moment */
			net_loop_sleep(r->loop, net_loop_now_ms(r->loop) + AGAIN_MS);
	}
	r->telling_bounce = false;
	return told;
}
