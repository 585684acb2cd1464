/* SPDX-License-Identifier: Apache-2.0 */
/* The history on disk, and the document made of it. */
#include "tests/unit/unit.h"

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "watch/course.h"
#include "watch/health.h"

#define NOW INT64_C(1790000000000)
enum { DAY_MS = 86400000 };

struct place {
	char path[64];
	struct history *h;
};

static int begin(void **state)
{
	struct place *p = mem_alloc(sizeof(*p));
	strcpy(p->path, "/tmp/postrider-history-XXXXXX");
	assert_non_null(mkdtemp(p->path));
	assert_true(history_open(p->path, HISTORY_OWN, &p->h, NULL));
	*state = p;
	return 0;
}

static int end(void **state)
{
	struct place *p = *state;
	history_close(&p->h);
	DIR *d = opendir(p->path);
	for (struct dirent *x; (x = readdir(d));) {
		char name[400];
		snprintf(name, sizeof(name), "%s/%s", p->path, x->d_name);
		if (*x->d_name != '.')
			unlink(name);
	}
	closedir(d);
	rmdir(p->path);
	free(p);
	return 0;
}

static void add_run(struct place *p, const char *monitor, int64_t at, const char *verdict)
{
	const struct history_run r = { monitor,
				       at,
				       12,
				       verdict,
				       z_eq(verdict, "failing") ? "auth-bad-credentials" : "",
				       "a title",
				       z_eq(verdict, "failing") ? "auth" : "",
				       "summary",
				       "dns=2 connect=4",
				       false };
	assert_true(history_run_add(p->h, &r, NULL));
}

struct counted {
	size_t n;
	int64_t first, last;
	char words[2000];
};

static bool count_run(void *ctx, const struct history_run *r)
{
	struct counted *c = ctx;
	if (!c->n++)
		c->first = r->at_ms;
	c->last = r->at_ms;
	assert_string_equal(r->summary, "summary");
	return true;
}

static void test_runs(void **state)
{
	struct place *p = *state;
	struct counted c = { 0 };
	for (int i = 0; i < 10; i++)
		add_run(p, i % 2 ? "a" : "b", NOW + i, "ok");
	assert_true(history_runs(p->h, "a", 0, 100, count_run, &c, NULL));
	assert_int_equal(c.n, 5);
	assert_int_equal(c.first, NOW + 1);
	assert_int_equal(c.last, NOW + 9);
	c = (struct counted){ 0 };
	assert_true(history_runs(p->h, "a", 0, 2, count_run, &c, NULL));
	assert_int_equal(c.n, 2);
	assert_int_equal(c.first, NOW + 7); /* the newest, oldest of them first */
	c = (struct counted){ 0 };
	assert_true(history_runs(p->h, "b", NOW + 8, 100, count_run, &c, NULL));
	assert_int_equal(c.n, 1);
}

static bool keep_expiry(void *ctx, const struct history_expiry *x)
{
	struct counted *c = ctx;
	c->n++;
	snprintf(c->words + strlen(c->words), sizeof(c->words) - strlen(c->words), "%s:%d ", x->name,
		 x->told_days);
	return true;
}

static const char *expiries(struct place *p, struct counted *c)
{
	*c = (struct counted){ 0 };
	assert_true(history_expiries(p->h, keep_expiry, c, NULL));
	return c->words;
}

static void test_expiries(void **state)
{
	struct place *p = *state;
	struct history_expiry x = { "certificate", "m:587", "d", "a", NOW + DAY_MS, NOW, -1 };
	struct counted c;
	assert_true(history_expiry_put(p->h, &x, NULL));
	assert_true(history_expiry_told(p->h, x.kind, x.name, 7, NULL));
	assert_string_equal(expiries(p, &c), "m:587:7 ");
	x.seen_ms++;
	assert_true(history_expiry_put(p->h, &x, NULL)); /* the same certificate */
	assert_string_equal(expiries(p, &c), "m:587:7 ");
	x.expires_ms += 90 * (int64_t)DAY_MS;
	assert_true(history_expiry_put(p->h, &x, NULL)); /* it was renewed */
	assert_string_equal(expiries(p, &c), "m:587:-1 ");
}

static bool never(void *ctx, const struct history_record *r)
{
	(void)ctx, (void)r;
	fail();
	return false;
}

static void test_ages(void **state)
{
	struct place *p = *state;
	const struct history_record r = {
		"example.com", "MX", "10 a", "", NOW - 100 * (int64_t)DAY_MS, NOW - 100 * (int64_t)DAY_MS
	};
	const struct history_sample s = { NOW - 100 * (int64_t)DAY_MS, 1, 2, 3, 4 };
	struct counted c = { 0 };
	add_run(p, "a", NOW - 91 * (int64_t)DAY_MS, "ok");
	add_run(p, "a", NOW, "ok");
	assert_true(history_record_put(p->h, &r, NULL));
	assert_true(history_sample_add(p->h, &s, NULL));
	assert_true(history_day_add(p->h, "2026-01-01", "taken", 3, NULL));
	assert_true(history_tidy(p->h, NOW - 90 * (int64_t)DAY_MS, NULL));
	assert_true(history_runs(p->h, "a", 0, 100, count_run, &c, NULL));
	assert_int_equal(c.n, 1);
	assert_int_equal(history_record(p->h, "example.com", "MX", never, NULL, NULL), 0);
}

static void test_all_or_nothing(void **state)
{
	struct place *p = *state;
	struct counted c = { 0 };
	history_begin(p->h);
	add_run(p, "a", NOW, "ok");
	assert_false(history_end(p->h, false, NULL));
	assert_true(history_runs(p->h, "a", 0, 100, count_run, &c, NULL));
	assert_int_equal(c.n, 0);
	history_begin(p->h);
	add_run(p, "a", NOW, "ok");
	assert_true(history_end(p->h, true, NULL));
	assert_true(history_runs(p->h, "a", 0, 100, count_run, &c, NULL));
	assert_int_equal(c.n, 1);
}

static void test_damaged(void **state)
{
	struct place *p = *state;
	char name[400];
	struct counted c = { 0 };
	add_run(p, "a", NOW, "ok");
	history_close(&p->h);
	snprintf(name, sizeof(name), "%s/watch.db", p->path);
	FILE *f = fopen(name, "w");
	fputs("this was a database once, and is long enough to be looked at: not any more", f);
	fclose(f);
	assert_true(history_open(p->path, HISTORY_OWN, &p->h, NULL));
	assert_true(history_runs(p->h, "a", 0, 100, count_run, &c, NULL));
	assert_int_equal(c.n, 0);
	snprintf(name, sizeof(name), "%s/watch.db.damaged", p->path);
	assert_int_equal(access(name, F_OK), 0);
}

static void test_keep_only(void **state)
{
	struct place *p = *state;
	const char *const names[] = { "b", NULL };
	struct counted c = { 0 };
	char *text;
	add_run(p, "a", NOW, "ok");
	assert_true(history_state_put(p->h, "a", "x", NULL));
	assert_true(history_state_put(p->h, "b", "y", NULL));
	assert_true(history_keep_only(p->h, names, NULL));
	assert_true(history_runs(p->h, "a", 0, 100, count_run, &c, NULL));
	assert_int_equal(c.n, 1); /* the block may come back */
	assert_int_equal(history_state(p->h, "a", &text, NULL), 0);
	assert_int_equal(history_state(p->h, "b", &text, NULL), 1);
	assert_string_equal(text, "y");
	free(text);
}

/* ---- the document ---- */

static struct watch_monitor monitors[] = { { .name = "office", .target = "profile:office", .every_s = 900 },
					   { .name = "shop", .target = "example.com", .every_s = 900 } };

static json_t *document(struct history *h, size_t points)
{
	struct watch_settings *s = watch_settings_new();
	const struct health_view v = { .now_ms = NOW, .points = points };
	char *text = NULL;
	size_t bytes;
	FILE *f = open_memstream(&text, &bytes);
	s->monitors = monitors;
	s->nmonitors = ARRAY_LEN(monitors);
	assert_true(health_write(h, s, &v, f, NULL));
	fclose(f);
	json_t *o = json_loads(text, 0, NULL);
	free(text);
	watch_settings_free(&s);
	assert_non_null(o);
	return o;
}

static const char *text_at(json_t *o, const char *key)
{
	const char *z = json_string_value(json_object_get(o, key));
	return z ? z : "null";
}

static void put_course(struct place *p, const char *monitor, const char *target, enum condition now)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct course c = { .n = 1, .now = now, .since_ms = NOW - 5000, .next_ms = NOW + 1 };
	c.looks[0] = (struct look){ .at_ms = NOW - 1000, .level = now };
	if (now == CONDITION_BAD)
		strcpy(c.finding, "auth-bad-credentials");
	assert_true(history_state_put(p->h, monitor, course_write(&c, target, a), NULL));
}

static void test_document(void **state)
{
	struct place *p = *state;
	const struct history_change change = { NOW, "example.com", "MX", "10 a", "10 b\n20 c" };
	const struct history_expiry soon = { "certificate", "m:587", "d", "", NOW + 5 * (int64_t)DAY_MS + 1,
					     NOW,           -1 };
	for (int i = 0; i < 1000; i++)
		add_run(p, "office", NOW - 1000000 + i * 1000, i % 100 == 7 ? "failing" : "ok");
	put_course(p, "office", "profile:office", CONDITION_BAD);
	put_course(p, "shop", "another target", CONDITION_BAD);
	assert_true(history_change_add(p->h, &change, NULL));
	assert_true(history_expiry_put(p->h, &soon, NULL));
	assert_true(history_day_add(p->h, "2026-09-20", "taken", 3, NULL));
	assert_true(history_day_add(p->h, "2026-09-20", "taken", 4, NULL));
	json_t *o = document(p->h, 50);
	assert_string_equal(text_at(o, "trouble"), "null");
	json_decref(o);
	for (int i = 0; i < 2; i++) {
		const char *said = i ? "" : "open again the log queue.log";
		assert_true(
			history_document_put(p->h, HEALTH_RELAY, HEALTH_TROUBLE, NOW, str_of(said), NULL));
		o = document(p->h, 50);
		assert_string_equal(text_at(o, "trouble"), i ? "null" : said);
		json_decref(o);
	}
	o = document(p->h, 50);
	assert_string_equal(text_at(o, "state"), "bad");
	assert_string_equal(text_at(o, "says"), "1 of 2 monitors is bad: office.");
	json_t *m = json_array_get(json_object_get(o, "monitors"), 0);
	assert_string_equal(text_at(m, "state"), "bad");
	assert_string_equal(text_at(json_object_get(m, "finding"), "id"), "auth-bad-credentials");
	assert_string_equal(text_at(json_object_get(m, "finding"), "title"), "a title");
	assert_int_equal(json_integer_value(json_object_get(m, "runs")), 1000);
	assert_true(json_real_value(json_object_get(m, "well_share")) > 0.989);
	json_t *history = json_object_get(m, "history"), *point;
	size_t i, runs = 0, bad = 0;
	assert_true(json_array_size(history) > 25 && json_array_size(history) <= 50);
	json_array_foreach(history, i, point)
	{
		runs += (size_t)json_integer_value(json_object_get(point, "runs"));
		bad += (size_t)json_integer_value(json_object_get(point, "bad"));
		assert_int_equal(json_integer_value(
					 json_object_get(json_object_get(point, "steps"), "connect")),
				 4);
		assert_string_equal(text_at(point, "verdict"),
				    json_integer_value(json_object_get(point, "bad")) ? "failing" : "ok");
	}
	assert_int_equal(runs, 1000);
	assert_int_equal(bad, 10);
	json_t *shop = json_array_get(json_object_get(o, "monitors"), 1);
	assert_string_equal(text_at(shop, "state"), "unknown"); /* the course was another target's */
	json_t *after =
		json_object_get(json_array_get(json_object_get(json_object_get(o, "dns"), "changes"), 0),
				"after");
	assert_int_equal(json_array_size(after), 2);
	json_t *x = json_array_get(json_object_get(o, "expiring"), 0);
	assert_int_equal(json_integer_value(json_object_get(x, "days_left")), 5);
	assert_true(json_is_true(json_object_get(x, "warn")));
	json_t *day = json_array_get(json_object_get(o, "days"), 0);
	assert_int_equal(json_integer_value(json_object_get(day, "taken")), 7);
	assert_int_equal(json_integer_value(json_object_get(day, "bounced")), 0);
	json_decref(o);
}

static void test_nothing_kept(void **state)
{
	(void)state;
	json_t *o = document(NULL, 0);
	assert_string_equal(text_at(o, "state"), "unknown");
	assert_int_equal(json_array_size(json_object_get(o, "monitors")), 2);
	assert_string_equal(text_at(json_array_get(json_object_get(o, "monitors"), 0), "last"), "null");
	json_decref(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_runs, begin, end),
		cmocka_unit_test_setup_teardown(test_expiries, begin, end),
		cmocka_unit_test_setup_teardown(test_ages, begin, end),
		cmocka_unit_test_setup_teardown(test_all_or_nothing, begin, end),
		cmocka_unit_test_setup_teardown(test_damaged, begin, end),
		cmocka_unit_test_setup_teardown(test_keep_only, begin, end),
		cmocka_unit_test_setup_teardown(test_document, begin, end),
		cmocka_unit_test(test_nothing_kept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
