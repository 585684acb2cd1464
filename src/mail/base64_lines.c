/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/base64_lines.h"

enum { LINE_CHARACTERS = 76 };

static const char b64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

uint64_t base64_lines_size(uint64_t content)
{
	uint64_t whole = content / BASE64_LINE_BYTES, rest = content % BASE64_LINE_BYTES;
	return whole * (LINE_CHARACTERS + 2) + (rest ? (rest + 2) / 3 * 4 + 2 : 0);
}

static char *four(char *to, uint32_t v)
{
	to[0] = b64[v >> 18];
	to[1] = b64[v >> 12 & 63];
	to[2] = b64[v >> 6 & 63];
	to[3] = b64[v & 63];
	return to + 4;
}

static char *line(char *to, const unsigned char *p, size_t n)
{
	size_t i = 0;
	for (; i + 3 <= n; i += 3)
		to = four(to, (uint32_t)p[i] << 16 | (uint32_t)p[i + 1] << 8 | p[i + 2]);
	if (i < n) {
		uint32_t second = i + 1 < n ? p[i + 1] : 0;
		to = four(to, (uint32_t)p[i] << 16 | second << 8);
		to[-1] = '=';
		if (i + 1 == n)
			to[-2] = '=';
	}
	*to++ = '\r';
	*to++ = '\n';
	return to;
}

void base64_lines(struct buf *out, struct str content)
{
	char lines[64 * (LINE_CHARACTERS + 2)];
	const unsigned char *p = (const unsigned char *)content.p;
	char *to = lines;
	for (size_t at = 0; at < content.len; at += BASE64_LINE_BYTES) {
		size_t rest = content.len - at;
		if (to + LINE_CHARACTERS + 2 > lines + sizeof(lines)) {
			buf_add(out, lines, (size_t)(to - lines));
			to = lines;
		}
		to = line(to, p + at, rest < BASE64_LINE_BYTES ? rest : BASE64_LINE_BYTES);
	}
	buf_add(out, lines, (size_t)(to - lines));
}
