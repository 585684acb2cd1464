/* SPDX-License-Identifier: Apache-2.0 */
/* Sending services' notices: whom they are about, what happened, and what it means. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"

#include "explain/answer.h"
#include "explain/notice.h"
#include "tests/unit/fixture.h"

enum column {
	NAME,
	SERVICE,
	KIND,
	BOUNCE,
	FINDING,
	RECIPIENTS,
	ADDRESS,
	ACTION,
	STATUS,
	SUBJECT,
	FROM,
	COLUMNS
};

static const char *or_dash(const char *z)
{
	return *z ? z : "-";
}

static void check_answer(char *const label[COLUMNS], struct str s)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct answer x;
	answer_text(a, "", s, NULL, &x);
	assert_non_null(x.mail);
	const struct dsn *d = x.mail;
	assert_string_equal(d->dialect, label[SERVICE]);
	assert_string_equal(dsn_kind_name(d->kind), label[KIND]);
	assert_int_equal(answer_is_failure(&x), !strcmp(label[BOUNCE], "yes"));
	assert_string_equal(x.items[0].x.meanings[0].entry->id, label[FINDING]);
	assert_int_equal(d->n, atoi(label[RECIPIENTS]));
	const struct dsn_recipient *r = &d->v[d->n - 1];
	assert_string_equal(r->address, label[ADDRESS]);
	assert_string_equal(or_dash(dsn_action_name(r->action)), label[ACTION]);
	assert_string_equal(or_dash(r->status), label[STATUS]);
	assert_string_equal(or_dash(d->original.subject), label[SUBJECT]);
	assert_string_equal(or_dash(d->original.from), label[FROM]);
}

static void check(char *line)
{
	static char text[FIXTURE_MAX];
	char *label[COLUMNS], *rest = line, name[128];
	for (size_t i = 0; i < COLUMNS; i++)
		assert_non_null(label[i] = strsep(&rest, "\t"));
	snprintf(name, sizeof(name), "%s.json", label[NAME]);
	print_message("%s\n", name);
	struct str s = { text, fixture_read("notices", name, text) };
	check_answer(label, s);
	/* Cut anywhere, nothing bad happens. */
	for (size_t cut = 0; cut < s.len; cut += 7) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct dsn d;
		assert_false(notice_read(a, str_cut(s, 0, cut), &d) && d.n > 2);
	}
}

static void test_fixtures(void **state)
{
	(void)state;
	fixture_each_label("notices", check);
}

/* What tells no fate is no notice: events of readers, other JSON, deep envelopes. */
static const char *const others[] = {
	"",
	"{",
	"[]",
	"{\"event\":\"bounce\"}",
	"{\"event\":\"delivered\",\"email\":\"a@b.example\"}",
	"[{\"email\":\"a@b.example\",\"event\":\"open\",\"sg_message_id\":\"m\"}]",
	"{\"RecordType\":\"Open\",\"MessageID\":\"m\",\"Recipient\":\"a@b.example\"}",
	"{\"notificationType\":\"AmazonSnsSubscriptionSucceeded\",\"message\":\"...\"}",
	("{\"eventType\":\"Send\",\"mail\":{\"messageId\":\"m\",\"destination\":[\"a@b.example\"]},\"send\":{"
	 "}"
	 "}"),
	"{\"error\":\"550 5.1.1 user unknown\",\"event\":\"x\"}",
	("{\"Message\":{\"Message\":{\"Message\":{\"Message\":{\"Message\":{\"Message\":{\"Message\":{"
	 "\"Message\":{"
	 "\"Message\":{\"Message\":{\"RecordType\":\"Bounce\",\"Email\":\"a@b.example\"}}}}}}}}}}}"),
};

static void test_others(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct dsn d;
		if (notice_read(a, str_of(others[i]), &d))
			fail_msg("taken for a notice: %s", others[i]);
	}
}

/* A report's recipients stay whatever stands before them. */
static void test_complaint_and_bounce(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct dsn d;
	assert_true(notice_read(
		a,
		str_of("[{\"email\":\"a@b.example\",\"event\":\"spamreport\",\"sg_message_id\":\"m\"},"
		       "{\"email\":\"c@b.example\",\"event\":\"bounce\",\"sg_message_id\":\"n\","
		       "\"reason\":\"550\\n5.1.1 no such user\"}]"),
		&d));
	assert_int_equal(d.kind, DSN_REPORT);
	assert_int_equal(d.n, 1);
	assert_string_equal(d.v[0].address, "c@b.example");
	assert_string_equal(d.v[0].reply, "550 5.1.1 no such user");
	assert_string_equal(d.v[0].status, "5.1.1");
	/* What only a mail can say is empty here, and never missing. */
	assert_string_equal(d.queue_id, "");
	assert_string_equal(d.disposition, "");
	assert_string_equal(d.original.return_path, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fixtures),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_complaint_and_bounce),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
