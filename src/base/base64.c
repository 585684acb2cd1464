/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"

#include <stdint.h>
#include <string.h>

static const char b64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(struct buf *out, struct str in)
{
	for (size_t i = 0; i < in.len; i += 3) {
		uint32_t v = 0;
		size_t n = in.len - i < 3 ? in.len - i : 3;
		for (size_t k = 0; k < 3; k++)
			v = v << 8 | (k < n ? (unsigned char)in.p[i + k] : 0);
		char q[4] = { b64[v >> 18], b64[v >> 12 & 63], n > 1 ? b64[v >> 6 & 63] : '=',
			      n > 2 ? b64[v & 63] : '=' };
		buf_add(out, q, sizeof(q));
	}
}

static bool decode(struct buf *out, struct str in, const char *extra, bool pad)
{
	uint32_t v = 0;
	unsigned bits = 0;
	size_t len = in.len;
	while (len && in.p[len - 1] == '=' && in.len - len < 2)
		len--;
	if ((pad && in.len % 4) || len % 4 == 1 || (in.len != len && in.len % 4))
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = in.p[i];
		const char *at = c == extra[0] ? b64 + 62 : c == extra[1] ? b64 + 63 : memchr(b64, c, 62);
		if (!at)
			return false;
		v = (v << 6 | (uint32_t)(at - b64)) & 0xffffff;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			char byte = (char)(v >> bits & 0xff);
			if (!buf_add(out, &byte, 1))
				return false;
		}
	}
	return true;
}

bool base64_decode(struct buf *out, struct str in)
{
	return decode(out, in, "+/", true);
}

bool base64url_decode(struct buf *out, struct str in)
{
	return decode(out, in, "-_", false);
}
