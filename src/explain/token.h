/* SPDX-License-Identifier: Apache-2.0 */
/* explain/token.h - names, addresses and words inside a text of any origin.
 *
 * Each function looks at the beginning of s only and returns how many bytes the
 * thing takes, 0 when it does not stand there.  No memory, no state. */
#ifndef EXPLAIN_TOKEN_H
#define EXPLAIN_TOKEN_H

#include "base/str.h"

size_t token_host(struct str s);    /* "mx1.example.com": a dot and a letter at least */
size_t token_ip(struct str s);      /* "192.0.2.1" or "2001:db8::1" */
size_t token_address(struct str s); /* "user@example.com", without brackets */
size_t token_base64(struct str s);  /* four letters or more of base64 or base64url, padding included */

bool token_starts(struct str s, size_t at); /* a word begins there */
struct str token_rest(struct str s, size_t at);

/* Letter, digit, byte above 127. */
static inline bool token_is_word(char c)
{
	unsigned char u = (unsigned char)c;
	return u >= 0x80 || (unsigned)(u - '0') < 10 || (unsigned)((u | 0x20) - 'a') < 26;
}

/* True when s begins with the phrase, which is lower case; made for long tables. */
static inline bool token_begins(struct str s, const char *phrase)
{
	size_t n = 0;
	for (; phrase[n]; n++) {
		if (n >= s.len)
			return false;
		char c = s.p[n];
		if ((c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c) != phrase[n])
			return false;
	}
	return true;
}

struct str token_line(struct str *rest); /* takes the next line, without its end */

#endif
