/* SPDX-License-Identifier: Apache-2.0 */
/* mail/sevenbit: a message with 8-bit text for a server that takes none. */
#include <string.h>

#include "tests/unit/sevenbit_convert.h"

#include "base/text.h"
#include "mail/mime.h"

static const struct seven_case {
	const char *name, *in;
	enum sevenbit_verdict verdict;
	const char *out; /* what is sent, or why it cannot be */
} cases[] = {
	{ "plain", "Subject: x\r\n\r\nhello\r\n", SEVENBIT_FITS, NULL },
	{ "nothing", "", SEVENBIT_FITS, NULL },
	{ "8-bit bytes in the header alone", "Subject: " UMLAUT "\r\n\r\nhello\r\n", SEVENBIT_FITS, NULL },
	{ "declared",
	  "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: "
	  "8bit\r\nTo: x\r\n\r\nf" UMLAUT "r =\r\nyou and all others \r\n.\r\n",
	  SEVENBIT_CONVERTS,
	  "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nTo: "
	  "x\r\nContent-Transfer-Encoding: "
	  "quoted-printable\r\n\r\nf=C3=BCr =3D\r\nyou and all others=20\r\n=2E\r\n" },
	{ "without MIME, in UTF-8", "Subject: x\r\n\r\nGr" UMLAUT "ezi mitenand\r\n", SEVENBIT_CONVERTS,
	  "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
	  "Content-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BCezi mitenand\r\n" },
	{ "without MIME, in no known charset",
	  "Subject: x\r\n\r\nGr\xfc"
	  "ezi mitenand\r\n",
	  SEVENBIT_CONVERTS,
	  "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=unknown-8bit\r\n"
	  "Content-Transfer-Encoding: quoted-printable\r\n\r\nGr=FCezi mitenand\r\n" },
	{ "mostly 8-bit",
	  "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" UMLAUT UMLAUT UMLAUT "\r\n",
	  SEVENBIT_CONVERTS,
	  "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: "
	  "base64\r\n\r\n"
	  "w7zDvMO8DQo=\r\n" },
	{ "two parts, one with",
	  MIXED("Content-Transfer-Encoding: 8bit\r\n") "pre\r\n--b\r\nContent-Type: "
						       "text/html\r\n\r\n<p>" UMLAUT
						       " and so on\r\n--b\r\nContent-Transfer-Encoding: "
						       "binary\r\n\r\nx\r\n\r\n--b--\r\nend\r\n",
	  SEVENBIT_CONVERTS,
	  MIXED("Content-Transfer-Encoding: 7bit\r\n") "pre\r\n--b\r\nContent-Type: text/html\r\n"
						       "Content-Transfer-Encoding: "
						       "quoted-printable\r\n\r\n<p>=C3=BC and so "
						       "on\r\n--b\r\n"
						       "Content-Transfer-Encoding: "
						       "7bit\r\n\r\nx\r\n\r\n--b--\r\nend\r\n" },
	{ "base64 before a boundary", MIXED("") "--b\r\n\r\n" UMLAUT UMLAUT "\r\n--b--\r\n",
	  SEVENBIT_CONVERTS,
	  MIXED("") "--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: "
		    "base64\r\n\r\n"
		    "w7zDvA==\r\n--b--\r\n" },
	{ "a message inside",
	  MIXED("") "--b\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\nSubject: "
		    "in\r\n\r\na body with " UMLAUT "\r\n--b--\r\n",
	  SEVENBIT_CONVERTS,
	  MIXED("") "--b\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: 7bit\r\n\r\nSubject: "
		    "in\r\n"
		    "MIME-Version: 1.0\r\nContent-Type: text/plain; "
		    "charset=utf-8\r\nContent-Transfer-Encoding: "
		    "quoted-printable\r\n\r\na body with =C3=BC\r\n--b--\r\n" },
	{ "a message inside, with 8-bit bytes in its header",
	  MIXED("Content-Transfer-Encoding: 8bit\r\n") "--b\r\nContent-Type: message/rfc822\r\n"
						       "Content-Transfer-Encoding: 8bit\r\n\r\n"
						       "Subject: " UMLAUT "\r\n\r\na body with " UMLAUT
						       "\r\n--b\r\nContent-Transfer-Encoding: "
						       "8bit\r\n\r\nx\r\n--b--\r\n",
	  SEVENBIT_CONVERTS,
	  MIXED("Content-Transfer-Encoding: 8bit\r\n") "--b\r\nContent-Type: message/rfc822\r\n"
						       "Content-Transfer-Encoding: 8bit\r\n\r\n"
						       "Subject: " UMLAUT "\r\nMIME-Version: 1.0\r\n"
						       "Content-Type: text/plain; charset=utf-8\r\n"
						       "Content-Transfer-Encoding: quoted-printable\r\n"
						       "\r\na body with =C3=BC\r\n--b\r\n"
						       "Content-Transfer-Encoding: "
						       "7bit\r\n\r\nx\r\n--b--\r\n" },
	{ "a multipart in a message inside, with 8-bit bytes in the header of its part",
	  "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" MIXED(
		  "Content-Transfer-Encoding: 8bit\r\n") "--b\r\nContent-Transfer-Encoding: 8bit\r\n"
							 "Content-Description: " UMLAUT "\r\n\r\n"
							 "some text with " UMLAUT "\r\n--b--\r\n",
	  SEVENBIT_CONVERTS,
	  "Content-Type: message/rfc822\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: "
	  "8bit\r\n\r\n" MIXED(
		  "Content-Transfer-Encoding: 8bit\r\n") "--b\r\nContent-Description: " UMLAUT "\r\n"
							 "Content-Type: text/plain; charset=utf-8\r\n"
							 "Content-Transfer-Encoding: quoted-printable\r\n"
							 "\r\nsome text with =C3=BC\r\n--b--\r\n" },
	{ "a digest",
	  "Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\nSubject: in\r\n\r\na body "
	  "with " UMLAUT "\r\n--b--\r\n",
	  SEVENBIT_CONVERTS,
	  "Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\nSubject: in\r\nMIME-Version: 1.0\r\n"
	  "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
	  "a body with =C3=BC\r\n--b--\r\n" },
	{ "the inner multipart is not closed",
	  MIXED("") "--b\r\nContent-Type: multipart/alternative; boundary=i\r\n\r\n--i\r\n\r\nsome text "
		    "with " UMLAUT "\r\n--b\r\n\r\nand more text with " UMLAUT "\r\n--b--\r\n",
	  SEVENBIT_CONVERTS,
	  MIXED("") "--b\r\nContent-Type: multipart/alternative; boundary=i\r\n\r\n--i\r\nContent-Type: "
		    "text/plain; "
		    "charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nsome text with "
		    "=C3=BC\r\n--b\r\n"
		    "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: "
		    "quoted-printable\r\n\r\n"
		    "and more text with =C3=BC\r\n--b--\r\n" },
	{ "before the first part", MIXED("") "pre" UMLAUT "\r\n--b\r\n\r\nx\r\n--b--\r\n", SEVENBIT_CONVERTS,
	  MIXED("") "pre??\r\n--b\r\n\r\nx\r\n--b--\r\n" },
	{ "a soft break makes no boundary",
	  MIXED("") "--b\r\n\r\n" UMLAUT "0123456789012345678901234567890123456789012345678901234567890123456"
		    "78--b--\r\n--b--\r\n",
	  SEVENBIT_CONVERTS,
	  MIXED("") "--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: "
		    "quoted-printable\r\n\r\n"
		    "=C3=BC012345678901234567890123456789012345678901234567890123456789012345678=\r\n=2D-b--"
		    "\r\n--b--\r\n" },
	{ "a signature beside it stays",
	  MIXED("") "--b\r\nContent-Type: multipart/signed; "
		    "boundary=s\r\n\r\n--s\r\nContent-Transfer-Encoding: 8bit\r\n\r\nx\r\n"
		    "--s--\r\n--b\r\n\r\nsome text with " UMLAUT "\r\n--b--\r\n",
	  SEVENBIT_CONVERTS,
	  MIXED("") "--b\r\nContent-Type: multipart/signed; "
		    "boundary=s\r\n\r\n--s\r\nContent-Transfer-Encoding: 8bit\r\n\r\nx\r\n"
		    "--s--\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: "
		    "quoted-printable\r\n\r\n"
		    "some text with =C3=BC\r\n--b--\r\n" },
	{ "in a signed part",
	  "Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/mixed; "
	  "boundary=c\r\n\r\n--c\r\n\r\n" UMLAUT "\r\n--c--\r\n--b--\r\n",
	  SEVENBIT_CANNOT, "in a signed or encrypted part" },
	{ "in an encrypted one",
	  "Content-Type: multipart/encrypted; boundary=b\r\n\r\n--b\r\n\r\n" UMLAUT "\r\n--b--\r\n",
	  SEVENBIT_CANNOT, "in a signed or encrypted part" },
	{ "in a part of a message", "Content-Type: message/partial; id=1\r\n\r\n" UMLAUT "\r\n",
	  SEVENBIT_CANNOT, "message/ part" },
	{ "in base64", "Content-Transfer-Encoding: base64\r\n\r\n" UMLAUT "\r\n", SEVENBIT_CANNOT,
	  "coded already" },
	{ "in a multipart without a boundary", "Content-Type: multipart/mixed\r\n\r\n" UMLAUT "\r\n",
	  SEVENBIT_CANNOT, "boundary" },
};

static enum sevenbit_verdict convert(struct str m, size_t cut, struct buf *out, const char **why)
{
	return sevenbit_convert(SEVENBIT_HIGH, m, cut, out, why);
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct seven_case *c = &cases[i];
		for (size_t cut = 0; cut <= strlen(c->in); cut++) {
			CLEANUP(buf_clear) struct buf out = { 0 };
			const char *why;
			enum sevenbit_verdict v = convert(str_of(c->in), cut, &out, &why);
			if (v != c->verdict || (v == SEVENBIT_CANNOT && !strstr(why, c->out)) ||
			    (v == SEVENBIT_CONVERTS && !str_eq(buf_str(&out), c->out)))
				fail_msg("%s, cut at %zu: %d\n" STR_FMT "\n%s", c->name, cut, (int)v,
					 STR_ARG(buf_str(&out)), v == SEVENBIT_CANNOT ? why : "");
		}
	}
}

/* What a reader decodes is what was written, at every length of a line. */
static void test_decodes_to_the_same(void **state)
{
	(void)state;
	for (size_t n = 0; n < 9000; n = n < 300 ? n + 1 : n + 611) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		CLEANUP(buf_clear) struct buf in = { 0 }, out = { 0 };
		const char *why;
		bool wide = n % 3 == 0;
		buf_adds(&in, MIXED("") "--b\r\n\r\n");
		size_t from = in.len;
		for (size_t i = 0; i < n; i++)
			buf_addf(&in, "%s", wide || i % 50 == 7 ? UMLAUT : i % 11 ? "From " : ". ");
		buf_adds(&in, "\r\n\r\n.. " UMLAUT " \t");
		struct str body = arena_str(a, str_cut(buf_str(&in), from, in.len));
		buf_adds(&in, "\r\n--b--\r\n");
		assert_int_equal(convert(buf_str(&in), n, &out, &why), SEVENBIT_CONVERTS);
		struct mime m;
		struct str got;
		mime_read(a, buf_str(&out), &m);
		assert_int_equal(m.n, 2);
		assert_int_equal(m.problems.n, 0);
		assert_true(text_is_ascii(buf_str(&out)));
		assert_true(mime_decode(a, &m.v[1], &got));
		assert_int_equal(got.len, body.len);
		assert_memory_equal(got.p, body.p, body.len);
	}
}

/* A writing that broke off leaves nothing to the next. */
static void test_again(void **state)
{
	(void)state;
	const struct str m =
		STR_LIT(MIXED("") "--b\r\n\r\n" UMLAUT UMLAUT "\r\n--b\r\nX: 1\r\n\r\nx\r\n--b--\r\n");
	CLEANUP(buf_clear) struct buf expected = { 0 };
	const char *why;
	assert_int_equal(convert(m, 0, &expected, &why), SEVENBIT_CONVERTS);
	CLEANUP(sevenbit_free) struct sevenbit *s = sevenbit_new(SEVENBIT_HIGH);
	sevenbit_look(s, m);
	assert_int_equal(sevenbit_looked(s), SEVENBIT_CONVERTS);
	for (size_t cut = 0; cut <= m.len; cut++) {
		CLEANUP(buf_clear) struct buf broken = { 0 }, out = { 0 };
		sevenbit_write(s, str_cut(m, 0, cut), &broken);
		sevenbit_again(s);
		sevenbit_write(s, m, &out);
		sevenbit_end(s, &out);
		assert_true(str_equal(buf_str(&out), buf_str(&expected)));
	}
}

static void check_signers(const struct sevenbit *s, enum sevenbit_signature kind, const char *expected)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	assert_string_equal(strlist_join(sevenbit_signers(s, kind), a, " "), expected);
}

/* Where a signature stands says whose it may be. */
static void test_signers(void **state)
{
	(void)state;
	CLEANUP(sevenbit_free) struct sevenbit *s = sevenbit_new(SEVENBIT_HIGH);
	sevenbit_look(s, STR_LIT("DKIM-Signature: v=1; d=example.com;\r\n\ts=a\r\nDKIM-Signature: v=1; "
				 "d=Example.com; s=b\r\n"
				 "DKIM-Signature: v=1; d=list.test; s=b\r\n"
				 "received: by us id 1\r\nReceived: by them id 2\r\n"
				 "DKIM-Signature: v=1; d=example.com; s=a\r\n"
				 "ARC-Message-Signature: i=1; d=arc.test; s=a\r\n\r\n" UMLAUT "\r\n"));
	assert_int_equal(sevenbit_looked(s), SEVENBIT_CONVERTS);
	check_signers(s, SEVENBIT_DKIM_ABOVE, "example.com list.test");
	check_signers(s, SEVENBIT_DKIM_BELOW, "example.com");
	check_signers(s, SEVENBIT_ARC, "arc.test");
	assert_true(str_eq(str_trim(sevenbit_received(s)), "by us id 1"));
}

static void test_no_signers(void **state)
{
	(void)state;
	CLEANUP(sevenbit_free) struct sevenbit *s = sevenbit_new(SEVENBIT_HIGH);
	sevenbit_look(s, STR_LIT("DKIM-Signature: none\r\n\r\n" UMLAUT "\r\n"));
	assert_int_equal(sevenbit_looked(s), SEVENBIT_CONVERTS);
	for (unsigned kind = 0; kind < SEVENBIT_SIGNATURES; kind++)
		check_signers(s, (enum sevenbit_signature)kind, "");
	assert_int_equal(sevenbit_received(s).len, 0);
}

/* Nothing grows with a message but the notes of its parts, and those are bounded. */
static void test_bounds(void **state)
{
	(void)state;
	CLEANUP(sevenbit_free) struct sevenbit *s = sevenbit_new(SEVENBIT_HIGH);
	sevenbit_look(s, STR_LIT(MIXED("")));
	for (size_t i = 0; i < SEVENBIT_PARTS_MAX; i++)
		sevenbit_look(s, STR_LIT("--b\r\n\r\nx\r\n"));
	sevenbit_look(s, STR_LIT("--b\r\n\r\n" UMLAUT "\r\n"));
	assert_int_equal(sevenbit_looked(s), SEVENBIT_CANNOT);
	assert_non_null(strstr(sevenbit_why(s), "more parts"));

	CLEANUP(sevenbit_free) struct sevenbit *head = sevenbit_new(SEVENBIT_HIGH);
	for (size_t i = 0; i < SEVENBIT_HEADER_BYTES; i += 10)
		sevenbit_look(head, STR_LIT("X: 45678\r\n"));
	sevenbit_look(head, STR_LIT("X: 45678\r\n\r\n" UMLAUT));
	assert_int_equal(sevenbit_looked(head), SEVENBIT_CANNOT);
	assert_non_null(strstr(sevenbit_why(head), "too long"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),      cmocka_unit_test(test_decodes_to_the_same),
		cmocka_unit_test(test_again),      cmocka_unit_test(test_signers),
		cmocka_unit_test(test_no_signers), cmocka_unit_test(test_bounds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
