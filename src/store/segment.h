/* SPDX-License-Identifier: Apache-2.0 */
/* store/segment.h - append-only files of records: the truth of the embedded store.
 *
 * One segment is current.  The writer thread makes segments and syncs them,
 * the indexer's drops them; any thread may append a record.  A segment whose sync failed once is bad
 * for ever: what it holds past its last good sync never happened, and its
 * successor's header says so. */
#ifndef STORE_SEGMENT_H
#define STORE_SEGMENT_H

#include <pthread.h>
#include <sys/uio.h>

#include "base/err.h"
#include "store/record.h"

enum {
	SEGMENT_HEAD = 4096, /* bytes before the first record */
	SEGMENT_BYTES_MIN = 64 * 1024,
	SEGMENT_BYTES = 64 * 1024 * 1024,
	SEGMENT_OVER = 64 * 1024 * 1024, /* most that pieces may run over the planned size */
	SEGMENTS_WARM = 2,               /* behind the current one: they may stay in the system's memory */
};

struct segment {
	uint32_t no; /* from 1, used once */
	int fd;      /* of the current one and of those not clean yet; else -1 */
	uint64_t salt;
	uint64_t end;    /* where the next record goes */
	uint64_t synced; /* records that begin before it are on disk */
	uint64_t before; /* `synced` of the segment before, from the header; 0 there was none */
	uint64_t bytes;  /* on disk */
	uint64_t plan;   /* of the current one: as long as it is to be */
	int64_t made_ms;
	unsigned writing; /* appends under way */
	unsigned pins;    /* open bodies and readers */
	uint32_t live;    /* pieces and records of live messages */
	bool dirty, bad;
	bool headless; /* the disk did not give its header: of what it holds nothing can be read until it does
			*/
	bool unread;   /* the disk did not give all of it: mail may stand there that nobody knows */
};

struct segments {
	pthread_mutex_t lock; /* guards all below but what says otherwise */
	int dir;
	bool own;
	uint64_t plan;      /* bytes of one segment, where the disk has them ... */
	uint64_t reserve;   /* ... beside those that are to stay free for what waits */
	struct segment **v; /* by number */
	size_t n, room;
	struct segment *current; /* NULL: none could be made, or the last one went bad */
	uint32_t last_no;
	uint32_t damaged; /* files that may be segments and have no good header: how many, the newest */
	uint32_t damaged_no;
	unsigned spares;      /* store/spare.h: a bit for each */
	unsigned untaken;     /* minutes since one was taken */
	uint32_t next, taken; /* store/ahead.h: a file of that number stands ready; the writer has it */
	bool next_durable;
	bool making;    /* the next one's file is being written ... */
	uint64_t made;  /* ... so far */
	uint64_t syncs; /* files synced so far */
};

/* Reads the headers of what is there (own: all; else on demand).  dir is borrowed. */
bool segments_open(struct segments *s, int dir, bool own, uint64_t plan, struct err *e) MUST_USE;
void segments_close(struct segments *s);
/* Gives back what of the files was never used.  At a start, before any other call. */
void segments_trim(struct segments *s);

/* Closes the current segment (which must be synced) and makes the next one, durable with
 * its name.  On failure the old one stays current unless it is bad.  Writer only. */
bool segments_rotate(struct segments *s, int64_t now_ms, struct err *e) MUST_USE;
/* True when the current one is missing or as long as planned; `more` bytes counted in. */
bool segments_full(struct segments *s, uint64_t more);

/* A place for a record of `room` bytes; false when there is no current segment or it is
 * far over its size.  Must be followed by segment_appended. */
bool segments_reserve(struct segments *s, uint64_t room, struct segment **seg, uint64_t *offset);
bool segment_write(struct segment *seg, uint64_t offset, struct iovec *iov, size_t n, struct err *e) MUST_USE;
void segment_appended(struct segments *s, struct segment *seg, bool ok);

/* A write into it failed, or a sync of what it needs: nothing more goes there, no record from that place on
 * counts, and none that is unsynced. */
void segments_abandon(struct segments *s, struct segment *seg, uint64_t from);

/* Syncs every dirty segment, the oldest first.  False: *e, the one that failed is bad, and those behind it
 * are not synced. */
bool segments_sync(struct segments *s, struct err *e) MUST_USE;

/* The first segment after number `no`, and where its records that are on disk end; false: there is none. */
bool segments_after(struct segments *s, uint32_t no, struct segment *out, uint64_t *until) MUST_USE;
/* After a kill what can be read of a segment may be in memory only: syncs it. */
bool segments_settle(struct segments *s, uint32_t no, struct err *e) MUST_USE;
/* True: it was there once, and was given back when nobody needed it any longer. */
bool segments_dropped(struct segments *s, uint32_t no);

/* A copy of what the set knows of that segment; false: there is none. */
bool segments_look(struct segments *s, uint32_t no, struct segment *out) MUST_USE;
/* *g is such a copy.  Asks the disk once more for a header that it did not give; false: nor does it now. */
bool segments_know(struct segments *s, struct segment *g, struct err *e) MUST_USE;
/* A copy of what the set knows, and a descriptor to read it by until segments_release: the set's own while
 * it has one.  -1 with *e. */
int segments_hold(struct segments *s, uint32_t no, struct segment *out, struct err *e) MUST_USE;
void segments_release(struct segments *s, const struct segment *held, int fd);
/* Counts one more (+1) or less (-1). */
void segments_pin(struct segments *s, uint32_t no, int by);
void segments_live(struct segments *s, uint32_t no, int by);
void segments_unread(struct segments *s, uint32_t no, bool unread);

/* Takes the first segment out and gives its file back to the disk, or keeps it as a spare.  It stays when
 * that fails (*e), or when it is needed after all. */
bool segments_drop_first(struct segments *s, struct err *e) MUST_USE;
uint64_t segments_bytes(struct segments *s);       /* of segments */
uint64_t segments_standing_by(struct segments *s); /* of files that stand by to be segments */
size_t segments_count(struct segments *s);

/* Opens the file of a segment to read records; -1 with *e. */
int segment_open(const struct segments *s, uint32_t no, struct err *e) MUST_USE;

#endif
