/* SPDX-License-Identifier: Apache-2.0 */
/* mail/spf_record.h - one SPF record taken apart and checked (RFC 7208, 4.5, 4.6, 5, 6, 12).
 *
 * Syntax only: nothing is looked up, and every term is checked even where an
 * earlier one would decide. */
#ifndef MAIL_SPF_RECORD_H
#define MAIL_SPF_RECORD_H

#include "mail/ipaddr.h"

enum { SPF_TERMS_MAX = 1000 }; /* of one record: far above what 10 lookups need */

enum spf_kind {
	SPF_ALL,
	SPF_INCLUDE,
	SPF_A,
	SPF_MX,
	SPF_PTR,
	SPF_IP4,
	SPF_IP6,
	SPF_EXISTS,
	SPF_REDIRECT,
	SPF_EXP,
	SPF_OTHER, /* a modifier of unknown name: ignored */
};

struct spf_term {
	enum spf_kind kind;
	char qualifier;     /* + - ~ ? ; '+' for modifiers */
	const char *text;   /* as published, printable */
	const char *domain; /* domain-spec, not expanded; "" when none was given */
	struct ipaddr net;  /* of ip4 and ip6 */
	unsigned bits4, bits6;
};

struct spf_record {
	const char *text;
	struct spf_term *terms;
	size_t n;
	const struct spf_term *redirect, *exp; /* NULL: none */
	const char *bad; /* the first term that is wrong; NULL when the record is sound */
	const char *why; /* what is wrong with it, in words */
};

/* "v=spf1" in any case, then a blank or the end. */
bool spf_record_is(const char *txt);

/* False with bad and why set when the syntax is wrong anywhere; terms holds
 * what could be read.  Everything lives in the arena. */
bool spf_record_parse(struct arena *a, const char *txt, struct spf_record *out) MUST_USE;

/* Whether the term costs one of the ten lookups. */
bool spf_term_looks_up(const struct spf_term *t);
/* Whether the term lets every address of the internet pass. */
bool spf_term_passes_all(const struct spf_term *t);

#endif
