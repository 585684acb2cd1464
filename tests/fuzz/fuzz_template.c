/* SPDX-License-Identifier: Apache-2.0 */
/* Any template and any cells: a mail that SMTP carries, with its own header only, or faults in words. */
#include <string.h>

#include "base/text.h"
#include "batch/template.h"
#include "mail/header.h"
#include "tests/fuzz/fuzz.h"

/* What only we write stands there once; nobody gets a blind copy by a cell. */
static void check_header(struct arena *a, struct str mail)
{
	static const char *const once[] = { "From",         "Date", "Message-ID", "X-Postrider-Key",
					    "MIME-Version", "To" };
	struct header h;
	header_read(a, mail, &h);
	for (size_t i = 0; i < ARRAY_LEN(once); i++)
		if (header_count(&h, once[i]) != 1)
			__builtin_trap();
	if (header_find(&h, "Bcc", 0) || header_find(&h, "Received", 0) || !h.has_body)
		__builtin_trap();
}

/* Cells: UTF-8 without zero bytes, as the table's reader gives them. */
static struct str cell_of(struct str *rest)
{
	size_t n = rest->len > 4 ? rest->len / 4 : rest->len;
	struct str s = str_cut(*rest, 0, n);
	*rest = str_cut(*rest, n, rest->len);
	return text_is_utf8(s) && !memchr(s.p, 0, s.len) ? str_trim(s) : STR_LIT("Ann <ann@example.com>");
}

static void fill(const struct template *t, struct str rest)
{
	CLEANUP(letter_clear) struct letter l = { 0 };
	struct str cells[3] = { cell_of(&rest), cell_of(&rest), STR_LIT("ann@example.com") };
	struct strlist problems = { 0 };
	letter_begin(&l, 2);
	l.key = "k";
	l.message_id = "i@example.org";
	template_address(t, cells, &l, &problems);
	template_missing(t, cells, l.arena, &problems);
	if (problems.n)
		return;
	l.files[0] = (struct letter_file){ .name = "a b.pdf", .type = "application/pdf" };
	l.nfiles = cells[0].len % 2;
	template_write(t, cells, &l, 1795286869);
	must_be_smtp_lines(buf_str(&l.bytes));
	check_header(l.arena, buf_str(&l.bytes));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	if (size < 4)
		return 0;
	size_t cut = (data[0] * 256u + data[1]) % (size - 1) + 2;
	struct str all = { (const char *)data, size };
	struct strlist columns = { 0 }, faults = { 0 };
	strlist_add(&columns, a, "a");
	strlist_add(&columns, a, "b");
	strlist_add(&columns, a, "email");
	const struct template_options o = { .columns = &columns, .nonce = "n" };
	struct template *t = template_read(str_cut(all, 2, cut), &o, &faults, a);
	if (!faults.n)
		fill(t, str_cut(all, cut, size));
	template_free(&t);
	return 0;
}
