/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <jansson.h>
#include <limits.h>
#include <string.h>

#include "base/json_line.h"

static const struct {
	const char *name;
	struct str text;
	const char *json;
} cases[] = {
	{ "empty", STR_LIT(""), "\"\"" },
	{ "plain", STR_LIT("250 2.0.0 Ok: queued as 4XYZ"), "\"250 2.0.0 Ok: queued as 4XYZ\"" },
	{ "quotes", STR_LIT("a \"b\" \\c"), "\"a \\\"b\\\" \\\\c\"" },
	{ "lines", STR_LIT("550-a\r\n550 b\t"), "\"550-a\\r\\n550 b\\t\"" },
	{ "NUL and others", STR_LIT("a\0b\x01\x7f"), "\"a\\\\x00b\\\\x01\\\\x7f\"" },
	{ "UTF-8",
	  STR_LIT("Gr\xc3\xbc\xc3\x9f"
		  "e \xe2\x82\xac \xf0\x9f\x93\xac"),
	  "\"Gr\xc3\xbc\xc3\x9f"
	  "e \xe2\x82\xac \xf0\x9f\x93\xac\"" },
	{ "Latin-1",
	  STR_LIT("Gr\xfc\xdf"
		  "e"),
	  "\"Gr\\\\xfc\\\\xdfe\"" },
	{ "cut UTF-8", STR_LIT("a\xe2\x82"), "\"a\\\\xe2\\\\x82\"" },
	{ "overlong", STR_LIT("\xc0\xaf\xe0\x80\xaf"), "\"\\\\xc0\\\\xaf\\\\xe0\\\\x80\\\\xaf\"" },
	{ "surrogate", STR_LIT("\xed\xa0\x80"), "\"\\\\xed\\\\xa0\\\\x80\"" },
	{ "long, odd at the end", STR_LIT("0123456701234567012345670123456\""),
	  "\"0123456701234567012345670123456\\\"\"" },
};

static void test_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(buf_clear) struct buf b = { 0 };
		json_quote(&b, cases[i].text);
		buf_add(&b, "", 1);
		if (strcmp(b.data, cases[i].json) != 0)
			fail_msg("%s: %s", cases[i].name, b.data);
	}
}

/* Each byte, alone and at each place of a word: what comes out is JSON. */
static void test_every_byte(void **state)
{
	(void)state;
	for (unsigned c = 0; c < 256; c++)
		for (size_t at = 0; at < 17; at++) {
			CLEANUP(buf_clear) struct buf b = { 0 };
			char text[17];
			memset(text, 'x', sizeof(text));
			text[at] = (char)c;
			json_quote(&b, (struct str){ text, sizeof(text) });
			json_error_t e;
			json_t *j = json_loadb(b.data, b.len, JSON_DECODE_ANY, &e);
			if (!j)
				fail_msg("byte %u at %zu: %.*s", c, at, (int)b.len, b.data);
			if (c >= 0x20 && c < 0x7f)
				assert_memory_equal(json_string_value(j), text, sizeof(text));
			json_decref(j);
		}
}

static void test_line(void **state)
{
	(void)state;
	CLEANUP(buf_clear) struct buf b = { 0 };
	json_line_begin(&b);
	json_line_time(&b, "time", 1795248578123);
	json_line_text(&b, "a", STR_LIT("{"));
	json_line_given(&b, "none", STR_LIT(""));
	json_line_number(&b, "n", -5);
	json_line_number(&b, "zero", 0);
	json_line_number(&b, "least", LLONG_MIN);
	json_line_number(&b, "most", LLONG_MAX);
	json_line_bool(&b, "yes", true);
	json_line_end(&b);
	json_line_begin(&b);
	json_line_text(&b, "first", STR_LIT(""));
	json_line_time(&b, "time", 1795248578007);
	json_line_time(&b, "before", -1);
	json_line_time(&b, "late", 1795248579000);
	json_line_end(&b);
	buf_add(&b, "", 1);
	assert_string_equal(b.data,
			    "{\"time\":\"2026-11-21T08:09:38.123Z\",\"a\":\"{\",\"n\":-5,\"zero\":0,"
			    "\"least\":-9223372036854775808,\"most\":9223372036854775807,\"yes\":true}\n"
			    "{\"first\":\"\",\"time\":\"2026-11-21T08:09:38.007Z\","
			    "\"before\":\"1969-12-31T23:59:59.999Z\",\"late\":"
			    "\"2026-11-21T08:09:39.000Z\"}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_every_byte),
		cmocka_unit_test(test_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
