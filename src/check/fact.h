/* SPDX-License-Identifier: Apache-2.0 */
/* check/fact.h - what was seen, one piece at a time, typed.
 *
 * The kinds and their fields are in fact_kinds.def; from it come the structs
 * here, the table that reads and writes JSON (evidence_json.c), and nothing
 * else has to know a field twice. */
#ifndef CHECK_FACT_H
#define CHECK_FACT_H

#include "base/arena.h"

enum fact_kind {
#define KIND(up, low, json) FACT_##up,
#define STR(f)
#define NUM(f)
#define YES(f)
#define LIST(f)
#define END
#include "check/fact_kinds.def"
	FACT_KINDS
};

#define KIND(up, low, json) struct fact_##low {
#define STR(f)              const char *f;
#define NUM(f)              long f;
#define YES(f)              bool f;
#define LIST(f)             struct strlist f;
#define END                                                                                                  \
	}                                                                                                    \
	;
#include "check/fact_kinds.def"

struct fact {
	unsigned n;       /* 1.. in order of recording; findings point at it */
	unsigned session; /* 0: none; 1: the main dialogue; 2..: experiments and others */
	long t_ms;        /* since the check began */
	enum fact_kind kind;
	union {
#define KIND(up, low, json) struct fact_##low low;
#define STR(f)
#define NUM(f)
#define YES(f)
#define LIST(f)
#define END
#include "check/fact_kinds.def"
	};
};

enum fact_type { FACT_STR, FACT_NUM, FACT_YES, FACT_LIST };

struct fact_field {
	const char *name;
	enum fact_type type;
	size_t offset; /* in struct fact */
};

/* Fields of a kind in order, *n of them; static. */
const struct fact_field *fact_fields(enum fact_kind kind, size_t *n);
const char *fact_kind_name(enum fact_kind kind);
bool fact_kind_of(const char *name, enum fact_kind *kind) MUST_USE;

#endif
