/* SPDX-License-Identifier: Apache-2.0 */
/* store/index.h - what the segments say, arranged for questions: states, trails, search words.
 *
 * It may lag behind the segments and it may be thrown away: it knows up to which
 * record it has read, in the same transaction as what it learnt there, and what
 * is missing is read again.  Not for two threads at once. */
#ifndef STORE_INDEX_H
#define STORE_INDEX_H

#include "store/live.h"
#include "store/segment_read.h"
#include "store/siphash.h"

struct index;

enum index_mode {
	INDEX_OWN,    /* reads and writes; makes it when missing */
	INDEX_READ,   /* looks only; a process that asks once and ends: its memory is the page cache */
	INDEX_BESIDE, /* looks only, next to its owner in the same process, in little memory */
};

/* *broken is set when the file is no usable database: then it may be moved away and made anew. */
bool index_open(const char *path, enum index_mode mode, struct index **out, bool *broken,
		struct err *e) MUST_USE;
void index_close(struct index **x);

bool index_broken(const struct index *x); /* damage was seen in the file; NULL: no */

/* Up to where it has read: the next record stands at or after it. */
struct live_place index_position(const struct index *x);
bool index_set_key(struct index *x, struct sip_key key,
		   struct err *e) MUST_USE; /* before anything is applied */
struct sip_key index_key(const struct index *x);
uint64_t index_last_seq(struct index *x); /* of the newest message it knows; 0 none */

enum index_trouble {
	INDEX_FINE,
	INDEX_LATER,  /* the disk or the system: roll back, try all again later */
	INDEX_SKIP,   /* this one change can't be written: go on without it */
	INDEX_BROKEN, /* the file is damaged: it must be made anew */
};
enum index_trouble index_begin(struct index *x, struct err *e);
enum index_trouble index_apply(struct index *x, uint32_t segment, uint64_t offset, const struct record *r,
			       struct str meta, struct err *e);
enum index_trouble index_commit(struct index *x, struct live_place next, struct err *e);
/* Everything committed so far survives a power cut. */
enum index_trouble index_durable(struct index *x, struct err *e);
void index_rollback(struct index *x);

/* Segments that the disk did not give whole when they were read: noted in the transaction that passes over
 * it. */
enum index_trouble index_note_unread(struct index *x, uint32_t segment, struct err *e);
enum index_trouble index_forget_unread(struct index *x, uint32_t from, uint32_t to, struct err *e);
/* The first of them after segment `no`; 0: none. */
uint32_t index_next_unread(struct index *x, uint32_t no);

/* Questions between these are answered as of one moment, and locked for once. */
void index_hold(struct index *x);
void index_let_go(struct index *x);

/* Idempotency: the message that came with this key before, not yet forgotten at now_ms. */
int index_seen(struct index *x, const uint64_t key[2], int64_t now_ms, struct store_id *id,
	       struct err *e) MUST_USE;

/* Every live recipient into the table, oldest first.  now_ms: next tries that a later time put off are moved
 * back with it; 0: all stand as they are on disk. */
bool index_load(struct index *x, struct live *l, int64_t now_ms, struct err *e) MUST_USE;
/* Of a recipient whose session never ended: the mark that says so, in-doubt when its dot was sent.  The
 * texts of *m live in the arena. */
bool index_unfinished(struct index *x, const struct live_open *open, struct arena *a, struct store_mark *m,
		      struct err *e) MUST_USE;
/* The present state of a recipient; STORE_NO_STATE when there is none, with *e when it can't be read. */
enum store_state index_state(struct index *x, struct store_id id, uint32_t rcpt, struct err *e);
/* Where the message's record stands. */
int index_place(struct index *x, struct store_id id, struct live_place *place, struct err *e) MUST_USE;

/* The recipients of m->id as they are now, in place of m's. */
bool index_rcpts(struct index *x, struct arena *a, struct store_message *m, struct err *e) MUST_USE;
/* The message with its recipients; *segment: where its body stood. */
int index_envelope(struct index *x, struct store_id id, struct arena *a, struct store_message *out,
		   uint32_t *segment, struct err *e) MUST_USE;
/* ... and all its events. */
int index_trail(struct index *x, struct store_id id, struct arena *a, struct store_trail *out,
		uint32_t *segment, struct err *e) MUST_USE;
/* Of a message that was read its events for copies_of_all: what became of whom, without a text. */
bool index_dots(struct index *x, struct arena *a, struct store_trail *t, struct err *e) MUST_USE;
bool index_find(struct index *x, const struct store_query *q, struct arena *a, struct store_hits *out,
		struct err *e) MUST_USE;
/* Fills in the last reply of a lane. */
bool index_reply(struct index *x, struct live_lane_view *lane, struct arena *a, struct err *e) MUST_USE;

/* Forgets keys past their time (a part of them each time), and the oldest bucket of trails when all its
 * messages came before before_ms (live ones are kept): then *more, there may be another. */
enum index_trouble index_prune(struct index *x, int64_t before_ms, int64_t now_ms, bool *more, struct err *e);
void index_bytes(struct index *x, uint64_t *used, uint64_t *reusable);
bool index_newest(struct index *x, uint64_t *seq, int64_t *arrived_ms); /* of all messages */
/* Moves what was committed from the log into the file, when the log is long. */
enum index_trouble index_checkpoint(struct index *x, struct err *e);
void index_set_key_keep(struct index *x, int64_t ms);

#endif
