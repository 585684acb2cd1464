/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever a program hands in: what comes out is lines in CRLF, without NUL and without blind copies. */
#include <string.h>

#include "mail/handin.h"
#include "mail/header.h"
#include "tests/fuzz/fuzz.h"

static void check_lines(struct str s)
{
	must_be_smtp_lines(s);
	if (s.len < 4 || memcmp(s.p + s.len - 2, "\r\n", 2) != 0)
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(buf_clear) struct buf out = { 0 };
	if (!size)
		return 0;
	const struct handin_options o = { .dot_ends = data[0] & 1,
					  .recipients = data[0] & 2,
					  .home = "box.example",
					  .sender = "me@box.example",
					  .name = "N",
					  .rcpts_max = data[0] >> 2 };
	struct strlist to = { 0 };
	struct err e = { 0 };
	struct header h;
	if (!handin_read(a, (struct str){ (const char *)data + 1, size - 1 }, &o, &out, &to, &e))
		return 0;
	check_lines(buf_str(&out));
	header_read(a, buf_str(&out), &h);
	if (header_find(&h, "Bcc", 0) || header_find(&h, "Resent-Bcc", 0) || !header_find(&h, "From", 0))
		__builtin_trap();
	for (size_t i = 0; i < to.n; i++)
		if (!strchr(to.v[i], '@'))
			__builtin_trap();
	return 0;
}
