/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/client_talk.h"

#include <string.h>

struct talk talk_new(void)
{
	struct talk t = { .c = smtp_client_new(NULL), .now = 1000 };
	smtp_client_connected(t.c, t.now);
	return t;
}

void talk_clear(struct talk *t)
{
	smtp_client_free(&t->c);
}

enum smtp_event hear_cut(struct talk *t, const char *text, size_t cut)
{
	size_t used, len = strlen(text);
	enum smtp_event ev = smtp_client_feed(t->c, text, cut, &used, t->now, &t->e);
	assert_int_equal(used, cut);
	if (ev == SMTP_EVENT_NONE && cut < len) {
		ev = smtp_client_feed(t->c, text + cut, len - cut, &used, t->now, &t->e);
		assert_int_equal(used, len - cut);
	}
	return ev;
}

enum smtp_event hear(struct talk *t, const char *text)
{
	return hear_cut(t, text, strlen(text));
}

void writes(struct talk *t, const char *text)
{
	struct str out = smtp_client_output(t->c);
	assert_int_equal(out.len, strlen(text));
	assert_memory_equal(out.p, text, out.len);
	smtp_client_sent(t->c, out.len, t->now);
}

void greeted(struct talk *t, const char *ehlo_reply)
{
	assert_int_equal(hear(t, "220 mx ESMTP\r\n"), SMTP_EVENT_REPLY);
	assert_true(smtp_client_ehlo(t->c, "me.example", &t->e));
	writes(t, "EHLO me.example\r\n");
	assert_int_equal(hear(t, ehlo_reply), SMTP_EVENT_REPLY);
}

void spoke(struct talk *t, const char *line)
{
	char dir;
	CLEANUP(mem_free) char *text = smtp_client_take_spoken(t->c, &dir);
	assert_non_null(text);
	assert_int_equal(dir, line[0]);
	assert_string_equal(text, line + 2);
}
