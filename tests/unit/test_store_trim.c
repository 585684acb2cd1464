/* SPDX-License-Identifier: Apache-2.0 */
/* What of a segment was never used, a start gives back, and nothing that stands there. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/crc.h"
#include "store/segment_read.h"
#include "tests/unit/bad_disk.h"
#include "tests/unit/store_place.h"

enum { SEGMENT = 1 << 20 }; /* as store_place has them */

static const char *segment_path(struct place *p, unsigned no, char out[128])
{
	snprintf(out, 128, "%s/bodies/%010u.seg", p->path, no);
	return out;
}

static off_t length_of(struct place *p, unsigned no)
{
	char path[128];
	struct stat st;
	return stat(segment_path(p, no, path), &st) ? -1 : st.st_size;
}

static void fill_up(struct place *p, unsigned no, off_t at)
{
	static unsigned char junk[64 * 1024];
	char path[128];
	int fd = open(segment_path(p, no, path), O_WRONLY);
	assert_true(fd >= 0);
	memset(junk, 'j', sizeof(junk));
	for (; at < SEGMENT; at += (off_t)sizeof(junk))
		assert_true(pwrite(fd, junk, sizeof(junk), at) > 0);
	assert_int_equal(ftruncate(fd, SEGMENT), 0);
	close(fd);
}

static void test_restarts_take_no_room(void **state)
{
	enum { STARTS = 12 };
	struct place *p = *state;
	struct store_id ids[STARTS];
	for (int i = 0; i < STARTS; i++) {
		ids[i] = accept_one(p, "a@example.net", "waits");
		reopen(p);
	}
	struct store_health h = place_health(p);
	assert_int_equal(h.segments, STARTS + 1);
	for (unsigned no = 1; no <= STARTS; no++)
		assert_in_range(length_of(p, no), SEGMENT_HEAD, SEGMENT_HEAD + 4096);
	assert_int_equal(length_of(p, STARTS + 1), SEGMENT);
	place_close_without_index(p);
	open_store(p);
	for (int i = 0; i < STARTS; i++) {
		struct err e = { 0 };
		assert_int_equal(state_of(p, ids[i], 0), STORE_QUEUED);
		expect_body(store_body_open(p->s, ids[i], &e), STR_LIT("Subject: x\r\n\r\nHello\r\n"));
	}
}

/* As a program left them that took all the room at each start. */
static void test_old_ones_are_cut_too(void **state)
{
	enum { STARTS = 4 };
	struct place *p = *state;
	struct store_id id = accept_one(p, "a@example.net", "waits");
	for (int i = 0; i < STARTS; i++)
		reopen(p);
	store_close(&p->s);
	for (unsigned no = 1; no <= STARTS; no++)
		fill_up(p, no, length_of(p, no));
	open_store(p);
	for (unsigned no = 1; no <= STARTS; no++)
		assert_true(length_of(p, no) < SEGMENT / 2);
	assert_int_equal(state_of(p, id, 0), STORE_QUEUED);
}

/* A record that came behind the place that its successor names. */
static void test_what_stands_behind_stays(void **state)
{
	enum { AT = 512 * 1024 };
	struct place *p = *state;
	store_close(&p->s);
	char path[128], text[] = "a piece";
	snprintf(path, sizeof(path), "%s/bodies", p->path);
	CLEANUP(close_fd) int dir = open(path, O_RDONLY | O_DIRECTORY);
	struct segments s;
	struct err e = { 0 };
	assert_true(segments_open(&s, dir, true, SEGMENT, &e) && segments_rotate(&s, NOW, &e));
	struct segment was = *s.current;
	assert_true(segments_rotate(&s, NOW, &e) && segments_rotate(&s, NOW, &e));
	unsigned char head[RECORD_HEADER];
	struct record r = { .type = RECORD_PIECE,
			    .body_len = sizeof(text),
			    .body_crc = store_crc(0, text, sizeof(text)) };
	record_write(&r, was.salt, AT, head);
	struct iovec iov[] = { { head, sizeof(head) }, { text, sizeof(text) } };
	CLEANUP(close_fd) int fd = was.fd = open(segment_path(p, was.no, path), O_WRONLY);
	assert_true(fd >= 0 && segment_write(&was, AT, iov, ARRAY_LEN(iov), &e));
	segments_close(&s);
	assert_true(segments_open(&s, dir, true, SEGMENT, &e));
	segments_trim(&s);
	assert_in_range(length_of(p, was.no), AT + sizeof(head), AT + 4096);
	assert_int_equal(length_of(p, was.no + 1), SEGMENT_HEAD);
	CLEANUP(record_clear) struct record_bytes got = { 0 };
	assert_true(segment_read(&s, was.no, AT, &got, &e));
	segments_close(&s);
}

/* What the disk does not give may be a record. */
static void test_what_cannot_be_read_stays(void **state)
{
	struct place *p = *state;
	struct store_id id = accept_one(p, "a@example.net", "waits");
	store_close(&p->s);
	bad_disk_segment(p, 1);
	bad_disk.at = SEGMENT / 2;
	open_store(p);
	assert_int_equal(length_of(p, 1), SEGMENT);
	bad_disk_well();
	reopen(p);
	assert_int_equal(state_of(p, id, 0), STORE_QUEUED);
}

/* A byte that the disk changed for a while, of the last record. */
static void flip(struct place *p, off_t at)
{
	char path[128];
	unsigned char c;
	int fd = open(segment_path(p, 1, path), O_RDWR);
	assert_int_equal(pread(fd, &c, 1, at), 1);
	c ^= 1;
	assert_int_equal(pwrite(fd, &c, 1, at), 1);
	close(fd);
}

static void test_what_was_changed_stays(void **state)
{
	struct place *p = *state;
	static const off_t places[] = { SEGMENT_HEAD + 20, SEGMENT_HEAD + RECORD_HEADER + 5000 };
	CLEANUP(mem_free) char *text = made_text(20000, 3);
	struct store_rcpt r = rcpt("a@example.net", "lane");
	struct store_message m = { .rcpts = &r, .nrcpts = 1 };
	struct store_id id = accept_message(p, &m, text).id;
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		struct err e = { 0 };
		store_close(&p->s);
		flip(p, places[i]);
		open_store(p);
		store_close(&p->s);
		flip(p, places[i]);
		open_store(p);
		expect_body(store_body_open(p->s, id, &e), str_of(text));
	}
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, begin, end)
	const struct CMUnitTest tests[] = {
		T(test_restarts_take_no_room),    T(test_old_ones_are_cut_too),
		T(test_what_stands_behind_stays), T(test_what_cannot_be_read_stays),
		T(test_what_was_changed_stays),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
