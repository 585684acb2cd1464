/* SPDX-License-Identifier: Apache-2.0 */
/* mail/lint with mime, attachment and zip below it. */
#include "tests/unit/unit.h"

#include <string.h>

#include "base/base64.h"
#include "mail/lint.h"
#include "mail/mime.h"
#include "mail/zip.h"

/* Archives made with Python's zipfile; in ZIP_LOCKED the encryption flag is set. */
#define ZIP_MIXED                                                                                            \
	"\x50\x4b\x03\x04\x14\x00\x00\x00\x00\x00\x00\x00\x21\x5c\x83\x16\xdc\x8c\x01\x00\x00\x00\x01\x00"   \
	"\x00\x00\x05\x00\x00\x00\x61\x2e\x74\x78\x74\x78\x50\x4b\x03\x04\x14\x00\x00\x00\x00\x00\x00\x00"   \
	"\x21\x5c\x83\x16\xdc\x8c\x01\x00\x00\x00\x01\x00\x00\x00\x07\x00\x00\x00\x72\x75\x6e\x2e\x65\x78"   \
	"\x65\x78\x50\x4b\x03\x04\x14\x00\x00\x00\x00\x00\x00\x00\x21\x5c\x83\x16\xdc\x8c\x01\x00\x00\x00"   \
	"\x01\x00\x00\x00\x09\x00\x00\x00\x69\x6e\x6e\x65\x72\x2e\x7a\x69\x70\x78\x50\x4b\x01\x02\x14\x03"   \
	"\x14\x00\x00\x00\x00\x00\x00\x00\x21\x5c\x83\x16\xdc\x8c\x01\x00\x00\x00\x01\x00\x00\x00\x05\x00"   \
	"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x01\x00\x00\x00\x00\x61\x2e\x74\x78\x74\x50\x4b\x01"   \
	"\x02\x14\x03\x14\x00\x00\x00\x00\x00\x00\x00\x21\x5c\x83\x16\xdc\x8c\x01\x00\x00\x00\x01\x00\x00"   \
	"\x00\x07\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x01\x24\x00\x00\x00\x72\x75\x6e\x2e\x65"   \
	"\x78\x65\x50\x4b\x01\x02\x14\x03\x14\x00\x00\x00\x00\x00\x00\x00\x21\x5c\x83\x16\xdc\x8c\x01\x00"   \
	"\x00\x00\x01\x00\x00\x00\x09\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x01\x4a\x00\x00\x00"   \
	"\x69\x6e\x6e\x65\x72\x2e\x7a\x69\x70\x50\x4b\x05\x06\x00\x00\x00\x00\x03\x00\x03\x00\x9f\x00\x00"   \
	"\x00\x72\x00\x00\x00\x00\x00"
#define ZIP_LOCKED                                                                                           \
	"\x50\x4b\x03\x04\x14\x00\x00\x00\x00\x00\x00\x00\x21\x5c\x83\x16\xdc\x8c\x01\x00\x00\x00\x01\x00"   \
	"\x00\x00\x05\x00\x00\x00\x61\x2e\x74\x78\x74\x78\x50\x4b\x01\x02\x14\x03\x14\x00\x01\x00\x00\x00"   \
	"\x00\x00\x21\x5c\x83\x16\xdc\x8c\x01\x00\x00\x00\x01\x00\x00\x00\x05\x00\x00\x00\x00\x00\x00\x00"   \
	"\x00\x00\x00\x00\x80\x01\x00\x00\x00\x00\x61\x2e\x74\x78\x74\x50\x4b\x05\x06\x00\x00\x00\x00\x01"   \
	"\x00\x01\x00\x33\x00\x00\x00\x24\x00\x00\x00\x00\x00"
#define ZIP_DOCM                                                                                             \
	"\x50\x4b\x03\x04\x14\x00\x00\x00\x00\x00\x00\x00\x21\x5c\x83\x16\xdc\x8c\x01\x00\x00\x00\x01\x00"   \
	"\x00\x00\x13\x00\x00\x00\x5b\x43\x6f\x6e\x74\x65\x6e\x74\x5f\x54\x79\x70\x65\x73\x5d\x2e\x78\x6d"   \
	"\x6c\x78\x50\x4b\x03\x04\x14\x00\x00\x00\x00\x00\x00\x00\x21\x5c\x83\x16\xdc\x8c\x01\x00\x00\x00"   \
	"\x01\x00\x00\x00\x11\x00\x00\x00\x77\x6f\x72\x64\x2f\x64\x6f\x63\x75\x6d\x65\x6e\x74\x2e\x78\x6d"   \
	"\x6c\x78\x50\x4b\x03\x04\x14\x00\x00\x00\x00\x00\x00\x00\x21\x5c\x83\x16\xdc\x8c\x01\x00\x00\x00"   \
	"\x01\x00\x00\x00\x13\x00\x00\x00\x77\x6f\x72\x64\x2f\x76\x62\x61\x50\x72\x6f\x6a\x65\x63\x74\x2e"   \
	"\x62\x69\x6e\x78\x50\x4b\x01\x02\x14\x03\x14\x00\x00\x00\x00\x00\x00\x00\x21\x5c\x83\x16\xdc\x8c"   \
	"\x01\x00\x00\x00\x01\x00\x00\x00\x13\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x01\x00\x00"   \
	"\x00\x00\x5b\x43\x6f\x6e\x74\x65\x6e\x74\x5f\x54\x79\x70\x65\x73\x5d\x2e\x78\x6d\x6c\x50\x4b\x01"   \
	"\x02\x14\x03\x14\x00\x00\x00\x00\x00\x00\x00\x21\x5c\x83\x16\xdc\x8c\x01\x00\x00\x00\x01\x00\x00"   \
	"\x00\x11\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x01\x32\x00\x00\x00\x77\x6f\x72\x64\x2f"   \
	"\x64\x6f\x63\x75\x6d\x65\x6e\x74\x2e\x78\x6d\x6c\x50\x4b\x01\x02\x14\x03\x14\x00\x00\x00\x00\x00"   \
	"\x00\x00\x21\x5c\x83\x16\xdc\x8c\x01\x00\x00\x00\x01\x00\x00\x00\x13\x00\x00\x00\x00\x00\x00\x00"   \
	"\x00\x00\x00\x00\x80\x01\x62\x00\x00\x00\x77\x6f\x72\x64\x2f\x76\x62\x61\x50\x72\x6f\x6a\x65\x63"   \
	"\x74\x2e\x62\x69\x6e\x50\x4b\x05\x06\x00\x00\x00\x00\x03\x00\x03\x00\xc1\x00\x00\x00\x94\x00\x00"   \
	"\x00\x00\x00"

static const struct {
	const char *name, *message;
	size_t longest, bare_lf, bare_cr, eight_bit;
	unsigned from, addresses;
	bool raw;
	const char *header_from, *problems;
} lint_cases[] = {
	{ "plain", "From: Anna <a@example.com>\r\nTo: b@example.com\r\nSubject: s\r\n\r\nhello\r\n", 26, 0, 0,
	  0, 1, 1, false, "a@example.com", "" },
	{ "bare line ends", "From: a@b.c\r\n\r\none\ntwo\rthree\r\n", 11, 1, 1, 0, 1, 1, false, "a@b.c", "" },
	{ "two From with three addresses", "From: a@b.c, d@e.f\r\nFrom: g@h.i\r\n\r\n", 18, 0, 0, 0, 2, 3,
	  false, "a@b.c", "" },
	{ "raw header", "From: a@b.c\r\nSubject: \xc3\xbc\r\n\r\n", 11, 0, 0, 0, 1, 1, true, "a@b.c", "" },
	{ "undeclared bytes", "From: a@b.c\r\n\r\n\xfc\xdf\r\n", 11, 0, 0, 2, 1, 1, false, "a@b.c",
	  "undeclared-8bit" },
	{ "declared bytes",
	  "From: a@b.c\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; "
	  "charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\xfc\r\n",
	  44, 0, 0, 1, 1, 1, false, "a@b.c", "" },
	{ "no MIME-Version", "Content-Type: text/plain\r\n\r\nx", 24, 0, 0, 0, 0, 0, false, "",
	  "no-mime-version" },
	{ "no boundary", "MIME-Version: 1.0\r\nContent-Type: multipart/mixed\r\n\r\nx", 29, 0, 0, 0, 0, 0,
	  false, "", "no-boundary" },
	{ "unclosed",
	  "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n", 41, 0, 0,
	  0, 0, 0, false, "", "unclosed" },
	{ "boundary never used",
	  "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\ntext\r\n", 41, 0, 0, 0, 0, 0,
	  false, "", "unclosed empty-multipart" },
	{ "unknown encoding", "MIME-Version: 1.0\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\nx", 37, 0, 0,
	  0, 0, 0, false, "", "bad-encoding" },
	{ "broken base64", "MIME-Version: 1.0\r\nContent-Transfer-Encoding: base64\r\n\r\nabc!\r\n", 33, 0, 0,
	  0, 0, 0, false, "", "bad-base64" },
	{ "broken quoted-printable",
	  "MIME-Version: 1.0\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\na=zz\r\n", 43, 0, 0, 0, 0,
	  0, false, "", "bad-quoted-printable" },
	{ "encoded multipart",
	  "MIME-Version: 1.0\r\nContent-Transfer-Encoding: base64\r\nContent-Type: multipart/mixed; "
	  "boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n",
	  41, 0, 0, 0, 0, 0, false, "", "encoded-multipart" },
	{ "bad type", "MIME-Version: 1.0\r\nContent-Type: text\r\n\r\nx", 18, 0, 0, 0, 0, 0, false, "",
	  "bad-content-type" },
	{ "header line without colon", "From: a@b.c\r\nwhat is this\r\n\r\nx", 12, 0, 0, 0, 1, 1, false,
	  "a@b.c", "bad-header-line" },
	{ "empty", "", 0, 0, 0, 0, 0, 0, false, "", "" },
};

static void test_lint(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lint_cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct lint l;
		lint_message(a, str_of(lint_cases[i].message), &l);
		const char *problems = strlist_join(&l.mime_problems, a, " ");
		if (l.longest_line != lint_cases[i].longest || strcmp(problems, lint_cases[i].problems) != 0)
			print_error("%s: %zu %s\n", lint_cases[i].name, l.longest_line, problems);
		assert_int_equal(l.longest_line, lint_cases[i].longest);
		assert_int_equal(l.bare_lf, lint_cases[i].bare_lf);
		assert_int_equal(l.bare_cr, lint_cases[i].bare_cr);
		assert_int_equal(l.eight_bit, lint_cases[i].eight_bit);
		assert_int_equal(l.from_headers, lint_cases[i].from);
		assert_int_equal(l.from_addresses, lint_cases[i].addresses);
		assert_int_equal(l.raw_header, lint_cases[i].raw);
		assert_string_equal(l.header_from, lint_cases[i].header_from);
		assert_string_equal(problems, lint_cases[i].problems);
	}
}

/* "Content-Disposition: attachment; ..." and what name it gives. */
static const struct {
	const char *disposition, *name;
	bool odd;
} name_cases[] = {
	{ "attachment; filename=invoice.pdf", "invoice.pdf", false },
	{ "attachment; filename=\"invoice 7.pdf\"", "invoice 7.pdf", false },
	{ "attachment; filename=\"a;b\\\"c.pdf\"", "a;b\"c.pdf", true },
	{ "attachment; filename*=UTF-8''Rechnung%20%C3%BC.pdf", "Rechnung \xc3\xbc.pdf", true },
	{ "attachment; filename*0=\"very long \"; filename*1=\"name.pdf\"", "very long name.pdf", true },
	{ "attachment; filename*0*=utf-8'en'%C3%BC; filename*1=bung.pdf",
	  "\xc3\xbc"
	  "bung.pdf",
	  true },
	{ "attachment; filename=\"=?utf-8?B?w7wucGRm?=\"", "\xc3\xbc.pdf", true },
	{ "attachment; filename=\"=?iso-8859-1?Q?=FC.pdf?=\"", "\xc3\xbc.pdf", true },
	{ "attachment; filename=\"invoice.pdf \"", "invoice.pdf ", true },
	{ "attachment; filename=invoice.pdf.exe", "invoice.pdf.exe", true },
	{ "attachment; filename=\"..\\\\x.txt\"", "..\\\\x.txt", true },
	{ "attachment", "", false },
};

static void test_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(name_cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct lint l;
		lint_message(a,
			     str_of(arena_printf(a, "MIME-Version: 1.0\r\nContent-Disposition: %s\r\n\r\nx",
						 name_cases[i].disposition)),
			     &l);
		assert_int_equal(l.nattachments, 1);
		assert_string_equal(l.attachments[0].name, name_cases[i].name);
		assert_int_equal(l.attachments[0].odd_name, name_cases[i].odd);
	}
}

static const struct {
	const char *name;
	struct str bytes;
	const char *extension, *type;
	bool risky, encrypted;
	const char *inside;
} file_cases[] = {
	{ "a.PDF", STR_LIT("%PDF-1.7\n"), "pdf", "application/pdf", false, false, "" },
	{ "locked.pdf", STR_LIT("%PDF-1.7\ntrailer << /Encrypt 9 0 R >>"), "pdf", "application/pdf", false,
	  true, "" },
	{ "setup.exe", STR_LIT("hello"), "exe", "text/plain", true, false, "" },
	{ "setup.exe. ", STR_LIT("hello"), "exe", "text/plain", true, false, "" },
	{ "holiday.jpg", STR_LIT("MZ\x90\0\3"), "jpg", "application/vnd.microsoft.portable-executable", true,
	  false, "" },
	{ "mixed.zip",
	  { ZIP_MIXED, sizeof(ZIP_MIXED) - 1 },
	  "zip",
	  "application/zip",
	  true,
	  false,
	  "run.exe inner.zip" },
	{ "locked.zip", { ZIP_LOCKED, sizeof(ZIP_LOCKED) - 1 }, "zip", "application/zip", false, true, "" },
	{ "letter.docx",
	  { ZIP_DOCM, sizeof(ZIP_DOCM) - 1 },
	  "docx",
	  "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	  true,
	  false,
	  "word/vbaProject.bin" },
	{ "noextension", STR_LIT("\1\2\3\0"), "", "application/octet-stream", false, false, "" },
	{ "page.html", STR_LIT("\r\n <!doctype HTML>"), "html", "text/html", false, false, "" },
	{ "empty.txt", STR_LIT(""), "txt", "application/x-empty", false, false, "" },
};

static void test_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(file_cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct attachment at;
		attachment_judge(a, file_cases[i].name, file_cases[i].bytes, &at);
		if (strcmp(at.type, file_cases[i].type) != 0)
			print_error("%s: %s\n", file_cases[i].name, at.type);
		assert_string_equal(at.extension, file_cases[i].extension);
		assert_string_equal(at.type, file_cases[i].type);
		assert_int_equal(at.risky, file_cases[i].risky);
		assert_int_equal(at.encrypted, file_cases[i].encrypted);
		assert_string_equal(strlist_join(&at.inside, a, " "), file_cases[i].inside);
		assert_false(at.eicar);
	}
}

/* A directory that is cut or lies at any place must neither crash nor hang. */
static void test_cut_zip(void **state)
{
	(void)state;
	struct str whole = { ZIP_MIXED, sizeof(ZIP_MIXED) - 1 };
	for (size_t n = 0; n <= whole.len; n++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct zip z;
		CLEANUP(mem_free) char *copy = mem_dup(whole.p, n);
		bool is_zip = zip_read(a, (struct str){ copy, n }, &z);
		assert_int_equal(is_zip, n >= 4);
		assert_int_equal(is_zip && !z.damaged, n == whole.len);
	}
	for (size_t i = 0; i < whole.len; i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct zip z;
		CLEANUP(mem_free) char *copy = mem_dup(whole.p, whole.len);
		copy[i] = (char)0xff;
		(void)!zip_read(a, (struct str){ copy, whole.len }, &z);
		assert_true(z.names.n <= 3);
	}
}

static void test_eicar(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct lint l;
	struct buf coded = { 0 };
	const char *virus = arena_printf(a, "%s%s", "X5O!P%@AP[4\\PZX54(P^)7CC)7}$",
					 "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*");
	base64_encode(&coded, str_of(virus));
	const char *m = arena_printf(
		a,
		"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"=x\"\r\n\r\n"
		"--=x\r\n\r\nhello\r\n--=x\r\nContent-Type: application/octet-stream; name=e.txt\r\n"
		"Content-Transfer-Encoding: base64\r\n\r\n%.*s\r\n--=x--\r\n",
		(int)buf_waiting(&coded), buf_str(&coded).p);
	lint_message(a, str_of(m), &l);
	assert_true(l.eicar);
	assert_int_equal(l.nattachments, 1);
	assert_true(l.attachments[0].eicar);
	assert_int_equal(l.attachments[0].bytes, strlen(virus));
	assert_int_equal(l.attachments[0].encoded_bytes, buf_waiting(&coded));
	assert_int_equal(l.mime_problems.n, 0);
	lint_message(a, str_of("\r\nX5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR"), &l);
	assert_false(l.eicar);
	buf_clear(&coded);
}

/* Parts inside parts end at the limit, and so does their number. */
static void test_limits(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct buf deep = { 0 }, wide = { 0 };
	struct lint l;
	struct mime m;
	buf_adds(&deep, "MIME-Version: 1.0\r\n");
	for (int i = 0; i < 100; i++)
		buf_addf(&deep, "Content-Type: multipart/mixed; boundary=b%dx\r\n\r\n--b%dx\r\n", i, i);
	mime_read(a, buf_str(&deep), &m);
	assert_int_equal(m.n, MIME_DEPTH_MAX);
	assert_true(strlist_has(&m.problems, "too-deep"));
	buf_adds(&wide, "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n");
	for (int i = 0; i < MIME_PARTS_MAX + 10; i++)
		buf_adds(&wide, "--b\r\nContent-Disposition: attachment; filename=a\r\n\r\nx\r\n");
	lint_message(a, buf_str(&wide), &l);
	assert_true(strlist_has(&l.mime_problems, "too-many-parts"));
	assert_int_equal(l.nattachments, LINT_ATTACHMENTS_MAX);
	buf_clear(&deep);
	buf_clear(&wide);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lint),    cmocka_unit_test(test_names), cmocka_unit_test(test_files),
		cmocka_unit_test(test_cut_zip), cmocka_unit_test(test_eicar), cmocka_unit_test(test_limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
