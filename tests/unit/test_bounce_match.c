/* SPDX-License-Identifier: Apache-2.0 */
/* relay/bounce/bounce_match: each way in which a report is known, and each in which it must not be. */
#include "tests/unit/unit.h"

#include <string.h>

#include "base/buf.h"
#include "relay/bounce/bounce_match.h"
#include "relay/bounce/return_path.h"

#define HOUR 3600000LL
#define NOW  1795286100000LL
#define ID_A "0m3k9x2v7qp1r4t8wz"
#define ID_B "0m3k9x2v7qp1r4t8x0"
#define ID_C "0m3k9x2v7qp1r4t8x1"
#define OURS "Received: from app ([127.0.0.1]) by relay.test with ESMTP id "
#define BEGIN                                                                                                \
	"From: MAILER-DAEMON@mx.far.example\nTo: x@bounces.example.com\nSubject: Undelivered Mail\n"         \
	"MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"     \
	"--b\n\nSorry.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.far.example\n"
#define RCPT(address)                                                                                        \
	"\nFinal-Recipient: rfc822; " address "\nAction: failed\nStatus: 5.1.1\n"                            \
	"Diagnostic-Code: smtp; 550 5.1.1 User unknown\n"
#define LATE(address) "\nFinal-Recipient: rfc822; " address "\nAction: delayed\nStatus: 4.4.1\n"
#define WELL(address) "\nFinal-Recipient: rfc822; " address "\nAction: delivered\nStatus: 2.0.0\n"
#define HEADER        "\n--b\nContent-Type: text/rfc822-headers\n\n"
#define END           "\n--b--\n"

static const struct scram_key key = { "a key of thirty-two bytes" };

/* Ours: A to one person, B to two, C the same Message-ID as A to another; D twice the same. */
static const struct ours {
	const char *id;
	uint32_t rcpt;
	const char *address, *message_id, *subject;
	size_t nrcpts;
	enum store_state state;
	long long ago_ms;
	const char *host, *remote_id;
} mails[] = {
	{ ID_A, 0, "a@far.example", "m1@x", "invoice 17", 1, STORE_HANDED_OVER, HOUR, "mx.far.example",
	  "4bXyZ1" },
	{ ID_B, 0, "b@far.example", "m2@x", "invoice 18", 2, STORE_HANDED_OVER, HOUR, "mx.far.example",
	  "4bXyZ2" },
	{ ID_B, 1, "c@far.example", "m2@x", "invoice 18", 2, STORE_HANDED_OVER, HOUR, "mx.far.example",
	  "4bXyZ2" },
	{ ID_C, 0, "d@far.example", "m3@x", "notice", 1, STORE_HANDED_OVER, 20 * 24 * HOUR, "mx.far.example",
	  "4bXyZ3" },
	{ "0m3k9x2v7qp1r4t8x2", 0, "e@far.example", "m4@x", "notice", 1, STORE_HANDED_OVER, HOUR,
	  "mx.far.example", "4bXyZ4" },
	{ "0m3k9x2v7qp1r4t8x3", 0, "e@far.example", "m4@x", "notice", 1, STORE_HANDED_OVER, HOUR,
	  "mx.far.example", "4bXyZ5" },
	{ "0m3k9x2v7qp1r4t8x4", 0, "f@far.example", "m5@x", "invoice 19", 1, STORE_REFUSED, 0, "", "" },
};

static const struct match_case {
	const char *name;
	const char *to; /* "A/0": the return path of that recipient; "": another address */
	const char *mail;
	const char *want; /* "ADDRESS how meaning", several parted by ", "; "" nothing */
	bool suppress;    /* the first is authentic */
} cases[] = {
	{ "by Message-ID", "", BEGIN RCPT("a@far.example") HEADER "Message-ID: <m1@x>\n" END,
	  "a@far.example 3 1", true },
	{ "and capitals in the address", "", BEGIN RCPT("A@Far.Example") HEADER "Message-ID: <m1@x>\n" END,
	  "a@far.example 3 1", true },
	{ "by our id, the Message-ID changed on the way", "",
	  BEGIN RCPT("a@far.example") HEADER OURS ID_A
	  "\n\tfor <a@far.example>; Sat, 21 Nov 2026 10:00:00 +0000\nMessage-ID: <new@y>\n" END,
	  "a@far.example 2 1", true },
	{ "by the return path alone", "A/0", BEGIN RCPT("a@far.example") END, "a@far.example 1 1", true },
	{ "the return path of one of two", "B/1",
	  BEGIN RCPT("c@far.example") HEADER "Message-ID: <m2@x>\n" END, "c@far.example 1 1", true },
	{ "the return path counts, whatever else is said", "A/0",
	  BEGIN RCPT("c@far.example") HEADER "Message-ID: <m2@x>\n" END, "a@far.example 1 1", false },
	{ "an address behind it", "A/0", BEGIN RCPT("inner@deep.example") END, "a@far.example 1 1", false },
	{ "some behind it got it", "A/0", BEGIN RCPT("i1@deep.example") WELL("i2@deep.example") END,
	  "a@far.example 1 0", false },
	{ "one of two by Message-ID", "", BEGIN RCPT("c@far.example") HEADER "Message-ID: <m2@x>\n" END,
	  "c@far.example 3 1", false },
	{ "both", "", BEGIN RCPT("b@far.example") LATE("c@far.example") HEADER "Message-ID: <m2@x>\n" END,
	  "b@far.example 3 1, c@far.example 3 0", false },
	{ "one of two, and an address behind one of them", "",
	  BEGIN RCPT("z@deep.example") HEADER "Message-ID: <m2@x>\n" END, "", false },
	{ "one alone, and an address behind him", "",
	  BEGIN RCPT("z@deep.example") HEADER "Message-ID: <m1@x>\n" END, "a@far.example 3 1", false },
	{ "sent twice with one Message-ID", "", BEGIN RCPT("e@far.example") HEADER "Message-ID: <m4@x>\n" END,
	  "", false },
	{ "sent twice, told apart by the queue id", "",
	  "From: MAILER-DAEMON@mx.far.example\nTo: x@y.example\nSubject: Undelivered Mail\nMIME-Version: "
	  "1.0\n"
	  "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nSorry.\n--b\n"
	  "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.far.example\nX-Postfix-Queue-ID: "
	  "4bXyZ5\n" RCPT("e@far.example") HEADER "Message-ID: <m4@x>\n" END,
	  "e@far.example 3 1", true },
	{ "by the queue id in a Received field", "",
	  BEGIN RCPT("d@far.example") HEADER "Received: from relay.test by mx.far.example (Postfix) with "
					     "ESMTP id 4bXyZ3; Sat, 1 Nov 2026 10:00:00 +0000\n" END,
	  "d@far.example 4 1", false },
	{ "a queue id and another's address", "",
	  BEGIN RCPT("a@far.example") HEADER "Received: from relay.test by mx.far.example (Postfix) with "
					     "ESMTP id 4bXyZ3; Sat, 1 Nov 2026 10:00:00 +0000\n" END,
	  "", false },
	{ "by address and subject: noted", "", BEGIN RCPT("a@far.example") HEADER "Subject: invoice 17\n" END,
	  "a@far.example 5 0", false },
	{ "by address alone: no", "", BEGIN RCPT("a@far.example") END, "", false },
	{ "address and subject, too long ago", "", BEGIN RCPT("d@far.example") HEADER "Subject: notice\n" END,
	  "", false },
	{ "address and subject of two", "", BEGIN RCPT("e@far.example") HEADER "Subject: notice\n" END, "",
	  false },
	{ "address and subject, but another's Message-ID", "",
	  BEGIN RCPT("a@far.example") HEADER "Subject: invoice 17\nMessage-ID: <theirs@y>\n" END, "", false },
	{ "another's Message-ID", "", BEGIN RCPT("a@far.example") HEADER "Message-ID: <theirs@y>\n" END, "",
	  false },
	{ "it never left", "", BEGIN RCPT("f@far.example") HEADER "Message-ID: <m5@x>\n" END, "", false },
	{ "confirmed", "", BEGIN WELL("a@far.example") HEADER "Message-ID: <m1@x>\n" END, "a@far.example 3 2",
	  false },
	{ "a receipt", "",
	  "From: a@far.example\nMIME-Version: 1.0\nContent-Type: multipart/report; "
	  "report-type=disposition-notification; boundary=b\n\n"
	  "--b\n\nread\n--b\nContent-Type: message/disposition-notification\n\nFinal-Recipient: "
	  "rfc822;a@far.example\n"
	  "Original-Message-ID: <m1@x>\nDisposition: manual-action/MDN-sent-manually; displayed\n--b--\n",
	  "a@far.example 3 2", false },
	{ "out of office", "",
	  "From: Anna <a@far.example>\nTo: x@y.example\nSubject: Automatic reply: invoice "
	  "17\nAuto-Submitted: auto-replied\n"
	  "In-Reply-To: <m1@x>\n\nI am away.\n",
	  "a@far.example 3 0", false },
	{ "out of office, from another mailbox of the one recipient", "",
	  "From: Anna <anna@deep.example>\nTo: x@y.example\nSubject: Automatic reply: invoice "
	  "17\nAuto-Submitted: auto-replied\n"
	  "References: <older@x> <m1@x>\n\nI am away.\n",
	  "a@far.example 3 0", false },
	{ "a complaint", "",
	  "From: fbl@isp.example\nMIME-Version: 1.0\nContent-Type: multipart/report; "
	  "report-type=feedback-report; boundary=b\n\n"
	  "--b\n\nabuse\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: "
	  "abuse\n--b\nContent-Type: message/rfc822\n\n"
	  "From: me@x.example\nMessage-ID: <m1@x>\nSubject: invoice 17\n\nx\n--b--\n",
	  "a@far.example 3 0", false },
	{ "a mail of a person", "A/0",
	  "From: a@far.example\nTo: x@y.example\nSubject: Re: invoice 17\nIn-Reply-To: <m1@x>\n\nThanks!\n",
	  "", false },
};

static struct store_id id_of(const char *text)
{
	struct store_id id;
	assert_true(store_id_read(str_of(text), &id));
	return id;
}

static struct bounce_candidate candidate_of(const struct ours *m)
{
	return (struct bounce_candidate){ .id = id_of(m->id),
					  .rcpt = m->rcpt,
					  .address = m->address,
					  .orcpt = "",
					  .message_id = m->message_id,
					  .subject = m->subject,
					  .nrcpts = m->nrcpts,
					  .state = m->state,
					  .handed_ms = m->ago_ms ? NOW - m->ago_ms : 0,
					  .host = m->host,
					  .ip = "192.0.2.25",
					  .remote_id = m->remote_id };
}

static void check(const struct match_case *c)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(buf_clear) struct buf said = { 0 };
	struct bounce_candidate v[ARRAY_LEN(mails)];
	struct bounce_match out[BOUNCE_MATCHES_MAX];
	struct bounce_report report;
	struct bounce_reader r = { .key = &key, .now_ms = NOW };
	for (size_t i = 0; i < ARRAY_LEN(mails); i++)
		v[i] = candidate_of(&mails[i]);
	if (*c->to)
		strlist_add(&r.addresses, a,
			    return_path_make(&key, "*@bounces.example.com",
					     id_of(*c->to == 'A' ? ID_A : ID_B), (uint32_t)(c->to[2] - '0'),
					     a));
	bounce_report_read(a, str_of(c->mail), &r, &report);
	size_t n = bounce_match(&report, v, ARRAY_LEN(v), out);
	for (size_t i = 0; i < n; i++)
		buf_addf(&said, "%s%s %d %d", i ? ", " : "", v[out[i].candidate].address, (int)out[i].how,
			 (int)out[i].meaning);
	buf_add(&said, "", 1);
	if (strcmp(buf_str(&said).p, c->want) != 0)
		fail_msg("%s: \"%s\", not \"%s\"", c->name, buf_str(&said).p, c->want);
	bool suppress = n && bounce_is_authentic(&v[out[0].candidate], &out[0], "192.0.2.25");
	if (suppress != c->suppress)
		fail_msg("%s: %s", c->name, suppress ? "would suppress" : "would not suppress");
}

static void test_matches(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check(&cases[i]);
}

/* Nobody else's word keeps mail from an address: only that of the server that took it, by its address. */
static void test_who_is_believed(void **state)
{
	(void)state;
	struct bounce_candidate c = candidate_of(&mails[0]);
	struct bounce_match m = { .how = BOUNCE_BY_MESSAGE_ID,
				  .meaning = BOUNCE_FAILED,
				  .same_address = true };
	assert_false(bounce_is_authentic(&c, &m, ""));
	assert_false(bounce_is_authentic(&c, &m, "198.51.100.1"));
	assert_true(bounce_is_authentic(&c, &m, "192.0.2.25"));
	c.ip = "";
	assert_false(bounce_is_authentic(&c, &m, ""));
	c.ip = "192.0.2.25";
	c.nrcpts = 2;
	assert_false(bounce_is_authentic(&c, &m, "192.0.2.25"));
	m.how = BOUNCE_BY_RETURN_PATH;
	assert_true(bounce_is_authentic(&c, &m, ""));
	m.same_address = false;
	assert_false(bounce_is_authentic(&c, &m, ""));
	c.nrcpts = 1;
	m = (struct bounce_match){ .how = BOUNCE_BY_ADDRESS, .meaning = BOUNCE_FAILED, .same_address = true };
	assert_false(bounce_is_authentic(&c, &m, "192.0.2.25"));
}

/* That it names the server that took the mail is the report's own claim. */
static void test_claims(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct bounce_candidate c = candidate_of(&mails[0]);
	struct bounce_match out[BOUNCE_MATCHES_MAX];
	struct bounce_report report;
	const struct bounce_reader r = { .key = &key, .now_ms = NOW };
	bounce_report_read(a, STR_LIT(BEGIN RCPT("a@far.example") HEADER "Message-ID: <m1@x>\n" END), &r,
			   &report);
	assert_int_equal(bounce_match(&report, &c, 1, out), 1);
	assert_string_equal(report.dsn.reporter, c.host);
	assert_false(bounce_is_authentic(&c, &out[0], "198.51.100.1"));
	assert_false(bounce_is_authentic(&c, &out[0], ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_matches),
		cmocka_unit_test(test_who_is_believed),
		cmocka_unit_test(test_claims),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
