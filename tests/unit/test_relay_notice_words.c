/* SPDX-License-Identifier: Apache-2.0 */
/* What a notice says of each recipient: for programs by its status, for people in words. */
#include "tests/unit/notice_place.h"

#include <string.h>

#include "catalog/finding.h"
#include "relay/notice/notice_words.h"

static const struct status_case {
	enum notice_kind kind;
	enum store_state state;
	unsigned code;
	const char *reply, *status, *diagnostic, *finding;
} status_cases[] = {
	{ NOTICE_FAILED, STORE_REFUSED, 550, "5.1.1 No such user", "5.1.1", "550 5.1.1 No such user", "" },
	{ NOTICE_FAILED, STORE_REFUSED, 550, "550 5.1.1 No such user", "5.1.1", "550 5.1.1 No such user",
	  "" },
	{ NOTICE_FAILED, STORE_REFUSED, 550, "No such user", "5.0.0", "550 No such user", "" },
	{ NOTICE_FAILED, STORE_REFUSED, 550, "550-5.7.1 first\r\n550 5.7.1 second", "5.7.1",
	  "550-5.7.1 first  550 5.7.1 second", "" },
	{ NOTICE_FAILED, STORE_EXPIRED, 452, "4.2.2 Over quota", "4.2.2", "452 4.2.2 Over quota", "" },
	{ NOTICE_FAILED, STORE_EXPIRED, 0, "", "4.4.7", "", "" },
	{ NOTICE_FAILED, STORE_REFUSED, 554, "2.0.0 odd", "5.0.0", "554 2.0.0 odd", "" },
	{ NOTICE_DELAYED, STORE_DELAYED, 451, "4.7.1 Greylisted", "4.7.1", "451 4.7.1 Greylisted", "" },
	{ NOTICE_DELAYED, STORE_DELAYED, 451, "5.7.1 odd", "4.0.0", "451 5.7.1 odd", "" },
	{ NOTICE_DELAYED, STORE_DELAYED, 0, "connect: refused", "4.0.0", "connect: refused", "" },
	{ NOTICE_RELAYED, STORE_HANDED_OVER, 250, "2.6.0 queued", "2.6.0", "250 2.6.0 queued", "" },
	{ NOTICE_RELAYED, STORE_HANDED_OVER, 250, "ok", "2.0.0", "250 ok", "" },
	{ NOTICE_FAILED, STORE_REFUSED, 550, "5.1.10.1 is no status", "5.0.0", "550 5.1.10.1 is no status",
	  "" },
	/* what no server said: by what was found */
	{ NOTICE_FAILED, STORE_REFUSED, 0, "no such domain", "5.1.2", "no such domain",
	  "dns-nxdomain-recipient-domain" },
	{ NOTICE_FAILED, STORE_REFUSED, 0, "takes no mail", "5.1.10", "takes no mail", "mx-null" },
	{ NOTICE_FAILED, STORE_REFUSED, 0, "no address", "5.4.4", "no address", "mx-target-missing" },
	{ NOTICE_FAILED, STORE_REFUSED, 0, "no MX", "5.4.4", "no MX", "mx-none-implicit-a" },
	{ NOTICE_FAILED, STORE_REFUSED, 0, "5.7.30 no REQUIRETLS", "5.7.30", "5.7.30 no REQUIRETLS", "" },
	{ NOTICE_FAILED, STORE_REFUSED, 550, "No mail", "5.0.0", "550 No mail", "mx-null" },
	{ NOTICE_FAILED, STORE_EXPIRED, 0, "connect: refused", "4.4.7", "connect: refused", "tcp-refused" },
	{ NOTICE_FAILED, STORE_EXPIRED, 0, "not proven", "4.7.5", "not proven", "dp-dane-mismatch" },
	{ NOTICE_DELAYED, STORE_DELAYED, 0, "connect: refused", "4.4.1", "connect: refused", "tcp-refused" },
	{ NOTICE_DELAYED, STORE_DELAYED, 0, "no TLS", "4.7.10", "no TLS", "starttls-not-offered" },
};

static void test_status(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_message m = message();
	for (size_t i = 0; i < ARRAY_LEN(status_cases); i++) {
		const struct status_case *c = &status_cases[i];
		struct store_mark k = mark(0, c->state, c->code, c->reply, c->finding);
		const struct store_mark *one = &k;
		struct notice_about x = { &m, &one, 1, c->kind, "relay.example.org", NULL };
		struct report_recipient *v = notice_recipients(&x, a);
		assert_string_equal(v->status, c->status);
		assert_string_equal(v->reply, c->diagnostic);
		assert_string_equal(v->reply_type, c->code ? "smtp" : "x-postrider");
		assert_string_equal(v->original_type, "rfc822");
		assert_string_equal(v->original, "no+body@example.com");
	}
}

static void test_words(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_message m = message();
	struct store_mark k[] = {
		mark(0, STORE_REFUSED, 550, "5.1.1 No such user", "rcpt-user-unknown"),
		mark(1, STORE_EXPIRED, 452, "4.2.2 Over quota", "rcpt-mailbox-full"),
		mark(2, STORE_REFUSED, 550, "5.1.1 Unknown here", "rcpt-user-unknown"),
	};
	k[1].tries = 9;
	const struct store_mark *all[] = { &k[0], &k[1], &k[2] };
	struct notice_about x = { &m, all, 3, NOTICE_FAILED, "relay.example.org", NULL };
	const char *text = notice_words(&x, a);
	const struct finding_entry *unknown = finding_entry_find("rcpt-user-unknown");
	assert_non_null(unknown);
	has(text, "did not reach any of its 3 recipients");
	has(text, "Invoice 7");
	has(text, "mx.example.com [192.0.2.7] said:");
	has(text, "550 5.1.1 Unknown here");
	has(text, "given up");
	has(text, "What to do");
	has(text, "Nothing more is tried");
	/* the two of one cause stand together: it is told once */
	const char *first = strstr(text, "nobody@example.com"), *second = strstr(text, "nothere@example.com");
	const char *other = strstr(text, "full@example.net");
	assert_true(first && second && other && first < second && second < other);
	assert_string_equal(notice_subject(&x, a), "Not delivered: Invoice 7");
	x = (struct notice_about){ &m, &all[1], 1, NOTICE_DELAYED, "relay.example.org", NULL };
	text = notice_words(&x, a);
	has(text, "has not yet reached 1 of its 3 recipients");
	has(text, "Do not send it again");
	/* given up by an operator before it was tried */
	struct store_mark own = mark(0, STORE_EXPIRED, 0, "", "");
	const struct store_mark *one = &own;
	own.tries = 0;
	own.why = STR_LIT("given up by anna: wrong prices");
	x = (struct notice_about){ &m, &one, 1, NOTICE_FAILED, "relay.example.org", NULL };
	text = notice_words(&x, a);
	has(text, "nobody@example.com An administrator ended it: given up by anna: wrong prices");
	assert_string_equal(notice_recipients(&x, a)->status, "5.0.0");
	assert_null(strstr(text, "tried again and again"));
	assert_null(strstr(text, "What to do"));
	x.kind = NOTICE_RELAYED;
	has(notice_words(&x, a), "no proof that it arrived");
}

/* What the recipient's side has to mend is told as theirs, not as the sender's. */
static void test_recipients_side(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_message m = message();
	struct store_mark k = mark(1, STORE_EXPIRED, 0, "not proven", "dp-dane-mismatch");
	const struct store_mark *one = &k;
	k.tries = 9;
	struct notice_about x = { &m, &one, 1, NOTICE_FAILED, "relay.example.org", NULL };
	const char *text = notice_words(&x, a);
	has(text, "Only those who run the mail of example.net can mend it.");
	has(text, "If example.net is the recipient's, reach him in another way");
}

/* Nobody knows that it did not arrive where all of it went out and no answer came. */
static void test_copies(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_message m = message();
	struct store_mark k[] = { mark(0, STORE_EXPIRED, 0, "", "dialogue-cut"),
				  mark(1, STORE_REFUSED, 550, "5.1.1 No such user", "rcpt-user-unknown") };
	k[0].tries = 4;
	const struct store_mark *all[] = { &k[0], &k[1] };
	const unsigned copies[] = { 4, 0 };
	struct notice_about x = { &m, all, 1, NOTICE_FAILED, "relay.example.org", copies };
	const char *text = notice_words(&x, a);
	has(text, "may have reached 1 of its 3 recipients, or not");
	has(text, "perhaps 4 times");
	has(text, "before you have asked the recipient");
	assert_null(strstr(text, "did not reach"));
	assert_int_equal(strncmp(notice_subject(&x, a), "May have arrived, or not", 24), 0);
	assert_int_equal(notice_recipients(&x, a)->action, DSN_FAILED);
	x.n = 2;
	text = notice_words(&x, a);
	has(text, "did not reach 1 of its 3 recipients, and whether it reached 1 more is not certain");
	assert_int_equal(strncmp(notice_subject(&x, a), "Not delivered", 13), 0);
	/* an answer came, which says neither yes nor no */
	k[0].code = 650;
	x.n = 1;
	has(notice_words(&x, a), "no clear answer came. Ask whether");
	/* all of them */
	const struct store_mark *doubts[] = { &k[0], &k[0], &k[0] };
	x = (struct notice_about){ &m, doubts, 3, NOTICE_DOUBT, "relay.example.org", NULL };
	has(notice_words(&x, a), "may have reached all of its 3 recipients already, or not");
}

/* The route it failed by, not the one it would go by next; none where all of it went out before. */
static void test_route(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_message m = message();
	struct store_rcpt last = { .address = STR_LIT("b@example.net"), .lane = STR_LIT("backup") };
	struct store_mark k = mark(0, STORE_EXPIRED, 535, "5.7.8 no such login", "auth-bad-credentials");
	const struct store_mark *one = &k;
	const unsigned copies = 1;
	m.rcpts = &last;
	m.nrcpts = 1;
	k.lane = STR_LIT("first");
	struct notice_about x = { &m, &one, 1, NOTICE_FAILED, "relay.example.org", NULL };
	has(notice_words(&x, a), "route \"backup\" of the relay to mx.example.com");
	x.copies = &copies;
	assert_null(strstr(notice_words(&x, a), "--destination"));
}

/* Lost on our own disk: what runs the relay is told elsewhere, its sender that it has to be sent again. */
static void test_own_copy(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_message m = message();
	struct store_mark k = mark(0, STORE_EXPIRED, 0, "", "rs-own-copy-unreadable");
	const struct store_mark *one = &k;
	k.tries = 9;
	k.why = STR_LIT(
		"cannot read bodies segment 1: its checksum is wrong; look at `dmesg`, ask its sender");
	struct notice_about x = { &m, &one, 1, NOTICE_FAILED, "relay.example.org", NULL };
	const char *text = notice_words(&x, a);
	has(text, "was damaged on the relay's disk and did not go out: send it once more");
	assert_null(strstr(text, "checksum"));
	assert_null(strstr(text, "tried again and again"));
	const struct report_recipient *v = notice_recipients(&x, a);
	assert_string_equal(v->status, "5.3.0");
	assert_string_equal(v->reply, "cannot read bodies segment 1: its checksum is wrong");
	k.state = STORE_DELAYED;
	x.kind = NOTICE_DELAYED;
	text = notice_words(&x, a);
	has(text, "most likely will not: it was damaged on the relay's disk. Send it again.");
	assert_null(strstr(text, "Do not send it again"));
	assert_string_equal(notice_recipients(&x, a)->status, "4.3.0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status),          cmocka_unit_test(test_words),
		cmocka_unit_test(test_recipients_side), cmocka_unit_test(test_copies),
		cmocka_unit_test(test_route),           cmocka_unit_test(test_own_copy),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
