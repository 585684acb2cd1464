/* SPDX-License-Identifier: Apache-2.0 */
#include "smtp/client_inner.h"

#include <stdlib.h>
#include <string.h>

#include "base/base64.h"

void client_auth_clear(struct client_auth *a)
{
	sasl_client_free(&a->mech);
	buf_wipe(&a->challenge);
	buf_wipe(&a->said);
}

enum {
	SECRET_BYTES_MIN = 4, /* shorter ones are in every text */
	SECRETS_MAX = 8       /* lines of one exchange that are kept; no mechanism has so many */
};

static void remember(struct client_auth *a, struct str coded)
{
	if (coded.len < SECRET_BYTES_MIN || a->secrets == SECRETS_MAX)
		return;
	a->secrets++;
	buf_add(&a->said, coded.p, coded.len);
	buf_adds(&a->said, "\n");
}

/* RFC 4954, 4: an initial response of no bytes is written "=". */
static bool add_initial(struct buf *line, struct sasl_client *mech, struct err *e)
{
	CLEANUP(buf_wipe) struct buf raw = { 0 };
	if (sasl_client_respond(mech, STR_LIT(""), &raw, e) != SASL_SEND)
		return ERR_FILL(e, ERR_PROTOCOL, 0, "begin login", "no initial response");
	buf_adds(line, " ");
	if (buf_waiting(&raw))
		base64_encode(line, buf_str(&raw));
	else
		buf_adds(line, "=");
	return true;
}

bool smtp_client_auth(struct smtp_client *c, enum sasl_mechanism m, struct sasl_client *mech, bool initial,
		      struct err *e)
{
	CLEANUP(sasl_client_free) struct sasl_client *mine = mech;
	CLEANUP(buf_wipe) struct buf line = { 0 };
	if (!mine)
		return ERR_FILL(e, ERR_USAGE, 0, "say", "AUTH without a mechanism");
	bool speaks = initial && sasl_client_has_initial(mine);
	if (!client_may(c, SMTP_CMD_AUTH, e))
		return false;
	buf_addf(&line, "AUTH %s", sasl_mechanism_name(m));
	if (speaks && !add_initial(&line, mine, e))
		return false;
	if (buf_waiting(&line) + 2 > SMTP_AUTH_LINE_BYTES_MAX)
		return ERR_FILL(e, ERR_LIMIT, SMTP_AUTH_LINE_BYTES_MAX, "say", "AUTH of %zu bytes",
				buf_waiting(&line));
	CLEANUP(mem_free)
	char *shown = mem_printf("AUTH %s%s", sasl_mechanism_name(m), speaks ? " [hidden]" : "");
	if (!client_ask(c, SMTP_CMD_AUTH, buf_str(&line), shown, e))
		return false;
	client_auth_clear(&c->auth);
	c->auth = (struct client_auth){ .mech = STEAL(mine), .mechanism = m, .responded = speaks };
	if (speaks)
		remember(&c->auth,
			 str_cut(buf_str(&line), strlen("AUTH ") + strlen(sasl_mechanism_name(m)) + 1,
				 buf_waiting(&line)));
	return true;
}

/* Our part of a running exchange goes out; the answer's time starts anew. */
static void say_line(struct smtp_client *c, struct str line, const char *shown)
{
	struct asked *head = client_head(c);
	if (!client_queue(c, line, NULL) || !client_queue(c, STR_LIT("\r\n"), NULL))
		return; /* cannot be: nothing else waits for output in an exchange */
	head->end = c->queued;
	head->written = false;
	client_say(c, shown);
}

static void cancel(struct smtp_client *c)
{
	c->auth.cancelled = true;
	say_line(c, STR_LIT("*"), "*");
}

/* The mechanism's answer.  After a refused token the server of XOAUTH2 tells
 * why in a challenge and waits for an empty line before its 535. */
static bool answer(struct smtp_client *c, struct buf *raw)
{
	struct client_auth *a = &c->auth;
	if (a->mechanism == SASL_XOAUTH2 && a->responded)
		return true;
	if (sasl_client_respond(a->mech, buf_str(&a->challenge), raw, &a->err) != SASL_SEND)
		return false;
	a->responded = true;
	return true;
}

static bool decode(struct client_auth *a, const struct smtp_reply *r)
{
	struct str text = str_trim(r->lines[r->nlines - 1]);
	buf_wipe(&a->challenge);
	if (base64_decode(&a->challenge, text) || str_eq(text, "="))
		return true;
	buf_wipe(&a->challenge);
	return ERR_FILL(&a->err, ERR_PROTOCOL, 0, "read challenge", "not base64: \"%.*s\"",
			(int)(text.len < 80 ? text.len : 80), text.p);
}

enum smtp_event client_auth_challenge(struct smtp_client *c, const struct smtp_reply *r)
{
	CLEANUP(buf_wipe) struct buf raw = { 0 }, line = { 0 };
	struct client_auth *a = &c->auth;
	free(c->answered.text);
	c->answered = (struct asked){ .command = SMTP_CMD_AUTH, .text = mem_strdup(client_head(c)->text) };
	if (a->cancelled || !decode(a, r) || !answer(c, &raw)) {
		cancel(c);
		return SMTP_EVENT_CHALLENGE;
	}
	base64_encode(&line, buf_str(&raw));
	if (buf_waiting(&line) + 2 > SMTP_AUTH_LINE_BYTES_MAX) {
		ERR_FILL(&a->err, ERR_LIMIT, SMTP_AUTH_LINE_BYTES_MAX, "answer challenge", "%zu bytes",
			 buf_waiting(&line));
		cancel(c);
		return SMTP_EVENT_CHALLENGE;
	}
	remember(a, buf_str(&line));
	say_line(c, buf_str(&line), buf_waiting(&line) ? "[hidden]" : "");
	return SMTP_EVENT_CHALLENGE;
}

void client_auth_end(struct smtp_client *c, const struct smtp_reply *r)
{
	struct client_auth *a = &c->auth;
	if (r->code / 100 == 2 && !a->cancelled)
		c->authenticated = sasl_client_accept(a->mech, &a->err);
	sasl_client_free(&a->mech);
}

struct str smtp_client_challenge(const struct smtp_client *c)
{
	return buf_str(&c->auth.challenge);
}

const struct err *smtp_client_auth_err(const struct smtp_client *c)
{
	return c->auth.err.kind == ERR_NONE ? NULL : &c->auth.err;
}

bool smtp_client_authenticated(const struct smtp_client *c)
{
	return c->authenticated;
}
