/* SPDX-License-Identifier: Apache-2.0 */
#include "smtp/client_inner.h"

#include <string.h>

#include "base/text.h"

bool client_offers(const struct smtp_client *c, enum smtp_extension x)
{
	return c->ehlo && (c->ehlo->extensions & (unsigned)x);
}

void client_new_transaction(struct smtp_client *c)
{
	c->tx = (struct client_transaction){ .number = c->tx.number + 1 };
}

/* RFC 2920, 3.1: these end a group, their reply must be awaited.  (The dot and
 * BDAT are not among them; RFC 3030, 4.2 for BDAT.) */
static bool ends_group(enum smtp_command m)
{
	return m != SMTP_CMD_MAIL && m != SMTP_CMD_RCPT && m != SMTP_CMD_RSET && m != SMTP_CMD_DOT &&
	       m != SMTP_CMD_BDAT;
}

/* These may not even be the last of a group that has begun. */
static bool stands_alone(enum smtp_command m)
{
	return m == SMTP_CMD_STARTTLS || m == SMTP_CMD_AUTH || m == SMTP_CMD_EHLO || m == SMTP_CMD_HELO;
}

static bool may_go_ahead(const struct smtp_client *c, enum smtp_command m)
{
	if (!c->asked_n)
		return true;
	size_t last = (c->asked_first + c->asked_n - 1) % SMTP_COMMANDS_AHEAD_MAX;
	return client_offers(c, SMTP_EXT_PIPELINING) && !stands_alone(m) &&
	       !ends_group(c->asked[last].command);
}

/* NULL, or the reason why nothing of its kind may be said now. */
static const char *untimely(const struct smtp_client *c, enum smtp_command m)
{
	if (c->phase == CLIENT_CLOSING && m != SMTP_CMD_QUIT)
		return "the server is closing the connection";
	if (c->phase != CLIENT_TALK && c->phase != CLIENT_CLOSING)
		return c->phase == CLIENT_BODY ? "the message is not finished" : "no SMTP is spoken now";
	if (!may_go_ahead(c, m))
		return "an answer is still outstanding";
	if (c->tx.bdat && m != SMTP_CMD_BDAT && m != SMTP_CMD_DOT && m != SMTP_CMD_RSET && m != SMTP_CMD_QUIT)
		return "BDAT has begun";
	return NULL;
}

/* NULL, or the reason why m may not be said after what was.  (RFC 5321, 4.1.4) */
static const char *out_of_order(const struct smtp_client *c, enum smtp_command m)
{
	switch (m) {
	case SMTP_CMD_STARTTLS:
		return !c->ehlo ? "EHLO comes first" : c->tx.mail ? "a transaction is open" : NULL;
	case SMTP_CMD_AUTH:
		return !c->ehlo           ? "EHLO comes first"
		       : c->tx.mail       ? "a transaction is open"
		       : c->authenticated ? "login was done already"
					  : NULL;
	case SMTP_CMD_MAIL:
		return !c->helo ? "EHLO comes first" : c->tx.mail ? "a transaction is open" : NULL;
	case SMTP_CMD_RCPT:
		return !c->tx.mail ? "MAIL comes first" : NULL;
	case SMTP_CMD_DATA:
	case SMTP_CMD_BDAT:
	case SMTP_CMD_DOT:
		return !c->tx.mail ? "MAIL comes first" : !c->tx.rcpts ? "no recipient was accepted" : NULL;
	default:
		return NULL;
	}
}

bool client_may(const struct smtp_client *c, enum smtp_command m, struct err *e)
{
	const char *why = untimely(c, m);
	if (!why)
		why = out_of_order(c, m);
	if (why) {
		ERR_FILL(e, ERR_USAGE, m, "say", "%s", smtp_command_name(m));
		return err_detail(e, "%s", why);
	}
	if (c->asked_n == SMTP_COMMANDS_AHEAD_MAX)
		return ERR_FILL(e, ERR_LIMIT, m, "say", "%s: %d commands are unanswered",
				smtp_command_name(m), SMTP_COMMANDS_AHEAD_MAX);
	return true;
}

bool client_queue(struct smtp_client *c, struct str bytes, struct err *e)
{
	if (!buf_add(&c->out, bytes.p, bytes.len))
		return ERR_FILL(e, ERR_LIMIT, SMTP_OUTPUT_BYTES_MAX, "queue output", "%zu bytes", bytes.len);
	c->queued += bytes.len;
	return true;
}

bool client_ask(struct smtp_client *c, enum smtp_command m, struct str line, const char *shown, struct err *e)
{
	uint64_t from = c->queued;
	if (buf_waiting(&c->out) + line.len + 2 > SMTP_OUTPUT_BYTES_MAX)
		return ERR_FILL(e, ERR_LIMIT, SMTP_OUTPUT_BYTES_MAX, "queue output", "%s",
				smtp_command_name(m));
	if (!client_queue(c, line, e) || !client_queue(c, STR_LIT("\r\n"), e))
		return false;
	char *text = text_printable_new(str_of(shown));
	c->timed_out = false;
	c->asked[(c->asked_first + c->asked_n++) % SMTP_COMMANDS_AHEAD_MAX] = (struct asked){
		.command = m,
		.from = from,
		.end = c->queued,
		.transaction = c->tx.number,
		.text = text,
	};
	client_say(c, text);
	return true;
}

/* No line may smuggle a second one: whatever stands in it, a control byte does not. */
static bool is_clean(struct str line, bool utf8)
{
	return !text_has_control(line) && (text_is_ascii(line) || (utf8 && text_is_utf8(line)));
}

static bool command(struct smtp_client *c, enum smtp_command m, const char *line, bool utf8, struct err *e)
{
	struct str s = str_of(line);
	if (s.len + 2 > SMTP_COMMAND_BYTES_MAX)
		return ERR_FILL(e, ERR_LIMIT, SMTP_COMMAND_BYTES_MAX, "say", "%s of %zu bytes",
				smtp_command_name(m), s.len);
	if (!is_clean(s, utf8)) {
		ERR_FILL(e, ERR_SYNTAX, 0, "say", "%s", smtp_command_name(m));
		return err_detail(e, "a control or 8-bit byte stands in it");
	}
	return client_ask(c, m, s, line, e);
}

static bool plain_command(struct smtp_client *c, enum smtp_command m, struct err *e)
{
	return client_may(c, m, e) && command(c, m, smtp_command_name(m), false, e);
}

static bool greet(struct smtp_client *c, enum smtp_command m, const char *name, struct err *e)
{
	if (!client_may(c, m, e))
		return false;
	if (!*name || strpbrk(name, " \t"))
		return ERR_FILL(e, ERR_SYNTAX, 0, "say", "%s: \"%.100s\" is no name", smtp_command_name(m),
				name);
	CLEANUP(mem_free) char *line = mem_printf("%s %s", smtp_command_name(m), name);
	if (!command(c, m, line, false, e))
		return false;
	client_new_transaction(c);
	return true;
}

bool smtp_client_ehlo(struct smtp_client *c, const char *name, struct err *e)
{
	return greet(c, SMTP_CMD_EHLO, name, e);
}

bool smtp_client_helo(struct smtp_client *c, const char *name, struct err *e)
{
	return greet(c, SMTP_CMD_HELO, name, e);
}

bool smtp_client_starttls(struct smtp_client *c, struct err *e)
{
	return plain_command(c, SMTP_CMD_STARTTLS, e);
}

/* Outside of a quoted string neither a blank nor a bracket may stand: they would
 * end the path and begin parameters that nobody asked for. */
static bool path_is_closed(const char *path)
{
	bool quoted = false;
	for (const char *p = path; *p; p++) {
		if (*p == '\\' && quoted && p[1])
			p++;
		else if (*p == '"')
			quoted = !quoted;
		else if (!quoted && strchr("<> \\", *p))
			return false;
	}
	return !quoted;
}

/* xtext (RFC 3461, 4), with its ";" and "@" as they stand; no blank, no "=". */
static bool is_param(const char *value)
{
	for (const char *p = value; *p; p++)
		if (*p <= ' ' || *p == '=' || *p == 0x7f)
			return false;
	return *value != '\0';
}

static bool add_param(struct buf *line, const char *name, const char *value, struct err *e)
{
	if (!value)
		return true;
	if (!is_param(value))
		return ERR_FILL(e, ERR_SYNTAX, 0, "say", "parameter %s=%.80s", name, value);
	return buf_addf(line, " %s=%s", name, value);
}

static bool need(const struct smtp_client *c, bool wanted, enum smtp_extension x, const char *name,
		 struct err *e)
{
	if (!wanted || client_offers(c, x))
		return true;
	return ERR_FILL(e, ERR_USAGE, SMTP_CMD_MAIL, "say MAIL", "%s was not offered", name);
}

static bool add_mail_params(const struct smtp_client *c, const struct smtp_mail_params *p, struct buf *line,
			    struct err *e)
{
	if (!need(c, p->smtputf8, SMTP_EXT_SMTPUTF8, "SMTPUTF8", e) ||
	    !need(c, p->requiretls, SMTP_EXT_REQUIRETLS, "REQUIRETLS", e))
		return false;
	if (p->size >= 0 && client_offers(c, SMTP_EXT_SIZE))
		buf_addf(line, " SIZE=%ld", p->size);
	if (p->eightbit && client_offers(c, SMTP_EXT_8BITMIME))
		buf_adds(line, " BODY=8BITMIME");
	if (p->smtputf8)
		buf_adds(line, " SMTPUTF8");
	if (p->requiretls)
		buf_adds(line, " REQUIRETLS");
	if (!client_offers(c, SMTP_EXT_DSN))
		return true;
	return add_param(line, "RET", p->ret, e) && add_param(line, "ENVID", p->envid, e);
}

static bool begin_path(struct buf *line, const char *verb, const char *path, struct err *e)
{
	if (!path_is_closed(path)) {
		ERR_FILL(e, ERR_SYNTAX, 0, "say", "%s:<%.100s>", verb, path);
		return err_detail(e, "a blank, a bracket or an open quote stands in it");
	}
	return buf_adds(line, verb) && buf_adds(line, ":<") && buf_adds(line, path) && buf_adds(line, ">");
}

/* The line as text, for command(); owned by line. */
static const char *z_of(struct buf *line)
{
	buf_add(line, "", 1);
	return buf_str(line).p;
}

bool smtp_client_mail(struct smtp_client *c, const char *from, const struct smtp_mail_params *p,
		      struct err *e)
{
	CLEANUP(buf_clear) struct buf line = { 0 };
	bool utf8 = p && p->smtputf8;
	if (!client_may(c, SMTP_CMD_MAIL, e) || !begin_path(&line, "MAIL FROM", from, e) ||
	    (p && !add_mail_params(c, p, &line, e)) || !command(c, SMTP_CMD_MAIL, z_of(&line), utf8, e))
		return false;
	c->tx.mail = true;
	c->tx.utf8 = utf8;
	return true;
}

bool smtp_client_rcpt(struct smtp_client *c, const char *to, const char *notify, const char *orcpt,
		      struct err *e)
{
	CLEANUP(buf_clear) struct buf line = { 0 };
	if (!client_may(c, SMTP_CMD_RCPT, e) || !begin_path(&line, "RCPT TO", to, e))
		return false;
	if (client_offers(c, SMTP_EXT_DSN) &&
	    (!add_param(&line, "NOTIFY", notify, e) || !add_param(&line, "ORCPT", orcpt, e)))
		return false;
	if (!command(c, SMTP_CMD_RCPT, z_of(&line), c->tx.utf8, e))
		return false;
	c->tx.rcpts++;
	return true;
}

bool smtp_client_data(struct smtp_client *c, struct err *e)
{
	if (c->tx.bdat)
		return ERR_FILL(e, ERR_USAGE, SMTP_CMD_DATA, "say", "DATA: BDAT has begun");
	return plain_command(c, SMTP_CMD_DATA, e);
}

bool smtp_client_rset(struct smtp_client *c, struct err *e)
{
	if (!plain_command(c, SMTP_CMD_RSET, e))
		return false;
	client_new_transaction(c);
	return true;
}

bool smtp_client_quit(struct smtp_client *c, struct err *e)
{
	return plain_command(c, SMTP_CMD_QUIT, e);
}
