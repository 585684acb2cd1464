/* SPDX-License-Identifier: Apache-2.0 */
/* explain/explain.h - one reply, error text or line, explained.
 *
 * Pure: text in, meaning out, in the catalogue's words - the same a check gives.
 * Everything is in the arena or static. */
#ifndef EXPLAIN_EXPLAIN_H
#define EXPLAIN_EXPLAIN_H

#include "base/arena.h"
#include "catalog/reply_match.h"

/* What the caller knows besides the text; all may be NULL or 0. */
struct explain_hint {
	const char *provider;  /* catalogue's name */
	const char *host;      /* who said it: a host name; tells the provider too */
	const char *recipient; /* whom it was about; its domain tells the provider where the host does not */
	const char *sender;
	const char *author; /* the address that the mail shows in From */
	const char *user;   /* as whom the sender had logged in; "" nobody knows; NULL: the text or the sender
			       tells */
	const char *step;   /* contract's name */
	const char *enhanced;
	unsigned code;
};

struct explanation {
	const char *input;          /* the text as given, printable, one line */
	const char *text;           /* what of it was explained: without log prefix, markup and colours */
	unsigned code;              /* 0 none */
	const char *enhanced;       /* "" none */
	const char *provider;       /* catalogue's name, "" unknown */
	const char *provider_title; /* for people, "" unknown */
	const char *step;           /* where in a session it was said; "" unknown */
	struct reply_meaning meanings[REPLY_MEANINGS_MAX]; /* [0] is the answer */
	size_t n;                                          /* >= 1 */
	const struct class_entry *class;                   /* of meanings[0] */
	const char *retry; /* never | later | wait; a 4xx is never "never" unless the class is sure */
	const char *host, *recipient, *sender; /* seen in the text or hinted; "" unknown */
	const char *author; /* of the From line, where it is another than the sender; "" unknown */
	const char *user, *address, *client; /* login, the server's IP, the IP that was judged; "" unknown */
	bool user_is_sender;                 /* where no login is known, most likely */
	unsigned port;                       /* 0 unknown */
	const char *decide; /* "postrider check ..." that tells the candidates apart; "" none */
	bool refusal;       /* false: nothing here reports a failure (a 2xx, a greeting, small talk) */
	bool given_up;      /* a report says that it failed: no queue tries it any more, whatever the code */
	bool not_taken;     /* said to who handed it in: no queue ever had it */
};

void explain_text(struct arena *a, struct str text, const struct explain_hint *hint, struct explanation *x);

/* The catalogue's sentence or command with its places filled from x. */
const char *explain_fill(struct arena *a, const struct explanation *x, const char *sentence);
const char *explain_fill_command(struct arena *a, const struct explanation *x, const char *command);

/* What pasted text is made of: markup, escapes, quotes and line wraps gone. */
struct str explain_clean(struct arena *a, struct str pasted) MUST_USE;

/* The pieces of a pasted text that each are one reply or error: the lines of a
 * multi-line reply and a wrapped sentence stay together.  At least one piece
 * unless the text is blank. */
void explain_pieces(struct arena *a, struct str pasted, struct strlist *out);

#endif
