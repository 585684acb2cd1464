/* SPDX-License-Identifier: Apache-2.0 */
/* A message on its way in that cannot be kept: the answer, and what the log is to say. */
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

static void test_what_cannot_be_kept(void **state)
{
	const struct intake_origin o = { .hostname = "relay.test",
					 .helo = "x",
					 .address = "192.0.2.1",
					 .protocol = "ESMTP",
					 .tls = "",
					 .recipient = "",
					 .sender = STR_LIT("a@example.com") };
	struct place *p = *state;
	for (int turn = 0; turn < 2; turn++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		CLEANUP(intake_free) struct intake *i = intake_new(p->s);
		struct store_body *body = NULL;
		struct intake_facts facts;
		fails = turn;
		assert_int_equal(intake_add(i, STR_LIT("Subject: x\r\n\r\nx\r\n")), !fails);
		const struct smtp_answer *no = intake_finish(i, &o, a, &facts, &body);
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
	const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(test_what_cannot_be_kept, begin,
									    end) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
