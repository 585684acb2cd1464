/* SPDX-License-Identifier: Apache-2.0 */
/* store/segment_read.h - records back from the disk, each checked before a byte of it is believed. */
#ifndef STORE_SEGMENT_READ_H
#define STORE_SEGMENT_READ_H

#include "base/buf.h"
#include "store/pack_message.h"
#include "store/segment.h"

/* One record with its meta and body, one after the other in `bytes`. */
struct record_bytes {
	struct record record;
	struct buf bytes;
};
void record_clear(struct record_bytes *r);
struct str record_meta(const struct record_bytes *r);
struct str record_body(const struct record_bytes *r);

/* Reads and checks the record at a place.  *out is the caller's to clear (buf_clear). */
bool segment_read(struct segments *s, uint32_t segment, uint64_t offset, struct record_bytes *out,
		  struct err *e) MUST_USE;
/* The same through a file already open. */
bool segment_read_fd(int fd, const struct segment *g, uint64_t offset, struct record_bytes *out,
		     struct err *e) MUST_USE;

struct segment_scan {
	struct segments *set;
	uint64_t until;   /* records that begin before it */
	uint64_t skipped; /* bytes before `until` between two records that were none */
	bool (*fn)(void *user, uint32_t segment, uint64_t offset, const struct record_bytes *r,
		   struct err *e);
	void *user;
	bool unread; /* set: some of it could not be read; it may be there when the disk is asked again */
};

/* Hands every whole record from `from` on to fn, passing over what cannot be read; pieces are passed over
 * too. Returns false only when fn does, or the file cannot be opened; a segment that stays
 * headless is unread.  *end: after the last record found. */
bool segment_scan(struct segment_scan *scan, const struct segment *g, uint64_t from, uint64_t *end,
		  struct err *e) MUST_USE;
/* Behind the last whole record: where the last one ends of which only a part is there; the segment's own
 * end where that can't be known. */
uint64_t segment_begun(struct segments *s, const struct segment *g, uint64_t from);

#endif
