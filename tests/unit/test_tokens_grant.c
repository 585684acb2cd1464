/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/loop.h"
#include "relay/delivery/tokens_grant.h"

struct place {
	char dir[32], file[64], data[64];
	struct net_loop *loop;
	struct grants *grants;
};

static void write_text(const char *path, const char *text)
{
	CLEANUP(close_file) FILE *f = fopen(path, "we");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
}

static int open_place(void **state)
{
	struct place *p = calloc(1, sizeof(*p));
	strcpy(p->dir, "/tmp/grant.XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	snprintf(p->file, sizeof(p->file), "%s/refresh.token", p->dir);
	snprintf(p->data, sizeof(p->data), "%s/data", p->dir);
	assert_false(mkdir(p->data, 0700));
	write_text(p->file, "first\n");
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
	struct grant *x = grant_take(p->grants, p->loop, p->file, 0);
	assert_non_null(x);
	return x;
}

static void check_token(struct place *p, const char *expected)
{
	struct err e = { 0 };
	CLEANUP(buf_wipe) struct buf out = { 0 };
	struct grant *x = take(p);
	assert_true(grant_read(x, p->data, &out, &e));
	assert_string_equal(buf_str(&out).p, expected);
	grant_leave(x);
}

static bool renew(struct place *p, const char *token, struct err *e)
{
	CLEANUP(buf_wipe) struct buf out = { 0 };
	struct grant *x = take(p);
	assert_true(grant_read(x, p->data, &out, e));
	bool kept = grant_renew(x, p->data, str_of(token), e);
	grant_leave(x);
	return kept;
}

static void begin_anew(struct place *p)
{
	grants_free(&p->grants);
	p->grants = grants_new();
}

/* The path of the one file in DATA/tokens. */
static void kept_path(const struct place *p, char *out, size_t size)
{
	char folder[80];
	size_t n = 0;
	snprintf(folder, sizeof(folder), "%s/tokens", p->data);
	DIR *d = opendir(folder);
	assert_non_null(d);
	for (struct dirent *f; (f = readdir(d));)
		if (*f->d_name != '.') {
			snprintf(out, size, "%s/%s", folder, f->d_name);
			n++;
		}
	closedir(d);
	assert_int_equal(n, 1);
}

static void test_renewed(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	char path[400];
	struct stat st;
	check_token(p, "first");
	assert_true(renew(p, "second", &e));
	check_token(p, "second");
	assert_true(renew(p, "third", &e));
	begin_anew(p);
	check_token(p, "third");
	kept_path(p, path, sizeof(path));
	assert_false(stat(path, &st));
	assert_int_equal(st.st_mode & 0777, 0600);
	*strrchr(path, '/') = '\0';
	assert_false(stat(path, &st));
	assert_int_equal(st.st_mode & 0777, 0700);
}

/* Who signed in anew and wrote the file is believed; the same words written again change nothing. */
static void test_changed_file_wins(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	assert_true(renew(p, "second", &e));
	write_text(p->file, "first\n");
	check_token(p, "second");
	write_text(p->file, "other\n");
	check_token(p, "other");
	assert_true(renew(p, "another", &e));
	begin_anew(p);
	check_token(p, "another");
}

/* A file that was cut or is something else is not shown to anybody. */
static void test_cut_file(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	char path[400], text[200];
	assert_true(renew(p, "second", &e));
	kept_path(p, path, sizeof(path));
	CLEANUP(close_file) FILE *f = fopen(path, "re");
	size_t n = fread(text, 1, sizeof(text) - 1, f);
	for (text[n] = '\0'; n > 0; n--) {
		text[n - 1] = '\0';
		write_text(path, text);
		check_token(p, "first");
	}
}

static void test_no_place(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	char folder[80];
	snprintf(folder, sizeof(folder), "%s/tokens", p->data);
	write_text(folder, "no folder");
	assert_false(renew(p, "second", &e));
	assert_non_null(strstr(e.detail, "in memory only"));
	assert_null(strstr(e.detail, "second"));
	check_token(p, "second");
	write_text(p->file, "other\n");
	check_token(p, "other");
	write_text(p->file, "first\n");
	assert_false(unlink(folder));
	assert_true(renew(p, "third", &e));
	begin_anew(p);
	check_token(p, "third");
}

static void test_one_at_a_time(void **state)
{
	struct place *p = *state;
	struct grant *x = take(p);
	assert_null(grant_take(p->grants, p->loop, p->file, 0));
	assert_non_null(grant_take(p->grants, p->loop, "/another", 0));
	grant_leave(x);
	assert_ptr_equal(take(p), x);
}

static void test_unreadable(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	CLEANUP(buf_wipe) struct buf out = { 0 };
	assert_false(unlink(p->file));
	assert_false(grant_read(take(p), p->data, &out, &e));
	assert_int_equal(buf_waiting(&out), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_renewed, open_place, close_place),
		cmocka_unit_test_setup_teardown(test_changed_file_wins, open_place, close_place),
		cmocka_unit_test_setup_teardown(test_cut_file, open_place, close_place),
		cmocka_unit_test_setup_teardown(test_no_place, open_place, close_place),
		cmocka_unit_test_setup_teardown(test_one_at_a_time, open_place, close_place),
		cmocka_unit_test_setup_teardown(test_unreadable, open_place, close_place),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
