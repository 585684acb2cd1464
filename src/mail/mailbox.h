/* SPDX-License-Identifier: Apache-2.0 */
/* mail/mailbox.h - the addresses in From:, To: and the like (RFC 5322, 3.4, with its old forms).
 *
 *   address = mailbox / group
 *   mailbox = [display-name] "<" [route] addr-spec ">" / addr-spec
 *   group   = display-name ":" [mailbox-list] ";" */
#ifndef MAIL_MAILBOX_H
#define MAIL_MAILBOX_H

#include "base/arena.h"

enum {
	MAILBOX_MAX = 1000,         /* of one header field */
	MAILBOX_COMMENT_DEPTH = 20, /* comments inside comments */
};

struct mailbox {
	const char *name;    /* display name, quotes away, encoded words left; "" none */
	const char *local;   /* quotes away */
	const char *domain;  /* "[192.0.2.1]" for a literal */
	const char *address; /* local@domain as it must be written */
	bool angled;         /* it stood in <> */
};

struct mailbox_list {
	struct mailbox *v;
	size_t n, room;
	const char *bad; /* static words about the first fault; NULL when sound */
	bool completed;  /* a word alone was taken for a mailbox of the home domain */
	bool routed;     /* a source route was passed over: what it names is in no mailbox */
};

/* Reads an unfolded value; keeps what it understood before a fault and after
 * the next comma.  False when bad is set. */
bool mailbox_parse(struct arena *a, struct str value, struct mailbox_list *out) MUST_USE;
/* The same for what local programs write: "root" means the root of domain home, and a comment next to an address
 * without <> is its name. */
bool mailbox_parse_at(struct arena *a, struct str value, const char *home, struct mailbox_list *out) MUST_USE;

/* Whose a From is to those who read it (DMARC, DKIM's d=): the first address; of a malformed one the only one
 * in <>, as in "me@example.com <me@example.com>" and "Acme, Inc. <a@example.com>".  "" there is none. */
const char *mailbox_author(struct arena *a, struct str from);

#endif
