/* SPDX-License-Identifier: Apache-2.0 */
/* net/maildrop_inner.h - what maildrop.c (the loop's side) and maildrop_curl.c (the thread's) share. */
#ifndef NET_MAILDROP_INNER_H
#define NET_MAILDROP_INNER_H

#include <stdatomic.h>

#include "net/maildrop.h"

enum { MAILDROP_URL_MAX = 2000, MAILDROP_COMMAND_MAX = 8000 };

/* One exchange: libcurl speaks it in a thread. */
struct maildrop_call {
	char path[MAILDROP_URL_MAX];        /* of the URL, behind the host */
	char command[MAILDROP_COMMAND_MAX]; /* instead of what the path asks for; "" none */
	bool no_body;                       /* an answer in one line */
	size_t most;       /* of the answer; what is longer is cut, and the connection lost */
	struct buf answer; /* the thread's, until it is done */
	enum maildrop_result result;
};

struct maildrop {
	struct net_loop *loop;
	struct dns *dns;
	struct arena *arena;
	struct maildrop_options o; /* texts in arena */
	struct buf secret;         /* with a NUL */
	const char *url;           /* "imaps://host:993/" */
	const char *pin;           /* CURLOPT_RESOLVE's line; NULL for a literal address */
	bool resolved;

	struct maildrop_call call;
	void *curl, *pins; /* the thread's; NULL before the first call */
	bool connected;    /* POP3: no second connection is made */
	bool in_clear;     /* it would have gone off this machine */
	unsigned long validity;
	char said[MAILDROP_WORDS_MAX];  /* the server's last line that was no good news */
	char words[MAILDROP_WORDS_MAX]; /* for people */

	bool busy, orphan;
	atomic_bool cancelled;
};

/* A fresh call, in the folder. */
struct maildrop_call *maildrop_begin(struct maildrop *m);
/* out: where the answer is appended to; NULL: thrown away. */
enum maildrop_result maildrop_call(struct maildrop *m, struct buf *out);
/* All but letters and digits as %XX: libcurl decodes paths and commands. */
void maildrop_add_encoded(char *out, size_t room, const char *s);

/* In a thread of the pool; ctx is the maildrop. */
void maildrop_call_run(void *ctx);
void maildrop_call_close(void *ctx);

#endif
