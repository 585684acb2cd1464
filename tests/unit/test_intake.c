/* SPDX-License-Identifier: Apache-2.0 */
/* A message on its way in: what of its header is kept, what is refused, and the answer where it cannot be
 * kept. */
#include "tests/unit/unit.h"

#include <string.h>

#include "relay/door/intake.h"
#include "tests/unit/store_place.h"

static bool fails;

bool __real_store_body_append(struct store_body *b, struct str bytes, struct err *e);
bool __wrap_store_body_append(struct store_body *b, struct str bytes, struct err *e);
bool __wrap_store_body_append(struct store_body *b, struct str bytes, struct err *e)
{
	if (fails)
		return ERR_FILL(e, ERR_LIMIT, 0, "store a long message", "no room at the moment");
	return __real_store_body_append(b, bytes, e);
}

static const struct intake_origin origin = { .hostname = "relay.test",
					     .helo = "x",
					     .address = "192.0.2.1",
					     .protocol = "ESMTP",
					     .tls = "",
					     .recipient = "",
					     .sender = { "a@example.com", 13 } };

/* All that would go out. */
static void read_body(const struct store_body *body, struct buf *out)
{
	CLEANUP(store_reader_free) struct store_reader *r = store_body_look(body);
	struct err e = { 0 };
	struct str piece;
	int got;
	while ((got = store_reader_next(r, &piece, &e)) > 0)
		buf_add(out, piece.p, piece.len);
	assert_int_equal(got, 0);
}

static const struct {
	const char *name, *head, *kept; /* what stands behind our Received */
} dropped[] = {
	{ "none", "From: a@b\r\nTo: c@d\r\n", "From: a@b\r\nTo: c@d\r\n" },
	{ "Bcc", "From: a@b\r\nBcc: x@y\r\nTo: c@d\r\n", "From: a@b\r\nTo: c@d\r\n" },
	{ "first, folded, with a blank", "bcc : x@y,\r\n\tz@y\r\nFrom: a@b\r\n", "From: a@b\r\n" },
	{ "last", "From: a@b\r\nBCC:\r\n", "From: a@b\r\n" },
	{ "all four, one twice",
	  "Return-Path: <a@b>\r\nBcc: 1@y\r\nResent-Bcc: 2@y\r\nContent-Length: 3\r\nBcc: 4@y\r\nX: 5\r\n",
	  "X: 5\r\n" },
	{ "nothing else", "Bcc: x@y\r\n", "" },
	{ "like it", "X-Bcc: x@y\r\nBccs: 1\r\n", "X-Bcc: x@y\r\nBccs: 1\r\n" },
};

/* long_by: bytes of another field before it; a header that is too long to be changed later loses them too. */
static void check_dropped(struct place *p, size_t i, size_t long_by)
{
	static const char text[] = "\r\nBcc: in the text\r\n";
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(intake_free) struct intake *in = intake_new(p->s);
	CLEANUP(buf_clear) struct buf all = { 0 }, out = { 0 }, filler = { 0 };
	struct store_body *body = NULL;
	struct intake_facts facts;
	for (size_t n = 0; n < long_by; n += 70)
		buf_addf(&filler, "X-Long: %060d\r\n", 0);
	buf_add(&all, buf_str(&filler).p, buf_waiting(&filler));
	buf_adds(&all, dropped[i].head);
	buf_adds(&all, text);
	for (size_t at = 0; at < buf_waiting(&all); at += 1000) /* in pieces */
		assert_true(intake_add(in, str_cut(buf_str(&all), at, at + 1000)));
	assert_null(intake_finish(in, &origin, a, &facts, &body));
	read_body(body, &out);
	store_body_free(&body);
	buf_adds(&filler, dropped[i].kept);
	buf_adds(&filler, text);
	struct str got = buf_str(&out), want = buf_str(&filler);
	if (got.len <= want.len || memcmp(got.p + got.len - want.len, want.p, want.len) != 0)
		fail_msg("%s: %.*s", dropped[i].name, (int)got.len, got.p);
	assert_memory_equal(got.p, "Received: ", 10);
	/* With its colon: an id may hold the letters. */
	assert_true(str_ifind(str_cut(got, 0, got.len - want.len), "bcc:") == got.len - want.len);
}

static void test_fields_that_nobody_is_to_see(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(dropped); i++) {
		check_dropped(*state, i, 0);
		check_dropped(*state, i, INTAKE_PROFILE_BYTES + 100);
	}
}

static void test_more_of_them_than_are_read_at_once(void **state)
{
	struct place *p = *state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(intake_free) struct intake *in = intake_new(p->s);
	CLEANUP(buf_clear) struct buf all = { 0 }, out = { 0 };
	struct store_body *body = NULL;
	struct intake_facts facts;
	for (int n = 0; n < HEADER_FIELDS_MAX + 100; n++)
		buf_adds(&all, "Bcc: x@y\r\n");
	buf_adds(&all, "From: a@b\r\n\r\nx\r\n");
	assert_true(intake_add(in, buf_str(&all)));
	assert_null(intake_finish(in, &origin, a, &facts, &body));
	read_body(body, &out);
	store_body_free(&body);
	assert_true(str_ifind(buf_str(&out), "bcc") == buf_waiting(&out));
	assert_true(str_ifind(buf_str(&out), "\r\nFrom: a@b\r\n") < buf_waiting(&out));
}

/* Its fields are read up to the limit: what stands behind it would go out unread, and the rest of what is
 * dropped with it. */
static const struct {
	const char *first, *between; /* in front of a list of addresses, and behind it */
	size_t bytes;
	bool taken;
} endless[] = {
	{ "From: a@b\r\nTo: ", "", 66 * 1024, false },
	{ "Bcc: ", "", 66 * 1024, false },
	{ "Bcc: ", "X: 1\r\n", 70 * 1024, false },
	{ "Return-Path: ", "", INTAKE_HEAD_BYTES, false },
	{ "Bcc: ", "", INTAKE_HEAD_BYTES - 200, true },
	{ "Good morning,\r\n", "", 66 * 1024, true }, /* text without a header */
};

static void check_endless(struct place *p, size_t i, size_t piece)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(intake_free) struct intake *in = intake_new(p->s);
	CLEANUP(buf_clear) struct buf all = { 0 };
	struct store_body *body = NULL;
	struct intake_facts facts;
	buf_adds(&all, endless[i].first);
	while (buf_waiting(&all) < endless[i].bytes)
		buf_adds(&all, "x@y,\r\n\t");
	buf_adds(&all, "z@y\r\n");
	buf_adds(&all, endless[i].between);
	buf_adds(&all, "From: ceo@example.org\r\n\r\nx\r\n");
	for (size_t at = 0; at < buf_waiting(&all); at += piece)
		assert_true(intake_add(in, str_cut(buf_str(&all), at, at + piece)));
	const struct smtp_answer *no = intake_finish(in, &origin, a, &facts, &body);
	store_body_free(&body);
	if (!no != endless[i].taken)
		fail_msg("%zu: %s", i, no ? no->text : "taken");
	if (no) {
		assert_int_equal(no->code, 550);
		assert_non_null(strstr(no->text, "longer than 64 KB"));
	}
}

static void test_headers_without_end(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(endless); i++) {
		check_endless(*state, i, 1000);
		check_endless(*state, i, 1 << 20); /* at once */
	}
}

static const struct {
	const char *head, *word; /* NULL: taken */
} judged[] = {
	{ "From: a@b\r\nTo: c@d\r\nTo: e@f\r\n\r\n", "more than one To field" },
	{ "From: a@b\r\nCC: c@d\r\nX: 1\r\ncc: e@f\r\n\r\n", "more than one Cc field" },
	{ "Reply-To: a@b\r\nReply-To: a@b\r\n\r\n", "more than one Reply-To field" },
	{ "Sender: a@b\r\nSender: a@b\r\n\r\n", "more than one Sender field" },
	{ "References: <a@b>\r\nReferences: <a@b>\r\n\r\n", "more than one References field" },
	{ "In-Reply-To: <a@b>\r\nIn-Reply-To: <a@b>\r\n\r\n", "more than one In-Reply-To field" },
	{ "From: a@b\r\nComments: 1\r\nComments: 2\r\nReceived: 1\r\nReceived: 2\r\n\r\n", NULL },
	{ "From: a@b\r\nBcc: c@d\r\nBcc: e@f\r\n\r\n", NULL }, /* they are dropped */
	{ "From: a@b\r\nTo: c@d\r\n\r\nTo: e@f\r\n\r\n", NULL },
	{ "POST / HTTP/1.1\r\nFrom: a@b\r\nSubject: x\r\n\r\n", "leave that line out (POST / HTTP/1.1)" },
	{ ">From a@b Mon Jan  1\r\nFrom: a@b\r\nTo: c@d\r\n\r\n", "no header field" },
	{ " folded\r\nFrom: a@b\r\nTo: c@d\r\n\r\n", "no header field" },
	{ "From a@b Mon Jan  1\r\nFrom: a@b\r\n\r\n", "mbox" },
	{ "Return-Path: <x@y>\r\n>From a@b Mon Jan  1\r\nFrom: a@b\r\nTo: c@d\r\n\r\n", "no header field" },
	{ "Bcc: x@y\r\n>From a@b Mon Jan  1\r\nFrom: a@b\r\nTo: c@d\r\n\r\n", "no header field" },
	{ "Bcc: x@y\r\nFrom a@b Mon Jan  1\r\nFrom: a@b\r\n\r\n", "mbox" },
	{ "Bcc: x@y\r\n", NULL },
	{ "Good morning,\r\nTo: all of you\r\nNote: x\r\n\r\n", NULL }, /* text without a header */
	{ "Good morning\r\n\r\nFrom: a@b\r\nSubject: x\r\n", NULL },
	{ "\r\nFrom: a@b\r\nSubject: x\r\n", NULL },
	{ "", NULL },
};

static void test_headers_that_are_judged(void **state)
{
	struct place *p = *state;
	struct intake_origin o = origin;
	o.submission = true;
	for (size_t i = 0; i < ARRAY_LEN(judged); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		CLEANUP(intake_free) struct intake *in = intake_new(p->s);
		struct store_body *body = NULL;
		struct intake_facts facts;
		assert_true(intake_add(in, str_of(judged[i].head)));
		const struct smtp_answer *no = intake_finish(in, &o, a, &facts, &body);
		if (!no != !judged[i].word || (no && !strstr(no->text, judged[i].word)))
			fail_msg("%s: %s", judged[i].head, no ? no->text : "taken");
		if (no)
			assert_int_equal(no->code, 550);
		store_body_free(&body);
	}
}

static void test_what_cannot_be_kept(void **state)
{
	struct place *p = *state;
	for (int turn = 0; turn < 2; turn++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		CLEANUP(intake_free) struct intake *i = intake_new(p->s);
		struct store_body *body = NULL;
		struct intake_facts facts;
		fails = turn;
		assert_int_equal(intake_add(i, STR_LIT("Subject: x\r\n\r\nx\r\n")), !fails);
		const struct smtp_answer *no = intake_finish(i, &origin, a, &facts, &body);
		assert_true(!no == !fails && !facts.trouble == !fails && !body == fails);
		if (no) {
			assert_int_equal(no->code, 452);
			assert_non_null(strstr(no->text, "its log says why"));
			assert_string_equal(facts.trouble->what, "no room at the moment");
		}
		store_body_free(&body);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_fields_that_nobody_is_to_see, begin, end),
		cmocka_unit_test_setup_teardown(test_more_of_them_than_are_read_at_once, begin, end),
		cmocka_unit_test_setup_teardown(test_headers_without_end, begin, end),
		cmocka_unit_test_setup_teardown(test_headers_that_are_judged, begin, end),
		cmocka_unit_test_setup_teardown(test_what_cannot_be_kept, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
