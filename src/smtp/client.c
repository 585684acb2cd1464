/* SPDX-License-Identifier: Apache-2.0 */
#include "smtp/client_inner.h"

#include <stdlib.h>

struct smtp_client *smtp_client_new(const struct smtp_client_options *o)
{
	struct smtp_client *c = mem_alloc(sizeof(*c));
	if (o)
		c->options = *o;
	for (size_t i = 0; i < SMTP_COMMANDS; i++)
		if (!c->options.timeout_ms[i])
			c->options.timeout_ms[i] = client_patience_ms((enum smtp_command)i);
	c->out.max = SMTP_OUTPUT_BYTES_MAX;
	c->stall_ms = UINT64_MAX;
	c->parser = smtp_reply_parser_new();
	c->ehlo_arena = arena_new();
	return c;
}

void smtp_client_free(struct smtp_client **cp)
{
	struct smtp_client *c = *cp;
	if (!c)
		return;
	for (size_t i = 0; i < c->asked_n; i++)
		free(client_asked(c, i)->text);
	free(c->answered.text);
	spoken_list_clear(&c->unsaid);
	spoken_list_clear(&c->spoken);
	client_auth_clear(&c->auth);
	buf_wipe(&c->out);
	smtp_reply_parser_free(&c->parser);
	arena_free(&c->ehlo_arena);
	free(c);
	*cp = NULL;
}

void smtp_client_connected(struct smtp_client *c, uint64_t now_ms)
{
	if (c->phase != CLIENT_NEW)
		return;
	c->phase = CLIENT_GREETING;
	c->now_ms = now_ms;
	c->asked_n = 1;
	*client_asked(c, 0) =
		(struct asked){ .command = SMTP_CMD_CONNECT, .written = true, .written_ms = now_ms };
}

void smtp_client_tls_done(struct smtp_client *c, uint64_t now_ms)
{
	c->now_ms = now_ms;
	if (c->phase != CLIENT_HANDSHAKE)
		return;
	c->phase = CLIENT_TALK;
	c->helo = false;
	c->ehlo = NULL;
	client_new_transaction(c);
}

/* A reply can only answer what had left when its first byte came; an earlier one was unasked.  A refusal need
 * not await a command's end: the line, or the chunk behind BDAT, may be too long. */
static bool is_answer(const struct smtp_client *c, const struct asked *head, const struct smtp_reply *r)
{
	if (!head || head->command == SMTP_CMD_CONNECT)
		return head;
	return r->code < 400 ? c->reply_sent >= head->end : c->reply_sent > head->from;
}

/* Behind its last word a server may still refuse the message, or say goodbye. */
static bool may_follow_parting(enum smtp_command m, unsigned code)
{
	return code == 421 || m == SMTP_CMD_QUIT || (m == SMTP_CMD_DOT && code >= 400);
}

static void take_head(struct smtp_client *c)
{
	free(c->answered.text);
	c->answered = *client_head(c);
	c->asked_first = (c->asked_first + 1) % SMTP_COMMANDS_AHEAD_MAX;
	c->asked_n--;
}

static void on_ehlo(struct smtp_client *c, const struct smtp_reply *r)
{
	if (r->code / 100 != 2)
		return;
	arena_free(&c->ehlo_arena);
	c->ehlo_arena = arena_new();
	c->ehlo = c->answered.command == SMTP_CMD_EHLO ? smtp_ehlo_read(r, c->ehlo_arena) : NULL;
	c->helo = true;
}

static void on_mail(struct smtp_client *c, const struct smtp_reply *r)
{
	if (r->code / 100 != 2 && c->answered.transaction == c->tx.number)
		c->tx.mail = false;
}

static void on_rcpt(struct smtp_client *c, const struct smtp_reply *r)
{
	if (r->code / 100 != 2 && c->answered.transaction == c->tx.number && c->tx.rcpts)
		c->tx.rcpts--;
}

/* The phases a final reply leads to. */
static void move(struct smtp_client *c, const struct smtp_reply *r)
{
	enum smtp_command m = c->answered.command;
	if (m == SMTP_CMD_DATA && r->code == 354)
		client_body_begin(c);
	else if (m == SMTP_CMD_STARTTLS && r->code == 220)
		c->phase = CLIENT_HANDSHAKE;
	else if (r->code == 421 || (m == SMTP_CMD_QUIT && r->code == 221))
		c->phase = CLIENT_CLOSING;
	else if (m == SMTP_CMD_CONNECT)
		c->phase = CLIENT_TALK;
}

static void learn(struct smtp_client *c, const struct smtp_reply *r)
{
	switch (c->answered.command) {
	case SMTP_CMD_EHLO:
	case SMTP_CMD_HELO:
		on_ehlo(c, r);
		break;
	case SMTP_CMD_MAIL:
		on_mail(c, r);
		break;
	case SMTP_CMD_RCPT:
		on_rcpt(c, r);
		break;
	case SMTP_CMD_AUTH:
		client_auth_end(c, r);
		break;
	default:
		break;
	}
}

/* One reply too many has shifted all that follow (RFC 2920, 3.1: they are told apart by their order alone),
 * so that a recipient would get what another was told: nothing more is believed. */
static enum smtp_event one_too_many(struct smtp_client *c, const struct smtp_reply *r, struct err *e)
{
	c->reply_whole = false; /* smtp_client_raw() shows it */
	c->phase = CLIENT_BROKEN;
	ERR_FILL(e, ERR_PROTOCOL, (long)r->code, "read reply",
		 "%u came, and nothing was asked that it answers", r->code);
	return SMTP_EVENT_BROKEN;
}

/* A refusal may come unasked, as the last word (RFC 5321, 3.8: 421; some say 451 or 554). */
static enum smtp_event take_unasked(struct smtp_client *c, const struct smtp_reply *r, struct err *e)
{
	free(c->answered.text);
	c->answered = (struct asked){ .command = SMTP_CMD_NONE };
	c->elapsed_ms = 0;
	if (r->code < 400)
		return one_too_many(c, r, e);
	c->parting = true;
	move(c, r);
	return SMTP_EVENT_REPLY;
}

static enum smtp_event take_reply(struct smtp_client *c, const struct smtp_reply *r, struct err *e)
{
	struct asked *head = client_head(c);
	client_hear(c, r);
	c->reply = r;
	c->reply_whole = true;
	c->timed_out = false;
	c->answered_ms = c->now_ms;
	if (!is_answer(c, head, r))
		return take_unasked(c, r, e);
	if (c->parting && !may_follow_parting(head->command, r->code))
		return one_too_many(c, r, e);
	c->elapsed_ms = head->written && c->now_ms > head->written_ms ? c->now_ms - head->written_ms : 0;
	if (head->command == SMTP_CMD_AUTH && r->code == 334)
		return client_auth_challenge(c, r);
	take_head(c);
	learn(c, r);
	move(c, r);
	return c->phase == CLIENT_HANDSHAKE ? SMTP_EVENT_START_TLS : SMTP_EVENT_REPLY;
}

enum smtp_event smtp_client_feed(struct smtp_client *c, const void *data, size_t len, size_t *used,
				 uint64_t now_ms, struct err *e)
{
	c->now_ms = now_ms;
	*used = 0;
	if (!len)
		return SMTP_EVENT_NONE;
	if (c->phase == CLIENT_HANDSHAKE || c->phase == CLIENT_NEW || c->phase == CLIENT_BROKEN) {
		ERR_FILL(e, ERR_PROTOCOL, 0, "read reply", "%zu bytes while no SMTP is spoken", len);
		*used = len;
		return SMTP_EVENT_BROKEN;
	}
	if (!c->reply_begun)
		c->reply_sent = c->sent;
	const struct smtp_reply *r = NULL;
	int got = smtp_reply_parser_feed(c->parser, data, len, used, &r, e);
	c->reply_begun = got <= 0;
	if (got > 0)
		return take_reply(c, r, e);
	c->reply_whole = false;
	if (!got)
		return SMTP_EVENT_NONE;
	client_hear_raw(c);
	c->phase = CLIENT_BROKEN;
	return SMTP_EVENT_BROKEN;
}

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t plus(uint64_t at, uint64_t more)
{
	return at > UINT64_MAX - more ? UINT64_MAX : at + more;
}

/* While bytes wait to be written the peer's window is shut: the same patience
 * as for the answer.  In the message nothing is asked: DATA's next is the dot. */
static uint64_t patience(const struct smtp_client *c)
{
	enum smtp_command m = smtp_client_waits_for(c);
	return c->options.timeout_ms[m == SMTP_CMD_NONE ? SMTP_CMD_DATA : m];
}

uint64_t smtp_client_deadline_ms(const struct smtp_client *c)
{
	if (c->timed_out || c->phase == CLIENT_BROKEN)
		return UINT64_MAX;
	if (buf_waiting(&c->out))
		return plus(c->stall_ms == UINT64_MAX ? c->now_ms : c->stall_ms, patience(c));
	if (!c->asked_n)
		return UINT64_MAX;
	const struct asked *head = &c->asked[c->asked_first];
	return plus(later(head->written_ms, c->answered_ms), patience(c));
}

enum smtp_event smtp_client_tick(struct smtp_client *c, uint64_t now_ms)
{
	c->now_ms = now_ms;
	if (!buf_waiting(&c->out))
		c->stall_ms = UINT64_MAX;
	else if (c->stall_ms == UINT64_MAX)
		c->stall_ms = now_ms;
	if (now_ms < smtp_client_deadline_ms(c) || smtp_client_deadline_ms(c) == UINT64_MAX)
		return SMTP_EVENT_NONE;
	c->timed_out = true;
	return SMTP_EVENT_TIMEOUT;
}

struct str smtp_client_output(const struct smtp_client *c)
{
	return buf_str(&c->out);
}

void smtp_client_sent(struct smtp_client *c, size_t nbytes, uint64_t now_ms)
{
	c->now_ms = now_ms;
	if (nbytes > buf_waiting(&c->out))
		nbytes = buf_waiting(&c->out);
	if (c->auth.mech)
		mem_wipe(c->out.data + c->out.start, nbytes);
	buf_take(&c->out, nbytes);
	c->sent += nbytes;
	c->stall_ms = buf_waiting(&c->out) ? now_ms : UINT64_MAX;
	for (size_t i = 0; i < c->asked_n; i++) {
		struct asked *a = client_asked(c, i);
		if (a->written || a->end > c->sent)
			continue;
		a->written = true;
		a->written_ms = now_ms;
	}
	client_said(c);
}

const struct smtp_reply *smtp_client_reply(const struct smtp_client *c)
{
	return c->reply;
}

enum smtp_command smtp_client_command(const struct smtp_client *c)
{
	return c->answered.command;
}

const char *smtp_client_command_text(const struct smtp_client *c)
{
	return c->answered.text ? c->answered.text : "";
}

uint64_t smtp_client_elapsed_ms(const struct smtp_client *c)
{
	return c->elapsed_ms;
}

const struct smtp_ehlo *smtp_client_ehlo_answer(const struct smtp_client *c)
{
	return c->ehlo;
}

struct str smtp_client_raw(const struct smtp_client *c)
{
	return c->reply_whole ? STR_LIT("") : smtp_reply_parser_raw(c->parser);
}

bool smtp_client_waits(const struct smtp_client *c)
{
	return c->asked_n > 0;
}

enum smtp_command smtp_client_waits_for(const struct smtp_client *c)
{
	return c->asked_n ? c->asked[c->asked_first].command : SMTP_CMD_NONE;
}
