/* SPDX-License-Identifier: Apache-2.0 */
/* cli/sendmail_options.h - the command line of sendmail(8), as programs have used it for forty years. */
#ifndef CLI_SENDMAIL_OPTIONS_H
#define CLI_SENDMAIL_OPTIONS_H

#include "base/arena.h"
#include "base/err.h"

enum sendmail_mode {
	SENDMAIL_DELIVER, /* -bm: a message on standard input */
	SENDMAIL_SMTP,    /* -bs: SMTP on standard input and output */
	SENDMAIL_LIST,    /* -bp, mailq */
	SENDMAIL_RUN,     /* -q */
	SENDMAIL_ALIASES, /* -bi, -I, newaliases */
	SENDMAIL_HELP,
	SENDMAIL_VERSION
};

struct sendmail_options {
	struct arena *arena;
	enum sendmail_mode mode;
	const char *from; /* NULL: not given; "" the null sender */
	const char *name; /* -F; NULL */
	bool recipients;  /* -t */
	bool ignore_dots; /* -i, -oi */
	bool verbose;
	bool json;                        /* the queue, or what became of the message */
	const char *notify, *ret, *envid; /* as on the wire; NULL */
	const char *config;
	struct strlist to; /* as typed */
};

/* name: what the program was called by ("sendmail", "mailq", "newaliases").  False with *e (ERR_USAGE). */
bool sendmail_options_read(const char *name, int argc, char **argv, struct sendmail_options *o,
			   struct err *e) MUST_USE;
void sendmail_options_clear(struct sendmail_options *o);

#endif
