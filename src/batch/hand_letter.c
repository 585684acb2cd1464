/* SPDX-License-Identifier: Apache-2.0 */
/* One letter over one session with the relay. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "batch/hand_inner.h"
#include "mail/base64_lines.h"

enum {
	FILE_PIECE = 1024 * BASE64_LINE_BYTES, /* read and coded at a time */
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

static bool body_piece(struct line *x, struct str s)
{
	struct smtp_client *c = session_client(x->session);
	struct err e = { 0 };
	for (size_t took = 0; s.len; s = str_cut(s, took, s.len)) {
		if (!smtp_client_body(c, s, &took, &e))
			return false;
		if (took < s.len && !session_flush(x->session, 0))
			return false;
	}
	return true;
}

/* As many bytes as there are, up to room. */
static size_t read_full(int fd, char *to, size_t room)
{
	size_t got = 0;
	for (ssize_t n; got < room; got += (size_t)n) {
		n = read(fd, to + got, room - got);
		if (n < 0 && errno == EINTR)
			n = 0;
		else if (n <= 0)
			break;
	}
	return got;
}

/* False: the connection broke, or *x->why says what is wrong with the file. */
static bool body_file(struct line *x, const struct letter_file *f)
{
	char piece[FILE_PIECE];
	struct buf *coded = &x->letter.scratch;
	uint64_t done = 0;
	int fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	bool same = fd >= 0, sent = true;
	while (same && sent && done < f->bytes) {
		size_t n = read_full(fd, piece, sizeof(piece));
		done += n;
		same = n && done <= f->bytes && (n == sizeof(piece) || done == f->bytes);
		buf_take(coded, buf_waiting(coded));
		base64_lines(coded, (struct str){ piece, n });
		sent = same && body_piece(x, buf_str(coded));
	}
	close_fd(&fd);
	if (!same)
		snprintf(x->why, sizeof(x->why), "attachment \"%s\" changed while it was sent", f->name);
	return same && sent;
}

static bool body(struct line *x)
{
	struct err e = { 0 };
	struct letter *l = &x->letter;
	struct str bytes = buf_str(&l->bytes);
	size_t at = 0;
	for (size_t i = 0; i < l->nfiles; i++) {
		if (!body_piece(x, str_cut(bytes, at, l->files[i].at)) || !body_file(x, &l->files[i]))
			return false;
		at = l->files[i].at;
	}
	return body_piece(x, str_cut(bytes, at, bytes.len)) &&
	       smtp_client_body_end(session_client(x->session), &e);
}

static bool say_envelope(struct line *x)
{
	struct smtp_client *c = session_client(x->session);
	const struct letter *l = &x->letter;
	struct err e = { 0 };
	const struct smtp_mail_params p = { .size = (long)letter_size(l), .smtputf8 = letter_is_utf8(l) };
	bool said = smtp_client_mail(c, l->from.v[0].address, &p, &e);
	for (size_t i = 0; said && i < l->to.n; i++)
		said = smtp_client_rcpt(c, l->to.v[i].address, NULL, NULL, &e);
	if (said && smtp_client_data(c, &e))
		return true;
	char text[400];
	lost(x, err_text(&e, text, sizeof(text)));
	return false;
}

/* The answers to MAIL, each RCPT and DATA.  Decides by the first that refuses what all need. */
static enum went hear_envelope(struct line *x, struct hand_answer *out)
{
	struct hand_rcpt *v = arena_alloc(x->letter.arena, x->letter.to.n * sizeof(*v));
	unsigned mail, data;
	size_t taken = 0;
	out->rcpts = v;
	if (!hear(x, &mail))
		return WENT_LOST;
	out->code = mail;
	out->reply = reply_text(x);
	for (size_t i = 0; i < x->letter.to.n; i++) {
		if (!hear(x, &v[i].code))
			return WENT_LOST;
		v[i].reply = reply_text(x);
		taken += v[i].code / 100 == 2;
		if (out->code / 100 == 2 && v[i].code / 100 != 2) {
			out->code = v[i].code;
			out->reply = v[i].reply;
		}
	}
	if (!hear(x, &data))
		return WENT_LOST;
	if (mail / 100 == 2 && taken) {
		out->code = data;
		out->reply = reply_text(x);
	}
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
	if (!say_envelope(x) || hear_envelope(x, out) != WENT_WELL)
		return WENT_LOST;
	if (out->code != 354)
		return refused(x, out);
	if (!body(x))
		return spoilt(x, out);
	if (!hear(x, &out->code))
		return WENT_LOST;
	out->reply = reply_text(x);
	if (out->code / 100 == 2)
		read_id(x, out);
	return by_reply(out);
}
