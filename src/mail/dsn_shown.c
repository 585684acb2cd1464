/* SPDX-License-Identifier: Apache-2.0 */
/* Text of a mail as it is shown: one line, printable, no longer than somebody reads. */
#include <stdint.h>
#include <string.h>

#include "base/sixteen.h"
#include "base/text.h"
#include "mail/dsn_job.h"

/* What a byte is in text to be shown. */
enum { BYTE_ODD, BYTE_PLAIN, BYTE_BLANK };

static const unsigned char byte_kinds[256] = {
	[' '] = BYTE_BLANK,  ['\t'] = BYTE_BLANK,        ['\r'] = BYTE_BLANK,
	['\n'] = BYTE_BLANK, ['!' ... '['] = BYTE_PLAIN, [']' ... '~'] = BYTE_PLAIN,
};

static bool is_plain(struct str s)
{
	unsigned char odd = 0; /* no branches: the compiler looks at many bytes at once */
	for (size_t i = 0; i < s.len; i++)
		odd |= (unsigned char)((unsigned char)(s.p[i] - ' ') > '~' - ' ') |
		       (unsigned char)(s.p[i] == '\\');
	return !odd;
}

/* How many of the next bytes stay as they are. */
static size_t tidy_length(struct str s, size_t at, bool after_blank)
{
	if (at + SIXTEEN <= s.len) {
		struct sixteen b = sixteen_at(s.p + at);
		unsigned blank = sixteen_between(b, ' ', ' ');
		unsigned untidy = blank & (blank << 1 | after_blank);
		untidy |= ~(blank | sixteen_between(b, '!', '~')) | sixteen_between(b, '\\', '\\');
		return (unsigned)__builtin_ctz(untidy | 1u << SIXTEEN);
	}
	if (at + sizeof(uint64_t) > s.len)
		return 0;
	uint64_t v = eight_at(s.p + at);
	uint64_t odd = eight_untidy(v, after_blank) | eight_between(v, '\\', '\\');
	return odd ? eight_first(odd) : sizeof(v);
}

/* Single blanks for all blanks; *odd: something is not printable ASCII.  out has as much room as s. */
static size_t squeeze(struct str s, char *out, bool *odd)
{
	size_t n = 0, i = 0;
	bool after_blank = true;
	*odd = false;
	for (size_t tidy; i < s.len;) {
		if ((tidy = tidy_length(s, i, after_blank))) {
			if (i + SIXTEEN <= s.len)
				memcpy(out + n, s.p + i, SIXTEEN);
			else
				memcpy(out + n, s.p + i, sizeof(uint64_t));
			n += tidy;
			i += tidy;
			after_blank = out[n - 1] == ' ';
			continue;
		}
		unsigned kind = byte_kinds[(unsigned char)s.p[i]];
		bool blank = kind == BYTE_BLANK;
		out[n] = blank ? ' ' : s.p[i++];
		i += blank;
		n += !(blank & after_blank);
		after_blank = blank;
		*odd |= kind == BYTE_ODD;
	}
	return n;
}

const char *dsn_text(struct arena *a, struct str s, size_t max)
{
	s = str_trim(s);
	if (s.len > max)
		for (s.len = max; s.len && ((unsigned char)s.p[s.len] & 0xc0) == 0x80;)
			s.len--;
	char *out = arena_raw(a, s.len + 1);
	bool odd = false;
	size_t n = squeeze(s, out, &odd);
	out[n] = '\0';
	return !odd ? out : text_printable(a, (struct str){ out, n });
}

const char *dsn_words(struct arena *a, struct str value)
{
	bool coded = false;
	struct str one = header_unfold(a, str_cut(value, 0, DSN_FIELD_MAX));
	const char *z = one.p; /* header_unfold() ends it with a NUL */
	if (memchr(z, '=', one.len) && strstr(z, "=?"))
		z = mime_words(a, z, &coded);
	return is_plain(str_of(z)) ? z : text_printable(a, str_of(z));
}
