/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/log/bare.h"

#include "explain/log/field.h"

enum { ESCAPE = 0x1b };

/* Those that a line of a log cannot do without; of others a reply is none the worse. */
static const struct {
	struct str name;
	char sign;
} names[] = {
	{ STR_LIT("&lt;"), '<' },
	{ STR_LIT("&gt;"), '>' },
	{ STR_LIT("&quot;"), '"' },
	{ STR_LIT("&amp;"), '&' },
};

/* ECMA-48, 5.4: ESC, "[", parameters, one letter: the colours of grep, compose and loggers. */
static size_t colour_bytes(struct str s)
{
	size_t i = 2;
	if (s.len < 2 || s.p[1] != '[')
		return 1;
	while (i < s.len && s.p[i] >= 0x20 && s.p[i] < 0x40)
		i++;
	return i < s.len ? i + 1 : i;
}

/* What stands at the front, an ESC or "&", as it is meant; how many bytes it took. */
static size_t put(struct str s, bool html, struct buf *out)
{
	if (*s.p == ESCAPE)
		return colour_bytes(s);
	for (size_t i = 0; i < ARRAY_LEN(names) && html; i++)
		if (log_starts(s, names[i].name)) {
			(void)buf_add(out, &names[i].sign, 1);
			return names[i].name.len;
		}
	(void)buf_add(out, s.p, 1);
	return 1;
}

struct str log_bare(struct str s, struct buf *room)
{
	bool html = s.len && memchr(s.p, '&', s.len) && log_has(s, names[0].name);
	if (!html && !(s.len && memchr(s.p, ESCAPE, s.len)))
		return s;
	buf_take(room, buf_waiting(room));
	while (s.len) {
		size_t n = 0;
		while (n < s.len && s.p[n] != ESCAPE && s.p[n] != '&')
			n++;
		(void)buf_add(room, s.p, n);
		s = log_from(s, n);
		if (s.len)
			s = log_from(s, put(s, html, room));
	}
	return buf_str(room);
}
