/* SPDX-License-Identifier: Apache-2.0 */
/* catalog/reply_rules.h - the form of the tables that tools/gen_replies.py makes of catalog/replies/. */
#ifndef CATALOG_REPLY_RULES_H
#define CATALOG_REPLY_RULES_H

#include <stdbool.h>
#include <stdint.h>

enum reply_need {
	REPLY_NEED_TLS = 1,
	REPLY_NEED_NO_TLS = 2,
	REPLY_NEED_LOGGED_IN = 4,
	REPLY_NEED_NOT_LOGGED_IN = 8
};

/* A code such as 535; 5xx is 500 to 599. */
struct reply_code_range {
	uint16_t from, to;
};

/* Numbers of a status; REPLY_ANY stands for any. */
enum { REPLY_ANY = 0xffff };
struct reply_status {
	uint16_t n[3];
};

struct reply_rule {
	const char *id, *where;               /* finding; file:line */
	const char *const *providers;         /* NULL-terminated; NULL: any */
	const struct reply_code_range *codes; /* ends with from == 0; NULL: any */
	const struct reply_status *statuses;  /* ends with n[0] == 0; NULL: any */
	const char *const *texts;             /* any of; NULL: none needed */
	bool has_with;                        /* one of a second list must stand there too */
	uint32_t steps;                       /* bit set; 0: any */
	uint8_t needs;                        /* reply_need */
	uint16_t thousandths;                 /* of confidence */
};

/* A phrase that is one piece is found where its piece stands, between edges of words where it asks for them.
 */
enum reply_form {
	REPLY_FORM_ONE_PIECE = 1,
	REPLY_FORM_EDGE_BEFORE = 2,
	REPLY_FORM_EDGE_AFTER = 4,
	REPLY_FORM_IN_SET = 8 /* every place of it counts (reply_chain.h) */
};

/* A phrase once, under the hash of four bytes in it where a word begins (reply_word_hash): most
 * phrases are of several words, and so need not be looked for inside a word.  The others are found
 * by four bytes anywhere (reply_gram_hash), or by three, such as "spf" (reply_short_hash). */
struct reply_phrase {
	const char *text;
	uint32_t use; /* of reply_uses */
	uint16_t nuses;
	uint8_t piece, len; /* the piece it is found by */
	uint8_t form;       /* reply_form */
};

/* What tells quickly that a phrase can't stand there; most candidates fail by it. */
struct reply_probe {
	uint8_t before, len; /* bytes of the piece before those it is found by, and in all */
	char first, last;    /* bytes of the piece */
};

enum { REPLY_RULES_MAX = 2048, REPLY_PHRASES_MAX = 16384 };
enum { REPLY_WORD_BITS = 14, REPLY_WORD_BUCKETS = 1 << REPLY_WORD_BITS };
enum { REPLY_GRAM_BITS = 13, REPLY_GRAM_BUCKETS = 1 << REPLY_GRAM_BITS };
enum { REPLY_SHORT_BITS = 10, REPLY_SHORT_BUCKETS = 1 << REPLY_SHORT_BITS };

extern const struct reply_rule reply_rules[];
extern const unsigned reply_nrules;
extern const unsigned reply_nphrases;

/* What a phrase is to a rule, or a word to a set; reply_uses holds rule or set * REPLY_USES + reply_use. */
enum reply_use { REPLY_USE_TEXT, REPLY_USE_WITH, REPLY_USE_NOT, REPLY_USE_SET, REPLY_USES };
extern const uint16_t reply_uses[];
extern const struct reply_phrase reply_phrases[];               /* in bucket order */
extern const struct reply_probe reply_probes[];                 /* of each phrase */
extern const uint16_t reply_word_start[REPLY_WORD_BUCKETS + 1]; /* into reply_phrases */
extern const uint16_t reply_gram_start[REPLY_GRAM_BUCKETS + 1];
extern const uint16_t reply_short_start[REPLY_SHORT_BUCKETS + 1];
/* A bit for each bucket that holds a phrase: small enough to stay near the processor. */
extern const unsigned char reply_word_full[REPLY_WORD_BUCKETS / 8];
extern const unsigned char reply_gram_full[REPLY_GRAM_BUCKETS / 8];
extern const unsigned char reply_short_full[REPLY_SHORT_BUCKETS / 8];

/* Rules without texts, in this order: those that ask for a status, for a step, for neither; and where each
 * begins. */
enum reply_bare { REPLY_BARE_STATUS, REPLY_BARE_STEP, REPLY_BARE_REST, REPLY_BARE_END };
extern const uint16_t reply_bare_rules[];
extern const uint16_t reply_bare_start[REPLY_BARE_END + 1];

static inline uint32_t reply_bytes3(const char *p)
{
	return (uint32_t)(unsigned char)p[0] | (uint32_t)(unsigned char)p[1] << 8 |
	       (uint32_t)(unsigned char)p[2] << 16;
}

static inline uint32_t reply_short_hash(const char *p)
{
	return (reply_bytes3(p) * 2654435761u) >> (32 - REPLY_SHORT_BITS);
}

static inline uint32_t reply_bytes4_hash(const char *p)
{
	return (reply_bytes3(p) | (uint32_t)(unsigned char)p[3] << 24) * 2654435761u;
}

static inline uint32_t reply_gram_hash(const char *p)
{
	return reply_bytes4_hash(p) >> (32 - REPLY_GRAM_BITS);
}

static inline uint32_t reply_word_hash(const char *p)
{
	return reply_bytes4_hash(p) >> (32 - REPLY_WORD_BITS);
}

#endif
