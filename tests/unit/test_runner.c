/* SPDX-License-Identifier: Apache-2.0 */
/* Checks in the runner's thread: events, ends, guards, limits.  Every guard here forbids all, so that
 * nothing is ever contacted. */
#include "tests/unit/unit.h"

#include <jansson.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "watch/runner.h"

struct seen {
	pthread_mutex_t lock;
	pthread_cond_t change;
	unsigned ended, states[5], asked, told;
	char summary[200];
};

static struct seen *seen_new(void)
{
	struct seen *s = mem_alloc(sizeof(*s));
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->change, NULL);
	return s;
}

static bool allow_nobody(void *ctx, const char *address, unsigned port)
{
	struct seen *s = ctx;
	(void)port;
	pthread_mutex_lock(&s->lock);
	s->asked += strcmp(address, "198.51.100.7") == 0;
	pthread_mutex_unlock(&s->lock);
	return false;
}

static void on_end(void *ctx, const struct runner_end *end)
{
	struct seen *s = ctx;
	pthread_mutex_lock(&s->lock);
	s->ended++;
	s->states[end->state]++;
	snprintf(s->summary, sizeof(s->summary), "%s", end->v ? end->v->summary : "");
	pthread_cond_signal(&s->change);
	pthread_mutex_unlock(&s->lock);
}

static void on_news(void *ctx, const char *id)
{
	struct seen *s = ctx;
	pthread_mutex_lock(&s->lock);
	s->told += strlen(id) == RUNNER_ID_BYTES - 1;
	pthread_mutex_unlock(&s->lock);
}

static void await(struct seen *s, unsigned ended)
{
	pthread_mutex_lock(&s->lock);
	while (s->ended < ended)
		pthread_cond_wait(&s->change, &s->lock);
	pthread_mutex_unlock(&s->lock);
}

static struct runner_order order_of(struct seen *s, struct check_request *q)
{
	*q = request_defaults();
	q->input = "198.51.100.7:25";
	q->host = "198.51.100.7";
	q->form = FORM_HOST;
	q->port = 25;
	q->ehlo_name = "test.example";
	q->resolver = "198.51.100.53";
	q->password = "hunter22";
	q->experiments = false;
	q->until = UNTIL_CONNECT;
	return (struct runner_order){ .request = q, .guard = { allow_nobody, s }, .ended = on_end, .ctx = s };
}

struct story {
	char names[2000];
	size_t last;
	bool valid;
};

static bool keep_event(void *ctx, size_t n, const char *name, const char *json)
{
	struct story *t = ctx;
	json_t *o = json_loads(json, 0, NULL);
	t->valid = t->valid && json_is_object(o) && n == t->last + 1;
	t->last = n;
	json_decref(o);
	strcat(strcat(t->names, name), " ");
	return true;
}

static bool is_over(struct runner *r, const char *id)
{
	struct runner_look look;
	return runner_look(r, id, &look) && look.state >= RUNNER_DONE;
}

/* The end is told after ended() was called. */
static void await_over(struct runner *r, const char *id)
{
	while (!is_over(r, id))
		sched_yield();
}

static void test_a_check(void **state)
{
	struct seen *s = seen_new();
	struct runner *r = runner_new();
	struct check_request q;
	struct runner_order o = order_of(s, &q);
	struct story t = { .valid = true };
	struct runner_look look;
	char id[RUNNER_ID_BYTES], *text = NULL;
	size_t bytes;
	(void)state;
	runner_listen(r, on_news, s);
	assert_true(runner_start(r, &o, id, NULL));
	await(s, 1);
	await_over(r, id);
	assert_true(runner_look(r, id, &look));
	assert_int_equal(look.state, RUNNER_DONE);
	assert_int_equal(look.word, VERDICT_UNKNOWN);
	assert_true(s->asked >= 1);
	assert_non_null(strstr(s->summary, "not allowed here"));
	assert_true(runner_events(r, id, 0, keep_event, &t));
	assert_true(t.valid);
	assert_ptr_equal(strstr(t.names, "state state "), t.names);
	assert_non_null(strstr(t.names, "target "));
	assert_non_null(strstr(t.names, "step "));
	assert_string_equal(t.names + strlen(t.names) - 4, "end ");
	FILE *f = open_memstream(&text, &bytes);
	assert_true(runner_render(r, id, RENDER_JSON, &(struct render_options){ 0 }, f, NULL));
	fclose(f);
	assert_non_null(strstr(text, "\"verdict\": \"unknown\""));
	assert_null(strstr(text, "hunter22"));
	free(text);
	assert_false(runner_cancel(r, id));
	runner_free(&r);
	assert_true(s->told > 5);
	free(s);
}

static void test_limits(void **state)
{
	enum { MANY = RUNNER_WAITING_MAX + 1 };
	struct seen *s = seen_new();
	struct runner *r = runner_new();
	struct check_request q;
	struct runner_order o = order_of(s, &q);
	char id[RUNNER_ID_BYTES];
	unsigned started = 0, refused = 0;
	(void)state;
	o.quiet = true;
	for (unsigned i = 0; i < MANY * 4; i++) {
		struct err e = { 0 };
		bool ok = runner_start(r, &o, id, &e);
		started += ok;
		refused += !ok && e.kind == ERR_LIMIT;
	}
	assert_int_equal(started + refused, MANY * 4);
	await(s, started);
	runner_free(&r);
	assert_int_equal(s->states[RUNNER_DONE] + s->states[RUNNER_CANCELLED], started);
	free(s);
}

/* Whatever is under way or waits when it ends is told of once. */
static void test_end_in_between(void **state)
{
	struct seen *s = seen_new();
	struct check_request q;
	struct runner_order o = order_of(s, &q);
	char id[RUNNER_ID_BYTES];
	(void)state;
	for (unsigned i = 1; i <= 30; i++) {
		struct runner *r = runner_new();
		assert_true(runner_start(r, &o, id, NULL));
		assert_true(runner_start(r, &o, id, NULL));
		runner_cancel(r, id);
		runner_free(&r);
		assert_int_equal(s->ended, 2 * i);
	}
	free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_a_check), cmocka_unit_test(test_limits),
					    cmocka_unit_test(test_end_in_between) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
