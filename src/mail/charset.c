/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/charset.h"

#include <iconv.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"

enum { CHARSET_NAME_MAX = 40 };

/* Names that mailers write and iconv does not know. */
static const struct {
	const char *said, *meant;
} aliases[] = {
	{ "gb2312", "gb18030" },
	{ "gbk", "gb18030" },
	{ "x-gbk", "gb18030" },
	{ "ks_c_5601-1987", "cp949" },
	{ "x-sjis", "cp932" },
	{ "shift_jis", "cp932" },
	{ "iso-2022-jp", "iso-2022-jp-3" },
	{ "us-ascii", "windows-1252" },
	{ "ascii", "windows-1252" },
	{ "iso-8859-1", "windows-1252" },
	{ "unknown-8bit", "windows-1252" },
	{ "", "windows-1252" },
};

static const char *name_for_iconv(const char *charset)
{
	for (size_t i = 0; i < ARRAY_LEN(aliases); i++)
		if (str_ieq(str_of(charset), aliases[i].said))
			return aliases[i].meant;
	return charset;
}

/* ISO 2022 needs its escapes, UTF-7 its plus signs, UTF-16 its NULs: ASCII bytes are not enough there. */
static bool is_plain(struct str s, const char *charset)
{
	if (str_istarts(str_of(charset), "iso-2022") || str_istarts(str_of(charset), "hz-"))
		return !memchr(s.p, '\033', s.len) && !memchr(s.p, '~', s.len);
	if (str_istarts(str_of(charset), "utf-16") || str_istarts(str_of(charset), "utf-7"))
		return false;
	return text_is_utf8(s);
}

static bool is_name(const char *s)
{
	return strlen(s) <= CHARSET_NAME_MAX &&
	       !s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:+()")];
}

static struct str converted(struct arena *a, iconv_t cd, struct str s)
{
	size_t room = s.len * 4 + 16, left = room, in = s.len;
	char *out = arena_raw(a, room), *to = out, *from = (char *)(uintptr_t)s.p;
	while (in) {
		if (iconv(cd, &from, &in, &to, &left) != (size_t)-1 || !in || !left)
			break;
		from++;
		in--;
		iconv(cd, NULL, NULL, NULL, NULL);
	}
	return (struct str){ out, room - left };
}

struct str charset_utf8(struct arena *a, struct str s, const char *charset)
{
	charset = charset ? charset : "";
	if (is_plain(s, charset))
		return s;
	iconv_t cd = is_name(charset) ? iconv_open("UTF-8", name_for_iconv(charset)) : (iconv_t)-1;
	if (cd == (iconv_t)-1)
		cd = iconv_open("UTF-8", "windows-1252");
	if (cd == (iconv_t)-1)
		return s;
	struct str out = converted(a, cd, s);
	iconv_close(cd);
	return out;
}
