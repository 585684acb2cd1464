/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <unistd.h>

#include "store/segment_file.h"
#include "store/segment_read.h"

/* The room at a segment's end that was taken and never used, given back at a start: each start begins a new
 * segment, so whatever ends the program again and again would fill the disk with them.
 *
 * No record is cut: of the last one all is read, of another what stands behind the place that its successor
 * names, for pieces may have come there since.  What was cut short, or the disk changed, stays as well, and
 * so does a tail of which the disk does not give all.  Nothing is synced: after a power cut the tail may be
 * there again, and be cut again. */

enum {
	TAIL_PART = 8, /* of a whole one: with less over, its file is better kept to be used again */
	BLOCK = 4096,  /* a disk's: none that has a record is written again */
};

/* A segment_scan's fn: it is only asked where the records end. */
static bool pass_over(void *user, uint32_t segment, uint64_t offset, const struct record_bytes *r,
		      struct err *e)
{
	(void)user;
	(void)segment;
	(void)offset;
	(void)r;
	(void)e;
	return true;
}

/* From where on nothing is known of segment i; its length: nothing is to be asked. */
static uint64_t unknown_from(const struct segments *s, size_t i)
{
	const struct segment *g = s->v[i], *next = i + 1 < s->n ? s->v[i + 1] : NULL;
	if (g->headless)
		return g->bytes;
	if (!next)
		return SEGMENT_HEAD;
	return next->no == g->no + 1 && next->before ? next->before : g->bytes;
}

static bool is_long(const struct segments *s, const struct segment *g, uint64_t end)
{
	uint64_t least = g->bytes == s->plan ? s->plan / TAIL_PART : BLOCK;
	return end < g->bytes && g->bytes - end > least;
}

static uint64_t used(struct segments *s, size_t i)
{
	const struct segment *g = s->v[i];
	uint64_t from = unknown_from(s, i), end = from;
	struct segment_scan scan = { s, g->bytes, 0, pass_over, NULL, false };
	if (!is_long(s, g, from) || !segment_scan(&scan, g, from, &end, NULL) || scan.unread)
		return g->bytes;
	end = segment_begun(s, g, end);
	return (end + BLOCK - 1) / BLOCK * BLOCK;
}

/* Where it fails, it costs room only. */
static void cut(struct segments *s, struct segment *g, uint64_t to)
{
	char name[SEGMENT_NAME_BYTES];
	CLEANUP(close_fd) int fd = openat(s->dir, segment_name(g->no, name), O_WRONLY | O_CLOEXEC);
	if (fd >= 0 && !ftruncate(fd, (off_t)to))
		g->bytes = g->end = to;
}

void segments_trim(struct segments *s)
{
	for (size_t i = 0; i < s->n; i++) {
		uint64_t to = used(s, i);
		if (is_long(s, s->v[i], to))
			cut(s, s->v[i], to);
	}
}
