/* SPDX-License-Identifier: Apache-2.0 */
/* One letter over one session with the relay. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "batch/hand_inner.h"

enum {
	CONNECT_MS = 10000,
	ANSWER_MS = 300000, /* to one step: the relay may be waiting for its disk, or a filter */
};

uint64_t line_now(const struct line *x)
{
	return net_loop_now_ms(x->h->loop);
}

/* Always WENT_LOST. */
static enum went lost(struct line *x, const char *why)
{
	snprintf(x->why, sizeof(x->why), "%s", why);
	session_free(&x->session);
	return WENT_LOST;
}

/* ---- the session ---- */

static void drain(struct line *x)
{
	uint64_t at;
	char dir;
	const char *line;
	while (session_spoken(x->session, &at, &dir, &line))
		;
}

/* False: the session is lost. */
static bool hear(struct line *x, unsigned *code)
{
	enum session_event ev;
	session_set_end(x->session, line_now(x) + ANSWER_MS);
	do
		ev = session_wait(x->session, 0);
	while (ev == SESSION_CONNECTED || ev == SESSION_TLS_ENDED || ev == SESSION_IDLE);
	drain(x);
	*code = ev == SESSION_REPLY ? smtp_client_reply(session_client(x->session))->code : 0;
	if (*code && *code != 421)
		return true;
	lost(x, ev == SESSION_CONNECT_FAILED ? strerror(session_errno(x->session))
		: *code                      ? "it closes the connection (421)"
		: ev == SESSION_TIMEOUT      ? "it does not answer"
					     : "it closed the connection");
	return false;
}

bool line_greet(struct line *x)
{
	struct err e = { 0 };
	unsigned code;
	const struct session_options o = { .address = x->h->way.host,
					   .port = x->h->way.port,
					   .security = x->h->way.security,
					   .connect_ms = CONNECT_MS,
					   .until_ms = line_now(x) + ANSWER_MS };
	x->session = session_open(x->h->loop, &o);
	if (!hear(x, &code))
		return false;
	x->h->reached = x->h->reached || code == 220;
	if (code != 220)
		lost(x, "its greeting is no 220");
	else if (!smtp_client_ehlo(session_client(x->session), x->h->way.ehlo_name, &e))
		lost(x, "EHLO cannot be said");
	else if (hear(x, &code) && code != 250)
		lost(x, "it refuses EHLO");
	return x->session != NULL;
}

/* ---- one letter ---- */

static const char *reply_text(struct line *x)
{
	const struct smtp_reply *r = smtp_client_reply(session_client(x->session));
	struct arena *a = x->letter.arena;
	struct strlist lines = { 0 };
	for (size_t i = 0; i < r->nlines; i++)
		strlist_add(&lines, a, text_printable(a, r->lines[i]));
	return arena_printf(a, "%03u %s", r->code, strlist_join(&lines, a, " "));
}

/* "[already] queued as ID (durable)" */
static void read_id(struct line *x, struct hand_answer *out)
{
	static const char mark[] = "queued as ";
	const char *at = strstr(out->reply, mark);
	out->id = "unknown"; /* of somebody else's relay */
	if (!at)
		return;
	at += sizeof(mark) - 1;
	out->id = arena_dup(x->letter.arena, at, strcspn(at, " ;,()"));
	out->before = strstr(out->reply, "already queued as ") != NULL;
}

/* Whole: all of it at once (BDAT), so that neither side has to look for dots, or wait for the other. */
static bool say(struct line *x, bool whole)
{
	struct smtp_client *c = session_client(x->session);
	const struct letter *l = &x->letter;
	struct err e = { 0 };
	const struct smtp_mail_params p = { .size = (long)letter_size(l), .smtputf8 = letter_is_utf8(l) };
	bool said = smtp_client_mail(c, l->from.v[0].address, &p, &e);
	for (size_t i = 0; said && i < l->to.n; i++)
		said = smtp_client_rcpt(c, l->to.v[i].address, NULL, NULL, &e);
	if (said && (whole ? smtp_client_bdat(c, line_whole(x), true, &e) : smtp_client_data(c, &e)))
		return true;
	char text[400];
	lost(x, err_text(&e, text, sizeof(text)));
	return false;
}

static void decides(struct line *x, struct hand_answer *out, unsigned code)
{
	out->code = code;
	out->reply = reply_text(x);
}

/* The answers to MAIL, each RCPT, and DATA or the letter.  Decides by the first that refuses what all need;
 * the last one where none does. */
static enum went hear_answers(struct line *x, struct hand_answer *out)
{
	struct hand_rcpt *v = arena_alloc(x->letter.arena, x->letter.to.n * sizeof(*v));
	unsigned mail, last;
	size_t taken = 0;
	out->rcpts = v;
	if (!hear(x, &mail))
		return WENT_LOST;
	if (mail / 100 != 2)
		decides(x, out, mail);
	for (size_t i = 0; i < x->letter.to.n; i++) {
		if (!hear(x, &v[i].code))
			return WENT_LOST;
		bool no = v[i].code / 100 != 2;
		v[i].reply = no ? reply_text(x) : "";
		taken += !no;
		if (no && !out->code)
			decides(x, out, v[i].code);
	}
	if (!hear(x, &last))
		return WENT_LOST;
	if (mail / 100 == 2 && taken)
		decides(x, out, last);
	return WENT_WELL;
}

static enum went by_reply(const struct hand_answer *out)
{
	return out->code / 100 == 4 ? WENT_LATER : WENT_WELL;
}

/* The letter is refused, the session is used again. */
static enum went refused(struct line *x, const struct hand_answer *out)
{
	struct err e = { 0 };
	unsigned code;
	if (!smtp_client_rset(session_client(x->session), &e))
		session_free(&x->session);
	else if (!hear(x, &code))
		*x->why = 0; /* what was said before counts */
	return by_reply(out);
}

/* Nothing of a letter that could not be sent whole may be taken: the connection goes, no dot. */
static enum went spoilt(struct line *x, struct hand_answer *out)
{
	if (*x->why) {
		session_free(&x->session);
		out->code = 0;
		out->reply = arena_strdup(x->letter.arena, x->why);
		return WENT_WELL;
	}
	if (!hear(x, &out->code)) /* it may have spoken in the midst of it */
		return WENT_LOST;
	out->reply = reply_text(x);
	session_free(&x->session);
	return by_reply(out);
}

enum went line_transact(struct line *x, struct hand_answer *out)
{
	*out = (struct hand_answer){ .id = "", .reply = "" };
	*x->why = 0;
	bool whole = line_is_whole(x);
	if (!say(x, whole) || hear_answers(x, out) != WENT_WELL)
		return WENT_LOST;
	if (whole ? out->code / 100 != 2 : out->code != 354)
		return refused(x, out);
	if (!whole && !line_body(x))
		return spoilt(x, out);
	if (!whole && !hear(x, &out->code))
		return WENT_LOST;
	if (!whole)
		decides(x, out, out->code);
	if (out->code / 100 == 2)
		read_id(x, out);
	return by_reply(out);
}
