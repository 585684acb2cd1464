/* SPDX-License-Identifier: Apache-2.0 */
/* Faults of disk and system: new mail is refused with the mend, nothing acknowledged is lost, and it heals
 * when the cause is gone. */
#include <errno.h>
#include <string.h>

#include "tests/unit/fault_calls.h"
#include "tests/unit/store_place.h"

enum { BODY = 60 * 1000, TRIES = 60 };

/* True when it is acknowledged; else *e says why not. */
static bool taken_in(struct place *p, struct store_id *id, struct err *e)
{
	static char text[BODY];
	struct store_rcpt r = rcpt("a@example.net", "lane");
	struct store_message m = { .arrived_ms = p->now, .rcpts = &r, .nrcpts = 1 };
	struct store_body *b = store_body_begin(p->s);
	struct store_done d = { 0 };
	memset(text, 'x', sizeof(text));
	err_clear(e);
	if (!store_body_append(b, (struct str){ text, sizeof(text) }, e)) {
		store_body_free(&b);
		return false;
	}
	if (!store_accept(p->s, &b, &m, NULL, e))
		return false;
	while (!store_take_done(p->s, &d, 1))
		store_settle(p->s);
	*id = d.id;
	*e = d.err;
	assert_true(d.verdict == STORE_DONE || d.verdict == STORE_FAILED);
	return d.verdict == STORE_DONE;
}

static enum store_verdict mark_once(struct place *p, struct store_mark m, struct err *e)
{
	struct store_done d = { 0 };
	m.at_ms = p->now;
	assert_true(store_mark(p->s, &m, 1, NULL, e));
	while (!store_take_done(p->s, &d, 1))
		store_settle(p->s);
	*e = d.err;
	return d.verdict;
}

static void expect_all(struct place *p, const struct store_id *ids, size_t n)
{
	CLEANUP(mem_free) char *text = mem_alloc(BODY + 1);
	struct err e = { 0 };
	memset(text, 'x', BODY);
	for (size_t i = 0; i < n; i++)
		expect_body(store_body_open(p->s, ids[i], &e), (struct str){ text, BODY });
	store_settle(p->s);
	assert_int_equal(found(p,
			       (struct store_query){ .recipient = STR_LIT("a@example.net"), .limit = 999 }),
			 n);
}

static const struct fault_case {
	const char *name;
	enum call call;
	int code;
	const char *mend; /* in the words given to the operator */
} fault_cases[] = {
	{ "disk fails at sync", FDATASYNC, EIO, "dmesg" },
	{ "disk fails at write", WRITE, EIO, "dmesg" },
	{ "disk full at write", WRITE, ENOSPC, "free space" },
	{ "quota at write", WRITE, EDQUOT, "quota" },
	{ "disk full for a new segment", ALLOCATE, ENOSPC, "free space" },
	{ "disk full at sync", FDATASYNC, ENOSPC, "free space" },
	{ "folder's sync fails", FSYNC, EIO, "dmesg" },
	{ "read-only", OPEN, EROFS, "mount" },
	{ "not ours any more", OPEN, EACCES, "chown" },
	{ "too many open files", FILES, EMFILE, "LimitNOFILE" },
	{ "too many files in the machine", OPEN, ENFILE, "file-max" },
	{ "disk does not answer", STATVFS, EIO, "dmesg" },
	{ "index can't be written", SQLITE_WRITE, ENOSPC, "free space" },
};

static void check_fault(struct place *p, const struct fault_case *c)
{
	static struct store_id ids[TRIES * 2];
	struct store_health h;
	struct err e = { 0 };
	size_t n = 0, i;
	store_reports = 0;
	for (i = 0; i < 3; i++)
		n += taken_in(p, &ids[n], &e);
	assert_int_equal(n, 3);
	fault(c->call, c->code);
	for (i = 0; i < TRIES && taken_in(p, &ids[n], &e); i++)
		n++;
	if (i == TRIES || !strstr(e.detail, c->mend))
		fail_msg("%s: %zu taken, \"%s\"", c->name, i, e.detail);
	/* A second one is refused, too, and it was reported. */
	assert_false(taken_in(p, &ids[n], &e));
	mend();
	assert_true(__atomic_load_n(&store_reports, __ATOMIC_SEQ_CST) > 0);
	/* What began before it was mended may still end badly. */
	bool healed = false;
	for (i = 0; i < 5 && !healed; i++) {
		store_settle(p->s);
		healed = taken_in(p, &ids[n], &e);
	}
	assert_true(healed);
	store_health(p->s, &h);
	assert_true(h.accepting);
	expect_all(p, ids, ++n);
	reopen_reporting(p);
	expect_all(p, ids, n);
}

static void test_faults(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(fault_cases); i++) {
		end(state);
		begin(state);
		struct place *p = *state;
		reopen_reporting(p);
		check_fault(p, &fault_cases[i]);
	}
}

/* A result that could not be written is still ours to write. */
static void test_marks_under_faults(void **state)
{
	static const struct {
		enum call call;
		int code;
	} cases[] = { { FDATASYNC, EIO }, { WRITE, ENOSPC } };
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct place *p = *state;
		struct store_claim c, other;
		struct err e = { 0 };
		struct store_id id = accept_one(p, "b@example.net", "x");
		assert_true(claim_of(p, id, 1, NOW, 60000, &c));
		struct store_mark m = { .id = id, .epoch = c.epoch, .state = STORE_HANDED_OVER, .code = 250 };
		fault(cases[i].call, cases[i].code);
		assert_int_equal(mark_once(p, m, &e), STORE_FAILED);
		assert_true(e.detail[0]);
		assert_false(claim_of(p, id, 2, NOW, 60000, &other));
		mend();
		assert_int_equal(mark_once(p, m, &e), STORE_DONE);
		reopen(p);
		assert_int_equal(state_of(p, id, 0), STORE_HANDED_OVER);
		assert_false(claim_of(p, id, 1, NOW, 60000, &c));
	}
}

static enum store_verdict suppress(struct place *p, const char *address, struct err *e)
{
	struct store_done d = { 0 };
	struct store_suppressed v = { .address = str_of(address),
				      .why = STR_LIT("bounced"),
				      .since_ms = NOW,
				      .until_ms = STORE_NEVER };
	assert_true(store_suppress(p->s, &v, NULL, e));
	while (!store_take_done(p->s, &d, 1))
		store_settle(p->s);
	*e = d.err;
	return d.verdict;
}

static bool is_suppressed(struct place *p, const char *address)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_suppressed v;
	return store_is_suppressed(p->s, str_of(address), NOW, a, &v);
}

static void test_suppression_under_faults(void **state)
{
	static const struct {
		enum call call;
		int code;
		const char *mend;
	} cases[] = { { FDATASYNC, EIO, "dmesg" }, { WRITE_ONE, ENOSPC, "free space" } };
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct place *p = *state;
		struct err e = { 0 };
		assert_int_equal(suppress(p, "before@example.net", &e), STORE_DONE);
		fault(cases[i].call, cases[i].code);
		assert_int_equal(suppress(p, "during@example.net", &e), STORE_FAILED);
		assert_non_null(strstr(e.detail, cases[i].mend));
		assert_int_equal(suppress(p, "again@example.net", &e), STORE_FAILED);
		mend();
		err_clear(&e);
		assert_int_equal(suppress(p, "after@example.net", &e), STORE_DONE);
		for (int round = 0; round < 2; round++) {
			assert_true(is_suppressed(p, "before@example.net"));
			assert_false(is_suppressed(p, "during@example.net"));
			assert_false(is_suppressed(p, "again@example.net"));
			assert_true(is_suppressed(p, "after@example.net"));
			reopen(p);
		}
	}
}

/* Some syncs fail in between, at each place of a run: what was acknowledged is there, what was not is not. */
static void test_now_and_then(void **state)
{
	static struct store_id ids[TRIES * 2];
	struct place *p = *state;
	struct err e = { 0 };
	size_t n = 0;
	for (size_t i = 0; i < TRIES; i++) {
		if (i % 3 == 1)
			fault_times(i % 2 ? FDATASYNC : WRITE, EIO, 1);
		n += taken_in(p, &ids[n], &e);
		if (i % 17 == 16)
			reopen(p);
	}
	mend();
	assert_true(n > TRIES / 2 && n < TRIES);
	expect_all(p, ids, n);
	reopen(p);
	expect_all(p, ids, n);
}

static void test_body_unreadable(void **state)
{
	static const struct {
		enum call call;
		int code;
		const char *mend;
	} cases[] = { { READ, EIO, "dmesg" }, { FILES, EMFILE, "LimitNOFILE" }, { OPEN, EACCES, "chown" } };
	struct place *p = *state;
	struct store_id id = accept_one(p, "a@example.net", "x");
	reopen(p); /* the segment of before is opened for each read */
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err e = { 0 };
		fault(cases[i].call, cases[i].code);
		assert_null(store_body_open(p->s, id, &e));
		mend();
		assert_non_null(strstr(e.detail, cases[i].mend));
		expect_body(store_body_open(p->s, id, &e), STR_LIT("Subject: x\r\n\r\nHello\r\n"));
	}
}

/* Damage met while it runs: the index is made anew meanwhile, and nothing has to be stopped. */
static void test_damage_while_running(void **state)
{
	static struct store_id ids[TRIES];
	struct place *p = *state;
	struct err e = { 0 };
	reopen_reporting(p);
	struct store_rcpt r = rcpt("key@example.net", "lane");
	struct store_message m = { .key = STR_LIT("k"), .rcpts = &r, .nrcpts = 1 };
	assert_int_equal(accept_message(p, &m, "x").verdict, STORE_DONE);
	size_t n = 0;
	while (n < 30 && taken_in(p, &ids[n], &e))
		n++;
	assert_int_equal(n, 30);
	struct store_mark refused = { .id = ids[3], .state = STORE_REFUSED, .code = 550 };
	assert_int_equal(mark_once(p, refused, &e), STORE_DONE);
	store_settle(p->s);
	for (int round = 0; round < 3; round++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct store_trail t;
		store_reports = 0;
		taken_in(p, &ids[n++], &e); /* so that the reader looks at the disk again */
		store_settle(p->s);
		fault_garbage(true);
		err_clear(&e);
		assert_int_equal(store_trail(p->s, ids[0], a, &t, &e), -1);
		fault_garbage(false);
		/* What began under the damage may end badly, and be tried again when house is kept. */
		tidy(p);
		for (int i = 0; i < 5; i++)
			store_settle(p->s);
		assert_true(__atomic_load_n(&store_reports, __ATOMIC_SEQ_CST) > 0);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(state_of(p, ids[i], 0), i == 3 ? STORE_REFUSED : STORE_QUEUED);
		assert_true(taken_in(p, &ids[n++], &e));
		expect_all(p, ids, n);
		assert_int_equal(accept_message(p, &m, "x").verdict, STORE_DUPLICATE);
	}
	reopen_reporting(p);
	expect_all(p, ids, n);
	assert_int_equal(accept_message(p, &m, "x").verdict, STORE_DUPLICATE);
}

static void test_budget(void **state)
{
	static struct store_id ids[TRIES];
	struct place *p = *state;
	struct store_options o = options(p);
	struct err e = { 0 };
	size_t n = 0;
	store_close(&p->s);
	o.budget_bytes = 3 << 20;
	assert_true(store_open(&o, &p->s, &e));
	while (n < TRIES && taken_in(p, &ids[n], &e))
		n++;
	assert_true(n > 10 && n < TRIES);
	assert_non_null(strstr(e.detail, "budget"));
	for (size_t i = 0; i < n; i++) {
		struct store_mark m = { .id = ids[i], .state = STORE_CANCELLED };
		assert_int_equal(mark_once(p, m, &e), STORE_DONE); /* results are always taken */
	}
	store_tidy(p->s, NOW);
	store_settle(p->s);
	assert_true(taken_in(p, &ids[0], &e));
}

static int begin_here(void **state)
{
	mend();
	return begin(state);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin_here, end)
	fault_calls_begin();
	const struct CMUnitTest tests[] = {
		T(test_faults),          T(test_marks_under_faults),
		T(test_now_and_then),    T(test_suppression_under_faults),
		T(test_body_unreadable), T(test_damage_while_running),
		T(test_budget),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
