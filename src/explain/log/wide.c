/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/log/wide.h"

#include <string.h>

#include "base/utf8.h"

enum { REPLACEMENT = 0xfffd };

void log_wide_start(struct log_wide *w)
{
	w->mode = LOG_WIDE_START;
	w->nmark = 0;
	w->odd = -1;
	w->high = 0;
}

/* What the first bytes say; true when they are enough to tell. */
static bool mark_tells(struct log_wide *w, bool at_end)
{
	const unsigned char *m = (const unsigned char *)w->mark;
	if (w->nmark >= 2 && m[0] == 0xff && m[1] == 0xfe)
		w->mode = LOG_WIDE_LITTLE;
	else if (w->nmark >= 2 && m[0] == 0xfe && m[1] == 0xff)
		w->mode = LOG_WIDE_BIG;
	else if ((w->nmark >= 1 && m[0] < 0xef) || (w->nmark >= 2 && m[0] == 0xef && m[1] != 0xbb) ||
		 w->nmark == LOG_MARK_MAX || at_end)
		w->mode = LOG_WIDE_NO;
	else if (w->nmark >= 2 && m[0] != 0xef)
		w->mode = LOG_WIDE_NO;
	return w->mode != LOG_WIDE_START;
}

/* What of the first bytes belongs to the text. */
static struct str mark_rest(struct log_wide *w)
{
	size_t skip = 0;
	if (w->mode != LOG_WIDE_NO)
		skip = 2;
	else if (w->nmark == LOG_MARK_MAX && !memcmp(w->mark, "\xef\xbb\xbf", LOG_MARK_MAX))
		skip = LOG_MARK_MAX;
	struct str s = { w->mark + skip, w->nmark - skip };
	w->nmark = 0;
	return s;
}

/* RFC 2781, 2.2. */
static size_t unit_put(struct log_wide *w, unsigned u, char *out)
{
	if (u >= 0xd800 && u < 0xdc00) {
		size_t n = w->high ? utf8_put(REPLACEMENT, out) : 0;
		w->high = u;
		return n;
	}
	unsigned high = w->high;
	w->high = 0;
	if (u >= 0xdc00 && u < 0xe000)
		return utf8_put(high ? 0x10000 + ((high - 0xd800) << 10) + (u - 0xdc00) : REPLACEMENT, out);
	size_t n = high ? utf8_put(REPLACEMENT, out) : 0;
	return n + utf8_put(u, out + n);
}

static struct str narrow(struct log_wide *w, struct str *in)
{
	size_t n = 0, i = 0;
	for (; i < in->len && n + 2 * UTF8_BYTES_MAX <= sizeof(w->out); i++) {
		unsigned b = (unsigned char)in->p[i];
		if (w->odd < 0) {
			w->odd = (int)b;
			continue;
		}
		unsigned first = (unsigned)w->odd;
		w->odd = -1;
		n += unit_put(w, w->mode == LOG_WIDE_LITTLE ? b << 8 | first : first << 8 | b, w->out + n);
	}
	*in = str_cut(*in, i, in->len);
	return (struct str){ w->out, n };
}

bool log_wide_next(struct log_wide *w, struct str *in, struct str *piece)
{
	while (w->mode == LOG_WIDE_START && in->len) {
		w->mark[w->nmark++] = in->p[0];
		*in = str_cut(*in, 1, in->len);
		if (!mark_tells(w, false))
			continue;
		*piece = mark_rest(w);
		if (piece->len && w->mode == LOG_WIDE_NO)
			return true;
	}
	if (!in->len || w->mode == LOG_WIDE_START)
		return false;
	if (w->mode == LOG_WIDE_NO) {
		*piece = *in;
		in->len = 0;
		return true;
	}
	*piece = narrow(w, in);
	return true;
}

struct str log_wide_end(struct log_wide *w)
{
	struct str none = { "", 0 };
	if (w->mode != LOG_WIDE_START || !w->nmark)
		return none;
	mark_tells(w, true);
	return mark_rest(w);
}
