/* SPDX-License-Identifier: Apache-2.0 */
/* cli/sendmail.h - the ways of `sendmail` into the relay of this machine. */
#ifndef CLI_SENDMAIL_H
#define CLI_SENDMAIL_H

#include "cli/local_relay.h"
#include "cli/sendmail_options.h"

enum { SENDMAIL_BYTES_MAX = 100 << 20, SENDMAIL_PATIENCE_MS = 300 * 1000 };

/* What was said of one run, for --json. */
struct sendmail_said {
	struct arena *arena;
	struct strlist errors;
	const char *reply; /* to the message that was taken; NULL */
};

/* On stderr and into *s; returns status. */
int sendmail_say(struct sendmail_said *s, int status, const char *about, const char *words);
int sendmail_failed(struct sendmail_said *s, int status, const struct err *e);
void sendmail_json(const struct sendmail_said *s, int status);

/* Both return a status of sysexits.h and have said on stderr what is wrong. */
int sendmail_deliver(const struct sendmail_options *o, const struct local_relay *r,
		     struct sendmail_said *said);
int sendmail_smtp(const struct local_relay *r); /* joins standard input and output with the relay */

#endif
