/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/oauth_kept.h"

struct place {
	char dir[32], folder[64], name[OAUTH_KEPT_NAME_BYTES];
	struct net_loop *loop;
};

static const struct oauth_options configured = { .client_id = "app",
						 .token_url = "https://login.example.com/token",
						 .refresh_token = "first" };

static int open_place(void **state)
{
	struct place *p = calloc(1, sizeof(*p));
	strcpy(p->dir, "/tmp/kept.XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	snprintf(p->folder, sizeof(p->folder), "%s/tokens", p->dir);
	oauth_kept_name(&configured, p->name);
	p->loop = net_loop_new();
	*state = p;
	return 0;
}

static int close_place(void **state)
{
	struct place *p = *state;
	char command[64];
	net_loop_free(&p->loop);
	snprintf(command, sizeof(command), "rm -rf %s", p->dir);
	assert_int_equal(system(command), 0);
	free(p);
	return 0;
}

static struct oauth_kept *take(struct place *p)
{
	struct err e = { 0 };
	struct oauth_kept *k = oauth_kept_take(p->loop, p->folder, p->name, 0, &e);
	assert_non_null(k);
	return k;
}

static void keep(struct place *p, const char *token)
{
	struct err e = { 0 };
	CLEANUP(oauth_kept_leave) struct oauth_kept *k = take(p);
	assert_true(oauth_kept_keep(k, str_of(token), &e));
}

static void check_kept(struct place *p, const char *expected)
{
	struct err e = { 0 };
	CLEANUP(buf_wipe) struct buf out = { 0 };
	CLEANUP(oauth_kept_leave) struct oauth_kept *k = take(p);
	assert_true(oauth_kept_read(k, &out, &e));
	assert_string_equal(buf_waiting(&out) ? buf_str(&out).p : "", expected);
}

static void path_of(const struct place *p, const char *end, char out[200])
{
	snprintf(out, 200, "%s/%s%s", p->folder, p->name, end);
}

static unsigned mode_of(const char *path)
{
	struct stat st;
	assert_false(stat(path, &st));
	return st.st_mode & 0777;
}

static int64_t shown_s(const struct place *p)
{
	struct stat st;
	char path[200];
	path_of(p, ".lock", path);
	assert_false(stat(path, &st));
	return st.st_mtim.tv_sec;
}

static void test_kept(void **state)
{
	struct place *p = *state;
	char path[200];
	check_kept(p, "");
	keep(p, "second");
	check_kept(p, "second");
	keep(p, "third");
	check_kept(p, "third");
	path_of(p, "", path);
	assert_int_equal(mode_of(path), 0600);
	assert_int_equal(mode_of(p->folder), 0700);
}

/* The name is of what was configured, not of where; a line's end of an editor is no part of it. */
static void test_name(void **state)
{
	const struct place *p = *state;
	const struct name_case {
		struct oauth_options o;
		bool same;
	} cases[] = {
		{ { .client_id = "app",
		    .token_url = "https://login.example.com/token",
		    .refresh_token = "first\n" },
		  true },
		{ { .client_id = "app",
		    .token_url = "https://login.example.com/token",
		    .refresh_token = "other" },
		  false },
		{ { .client_id = "app2",
		    .token_url = "https://login.example.com/token",
		    .refresh_token = "first" },
		  false },
		{ { .client_id = "app",
		    .token_url = "https://login.example.net/token",
		    .refresh_token = "first" },
		  false },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char name[OAUTH_KEPT_NAME_BYTES];
		oauth_kept_name(&cases[i].o, name);
		assert_int_equal(!strcmp(name, p->name), cases[i].same);
		assert_null(strstr(name, "first"));
	}
}

static void test_locked(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	struct oauth_kept *k = take(p);
	assert_null(oauth_kept_take(p->loop, p->folder, p->name, 0, &e));
	assert_int_equal(e.kind, ERR_LIMIT);
	struct oauth_kept *other = oauth_kept_take(p->loop, p->folder, "another", 0, &e);
	assert_non_null(other);
	oauth_kept_leave(&other);
	oauth_kept_leave(&k);
	k = take(p);
	oauth_kept_leave(&k);
}

static void check_refused(struct place *p)
{
	struct err e = { 0 };
	CLEANUP(buf_wipe) struct buf out = { 0 };
	CLEANUP(oauth_kept_leave) struct oauth_kept *k = take(p);
	assert_false(oauth_kept_read(k, &out, &e));
	assert_int_equal(buf_waiting(&out), 0);
	assert_non_null(strstr(e.detail, "damaged"));
	assert_null(strstr(e.detail, "seco"));
}

/* One was there: whoever showed the configured one would count as a thief. */
static void test_cut(void **state)
{
	struct place *p = *state;
	char path[200];
	keep(p, "second");
	path_of(p, "", path);
	for (off_t n = (off_t)strlen("second"); n >= 0; n--) {
		assert_false(truncate(path, n));
		check_refused(p);
	}
	keep(p, "third");
	check_kept(p, "third");
}

static void test_none(void **state)
{
	struct place *p = *state;
	char path[200];
	CLEANUP(mem_free) char *file = mem_printf("%s/file", p->dir), *loop = mem_printf("%s/loop", p->dir);
	close(open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	assert_false(symlink(loop, loop));
	assert_true(oauth_kept_is_none(p->folder, p->name));
	assert_true(oauth_kept_is_none(file, p->name));
	assert_false(oauth_kept_is_none(loop, p->name));
	keep(p, "second");
	assert_false(oauth_kept_is_none(p->folder, p->name));
	path_of(p, "", path);
	assert_false(unlink(path));
	assert_true(oauth_kept_is_none(p->folder, p->name));
	assert_false(symlink("nowhere", path));
	assert_false(oauth_kept_is_none(p->folder, p->name));
}

/* Whoever owns the folder leads nobody to another file, nor keeps him waiting. */
static void test_no_regular_file(void **state)
{
	struct place *p = *state;
	char path[200];
	keep(p, "second");
	CLEANUP(mem_free) char *other = mem_printf("%s/other", p->dir);
	path_of(p, "", path);
	assert_false(rename(path, other));
	for (int pipe = 0; pipe <= 1; pipe++) {
		struct err e = { 0 };
		CLEANUP(buf_wipe) struct buf out = { 0 };
		assert_false(pipe ? mkfifo(path, 0600) : symlink(other, path));
		CLEANUP(oauth_kept_leave) struct oauth_kept *k = take(p);
		assert_false(oauth_kept_read(k, &out, &e));
		assert_int_equal(e.kind, ERR_SYS);
		assert_int_equal(buf_waiting(&out), 0);
		assert_false(unlink(path));
	}
	path_of(p, ".lock", path);
	assert_false(unlink(path) || symlink(other, path));
	struct err e = { 0 };
	assert_null(oauth_kept_take(p->loop, p->folder, p->name, 0, &e));
	assert_int_equal(e.kind, ERR_SYS);
}

/* What is kept takes the place of a link, and leaves alone what that leads to. */
static void test_keep_over_link(void **state)
{
	struct place *p = *state;
	char path[200];
	keep(p, "second");
	CLEANUP(mem_free) char *other = mem_printf("%s/other", p->dir);
	path_of(p, "", path);
	assert_false(rename(path, other) || symlink(other, path));
	path_of(p, ".new", path);
	assert_false(symlink(other, path));
	keep(p, "third");
	check_kept(p, "third");
	struct stat st;
	assert_false(stat(other, &st));
	assert_int_equal(st.st_size, strlen("second\n"));
}

static void test_linked_folder(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	char path[200];
	const struct timespec old[2] = { { 1000, 0 }, { 1000, 0 } };
	keep(p, "second");
	path_of(p, ".lock", path);
	assert_false(utimensat(AT_FDCWD, path, old, 0));
	CLEANUP(mem_free) char *link = mem_printf("%s/link", p->dir);
	assert_false(symlink(p->folder, link));
	assert_null(oauth_kept_take(p->loop, link, p->name, 0, &e));
	assert_int_equal(e.kind, ERR_SYS);
	oauth_kept_touch(link, p->name);
	assert_int_equal(shown_s(p), 1000);
	oauth_kept_tidy(link, 2000);
	check_kept(p, "second");
}

static void test_no_folder(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	CLEANUP(mem_free) char *nowhere = mem_printf("%s/none/tokens", p->dir);
	CLEANUP(mem_free) char *file = mem_printf("%s/file", p->dir);
	const char *const bad[] = { nowhere, file };
	close(open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_null(oauth_kept_take(p->loop, bad[i], p->name, 0, &e));
		assert_int_equal(e.kind, ERR_SYS);
		err_clear(&e);
	}
}

static size_t count_files(const struct place *p)
{
	size_t n = 0;
	DIR *d = opendir(p->folder);
	for (const struct dirent *f; (f = readdir(d));)
		n += *f->d_name != '.';
	closedir(d);
	return n;
}

/* Only what nobody used since then, nor has now; files of others are left. */
static void test_tidy(void **state)
{
	struct place *p = *state;
	keep(p, "second");
	int64_t at = shown_s(p);
	oauth_kept_tidy(p->folder, at);
	check_kept(p, "second");
	struct oauth_kept *k = take(p);
	oauth_kept_tidy(p->folder, at + 1000);
	oauth_kept_leave(&k);
	check_kept(p, "second");
	CLEANUP(mem_free) char *foreign = mem_printf("%s/note.lock", p->folder);
	close(open(foreign, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	oauth_kept_tidy(p->folder, shown_s(p) + 1000);
	assert_int_equal(count_files(p), 1);
	check_kept(p, "");
}

/* Of a relay before this one, which locked nothing. */
static void test_tidy_unlocked(void **state)
{
	struct place *p = *state;
	char name[OAUTH_KEPT_NAME_BYTES];
	const struct timespec old[2] = { { 1000, 0 }, { 1000, 0 } };
	keep(p, "second");
	for (int digit = 'e'; digit <= 'g'; digit++) { /* 'g': no such name */
		memset(name, digit, sizeof(name) - 1);
		name[sizeof(name) - 1] = '\0';
		CLEANUP(mem_free) char *path = mem_printf("%s/%s", p->folder, name);
		close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
		assert_false(digit != 'e' && utimensat(AT_FDCWD, path, old, 0));
	}
	oauth_kept_tidy(p->folder, 1000);
	assert_int_equal(count_files(p), 5);
	oauth_kept_tidy(p->folder, 2000);
	assert_int_equal(count_files(p), 4);
	check_kept(p, "second");
}

static void test_touched(void **state)
{
	struct place *p = *state;
	char path[200];
	const struct timespec old[2] = { { 1000, 0 }, { 1000, 0 } };
	keep(p, "second");
	path_of(p, ".lock", path);
	assert_false(utimensat(AT_FDCWD, path, old, 0));
	oauth_kept_touch(p->folder, p->name);
	oauth_kept_touch(p->folder, "none came for this");
	assert_true(shown_s(p) > 1000);
	assert_int_equal(count_files(p), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_kept, open_place, close_place),
		cmocka_unit_test_setup_teardown(test_name, open_place, close_place),
		cmocka_unit_test_setup_teardown(test_locked, open_place, close_place),
		cmocka_unit_test_setup_teardown(test_cut, open_place, close_place),
		cmocka_unit_test_setup_teardown(test_none, open_place, close_place),
		cmocka_unit_test_setup_teardown(test_no_regular_file, open_place, close_place),
		cmocka_unit_test_setup_teardown(test_keep_over_link, open_place, close_place),
		cmocka_unit_test_setup_teardown(test_linked_folder, open_place, close_place),
		cmocka_unit_test_setup_teardown(test_no_folder, open_place, close_place),
		cmocka_unit_test_setup_teardown(test_tidy, open_place, close_place),
		cmocka_unit_test_setup_teardown(test_tidy_unlocked, open_place, close_place),
		cmocka_unit_test_setup_teardown(test_touched, open_place, close_place),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
