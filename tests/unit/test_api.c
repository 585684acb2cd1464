/* SPDX-License-Identifier: Apache-2.0 */
/* What a mail API is given, and what its answers mean. */
#include "tests/unit/unit.h"

#include <string.h>

#include "relay/delivery/api_message.h"
#include "relay/delivery/api_verdict.h"

static const struct answer_case {
	const char *name;
	long status;
	const char *body, *retry_after;
	enum api_outcome outcome;
	enum trouble_scope scope;
	bool for_good, next_route, account;
	long hint_s;
	const char *finding, *text;
} answer_cases[] = {
	{ "taken by Microsoft", 202, "", "", API_TAKEN, 0, false, false, false, 0, "", "HTTP 202" },
	{ "taken by Google", 200, "{\"id\":\"18f\"}", "", API_TAKEN, 0, false, false, false, 0, "",
	  "HTTP 200" },
	{ "too fast", 429, "{\"error\":{\"code\":\"ApplicationThrottled\",\"message\":\"m\"}}", "30",
	  API_FAILED, TROUBLE_DESTINATION, false, true, true, 30, "mf-rate-limited",
	  "HTTP 429: ApplicationThrottled: m" },
	{ "too fast, as Google says it", 403,
	  "{\"error\":{\"code\":403,\"message\":\"m\",\"errors\":[{\"reason\":\"userRateLimitExceeded\"}]}}",
	  "", API_FAILED, TROUBLE_DESTINATION, false, true, true, 0, "mf-rate-limited",
	  "HTTP 403: userRateLimitExceeded: m" },
	{ "no right", 403, "{\"error\":{\"code\":\"ErrorAccessDenied\"}}", "", API_FAILED,
	  TROUBLE_DESTINATION, false, false, true, 0, "oauth-no-mailbox-permission",
	  "HTTP 403: ErrorAccessDenied" },
	{ "another's name", 403, "{\"error\":{\"code\":\"ErrorSendAsDenied\"}}", "", API_FAILED,
	  TROUBLE_MESSAGE, true, false, false, 0, "mf-send-as-denied-5760", "HTTP 403: ErrorSendAsDenied" },
	{ "a date in Retry-After", 503, "<html>", "Sat, 21 Nov 2026 18:00:00 GMT", API_FAILED,
	  TROUBLE_DESTINATION, false, true, false, 0, "banner-421-busy", "HTTP 503" },
	{ "the message is wrong", 400,
	  "{\"error\":{\"code\":400,\"status\":\"INVALID_ARGUMENT\",\"message\":\"m\"}}", "5", API_FAILED,
	  TROUBLE_MESSAGE, true, false, false, 0, "", "HTTP 400: INVALID_ARGUMENT: m" },
	{ "nobody knows", 500, "{\"error\":{\"code\":\"UnknownError\"}}", "", API_IN_DOUBT, 0, false, false,
	  false, 0, "", "HTTP 500: UnknownError" },
	{ "a gateway gave up waiting", 504, "", "", API_IN_DOUBT, 0, false, false, false, 0, "", "HTTP 504" },
	{ "what is sent elsewhere is not taken", 302, "", "", API_IN_DOUBT, 0, false, false, false, 0, "",
	  "HTTP 302" },
	{ "steering bytes", 400, "{\"error\":{\"message\":\"a\\u001b[31m\\nb\"}}", "", API_FAILED,
	  TROUBLE_MESSAGE, true, false, false, 0, "", "HTTP 400: a" },
};

static void test_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(answer_cases); i++) {
		const struct answer_case *k = &answer_cases[i];
		CLEANUP(arena_free) struct arena *a = arena_new();
		const struct api_answer x = { k->status, str_of(k->body), k->retry_after, "" };
		struct api_verdict v;
		api_judge(&x, a, &v);
		bool text = !strncmp(v.text, k->text, strlen(k->text)) && !strpbrk(v.text, "\033\n");
		if (v.outcome != k->outcome || !text || strcmp(v.finding, k->finding) != 0)
			fail_msg("%s: %d %s (%s)", k->name, v.outcome, v.text, v.finding);
		if (v.outcome != API_FAILED)
			continue;
		const struct trouble *t = &v.judged;
		if (t->scope != k->scope || t->for_good != k->for_good || t->next_route != k->next_route ||
		    t->account != k->account || t->hint_s != k->hint_s)
			fail_msg("%s: scope %d, for good %d, next route %d, account %d, hint %ld", k->name,
				 t->scope, t->for_good, t->next_route, t->account, t->hint_s);
	}
}

static const struct fit_case {
	const char *name, *header, *rcpts;
	const char *bcc; /* NULL: cannot be sent */
} fit_cases[] = {
	{ "all are named", "To: A <a@x.example>, b@x.example\r\nCc: c@x.example\r\n",
	  "a@x.example b@X.example c@x.example", "" },
	{ "one is not", "To: a@x.example\r\n", "a@x.example quiet@x.example", "quiet@x.example" },
	{ "two are not", "Subject: x\r\n", "a@x.example b@x.example", "a@x.example,\n\tb@x.example" },
	{ "one too many is named", "To: a@x.example, b@x.example\r\n", "a@x.example", NULL },
	{ "in Bcc", "To: a@x.example\r\nBcc: b@x.example\r\n", "a@x.example", NULL },
	{ "in a second field", "To: a@x.example\r\nTo: b@x.example\r\n", "a@x.example", NULL },
	{ "in a group", "To: g: a@x.example, b@x.example;\r\n", "a@x.example", NULL },
	{ "nobody", "To: undisclosed-recipients:;\r\n", "a@x.example", "a@x.example" },
};

static void test_recipients(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(fit_cases); i++) {
		const struct fit_case *k = &fit_cases[i];
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct strlist rcpts = { 0 };
		struct str rest = str_of(k->rcpts), one;
		const char *bcc = NULL;
		while (str_next(&rest, " ", &one))
			strlist_add(&rcpts, a, arena_str(a, one).p);
		const char *why = api_message_fit(str_of(k->header), &rcpts, a, &bcc);
		if (!why != (k->bcc != NULL) || (k->bcc && strcmp(bcc, k->bcc) != 0))
			fail_msg("%s: %s, Bcc %s", k->name, why ? why : "fits", bcc);
	}
}

static void test_header(void **state)
{
	(void)state;
	CLEANUP(buf_clear) struct buf b = { 0 };
	api_message_header(STR_LIT("To: a@x.example\r\n"), "b@x.example,\n\tc@x.example", &b);
	assert_true(str_eq(buf_str(&b), "To: a@x.example\r\nBcc: b@x.example,\r\n\tc@x.example\r\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_recipients),
		cmocka_unit_test(test_header),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
