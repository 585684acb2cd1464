/* SPDX-License-Identifier: Apache-2.0 */
/* lab/talk_act.c - the actions of a rule, one after the other. */
#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "lab/talk.h"

enum { FLOOD_MS = 5, FLOOD_WAITING_MAX = 256 * 1024, FLOOD_PIECE_BYTES = 16 * 1024 };

/* "550 5.1.1 no\nlook there" becomes "550-5.1.1 no", "550 look there"; a line
 * that brings its own code keeps it. */
static void write_reply(struct talk *t, const char *text)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	text = talk_fill(t, text);
	for (const char *p = text; p;) {
		const char *lf = strchr(p, '\n');
		size_t n = lf ? (size_t)(lf - p) : strlen(p);
		unsigned long code;
		bool own = n >= 4 && str_number((struct str){ p, 3 }, 999, &code) &&
			   (p[3] == ' ' || p[3] == '-');
		if (own && p == text) {
			buf_add(&b, p, 3);
			buf_adds(&b, lf ? "-" : p[3] == '-' ? "-" : " ");
			buf_add(&b, p + 4, n - 4);
		} else if (own || p == text) {
			buf_add(&b, p, n);
		} else {
			buf_addf(&b, "%.3s%c%.*s", text, lf ? '-' : ' ', (int)n, p);
		}
		buf_adds(&b, "\r\n");
		p = lf ? lf + 1 : NULL;
	}
	talk_write(t, buf_str(&b).p, buf_str(&b).len);
	talk_tracef(t, "> %s", text);
}

static void write_hex(struct talk *t, const char *hex)
{
	unsigned byte;
	int used;
	for (; sscanf(hex, " %2x%n", &byte, &used) == 1; hex += used) {
		char c = (char)byte;
		talk_write(t, &c, 1);
	}
}

static void write_challenge(struct talk *t, const char *text)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	buf_adds(&b, "334 ");
	base64_encode(&b, str_of(text));
	buf_adds(&b, "\r\n");
	talk_write(t, b.data, b.len);
	talk_tracef(t, "> 334 (base64 of) %s", text);
}

static void nap(struct talk *t, long long ms)
{
	talk_flush(t);
	t->sleeping = true;
	uv_timer_start(&t->timer, t->rested, (uint64_t)ms, 0);
}

/* One byte, then a pause; true when the text is through. */
static bool drip(struct talk *t, const struct lab_action *a)
{
	if (!a->text[t->progress]) {
		t->progress = 0;
		return true;
	}
	talk_write(t, &a->text[t->progress++], 1);
	nap(t, a->ms);
	return false;
}

static void flood(struct talk *t, const struct lab_action *a)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	if (t->wire && wire_waiting(t->wire) < FLOOD_WAITING_MAX) {
		while (b.len < FLOOD_PIECE_BYTES)
			buf_adds(&b, a->text);
		talk_write(t, b.data, b.len);
	}
	nap(t, FLOOD_MS);
}

static bool client_hello(const struct talk *t)
{
	return buf_waiting(&t->in) && buf_str(&t->in).p[0] == 0x16;
}

static void queue_alert(struct talk *t, const char *number)
{
	unsigned long n = 40; /* handshake_failure */
	if (!str_number(str_of(number), 255, &n))
		n = 40;
	talk_queue(t, ACT_HEX, arena_printf(t->arena, "15030100 0202%02lx", n));
	talk_queue(t, ACT_CLOSE, NULL);
}

/* Handshakes that end in one act. */
static const struct {
	const char *how;
	enum lab_act act;
} ends[] = { { "silence", ACT_SILENCE }, { "reset", ACT_RESET }, { "close", ACT_CLOSE } };

/* A broken handshake begins when the client's first bytes are there. */
static bool broken_handshake(struct talk *t)
{
	const struct spec_section *s = t->srv->s;
	const char *how = spec_text(s, "handshake", "normal");
	if (!strcmp(how, "normal") || !strcmp(how, "half")) {
		wire_tls(t->wire, t->srv->tls, WIRE_SERVER, NULL);
		if (!strcmp(how, "half"))
			wire_cut_output(t->wire, 5);
		return false;
	}
	t->nqueue = t->at; /* nothing else will come of this connection */
	talk_queue(t, ACT_EXPECT, "");
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		if (!strcmp(how, ends[i].how))
			talk_queue(t, ends[i].act, NULL);
	if (!strcmp(how, "plaintext"))
		talk_queue(t, ACT_SEND, spec_text(s, "handshake-text", "500 5.5.1 Command unrecognized\r\n"));
	if (!strcmp(how, "alert"))
		queue_alert(t, spec_text(s, "handshake-text", ""));
	return true;
}

/* What came before it in plaintext is forgotten (RFC 3207, 4.2); a client's hello that came
 * while we slept after our 220 is not. */
static void begin_tls(struct talk *t)
{
	talk_flush(t);
	if (!client_hello(t))
		buf_clear(&t->in);
	if (!t->wire || !t->srv->tls)
		return;
	t->shaking = true;
	if (broken_handshake(t)) {
		t->shaking = false;
		return;
	}
	CLEANUP(buf_clear) struct buf hello = t->in;
	t->in = (struct buf){ 0 };
	wire_take(t->wire, buf_str(&hello));
}

/* Any bytes at all satisfy an empty pattern. */
static bool expected(struct talk *t, const char *pattern)
{
	if (!*pattern || client_hello(t)) {
		bool some = buf_waiting(&t->in) > 0;
		buf_clear(&t->in);
		return some;
	}
	char *line = talk_line(t);
	if (line && !lab_fits(str_of(line), pattern)) {
		talk_tracef(t, "expected %s, got %s", pattern, line);
		talk_end(t, ACT_CLOSE);
	}
	return line != NULL;
}

static void do_reply(struct talk *t, const struct lab_action *a)
{
	write_reply(t, a->text);
}

static void do_send(struct talk *t, const struct lab_action *a)
{
	const char *text = talk_fill(t, a->text);
	talk_write(t, text, strlen(text));
	talk_write(t, "\r\n", a->act == ACT_LINE ? 2 : 0);
	talk_tracef(t, "> %s", text);
}

static void do_hex(struct talk *t, const struct lab_action *a)
{
	write_hex(t, a->text);
}

static void do_challenge(struct talk *t, const struct lab_action *a)
{
	write_challenge(t, a->text);
}

static void do_sleep(struct talk *t, const struct lab_action *a)
{
	nap(t, a->ms);
}

static void do_tls(struct talk *t, const struct lab_action *a)
{
	(void)a;
	begin_tls(t);
}

static void do_end(struct talk *t, const struct lab_action *a)
{
	talk_end(t, a->act);
}

static void do_half_close(struct talk *t, const struct lab_action *a)
{
	(void)a;
	talk_flush(t);
	if (t->wire)
		wire_half_close(t->wire);
}

static void do_silence(struct talk *t, const struct lab_action *a)
{
	(void)a;
	t->silent = true;
}

static void do_again(struct talk *t, const struct lab_action *a)
{
	(void)a;
	t->at = 0;
}

static void do_usual(struct talk *t, const struct lab_action *a)
{
	(void)a;
	if (t->srv->speaker->usual)
		t->srv->speaker->usual(t);
}

typedef void do_fn(struct talk *t, const struct lab_action *a);

/* Those that are done in one turn; the others are no step of a talk, or in talk_carry_out(). */
static do_fn *const doing[] = {
	[ACT_REPLY] = do_reply,     [ACT_SEND] = do_send,
	[ACT_LINE] = do_send,       [ACT_HEX] = do_hex,
	[ACT_SLEEP] = do_sleep,     [ACT_CHALLENGE] = do_challenge,
	[ACT_TLS] = do_tls,         [ACT_CLOSE] = do_end,
	[ACT_RESET] = do_end,       [ACT_HALF_CLOSE] = do_half_close,
	[ACT_SILENCE] = do_silence, [ACT_AGAIN] = do_again,
	[ACT_DEFAULT] = do_usual,
};

bool talk_carry_out(struct talk *t)
{
	struct lab_action a = t->queue[t->at];
	switch (a.act) {
	case ACT_EXPECT:
		if (!expected(t, a.text))
			return false;
		t->at++;
		return true;
	case ACT_DRIP:
		t->at += drip(t, &a);
		return !t->sleeping;
	case ACT_FLOOD:
		flood(t, &a);
		return false;
	default:
		t->at++;
		if (a.act < ARRAY_LEN(doing) && doing[a.act])
			doing[a.act](t, &a);
		return true;
	}
}
