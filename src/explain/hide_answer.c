/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/hide_answer.h"

#include <string.h>

#include "explain/token.h"

enum { SECRET_MIN = 3, HEAD_MAX = 80 /* of marks, a time, a name before a line */ };

/* One sign of what stands before a line, from *i on: marks that tools vary ("<-  334", "<** 535") left out,
 * digits of a time or a number of lines alike; 0 at its end. */
static char sign_at(struct str head, size_t *i)
{
	while (*i < head.len && strchr(" \t\r'\"*-~=", head.p[*i]))
		++*i;
	char c = *i < head.len ? head.p[(*i)++] : '\0';
	return c >= '0' && c <= '9' ? '0' : c;
}

static bool is_same_head(struct str one, struct str other)
{
	for (size_t i = 0, k = 0;;) {
		char c = sign_at(one, &i);
		if (c != sign_at(other, &k))
			return false;
		if (!c)
			return true;
	}
}

static bool is_code_at(struct str s, size_t at)
{
	return at + 3 < s.len && s.p[at] >= '2' && s.p[at] <= '5' && s.p[at + 1] >= '0' &&
	       s.p[at + 1] <= '9' && s.p[at + 2] >= '0' && s.p[at + 2] <= '9' &&
	       (s.p[at + 3] == ' ' || s.p[at + 3] == '-');
}

/* What the server says next, not what the client answers: the words from line on, up to its last one, are
 * again a code behind the same marks.  No base64 has a blank. */
static bool is_reply_again(struct str s, size_t challenge, size_t line, size_t last)
{
	size_t begin = challenge;
	while (begin && challenge - begin <= HEAD_MAX && s.p[begin - 1] != '\n')
		begin--;
	for (size_t at = line; at < last && challenge - begin <= HEAD_MAX && at <= line + HEAD_MAX; at++)
		if (is_code_at(s, at) && is_same_head(str_cut(s, begin, challenge), str_cut(s, line, at)))
			return true;
	return false;
}

bool hide_answer(struct str s, size_t at, size_t *from, size_t *to)
{
	if (!token_begins(token_rest(s, at), "334"))
		return false;
	const char *eol = memchr(s.p + at, '\n', s.len - at);
	if (!eol)
		return false;
	size_t line = (size_t)(eol - s.p) + 1, end = line;
	while (end < s.len && s.p[end] != '\n')
		end++;
	while (end > line && strchr(" \t\r'\"\\rn", s.p[end - 1]))
		end--;
	size_t start = end;
	while (start > line && !strchr(" \t\"'>:", s.p[start - 1]))
		start--;
	struct str word = str_cut(s, start, end);
	*from = start;
	*to = end;
	return word.len >= SECRET_MIN && token_base64(word) == word.len &&
	       !(word.p[0] >= '2' && word.p[0] <= '5' && word.len == SECRET_MIN) &&
	       !is_reply_again(s, at, line, start);
}
