/* SPDX-License-Identifier: Apache-2.0 */
/* explain/log/field.h - pieces of log lines: words, key=value, hosts with their address, reply codes.
 *
 * All results are views into what was given. */
#ifndef EXPLAIN_LOG_FIELD_H
#define EXPLAIN_LOG_FIELD_H

#include <string.h>

#include "base/str.h"

/* Exact beginnings and places; case counts. */
static inline bool log_starts(struct str s, struct str lead)
{
	return s.len >= lead.len && !memcmp(s.p, lead.p, lead.len);
}

static inline struct str log_from(struct str s, size_t at)
{
	return at < s.len ? (struct str){ s.p + at, s.len - at } : (struct str){ s.p + s.len, 0 };
}

static inline struct str log_behind_blanks(struct str s)
{
	size_t i = 0;
	while (i < s.len && (s.p[i] == ' ' || s.p[i] == '\t'))
		i++;
	return log_from(s, i);
}

/* Where needle begins in s, or s.len. */
size_t log_find(struct str s, struct str needle);
size_t log_rfind(struct str s, struct str needle); /* the last one */
bool log_has(struct str s, struct str needle);
struct str log_to(struct str s, const char *seps); /* up to the first of seps, or all */

/* "<a@b>" and "a@b" -> "a@b"; "<>" -> "". */
struct str log_address(struct str s);
/* The value after `key` (with its "="), at the front or after a blank, comma or tab: up
 * to `end`, or quoted, or in angle brackets.  Empty when there is none. */
struct str log_value(struct str s, struct str key, const char *end);

struct log_host {
	struct str name, ip, port;
};
/* "mx.example.net[192.0.2.7]:25", "mx.example.net. [192.0.2.7]", "[192.0.2.7]", "192.0.2.7 (mx)", "local". */
struct log_host log_host_of(struct str s);
bool log_is_loopback(struct str ip);

/* "550-5.7.1 words", "5.1.1 words": the code (0 none) and the enhanced one ("" none). */
unsigned log_code(struct str reply, struct str *enhanced);
/* How many bytes of an enhanced code "5.7.139" stand at the front; 0 none. */
size_t log_enhanced(struct str s);

/* The contract's step for the command a reply answers: "RCPT TO", "end of DATA", ...; "" unknown. */
const char *log_step_of_command(struct str command);

#endif
