/* SPDX-License-Identifier: Apache-2.0 */
/* smtp/path.h - mail addresses as SMTP knows them (RFC 5321, 4.1.2; RFC 6531, 3.3).
 *
 * One parser for all: what is typed into a settings page, what a client says in
 * MAIL and RCPT, what a merge file holds.  It accepts or names the first
 * offence; it repairs nothing.  Results are views into the input. */
#ifndef SMTP_PATH_H
#define SMTP_PATH_H

#include <stddef.h>

#include "base/str.h"

enum {
	SMTP_LOCAL_BYTES_MAX = 64,    /* RFC 5321, 4.5.3.1.1 */
	SMTP_DOMAIN_BYTES_MAX = 255,  /* 4.5.3.1.2 */
	SMTP_LABEL_BYTES_MAX = 63,    /* RFC 1035, 2.3.4 */
	SMTP_MAILBOX_BYTES_MAX = 254, /* a path of 256 (4.5.3.1.3) without its brackets */
	SMTP_LONG_LOCAL_BYTES_MAX = 255
};

enum smtp_path_option {
	SMTP_PATH_UTF8 = 1, /* SMTPUTF8: non-ASCII may stand where it is well-formed */
	SMTP_PATH_LONG_LOCAL =
		2, /* local parts up to 255 (mailing lists' VERP; RFC 5321, 4.5.3.1: SHOULD take) */
};

/* The first offence.  Words are stable:
 * empty, blank, line-break, bad-character, non-ascii, comma, display-name,
 * no-local, no-at, two-ats, no-domain, dot (at an end, or two), unbalanced-quote,
 * bad-label, bad-literal, too-long; for paths also no-bracket, bad-route, bad-parameter. */
struct smtp_path_problem {
	const char *word;
	size_t at; /* byte offset in the input */
};

/* The offence for people: "it has no @". */
const char *smtp_path_words(const char *word);

struct smtp_mailbox {
	struct str whole;
	struct str local;  /* as written, quotes included */
	struct str domain; /* as written, brackets of a literal included */
	bool quoted;       /* local is a quoted string */
	bool literal;      /* domain is an address literal */
	bool utf8;         /* needs SMTPUTF8 */
};

/* Mailbox = Local-part "@" ( Domain / address-literal ).  options: enum smtp_path_option, or-ed.
 * False with *why (may be NULL). */
bool smtp_mailbox_read(struct str s, unsigned options, struct smtp_mailbox *out,
		       struct smtp_path_problem *why) MUST_USE;

/* What else a path may be, and what lenient servers let pass. */
enum smtp_path_odd {
	SMTP_PATH_NO_BRACKETS = 1, /* MAIL FROM:a@b */
	SMTP_PATH_BLANK = 2,       /* MAIL FROM: <a@b> */
	SMTP_PATH_ROUTE = 4        /* <@one,@two:a@b>; the route is ignored (RFC 5321, appendix C) */
};

struct smtp_path {
	struct str address;          /* "" is the null path; "Postmaster" may have no domain */
	struct smtp_mailbox mailbox; /* empty for these two */
	unsigned odd;
};

/* Reads a path at the front of s (what follows "FROM:" or "TO:") and sets *rest
 * to what follows it: "" or the blank before parameters. */
bool smtp_path_read(struct str s, unsigned options, struct smtp_path *out, struct str *rest,
		    struct smtp_path_problem *why) MUST_USE;

#endif
