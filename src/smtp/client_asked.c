/* SPDX-License-Identifier: Apache-2.0 */
/* The commands there are, and those that await their reply. */
#include "smtp/client_inner.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND };

/* RFC 5321, 4.5.3.2, where it speaks; the others are bounded alike. */
static const struct {
	const char *name;
	uint64_t timeout_ms;
} commands[SMTP_COMMANDS] = {
	[SMTP_CMD_NONE] = { "", 5 * MINUTE },
	[SMTP_CMD_CONNECT] = { "connect", 5 * MINUTE },
	[SMTP_CMD_EHLO] = { "EHLO", 5 * MINUTE },
	[SMTP_CMD_HELO] = { "HELO", 5 * MINUTE },
	[SMTP_CMD_STARTTLS] = { "STARTTLS", 2 * MINUTE },
	[SMTP_CMD_AUTH] = { "AUTH", 3 * MINUTE },
	[SMTP_CMD_MAIL] = { "MAIL", 5 * MINUTE },
	[SMTP_CMD_RCPT] = { "RCPT", 5 * MINUTE },
	[SMTP_CMD_DATA] = { "DATA", 2 * MINUTE },
	[SMTP_CMD_DOT] = { "dot", 10 * MINUTE },
	[SMTP_CMD_BDAT] = { "BDAT", 10 * MINUTE },
	[SMTP_CMD_RSET] = { "RSET", 5 * MINUTE },
	[SMTP_CMD_QUIT] = { "QUIT", 2 * MINUTE },
};

const char *smtp_command_name(enum smtp_command m)
{
	return commands[m].name;
}

uint64_t client_patience_ms(enum smtp_command m)
{
	return commands[m].timeout_ms;
}

struct asked *client_asked(struct smtp_client *c, size_t i)
{
	return &c->asked[(c->asked_first + i) % SMTP_COMMANDS_AHEAD_MAX];
}

struct asked *client_head(struct smtp_client *c)
{
	return c->asked_n ? client_asked(c, 0) : NULL;
}
