/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "relay/delivery/tokens_grant.h"

struct place {
	char dir[32], folder[64];
	struct net_loop *loop;
	struct grants *grants;
};

static const char name[] = "a-digest";

static int open_place(void **state)
{
	struct place *p = calloc(1, sizeof(*p));
	strcpy(p->dir, "/tmp/grant.XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	snprintf(p->folder, sizeof(p->folder), "%s/tokens", p->dir);
	p->loop = net_loop_new();
	p->grants = grants_new();
	*state = p;
	return 0;
}

static int close_place(void **state)
{
	struct place *p = *state;
	char command[64];
	grants_free(&p->grants);
	net_loop_free(&p->loop);
	snprintf(command, sizeof(command), "rm -r %s", p->dir);
	assert_int_equal(system(command), 0);
	free(p);
	return 0;
}

static struct grant *take(struct place *p)
{
	struct err e = { 0 };
	struct grant *x = grant_take(p->grants, p->loop, p->folder, name, 0, &e);
	assert_non_null(x);
	return x;
}

static void check_token(struct place *p, const char *expected)
{
	struct err e = { 0 };
	CLEANUP(buf_wipe) struct buf out = { 0 };
	struct grant *x = take(p);
	assert_true(grant_read(x, &out, &e));
	assert_string_equal(buf_waiting(&out) ? buf_str(&out).p : "", expected);
	grant_leave(x);
}

static bool renew(struct place *p, const char *token, struct err *e)
{
	struct grant *x = take(p);
	bool kept = grant_renew(x, str_of(token), e);
	grant_leave(x);
	return kept;
}

static void begin_anew(struct place *p)
{
	grants_free(&p->grants);
	p->grants = grants_new();
}

static void test_renewed(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	check_token(p, "");
	assert_true(renew(p, "second", &e));
	begin_anew(p);
	check_token(p, "second");
}

/* Where the disk takes nothing it is used from memory, and told. */
static void test_no_place(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	CLEANUP(close_file) FILE *f = fopen(p->folder, "we");
	assert_non_null(f);
	assert_false(renew(p, "second", &e));
	assert_non_null(strstr(e.detail, "in memory only"));
	assert_null(strstr(e.detail, "second"));
	check_token(p, "second");
	assert_false(unlink(p->folder));
	err_clear(&e);
	assert_true(renew(p, "third", &e));
	begin_anew(p);
	check_token(p, "third");
}

/* The disk takes nothing for a while: a folder lies where the file is written. */
static void test_room_again(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	CLEANUP(mem_free) char *fresh = mem_printf("%s/%s.new", p->folder, name);
	check_token(p, "");
	assert_false(mkdir(fresh, 0700));
	assert_false(renew(p, "second", &e));
	check_token(p, "second");
	assert_false(rmdir(fresh));
	check_token(p, "second");
	begin_anew(p);
	check_token(p, "second");
}

/* One was kept, and cannot be had: the one of the settings must not be shown. */
static void test_closed(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	CLEANUP(mem_free) char *lock = mem_printf("%s/%s.lock", p->folder, name);
	assert_true(renew(p, "second", &e));
	assert_false(unlink(lock));
	assert_false(symlink("nowhere", lock));
	assert_null(grant_take(p->grants, p->loop, p->folder, name, 0, &e));
	assert_int_equal(e.kind, ERR_SYS);
	assert_false(unlink(lock));
	check_token(p, "second");
}

static void test_one_at_a_time(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	struct grant *x = take(p), *other;
	assert_null(grant_take(p->grants, p->loop, p->folder, name, 0, &e));
	assert_int_equal(e.kind, ERR_LIMIT);
	other = grant_take(p->grants, p->loop, p->folder, "another", 0, &e);
	assert_non_null(other);
	grant_leave(other);
	grant_leave(x);
	assert_ptr_equal(take(p), x);
}

/* Another program shows the same token: two that know nothing of each other. */
static void test_other_program(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	struct oauth_kept *k = oauth_kept_take(p->loop, p->folder, name, 0, &e);
	assert_non_null(k);
	assert_null(grant_take(p->grants, p->loop, p->folder, name, 0, &e));
	assert_int_equal(e.kind, ERR_LIMIT);
	assert_true(oauth_kept_keep(k, STR_LIT("second"), &e));
	oauth_kept_leave(&k);
	check_token(p, "second");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_renewed, open_place, close_place),
		cmocka_unit_test_setup_teardown(test_no_place, open_place, close_place),
		cmocka_unit_test_setup_teardown(test_room_again, open_place, close_place),
		cmocka_unit_test_setup_teardown(test_closed, open_place, close_place),
		cmocka_unit_test_setup_teardown(test_one_at_a_time, open_place, close_place),
		cmocka_unit_test_setup_teardown(test_other_program, open_place, close_place),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
