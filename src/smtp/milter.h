/* SPDX-License-Identifier: Apache-2.0 */
/* smtp/milter.h - the mail server's side of the milter protocol (version 6) as an engine
 * without a socket: rspamd, OpenDKIM, ClamAV and others plug in as filters.
 *
 * Source: libmilter's mfdef.h and its protocol as Sendmail 8.14 and Postfix speak it.
 * Bytes in, bytes out.  One engine is one message: negotiate, then tell what is
 * known, step by step; each step that wants an answer is waited for.
 *
 *     driver:  milter_hello -> wait -> milter_connect -> [wait] -> ... -> milter_end -> wait
 */
#ifndef SMTP_MILTER_H
#define SMTP_MILTER_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

enum {
	MILTER_VERSION = 6,
	MILTER_CHUNK_BYTES = 65535,        /* of a body, in one packet */
	MILTER_PACKET_BYTES_MAX = 1 << 20, /* taken from a filter */
	MILTER_CHANGES_MAX = 2000,         /* of one message */
	MILTER_MACROS_MAX = 40
};

/* What the filter's answer makes of the message. */
enum milter_verdict {
	MILTER_CONTINUE, /* nothing against it so far */
	MILTER_ACCEPT,   /* nothing more wants to be seen */
	MILTER_REJECT,
	MILTER_TEMPFAIL,
	MILTER_DISCARD,
	MILTER_REPLY /* with milter_code() and milter_text() */
};

enum milter_event {
	MILTER_NONE,   /* give more bytes */
	MILTER_ANSWER, /* milter_verdict() */
	MILTER_BROKEN  /* the filter left the protocol; *e says where */
};

enum milter_change_kind {
	MILTER_ADD_FIELD,    /* at the end of the header */
	MILTER_INSERT_FIELD, /* before field `index` of all, 0 the first */
	MILTER_CHANGE_FIELD, /* the index'th of that name, 1 the first; "" deletes it */
	MILTER_CHANGE_FROM,  /* reverse-path: value, without <> */
	MILTER_ADD_RCPT,
	MILTER_DELETE_RCPT,
	MILTER_QUARANTINE /* value: why */
};

struct milter_change { /* texts in the engine */
	enum milter_change_kind kind;
	unsigned index;
	struct str name, value; /* folds as "\n" and a blank */
};

struct milter;

/* body_max: most bytes of a replacement body. */
struct milter *milter_new(size_t body_max) MUST_USE;
void milter_free(struct milter **m); /* NULL is fine */

struct str milter_output(const struct milter *m); /* waits to be written */
void milter_sent(struct milter *m, size_t n);
/* Takes all; after an event call it again, with nothing, for what stands behind it. */
enum milter_event milter_feed(struct milter *m, struct str bytes, struct err *e) MUST_USE;

/* A macro for the next step only that is told: "i", "{client_addr}".  Both are copied. */
void milter_macro(struct milter *m, const char *name, const char *value);

/* Steps, in this order.  True: an answer is to be waited for; false: the filter wants none of it. */
bool milter_hello(struct milter *m);
/* address: "192.0.2.7" or "2001:db8::7"; "" is an unknown client. */
bool milter_connect(struct milter *m, const char *name, const char *address, unsigned port);
bool milter_helo(struct milter *m, const char *name);
bool milter_mail(struct milter *m, struct str address, const struct strlist *params);
bool milter_rcpt(struct milter *m, struct str address, const struct strlist *params);
bool milter_data(struct milter *m);
bool milter_field(struct milter *m, struct str name, struct str value); /* folds may be CRLF */
bool milter_end_of_header(struct milter *m);
bool milter_body(struct milter *m, struct str chunk); /* at most MILTER_CHUNK_BYTES */
bool milter_end(struct milter *m);                    /* its answer comes behind all changes */

bool milter_wants_body(const struct milter *m); /* false once it said so */
enum milter_verdict milter_verdict(const struct milter *m);
/* Of MILTER_REPLY: "550", "5.7.1" ("" none), the text. */
unsigned milter_code(const struct milter *m);
const char *milter_enhanced(const struct milter *m);
const char *milter_text(const struct milter *m);

/* After a refusal of one recipient: the next one and the message are told all the same. */
void milter_forgive(struct milter *m);

const struct milter_change *milter_changes(const struct milter *m, size_t *n);
const struct buf *milter_new_body(const struct milter *m); /* NULL: as it was */

#endif
