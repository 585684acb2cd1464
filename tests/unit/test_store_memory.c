/* SPDX-License-Identifier: Apache-2.0 */
/* store/segment: what was written long ago does not stay in the system's memory, and reads as before. */
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "store/segment.h"
#include "tests/unit/store_place.h"

enum { TEXT = 60 * 1000, SEGMENTS = SEGMENTS_WARM + 4, PAGE_ROOM = 4096 };

/* Pages of that segment which the system keeps; -1: there is no such file. */
static long kept(const struct place *p, unsigned no)
{
	char path[128];
	unsigned char page[PAGE_ROOM];
	struct stat st;
	snprintf(path, sizeof(path), "%s/bodies/%010u.seg", p->path, no);
	CLEANUP(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	assert_int_equal(fstat(fd, &st), 0);
	size_t size = (size_t)st.st_size, n = (size + (size_t)getpagesize() - 1) / (size_t)getpagesize();
	assert_true(n <= PAGE_ROOM);
	void *map = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
	assert_true(map != MAP_FAILED);
	assert_int_equal(mincore(map, size, page), 0);
	munmap(map, size);
	long in = 0;
	for (size_t i = 0; i < n; i++)
		in += page[i] & 1;
	return in;
}

static void test_old_segments_go(void **state)
{
	struct place *p = *state;
	struct statfs fs;
	assert_int_equal(statfs(p->path, &fs), 0);
	if (fs.f_type == TMPFS_MAGIC || fs.f_type == OVERLAYFS_SUPER_MAGIC)
		skip(); /* it has no other memory */
	CLEANUP(mem_free) char *text = mem_alloc(TEXT + 1);
	memset(text, 'x', TEXT);
	struct store_rcpt r = rcpt("a@example.net", "lane");
	struct store_message m = { .rcpts = &r, .nrcpts = 1 };
	struct store_id first = accept_message(p, &m, text).id;
	while (kept(p, SEGMENTS) < 0)
		accept_message(p, &m, text);
	accept_message(p, &m, text); /* the writer has come to its end with that segment's making */
	assert_int_equal(kept(p, 1), 0);
	assert_int_equal(kept(p, 2), 0);
	for (unsigned no = SEGMENTS - SEGMENTS_WARM; no < SEGMENTS; no++)
		assert_true(kept(p, no) > 0);
	struct err e = { 0 };
	struct store_reader *body = store_body_open(p->s, first, &e);
	assert_non_null(body);
	expect_body(body, (struct str){ text, TEXT });
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(test_old_segments_go, begin,
									    end) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
