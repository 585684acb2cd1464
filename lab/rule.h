/* SPDX-License-Identifier: Apache-2.0 */
/* lab/rule.h - "when this, do that": one line of a server's script.
 *
 *   [CONDITION ... ->] ACTION [| ACTION ...]
 *   CONDITION = [!]KEY | [!]KEY=PATTERN | [!]KEY<N | [!]KEY>N
 *
 * The first rule whose conditions all hold is carried out.  lab/README.md lists
 * keys and actions.  A pattern is matched without case; * and ? are wild; quote
 * it 'so' when it holds blanks. */
#ifndef LAB_RULE_H
#define LAB_RULE_H

#include "base/arena.h"

enum lab_act {
	ACT_REPLY,     /* "550 5.1.1 no"; \n begins a further line */
	ACT_SEND,      /* bytes as they are */
	ACT_LINE,      /* a line and CRLF */
	ACT_HEX,       /* bytes written in hexadecimal */
	ACT_SLEEP,     /* ms */
	ACT_DRIP,      /* text, a byte every ms */
	ACT_FLOOD,     /* text without end */
	ACT_EXPECT,    /* waits for a line that fits; closes when it does not */
	ACT_CHALLENGE, /* 334 and the text in base64, then waits for a line */
	ACT_TLS,       /* a handshake now */
	ACT_CLOSE,
	ACT_HALF_CLOSE, /* no more from us, still reading */
	ACT_RESET,      /* RST */
	ACT_SILENCE,    /* says nothing any more, reads on */
	ACT_NOTHING,    /* no answer to this one */
	ACT_DEFAULT,    /* what would have been done without a rule */
	ACT_AGAIN,      /* a script from its start */
	ACT_REDIRECT,   /* HTTP 302 to text */
};

struct lab_action {
	enum lab_act act;
	const char *text;
	long long ms;
};

struct lab_condition {
	bool negated;
	const char *key, *arg; /* "header", "Subject" of header.Subject; arg "" when none */
	char op;               /* 0 = < > */
	const char *value;
	long long number; /* of < and >, and of = where the value is one; times in ms */
};

struct lab_rule {
	struct lab_condition *conditions;
	size_t nconditions;
	struct lab_action *actions;
	size_t nactions;
};

struct lab_rules {
	struct lab_rule *v;
	size_t n;
};

/* What is known when a rule is tried.  Texts may be NULL. */
struct lab_moment {
	const char *client, *name, *from, *to, *user, *pass, *mech, *params, *line;
	const char *method, *path, *host, *form;
	bool login, tls, esmtp, right, start, initial;
	unsigned long count, total, seen, connections;
	long long age_ms;
	size_t size;
	bool has_message;
	struct str message;
	const struct strlist *claims; /* "aud=https://..." of an access token; NULL none */
};

/* False with the reason: not a rule. */
bool lab_rule_check(const char *text, char *why, size_t size) MUST_USE;

/* Reads rules that lab_rule_check() let pass; texts are copied to a. */
struct lab_rules lab_rules_read(const struct strlist *l, struct arena *a) MUST_USE;

/* The first rule that fits, or NULL.  want_start: only rules with the condition
 * `start`, else only rules without it. */
const struct lab_rule *lab_rules_pick(const struct lab_rules *r, const struct lab_moment *m, bool want_start);

bool lab_fits(struct str s, const char *pattern); /* wildcards, case ignored */

#endif
