/* SPDX-License-Identifier: Apache-2.0 */
/* What programs that send mail write when they are asked to write all: as a text and as a log. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"

#include "explain/answer.h"
#include "explain/log/reader.h"
#include "tests/unit/fixture.h"

enum { COLUMNS = 7, EVENTS_MAX = 8 };

enum column { NAME, PROGRAM, FINDING, STEP, CODE, RECIPIENT, EVENTS };

struct event {
	const char *finding, *step;
	char to[128];
	unsigned code;
};

struct events {
	struct event v[EVENTS_MAX];
	size_t n;
};

static void see(void *user, const struct log_event *e)
{
	struct events *all = user;
	if (all->n < EVENTS_MAX && e->state != LOG_HANDED_OVER) {
		struct event *v = &all->v[all->n];
		*v = (struct event){ e->nmeanings ? e->meanings[0].entry->id : "-", e->step, "", e->code };
		snprintf(v->to, sizeof(v->to), STR_FMT, STR_ARG(e->to));
	}
	all->n += e->state != LOG_HANDED_OVER;
}

static struct events read_log(struct str s, size_t piece)
{
	const struct log_options o = { .now_s = 1795262400 };
	struct events all = { .n = 0 };
	struct log_reader *r = log_reader_new(&o, see, &all);
	for (size_t at = 0; at < s.len; at += piece)
		log_reader_feed(r, str_cut(s, at, at + piece < s.len ? at + piece : s.len));
	log_reader_end(r);
	log_reader_free(&r);
	return all;
}

static const char *or_dash(const char *z)
{
	return *z ? z : "-";
}

static void check_log(char *const label[COLUMNS], struct str s, size_t piece)
{
	struct events all = read_log(s, piece);
	assert_int_equal(all.n, atoi(label[EVENTS]));
	assert_string_equal(all.v[0].finding, label[FINDING]);
	assert_string_equal(or_dash(all.v[0].step), label[STEP]);
	assert_string_equal(or_dash(all.v[0].to), label[RECIPIENT]);
}

static void check_text(char *const label[COLUMNS], struct str s)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct answer all;
	answer_text(a, "", s, NULL, &all);
	const struct explanation x = all.items[0].x;
	assert_true(x.refusal);
	assert_string_equal(x.meanings[0].entry->id, label[FINDING]);
	assert_string_equal(or_dash(x.step), label[STEP]);
	assert_string_equal(or_dash(x.recipient), label[RECIPIENT]);
	if (atoi(label[CODE]))
		assert_int_equal(x.code, atoi(label[CODE]));
}

/* All files one behind the other: a log of many sessions. */
static struct {
	char text[FIXTURE_MAX * 2];
	size_t len, events;
} whole;

static void add_to_whole(char *const label[COLUMNS], struct str s)
{
	assert_in_range(whole.len + s.len, 1, sizeof(whole.text));
	memcpy(whole.text + whole.len, s.p, s.len);
	whole.len += s.len;
	whole.events += (size_t)atoi(label[EVENTS]);
}

static void check(char *line)
{
	static char text[FIXTURE_MAX];
	char *label[COLUMNS], *rest = line, name[128];
	for (size_t i = 0; i < COLUMNS; i++)
		assert_non_null(label[i] = strsep(&rest, "\t"));
	snprintf(name, sizeof(name), "%s.log", label[NAME]);
	struct str s = { text, fixture_read("programs", name, text) };
	print_message("%s\n", name);
	check_text(label, s);
	check_log(label, s, s.len);
	check_log(label, s, 7);
	add_to_whole(label, s);
}

static void test_programs(void **state)
{
	(void)state;
	fixture_each_label("programs", check);
	struct str all = { whole.text, whole.len };
	assert_int_equal(read_log(all, all.len).n, whole.events);
	assert_int_equal(read_log(all, 100).n, whole.events);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_programs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
