/* SPDX-License-Identifier: Apache-2.0 */
/* mail/bounce_rules.h - the tables that tools/gen_bounces.py makes of catalog/bounces/. */
#ifndef MAIL_BOUNCE_RULES_H
#define MAIL_BOUNCE_RULES_H

#include <stdbool.h>
#include <stdint.h>

enum {
	BOUNCE_GRAM_BITS = 12,
	BOUNCE_SIEVE_BITS = 16, /* of the hash that tells that no pattern has these four bytes */
	BOUNCE_GRAM_BUCKETS = 1 << BOUNCE_GRAM_BITS,
	BOUNCE_DIALECTS_MAX = 250,
};

/* What a line that matches is. */
enum bounce_role {
	BOUNCE_HEADER,    /* a mark in the mail's header */
	BOUNCE_BEGIN,     /* a mark in its text */
	BOUNCE_RECIPIENT, /* names a recipient, maybe with the reply */
	BOUNCE_REPLY,     /* introduces the reply: behind it, or on the next lines */
	BOUNCE_ORIGINAL,  /* what follows is the original */
	BOUNCE_SECTION,   /* what follows belongs to no recipient named before */
	BOUNCE_DROP,      /* says nothing of any recipient */
	BOUNCE_FAILED,    /* the whole report tells of failures */
	BOUNCE_DELAYED,   /* ... of delays */
	BOUNCE_DELIVERED, /* ... of successes */
	BOUNCE_STEP,      /* which command was answered */
};

/* Bytes in a pattern's text that stand for something. */
enum {
	BOUNCE_IS_ADDRESS = 1, /* local@domain, brackets and quotes allowed */
	BOUNCE_IS_REPLY,       /* the rest of the line */
	BOUNCE_IS_HOST,        /* a name or a literal address */
	BOUNCE_IS_ANY,         /* any number of bytes */
	BOUNCE_IS_END,         /* the line's end */
	BOUNCE_IS_USER,        /* a word that may be an address without a domain */
	BOUNCE_SPECIALS = BOUNCE_IS_USER
};

struct bounce_pattern {
	const char *text; /* folded: lower case, single blanks */
	uint8_t role;     /* enum bounce_role */
	uint8_t dialect;  /* index of bounce_dialects */
	bool strong;      /* words enough to count outside its dialect too */
	uint8_t points;   /* what a mark counts */
	const char *step; /* of BOUNCE_STEP: contract's name; else NULL */
	uint32_t gram;    /* four of its bytes, the first lowest; 0 of the bare ones */
	uint8_t at;       /* where they stand in its first words; BOUNCE_AT_ANY: behind those */
	uint8_t lead;     /* bytes of its first words, 0 when it begins with a placeholder */
	bool floats;      /* begins with '*' */
};

enum { BOUNCE_AT_ANY = 255 };

enum bounce_kind { BOUNCE_KIND_REPORT, BOUNCE_KIND_REPLY, BOUNCE_KIND_CHALLENGE, BOUNCE_KIND_FEEDBACK };

struct bounce_dialect {
	const char *name;
	uint8_t kind;   /* enum bounce_kind */
	uint8_t enough; /* points that make a mail this dialect's */
};

extern const struct bounce_dialect bounce_dialects[];
extern const unsigned bounce_ndialects;
extern const struct bounce_pattern bounce_patterns[]; /* in the order of their buckets, then the bare ones */
extern const unsigned bounce_npatterns;
extern const unsigned bounce_nbare; /* at the end: without four bytes in a row; tried on lines with '@' */
extern const char
	*const bounce_fields[]; /* header fields that patterns ask for, or how their names begin; sorted */
extern const unsigned bounce_nfields;
extern const uint16_t bounce_gram_start[BOUNCE_GRAM_BUCKETS + 1];
extern const uint64_t bounce_sieve[(1 << BOUNCE_SIEVE_BITS) / 64];

#endif
