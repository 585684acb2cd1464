/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "explain/log/recent.h"

static void add(struct log_recent *r, const char *cause, const char *id, unsigned tries)
{
	struct reply_meaning m = { finding_entry_find(cause), 0.9, "" };
	assert_non_null(m.entry);
	struct log_event e = { .state = LOG_DELAYED,
			       .queue_id = str_of(id),
			       .to = STR_LIT("a@b.example"),
			       .tries = tries,
			       .meanings = &m,
			       .nmeanings = 1 };
	log_recent_add(r, &e);
}

static void test_latest_first_and_bounded(void **state)
{
	(void)state;
	CLEANUP(log_recent_free) struct log_recent *r = log_recent_new();
	const struct finding_entry *cause = finding_entry_find("rcpt-greylisted");
	char id[16];
	for (unsigned i = 0; i < LOG_RECENT_EACH * 3; i++) {
		snprintf(id, sizeof(id), "Q%u", i);
		add(r, "rcpt-greylisted", id, 1);
	}
	for (unsigned i = 0; i < LOG_RECENT_EACH; i++) {
		snprintf(id, sizeof(id), "Q%u", LOG_RECENT_EACH * 3 - 1 - i);
		assert_string_equal(log_recent_at(r, cause, i)->queue_id, id);
	}
	assert_null(log_recent_at(r, cause, LOG_RECENT_EACH));
	assert_null(log_recent_at(r, finding_entry_find("rcpt-user-unknown"), 0));
}

/* A recipient tried again stands once, as the latest, whatever its place was. */
static void test_tried_again(void **state)
{
	(void)state;
	const struct finding_entry *cause = finding_entry_find("rcpt-greylisted");
	char id[16];
	for (unsigned n = 1; n <= LOG_RECENT_EACH * 2; n++)
		for (unsigned again = n > LOG_RECENT_EACH ? n - LOG_RECENT_EACH : 0; again < n; again++) {
			CLEANUP(log_recent_free) struct log_recent *r = log_recent_new();
			for (unsigned i = 0; i < n; i++) {
				snprintf(id, sizeof(id), "Q%u", i);
				add(r, "rcpt-greylisted", id, 1);
			}
			snprintf(id, sizeof(id), "Q%u", again);
			add(r, "rcpt-greylisted", id, 2);
			unsigned kept = n < LOG_RECENT_EACH ? n : LOG_RECENT_EACH, last = n;
			assert_string_equal(log_recent_at(r, cause, 0)->queue_id, id);
			assert_int_equal(log_recent_at(r, cause, 0)->tries, 2);
			assert_null(log_recent_at(r, cause, kept));
			for (unsigned i = 1; i < kept; i++) { /* the others once each, in their order */
				unsigned other = 0;
				assert_int_equal(sscanf(log_recent_at(r, cause, i)->queue_id, "Q%u", &other),
						 1);
				assert_true(other < last && other != again);
				last = other;
			}
		}
}

/* Names longer than there is room are cut between characters. */
static void test_cut(void **state)
{
	(void)state;
	CLEANUP(log_recent_free) struct log_recent *r = log_recent_new();
	char id[3 * LOG_RECENT_ID + 1] = "x";
	for (size_t i = 0; i < LOG_RECENT_ID; i++)
		memcpy(id + 1 + i * 2, "\xc3\xa9", 3);
	add(r, "rcpt-greylisted", id, 1);
	const char *kept = log_recent_at(r, finding_entry_find("rcpt-greylisted"), 0)->queue_id;
	assert_int_equal(strlen(kept), LOG_RECENT_ID - 1);
	assert_int_equal((unsigned char)kept[strlen(kept) - 1], 0xa9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_latest_first_and_bounded),
		cmocka_unit_test(test_tried_again),
		cmocka_unit_test(test_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
