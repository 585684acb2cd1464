/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "explain/unpack.h"

#define HELLO "hello log\n"
/* HELLO as gzip -n, xz and zstd write it. */
#define GZ                                                                                                   \
	"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\x48\xcd\xc9\xc9\x57\xc8\xc9\x4f\xe7\x02\x00\x2f\x39"   \
	"\x6d\x3c\x0a\x00\x00\x00"
#define XZ                                                                                                   \
	"\xfd\x37\x7a\x58\x5a\x00\x00\x04\xe6\xd6\xb4\x46\x02\x00\x21\x01\x16\x00\x00\x00\x74\x2f\xe5\xa3"   \
	"\x01\x00\x09\x68\x65\x6c\x6c\x6f\x20\x6c\x6f\x67\x0a\x00\x00\x00\x36\x01\xdc\x83\x67\x2c\xa8\x6b"   \
	"\x00\x01\x22\x0a\x15\x1a\xe1\x67\x1f\xb6\xf3\x7d\x01\x00\x00\x00\x00\x04\x59\x5a"
#define ZS "\x28\xb5\x2f\xfd\x04\x58\x51\x00\x00\x68\x65\x6c\x6c\x6f\x20\x6c\x6f\x67\x0a\x19\x4f\xc3\xfd"

enum { PADDING = 300 * 1024 }; /* more than a buffer */

static const struct unpack_case {
	const char *name;
	struct str packed;
	enum unpack_kind kind;
	const char *text;
	const char *err; /* in the words; NULL: it is whole */
} cases[] = {
	{ "plain", STR_LIT(HELLO), UNPACK_PLAIN, HELLO, NULL },
	{ "empty", STR_LIT(""), UNPACK_PLAIN, "", NULL },
	{ "one byte", STR_LIT("\x1f"), UNPACK_PLAIN, "\x1f", NULL },
	{ "gzip", STR_LIT(GZ), UNPACK_GZIP, HELLO, NULL },
	{ "xz", STR_LIT(XZ), UNPACK_XZ, HELLO, NULL },
	{ "zstd", STR_LIT(ZS), UNPACK_ZSTD, HELLO, NULL },
	{ "gzip members", STR_LIT(GZ GZ GZ), UNPACK_GZIP, HELLO HELLO HELLO, NULL },
	{ "xz members", STR_LIT(XZ XZ), UNPACK_XZ, HELLO HELLO, NULL },
	{ "zstd members", STR_LIT(ZS ZS), UNPACK_ZSTD, HELLO HELLO, NULL },
	{ "gzip and padding", STR_LIT(GZ "\0\0\0\0\0"), UNPACK_GZIP, HELLO, NULL },
	{ "gzip and more", STR_LIT(GZ "what is this"), UNPACK_GZIP, HELLO, "incorrect header" },
	{ "gzip cut", { GZ, sizeof(GZ) - 9 }, UNPACK_GZIP, HELLO, "cut off" },
	{ "gzip first letter", { GZ, 12 }, UNPACK_GZIP, "h", "cut off" },
	{ "second member cut", { GZ GZ, sizeof(GZ GZ) - 6 }, UNPACK_GZIP, HELLO HELLO, "cut off" },
	{ "xz cut", { XZ, sizeof(XZ) - 20 }, UNPACK_XZ, HELLO, "cut off" },
	{ "zstd cut", { ZS, sizeof(ZS) - 4 }, UNPACK_ZSTD, HELLO, "cut off" },
	{ "gzip damaged", STR_LIT("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xff\xff\xff\xff\xff"),
	  UNPACK_GZIP, "", "invalid" },
};

static void file_make(char path[], const void *p, size_t n)
{
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, p, n), (ssize_t)n);
	close(fd);
}

static int read_all(const char *path, struct buf *out, enum unpack_kind *kind, struct err *e)
{
	CLEANUP(unpack_close) struct unpack *u = unpack_open(path, e);
	struct str piece;
	int r;
	assert_non_null(u);
	while ((r = unpack_next(u, &piece, e)) == 1) {
		assert_in_range(piece.len, 1, UNPACK_PIECE_MAX);
		buf_add(out, piece.p, piece.len);
	}
	assert_int_equal(unpack_next(u, &piece, e), r); /* it stays so */
	*kind = unpack_kind(u);
	return r;
}

static void check_case(const struct unpack_case *c)
{
	char path[] = "/tmp/test_unpack.XXXXXX";
	char words[512];
	CLEANUP(buf_clear) struct buf out = { 0 };
	struct err e = { 0 };
	enum unpack_kind kind;
	file_make(path, c->packed.p, c->packed.len);
	int r = read_all(path, &out, &kind, &e);
	unlink(path);
	assert_int_equal(kind, c->kind);
	if (!str_eq(buf_str(&out), c->text))
		fail_msg("%s: " STR_FMT, c->name, STR_ARG(buf_str(&out)));
	assert_int_equal(r, c->err ? -1 : 0);
	if (c->err && !strstr(err_text(&e, words, sizeof(words)), c->err))
		fail_msg("%s: %s", c->name, words);
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check_case(&cases[i]);
}

static void test_long_plain(void **state)
{
	(void)state;
	char path[] = "/tmp/test_unpack.XXXXXX";
	CLEANUP(mem_free) char *text = mem_alloc(PADDING);
	CLEANUP(buf_clear) struct buf out = { 0 };
	struct err e = { 0 };
	enum unpack_kind kind;
	for (size_t i = 0; i < PADDING; i++)
		text[i] = (char)('a' + i % 26);
	file_make(path, text, PADDING);
	assert_int_equal(read_all(path, &out, &kind, &e), 0);
	unlink(path);
	assert_int_equal(out.len, PADDING);
	assert_memory_equal(out.data, text, PADDING);
}

static void test_progress(void **state)
{
	(void)state;
	char path[] = "/tmp/test_unpack.XXXXXX";
	struct unpack_progress p;
	struct err e = { 0 };
	struct str piece;
	file_make(path, GZ GZ, sizeof(GZ GZ) - 1);
	CLEANUP(unpack_close) struct unpack *u = unpack_open(path, &e);
	assert_non_null(u);
	while (unpack_next(u, &piece, &e) == 1)
		;
	unlink(path);
	unpack_progress(u, &p);
	assert_int_equal(p.size, sizeof(GZ GZ) - 1);
	assert_int_equal(p.read, p.size);
	assert_int_equal(p.out, 2 * strlen(HELLO));
	assert_true(p.changed_s > 0);
}

static void refused(const char *path, const char *words)
{
	struct err e = { 0 };
	char text[512];
	assert_null(unpack_open(path, &e));
	assert_non_null(strstr(err_text(&e, text, sizeof(text)), words));
}

/* What people have at hand, and what they are told to do with it. */
static const struct {
	struct str begin;
	const char *words;
} no_logs[] = {
	{ STR_LIT("BZh91AY&SY"), "bzcat" },
	{ STR_LIT("PK\x03\x04word/document.xml"), "unzip" },
	{ STR_LIT("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1mail"), "save the mail as .eml" },
	{ STR_LIT("%PDF-1.7\n"), "a PDF" },
	{ STR_LIT("\x89PNG\r\n\x1a\n"), "a picture" },
	{ STR_LIT("\xff\xd8\xff\xe0"), "a picture" },
};

static void test_refused(void **state)
{
	(void)state;
	refused("/no/such/file", "No such file");
	refused("/tmp", "Is a directory");
	for (size_t i = 0; i < ARRAY_LEN(no_logs); i++) {
		char path[] = "/tmp/test_unpack.XXXXXX";
		file_make(path, no_logs[i].begin.p, no_logs[i].begin.len);
		refused(path, no_logs[i].words);
		unlink(path);
	}
}

/* Standard input may come in small pieces: each magic number is waited for as a whole. */
static void test_refused_in_pieces(void **state)
{
	(void)state;
	int pair[2], before = dup(STDIN_FILENO);
	for (size_t i = 0; i < ARRAY_LEN(no_logs); i++) {
		assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
		for (size_t at = 0; at < no_logs[i].begin.len; at++)
			assert_int_equal(write(pair[1], no_logs[i].begin.p + at, 1), 1);
		close(pair[1]);
		dup2(pair[0], STDIN_FILENO);
		close(pair[0]);
		refused("-", no_logs[i].words);
	}
	dup2(before, STDIN_FILENO);
	close(before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_long_plain),
		cmocka_unit_test(test_progress),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_refused_in_pieces),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
