/* SPDX-License-Identifier: Apache-2.0 */
#include "batch/hand.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "mail/base64_lines.h"
#include "relay/lane/schedule.h"

enum {
	FILE_PIECE = 1024 * BASE64_LINE_BYTES, /* read and coded at a time */
	CONNECT_MS = 10000,
	ANSWER_MS = 300000, /* to one step: the relay may be waiting for its disk, or a filter */
	AGAIN_MS = 200,     /* first pause before it is tried again; doubled up to */
	AGAIN_MOST_MS = 5000,
	TROUBLE_BYTES = 500,
};

struct hand {
	struct net_loop *loop;
	struct hand_way way;
	struct hand_user user;
	size_t lines;     /* fibers under way */
	unsigned put_off; /* letters in a row that were refused for now, to the end of patience */
	bool stops;
	char trouble[TROUBLE_BYTES];
};

/* One session after another, one letter after another. */
struct line {
	struct hand *h;
	struct session *session;
	struct letter letter;
	bool loaded;
	uint64_t troubled_ms; /* since when this letter, or the way, cannot go on; 0: all is well */
	uint64_t pause_ms;
	char why[TROUBLE_BYTES]; /* of the last trouble */
};

enum went { WENT_WELL, WENT_LOST, WENT_LATER };

static uint64_t now(const struct line *x)
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
	session_set_end(x->session, now(x) + ANSWER_MS);
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

static bool greet(struct line *x)
{
	struct err e = { 0 };
	unsigned code;
	const struct session_options o = { .address = x->h->way.host,
					   .port = x->h->way.port,
					   .security = x->h->way.security,
					   .connect_ms = CONNECT_MS,
					   .until_ms = now(x) + ANSWER_MS };
	x->session = session_open(x->h->loop, &o);
	if (!hear(x, &code))
		return false;
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

static enum went transact(struct line *x, struct hand_answer *out)
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

/* ---- troubles that pass ---- */

static bool may_go_on(const struct hand *h)
{
	return !h->stops && !*h->trouble && !net_loop_interrupted(h->loop);
}

/* False: patience is at its end. */
static bool pause_a_while(struct line *x, long hint_s)
{
	uint64_t t = now(x);
	if (!x->troubled_ms) {
		x->troubled_ms = t;
		x->pause_ms = AGAIN_MS;
	}
	uint64_t pause = hint_s ? (uint64_t)hint_s * 1000 : x->pause_ms;
	x->pause_ms = 2 * x->pause_ms < AGAIN_MOST_MS ? 2 * x->pause_ms : AGAIN_MOST_MS;
	if (t + pause > x->troubled_ms + x->h->way.patience_ms)
		return false;
	while (may_go_on(x->h) && now(x) < t + pause)
		net_loop_sleep(x->h->loop, now(x) + AGAIN_MS < t + pause ? now(x) + AGAIN_MS : t + pause);
	return may_go_on(x->h);
}

static void give_up(struct line *x, const char *why)
{
	struct hand *h = x->h;
	if (may_go_on(h))
		snprintf(h->trouble, sizeof(h->trouble), "%s", why);
}

static bool answered(struct line *x, const struct hand_answer *answer)
{
	x->troubled_ms = 0;
	x->h->user.answered(x->h->user.ctx, &x->letter, answer);
	return true;
}

/* Not now, it says again and again.  Of one letter: the others go on; of all of them: it ends. */
static bool put_off(struct line *x, const struct hand_answer *answer)
{
	if (pause_a_while(x, schedule_hint_s(str_of(answer->reply))))
		return false;
	if (!may_go_on(x->h))
		return false;
	if (++x->h->put_off <= HAND_SESSIONS)
		return answered(x, answer);
	give_up(x, answer->reply);
	return false;
}

/* True: the letter is done with. */
static bool one_try(struct line *x)
{
	struct hand_answer answer = { .id = "" };
	enum went went = x->session || greet(x) ? transact(x, &answer) : WENT_LOST;
	if (went == WENT_LATER)
		return put_off(x, &answer);
	if (went == WENT_WELL) {
		x->h->put_off = *answer.id ? 0 : x->h->put_off;
		return answered(x, &answer);
	}
	if (!pause_a_while(x, 0))
		give_up(x, arena_printf(x->letter.arena, "the relay at %s:%u cannot be reached: %s",
					x->h->way.host, x->h->way.port, x->why));
	return false;
}

static void run_line(void *ctx)
{
	struct line *x = ctx;
	struct hand *h = x->h;
	while (may_go_on(h)) {
		if (!x->loaded && !(x->loaded = h->user.next(h->user.ctx, &x->letter)))
			break;
		x->loaded = !one_try(x);
	}
	if (x->session)
		session_quit(x->session, SESSION_AT_ONCE);
	session_free(&x->session);
	letter_clear(&x->letter);
	mem_free(&x);
	h->lines--;
}

/* ---- all of them ---- */

struct hand *hand_new(struct net_loop *l, const struct hand_way *w, const struct hand_user *u)
{
	struct hand *h = mem_alloc(sizeof(*h));
	*h = (struct hand){ .loop = l, .way = *w, .user = *u };
	for (size_t i = 0; i < HAND_SESSIONS; i++) {
		struct line *x = mem_alloc(sizeof(*x));
		x->h = h;
		h->lines++;
		net_fiber_start(l, run_line, x);
	}
	return h;
}

static bool is_over(void *ctx)
{
	const struct hand *h = ctx;
	return !h->lines;
}

bool hand_go_on(struct hand *h, uint64_t until_ms)
{
	return net_loop_wait(h->loop, is_over, h, until_ms) || !h->lines;
}

void hand_stop(struct hand *h)
{
	h->stops = true;
}

const char *hand_trouble(const struct hand *h)
{
	return h->trouble;
}

void hand_free(struct hand **hp)
{
	if (*hp)
		net_loop_settle((*hp)->loop);
	mem_free(hp);
}
