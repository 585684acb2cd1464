/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/log/head.h"

#include "explain/log/chars.h"
#include "explain/log/field.h"
#include "explain/log/line.h"

enum { TAG_BYTES_MAX = 80 };

/* A program's own log has no head that is found: each of its lines is looked through.  Sets of characters:
 * NUL, TAB, SP and " : = [; TAB, SP and " , : ; > |; digits and ( @ A to Z [. */
static const uint64_t ends_name[] = { UINT64_C(0x2400000500000201), UINT64_C(0x0000000008000000) },
		      before_line[] = { UINT64_C(0x4c00100500000200), UINT64_C(0x1000000000000000) },
		      begins_time[] = { CHARS_DIGITS | UINT64_C(0x0000010000000000),
					UINT64_C(0x000000000fffffff) };

/* "postfix/smtp[812]" at the front: a program's name with its number. */
static bool is_tag(struct str s)
{
	size_t n = s.len < TAG_BYTES_MAX ? s.len : TAG_BYTES_MAX, digits = 0, i = 0;
	while (i < n && !chars_has(ends_name, s.p[i]))
		i++;
	if (i < 2 || i + 2 >= n || s.p[i] != '[')
		return false;
	for (i++; i < n && s.p[i] >= '0' && s.p[i] <= '9'; i++)
		digits++;
	return digits && i < n && s.p[i] == ']';
}

/* An object behind "mail-1  | " of compose or "stdout F " of Kubernetes. */
static bool is_object(struct str s, size_t at)
{
	return s.p[at] == '{' && at >= 2 && s.p[at - 1] == ' ' && (s.p[at - 2] == '|' || s.p[at - 2] == 'F');
}

static bool may_begin(struct log_clock *c, struct str s, size_t at, long long *time_s)
{
	struct str rest = log_from(s, at);
	long long t;
	if (at && !chars_has(before_line, s.p[at - 1]))
		return false;
	if (is_tag(rest) || is_object(s, at))
		return true;
	size_t n = chars_has(begins_time, s.p[at]) ? log_time_any(c, rest, &t) : 0;
	if (n)
		*time_s = t;
	return n && at;
}

bool log_head_next(struct log_clock *c, const struct log_line *l, struct log_head *h, struct log_line *in)
{
	struct str s = l->whole;
	for (; h->at < s.len && h->at < LOG_HEAD_MAX; h->at++) {
		if (!may_begin(c, s, h->at, &h->time_s))
			continue;
		log_line_parse(c, log_from(s, h->at++), in);
		if (!in->time_s)
			in->time_s = h->time_s ? h->time_s : l->time_s;
		in->number = l->number;
		return true;
	}
	return false;
}
