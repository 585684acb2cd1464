/* SPDX-License-Identifier: Apache-2.0 */
/* Keeping house: what is over goes, and the store never grows without bound. */
#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>

#include "tests/unit/store_place.h"

static void test_never_without_bound(void **state)
{
	struct place *p = *state;
	enum { ROUNDS = 40, A_ROUND = 12, BULK = 60 * 1000 };
	CLEANUP(mem_free) char *bulk = made_text(BULK, 2);
	open_short_memory(p);
	struct store_id held = accept_one(p, "held@example.net", "Kept for long");
	uint64_t used[ROUNDS];
	for (int i = 0; i < ROUNDS; i++) {
		for (int hour = 0; hour < 12; hour++) {
			p->now += HOUR_MS;
			tidy(p);
		}
		pass_through(p, A_ROUND, bulk);
		tidy(p);
		used[i] = place_health(p).used_bytes;
	}
	assert_true(used[ROUNDS - 1] <= used[ROUNDS / 2] + used[ROUNDS / 2] / 4);
	assert_true(used[ROUNDS - 1] < 10 * 1024 * 1024);
	/* Trails go by age, and only those of messages that have ended. */
	size_t known = found(p, (struct store_query){ .recipient = STR_LIT("a@example.net"), .limit = 999 });
	assert_true(known >= 4 * A_ROUND && known <= 7 * A_ROUND);
	for (int round = 0; round < 2; round++) {
		assert_int_equal(found(p, (struct store_query){ .recipient = STR_LIT("held@example.net") }),
				 1);
		assert_int_equal(found(p, (struct store_query){ .subject = STR_LIT("kept long") }), 1);
		assert_int_equal(state_of(p, held, 0), STORE_QUEUED);
		reopen(p);
	}
}

/* The log of the index is moved into its file again and again. */
static void test_short_log(void **state)
{
	struct place *p = *state;
	enum { MANY = 20000 };
	struct err e = { 0 };
	struct store_done d;
	char subject[64];
	for (size_t i = 0; i < MANY; i++) {
		struct store_rcpt r = rcpt("a@example.net", "lane");
		snprintf(subject, sizeof(subject), "Invoice %zu %zu %zu", i, i * 2654435761u % 1000003, i);
		struct store_message m = {
			.arrived_ms = p->now, .subject = str_of(subject), .rcpts = &r, .nrcpts = 1
		};
		struct store_body *b = store_body_begin(p->s);
		assert_true(store_accept(p->s, &b, &m, NULL, &e));
		if (i % 500 == 0)
			store_settle(p->s);
	}
	store_settle(p->s);
	while (store_take_done(p->s, &d, 1))
		assert_int_equal(d.verdict, STORE_DONE);
	char path[128];
	struct stat st;
	snprintf(path, sizeof(path), "%s/index.db-wal", p->path);
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size < 32 * 1024 * 1024);
}

enum { DAYS = 8, A_DAY = 20 };

static const char *name_of(char out[64], const char *form, int day, int i)
{
	snprintf(out, 64, form, day, i);
	return out;
}

static void mail_of_a_day(struct place *p, int day, struct store_id *ids)
{
	char address[64], message_id[64];
	for (int i = 0; i < A_DAY; i++) {
		struct store_rcpt r = rcpt(name_of(address, "p%d.%d@example.net", day, i), "lane");
		struct store_message m = { .message_id = str_of(name_of(message_id, "<%d.%d@app>", day, i)),
					   .rcpts = &r,
					   .nrcpts = 1 };
		ids[i] = accept_message(p, &m, "x").id;
	}
}

static void expect_found_once(struct place *p, int day, int i)
{
	char a[64], m[64], q[64];
	assert_int_equal(found(p, (struct store_query){ .recipient = str_of(
								name_of(a, "p%d.%d@example.net", day, i)) }),
			 1);
	assert_int_equal(found(p,
			       (struct store_query){ .message_id = str_of(name_of(m, "%d.%d@app", day, i)) }),
			 1);
	assert_int_equal(found(p, (struct store_query){ .remote_id = str_of(name_of(q, "Q%d-%d", day, i)) }),
			 i % 2);
}

/* Old and new days, words that came with the message and long after it, before and after a prune. */
static void test_found_on_every_day(void **state)
{
	struct place *p = *state;
	static struct store_id ids[DAYS][A_DAY];
	char q[64];
	for (int day = 0; day < DAYS; day++, p->now += 25 * HOUR_MS)
		mail_of_a_day(p, day, ids[day]);
	for (int day = 0; day < DAYS; day++)
		for (int i = 1; i < A_DAY; i += 2) {
			struct store_mark k = { .id = ids[day][i], .state = STORE_HANDED_OVER, .code = 250 };
			k.remote_id = str_of(name_of(q, "Q%d-%d", day, i));
			assert_int_equal(mark(p, k), STORE_DONE);
		}
	for (int day = 0; day < DAYS; day++)
		for (int i = day % 7; i < A_DAY; i += 7)
			expect_found_once(p, day, i);
	assert_int_equal(found(p, (struct store_query){ .recipient = STR_LIT("p0.77@example.net") }), 0);
	assert_int_equal(found(p, (struct store_query){ .recipient = STR_LIT("p0.1*"), .limit = 99 }), 11);
	store_close(&p->s);
	p->now += 12 * HOUR_MS;
	open_short_memory(p);
	for (int day = 0; day < DAYS; day++)
		tidy(p);
	expect_found_once(p, DAYS - 1, 1);
	for (int day = 0; day < DAYS; day++)
		for (int i = 0; i < A_DAY; i += 10) /* still live */
			expect_found_once(p, day, i);
	assert_int_equal(found(p, (struct store_query){ .recipient = STR_LIT("p0.1@example.net") }), 0);
}

static int keys(struct place *p)
{
	char path[128];
	sqlite3 *db;
	sqlite3_stmt *st;
	snprintf(path, sizeof(path), "%s/index.db", p->path);
	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT count(*) FROM key", -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	int n = sqlite3_column_int(st, 0);
	sqlite3_finalize(st);
	sqlite3_close(db);
	return n;
}

/* A part of them each minute, within about an hour all. */
static void test_old_keys_go(void **state)
{
	enum { KEYS = 2000, MINUTES = 64 };
	struct place *p = *state;
	struct store_rcpt r = rcpt("a@example.net", "lane");
	char key[32];
	for (int i = 0; i < KEYS; i++) {
		struct store_message m = { .key = (struct str){ key, (size_t)sprintf(key, "key %d", i) },
					   .rcpts = &r,
					   .nrcpts = 1 };
		assert_int_equal(accept_message(p, &m, "x").verdict, STORE_DONE);
	}
	tidy(p);
	assert_int_equal(keys(p), KEYS);
	p->now = NOW + 8 * DAY_MS;
	accept_one(p, "b@example.net", "the clock went on");
	reopen(p);
	tidy(p);
	assert_in_range(keys(p), KEYS - KEYS / MINUTES * 3, KEYS - 1);
	for (int i = 1; i < MINUTES; i++)
		tidy(p);
	assert_int_equal(keys(p), 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		T(test_never_without_bound),
		T(test_short_log),
		T(test_found_on_every_day),
		T(test_old_keys_go),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
