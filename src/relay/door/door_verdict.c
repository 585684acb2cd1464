/* SPDX-License-Identifier: Apache-2.0 */
/* The answer to a message that waits for what the next server says (listen "..." { wait = "8s" }).
 *
 * The message is durable before that: whatever happens meanwhile, it is not lost. */
#include <stdio.h>
#include <string.h>

#include "catalog/finding_status.h"
#include "net/watch.h"
#include "relay/copies.h"
#include "relay/door/door_accept_inner.h"

enum {
	REPLY_SHOWN_MAX =
		160 /* of one recipient's among several: the line has 512 bytes (RFC 5321, 4.5.3.1.5) */
};

static void say(struct door_accept *w, unsigned code, const char *enhanced, const char *fmt, const char *more)
{
	char id[STORE_ID_TEXT], text[1200];
	int n = snprintf(text, sizeof(text), fmt, store_id_text(w->message.id, id));
	if (*more && n > 0 && (size_t)n < sizeof(text))
		snprintf(text + n, sizeof(text) - (size_t)n, "%s", more);
	door_accept_answer(w, code, enhanced, text);
}

const char *door_verdict_enhanced(struct arena *a, unsigned code, const char *reply, const char **rest)
{
	unsigned v[3];
	int n = 0;
	*rest = reply;
	if (sscanf(reply, "%1u.%3u.%3u%n", &v[0], &v[1], &v[2], &n) != 3 || v[0] != code / 100 ||
	    (reply[n] && reply[n] != ' '))
		return code >= 500 ? "5.0.0" : "4.0.0";
	*rest = reply + n + (reply[n] == ' ');
	return arena_printf(a, "%u.%u.%u", v[0], v[1], v[2]);
}

/* In place of a finding: all refused, and not for one reason.  Its reply then says who it is about. */
static const char several[] = "several-reasons";

/* What the sender named, and no server was asked for. */
static const char *taken_away(const struct door_accept *w)
{
	return !w->nremoved ? ""
			    : arena_printf(w->mail->arena, " (%zu recipient%s taken away by a filter)",
					   w->nremoved, w->nremoved == 1 ? "" : "s");
}

/* All of it went out, and whatever came says neither yes nor no. */
static void tell_doubt(struct door_accept *w, const struct verdict *v, const char *said)
{
	say(w, 250, "2.0.0", "queued as %s (durable); all of it went out and ",
	    arena_printf(w->mail->arena, "%s came, so it may have arrived already:%s%s",
			 copies_answer(v->code), v->code ? "" : " ", v->code ? said : v->reply));
}

static void tell_one(struct door_accept *w, const struct verdict *v)
{
	struct arena *a = w->mail->arena;
	const char *rest, *enhanced = door_verdict_enhanced(a, v->code ? v->code : 554, v->reply, &rest);
	const char *said =
		arena_printf(a, " %s said: %u %s", *v->host ? v->host : "the next server", v->code, v->reply);
	if (v->handed_over)
		say(w, 250, "2.0.0", "handed over as %s", arena_printf(a, "%s:%s", taken_away(w), said));
	else if (v->refused && v->code >= 500)
		door_accept_answer(w, v->code, enhanced,
				   arena_printf(a, "%s refused it: %s",
						*v->host ? v->host : "The next server", rest));
	else if (v->refused)
		door_accept_answer(w, 554, finding_status(a, str_of(v->finding), STATUS_FOR_GOOD),
				   arena_printf(a, "It cannot be handed over: %s", v->reply));
	else if (v->doubt)
		tell_doubt(w, v, said);
	else if (v->code)
		say(w, 250, "2.0.0", "queued as %s (durable), it is tried again:", said);
	else
		say(w, 250, "2.0.0", "queued as %s (durable), it is tried again: ", v->reply);
}

/* The last one's words are not the others': those have theirs from the reports. */
static void tell_last(struct door_accept *w, const struct verdict *v)
{
	door_accept_answer(w, 554, "5.0.0",
			   arena_printf(w->mail->arena, "All %zu recipients were refused, the last, %s",
					v->of, v->reply));
}

/* All refused is one refusal, with the last reply; the rest gets words for each. */
static bool tells_as_one(const struct door_accept *w)
{
	const struct verdict *v = &w->verdict;
	return v->of == 1 || (v->refused == v->of && !w->nrefused);
}

static void tell(struct door_accept *w)
{
	const struct verdict v = w->verdict;
	struct arena *a = w->mail->arena;
	const char *doubt = "", *whom = "";
	if (tells_as_one(w)) {
		(v.finding == several ? tell_last : tell_one)(w, &v);
		return;
	}
	if (v.handed_over == v.of) {
		say(w, 250, "2.0.0", "handed over as %s",
		    w->nremoved ? taken_away(w) : ": all recipients");
		return;
	}
	if (v.doubt)
		doubt = arena_printf(a, ", %u may have got it without a clear answer", v.doubt);
	if (v.first_refused)
		whom = arena_printf(a, "; %s %s",
				    v.refused == 1 ? "refused:" : "the first refused:", v.first_refused);
	say(w, 250, "2.0.0", "queued as %s (durable)",
	    arena_printf(a, ": %u recipient%s handed over, %u refused, %u tried again%s%s", v.handed_over,
			 v.handed_over == 1 ? "" : "s", v.refused, v.delayed, doubt, whom));
}

static void on_time(void *ctx)
{
	say(ctx, 250, "2.0.0", "queued as %s (durable)", "");
}

/* A refusal among others, on one line with them. */
static const char *named(const struct door_accept *w, size_t rcpt, unsigned code, const char *reply)
{
	struct arena *a = w->mail->arena;
	const char *number = code ? arena_printf(a, "%u ", code) : "";
	return arena_printf(a, STR_FMT ": %s%s", STR_ARG(w->message.rcpts[rcpt].address), number, reply);
}

static void note_refused(struct door_accept *w, size_t rcpt, unsigned code, const char *reply)
{
	struct verdict *v = &w->verdict;
	struct str said = str_cut(str_of(reply), 0, REPLY_SHOWN_MAX);
	v->refused++;
	if (!v->first_refused)
		v->first_refused = named(w, rcpt, code, arena_str(w->mail->arena, said).p);
}

/* What filters said is known already. */
static void begin(struct door_accept *w)
{
	struct verdict *v = &w->verdict;
	*v = (struct verdict){ .host = "", .reply = "", .finding = "" };
	v->known = arena_alloc(w->mail->arena, w->message.nrcpts * sizeof(bool));
	for (size_t i = 0; i < w->message.nrcpts; i++) {
		const struct filter_refusal *no = door_accept_refusal(w, w->message.rcpts[i].address);
		bool removed = door_accept_removal(w, w->message.rcpts[i].address);
		v->known[i] = no || removed;
		v->of += !removed;
		v->left += !v->known[i];
		if (no)
			note_refused(w, i, no->answer.code, no->answer.text);
	}
}

bool door_verdict_wait(struct door_accept *w)
{
	struct relay *r = w->relay;
	begin(w);
	if (!w->verdict.left)
		return false;
	w->prev = NULL;
	w->next = r->waiting;
	if (w->next)
		w->next->prev = w;
	r->waiting = w;
	w->timer = net_timer_new(r->loop, on_time, w);
	net_timer_set(w->timer, net_loop_now_ms(r->loop) + (uint64_t)w->wait_s * 1000);
	return true;
}

void door_accept_hurry(struct door *d)
{
	if (d->accept && d->accept->timer)
		net_timer_set(d->accept->timer, 0);
}

/* Once they differ, so it stays. */
static bool differs(const struct verdict *v, const struct store_mark *k, const char *reply)
{
	return v->finding == several || (v->refused && (v->code != k->code || strcmp(v->reply, reply) != 0));
}

static void take(struct door_accept *w, const struct store_mark *k)
{
	struct verdict *v = &w->verdict;
	struct arena *a = w->mail->arena;
	bool ended = k->state == STORE_HANDED_OVER || k->state == STORE_REFUSED || k->state == STORE_EXPIRED;
	if (k->rcpt >= w->message.nrcpts || v->known[k->rcpt] ||
	    (!ended && k->state != STORE_DELAYED && k->state != STORE_IN_DOUBT && k->state != STORE_HELD))
		return;
	const char *reply = arena_str(a, k->reply.len ? str_cut(k->reply, 0, 400) : k->why).p;
	bool other = differs(v, k, reply);
	v->known[k->rcpt] = true;
	v->left--;
	v->handed_over += k->state == STORE_HANDED_OVER;
	if (ended && k->state != STORE_HANDED_OVER)
		note_refused(w, k->rcpt, k->code, reply);
	v->doubt += k->state == STORE_IN_DOUBT;
	v->delayed += !ended && k->state != STORE_IN_DOUBT;
	v->code = k->code;
	v->host = arena_str(a, k->host).p;
	v->finding = other ? several : arena_str(a, k->finding).p;
	v->reply = other ? named(w, k->rcpt, k->code, reply) : reply;
}

bool doors_marked(struct relay *r, const struct store_message *m, const struct store_mark *marks, size_t n)
{
	struct door_accept *w = r->waiting;
	while (w && !store_id_same(w->message.id, m->id))
		w = w->next;
	if (!w)
		return false;
	for (size_t i = 0; i < n; i++)
		take(w, &marks[i]);
	if (w->verdict.left)
		return false;
	bool told = tells_as_one(w) && w->verdict.refused && w->verdict.finding != several && w->door;
	tell(w);
	return told;
}
