/* SPDX-License-Identifier: Apache-2.0 */
/* explain/log/postfix_reply.h - the words in brackets of Postfix's delivery lines. */
#ifndef EXPLAIN_LOG_POSTFIX_REPLY_H
#define EXPLAIN_LOG_POSTFIX_REPLY_H

#include "base/str.h"

struct log_postfix_words {
	struct str reply; /* the remote's words where it said some, else Postfix's */
	struct str host;  /* "mx.example.net[192.0.2.7]" that said so, "" none */
	const char *step; /* contract's, "" unknown */
	bool suspended;   /* nothing was tried: the destination failed before */
};

/* s: what stands between the brackets of "status=deferred (...)". */
struct log_postfix_words log_postfix_words(struct str s);

#endif
