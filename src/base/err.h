/* SPDX-License-Identifier: Apache-2.0 */
/* base/err.h - why OUR work stopped.
 *
 * A refusal or a bad certificate is no err: it is evidence, kept as data. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>

#include "base/mem.h"

enum err_kind {
	ERR_NONE,
	ERR_SYS,      /* code: errno */
	ERR_TLS,      /* code: ERR_get_error() */
	ERR_DNS,      /* code: rcode or the library's number */
	ERR_HTTP,     /* code: the HTTP library's number */
	ERR_PROTOCOL, /* the peer left the protocol */
	ERR_LIMIT,    /* a named limit was reached */
	ERR_SYNTAX,   /* input that cannot be read; code: line or offset */
	ERR_USAGE,    /* wrong use of the program or of a call */
};

struct err {
	enum err_kind kind;
	long code;
	const char *doing; /* static string, a verb: "connect", "parse certificate" */
	char what[160];    /* the object: "mx1.example.net:25 [192.0.2.7]" */
	char detail[200];  /* the library's own words or the mend; "" if none */
	const char *file;
	int line;
};

/* Fills *e unless it holds an earlier failure (the first one wins); e may be
 * NULL.  Always false, so that callers can `return ERR_FILL(...)`. */
#define ERR_FILL(e, kind, code, doing, ...)                                                                  \
	err_fill((e), (kind), (code), (doing), __FILE__, __LINE__, __VA_ARGS__)

bool err_fill(struct err *e, enum err_kind kind, long code, const char *doing, const char *file, int line,
	      const char *what_fmt, ...) PRINTF_LIKE(7, 8);

/* Adds the library's words or the mend to a filled *e; the first detail wins (the system's own
 * words of ERR_SYS stay before it).  Always false. */
bool err_detail(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);

void err_clear(struct err *e);

/* One line for people, "cannot open /x: No such file or directory (mend)",
 * written to out (NUL-terminated).  Returns out. */
char *err_text(const struct err *e, char *out, size_t size);

#endif
