/* SPDX-License-Identifier: Apache-2.0 */
/* A filter may say what it likes: a header it changed still has only whole fields, and no line end alone. */
#include <string.h>

#include "relay/filter/rewrite.h"
#include "tests/fuzz/fuzz.h"

static void must(bool well)
{
	if (!well)
		__builtin_trap();
}

static void look(const struct milter *m)
{
	static const char header[] = "Received: by relay\r\nSubject: one\r\n two\r\n";
	CLEANUP(buf_clear) struct buf out = { 0 };
	size_t n;
	const struct milter_change *c = milter_changes(m, &n);
	rewrite_header(STR_LIT(header), c, n, &out);
	struct str s = buf_str(&out);
	must(!s.len || (s.len > 2 && !memcmp(s.p + s.len - 2, "\r\n", 2)));
	must(!memmem(s.p, s.len, "\r\n\r\n", 4));
	for (size_t i = 0; i < s.len; i++)
		must(s.p[i] != '\n' || (i && s.p[i - 1] == '\r'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char hello[] = "\0\0\0\x0dO\0\0\0\6\0\0\0\xff\0\0\0\0";
	CLEANUP(milter_free) struct milter *m = milter_new(10000);
	struct str rest = { (const char *)data, size };
	milter_hello(m);
	must(milter_feed(m, (struct str){ hello, sizeof(hello) - 1 }, NULL) == MILTER_ANSWER);
	milter_macro(m, "i", "x");
	milter_end(m);
	while (milter_feed(m, str_cut(rest, 0, 7), NULL) == MILTER_NONE && rest.len)
		rest = str_cut(rest, 7, rest.len);
	look(m);
	return 0;
}
