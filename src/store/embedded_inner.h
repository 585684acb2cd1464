/* SPDX-License-Identifier: Apache-2.0 */
/* store/embedded_inner.h - the parts of the embedded store and who may touch them.
 *
 * A change goes: caller -> writer (checks it, appends it, syncs, tells the live
 * table) -> outcome to the caller, and -> indexer (SQLite, a little later). */
#ifndef STORE_EMBEDDED_INNER_H
#define STORE_EMBEDDED_INNER_H

#include <pthread.h>

#include "store/change.h"
#include "store/fresh.h"
#include "store/index.h"
#include "store/keys.h"
#include "store/store_ops.h"
#include "store/suppressed.h"

enum {
	CLOCK_BACK_MS = 60 * 1000,
	GROUP_CHANGES = 1024, /* most changes of one sync */
	GROUP_BYTES = 8 * 1024 * 1024,
	GATHER_MS = 5, /* how long patient changes wait for company */
	/* Urgent ones wait while who submits is busy, or most of its company is still to come; not when
	 * nobody has come for a while. */
	COMPANY_STEP_US = 500,
	COMPANY_STEPS = 16,     /* in all */
	COMPANY_STEPS_BUSY = 4, /* without anybody, while who submits is busy */
	COMPANY_STEPS_IDLE = 2, /* and while it waits itself */
	COMPANY_LEAST = 4,      /* of a group in the mean: below that nobody waits */
	COMPANY_ENOUGH = 128,
	COMPANY_PART = 4,         /* a new group's part in that mean */
	COMPANY_REST = 8,         /* of a company this part need not be waited for */
	OUTCOME_IDLE_US = 2000,   /* an outcome that nobody waits for is told that late, */
	OUTCOMES_IDLE = 64,       /* or when so many are there */
	RANDOM_NUMBERS = 32,      /* drawn at a time: the kernel gives 256 bytes whole */
	INDEX_BATCH = 8192,       /* changes of one SQLite transaction */
	INDEX_WAIT_MS = 50,       /* and how old the first of them may get; */
	INDEX_MANY = 256,         /* where so many come in that time, */
	INDEX_WAIT_MANY_MS = 400, /* so old: a page that many change is written once */
	INDEX_HURRY_MS = 3,       /* where somebody waits to find it */
	INDEX_AHEAD = 50000,      /* changes waiting for the index: then a group waits for it, */
	INDEX_AHEAD_MS = 100,     /* so long at most: a start reads so many again */
	INDEX_LAG = 200000,       /* changes waiting for the index: then no new messages are taken */
};

/* In the folder: the index was found damaged and is to be made anew at the next start. */
#define BROKEN_MARK "index.broken"

struct embedded;

struct body {
	struct store_body base;
	struct embedded *s;
	struct store_id id; /* seq 0: not given yet */
	struct buf head, tail;
	struct body_piece *pieces;
	size_t npieces, room;
	uint64_t in_pieces;
	bool failed;
};

struct outcomes {
	pthread_mutex_t lock;
	struct store_done *v;
	size_t start, n, room;
	bool told;             /* fd is readable for them, or about to be */
	struct timespec until; /* when what nobody waits for is told */
	int fd;
	bool unrung; /* the writer's own: told, but the descriptor does not tell of them yet */
};

struct embedded {
	struct store base;
	struct store_options o;
	char *path;
	int dir, bodies_dir, lock_fd;
	struct segments segments;

	pthread_mutex_t live_lock;
	struct live *live;
	struct fresh fresh; /* of live messages only; under the same lock */

	struct outcomes outcomes;

	/* submissions */
	pthread_mutex_t lock; /* guards what follows up to `writer` */
	pthread_cond_t work, idle;
	struct queue waiting;
	size_t urgent;  /* of these: not patient */
	size_t company; /* the writer's own: of a group the urgent ones, in the mean, times COMPANY_PART */
	bool alone;     /* nobody has more to come for now (store_idle) */
	bool quiet;     /* who submits waits itself, since then */
	bool stop, writing;
	bool need_segment; /* a piece found none: make one without waiting for a group */
	bool refusing;
	struct err refusal;
	uint64_t last_seq;               /* of the newest id given */
	uint64_t random[RANDOM_NUMBERS]; /* for the next ids */
	size_t nrandom;
	int64_t now_ms;   /* what anybody gave last; written under lock, read by time_now */
	int64_t house_ms; /* atomic: the time by which things are forgotten */

	/* the writer's own */
	pthread_t writer;
	bool writer_runs;
	struct keys *keys;
	struct keys *changed;      /* messages, by the number (index_given) of their last change */
	uint64_t lookup_done;      /* changes that the lookup knows at least */
	bool lookup_broken;        /* said */
	uint64_t order;            /* messages so far */
	struct index *lookup;      /* reads */
	struct index *next_lookup; /* atomic: to be taken in its place */
	struct sip_key sip;
	struct suppressed *suppressed; /* finding: any thread */

	/* the indexer */
	pthread_mutex_t index_lock;
	pthread_cond_t index_work, index_idle;
	struct queue to_index;
	bool index_stop, index_flush, tidy;
	bool index_away;                  /* is made anew or tidied: nothing is committed meanwhile */
	bool remake_asked;                /* damage was met, and it is not made anew yet */
	size_t tidies;                    /* asked for and not done */
	size_t attempts;                  /* batches tried */
	size_t index_pending;             /* changes handed over and not committed, and tidies */
	size_t hurried;                   /* who waits to find what is on disk */
	uint64_t index_given, index_done; /* changes told as done, or about to be; committed */
	uint64_t indexed_order;           /* of the newest message committed */
	struct err index_err;             /* why it stands still; kind 0: it does not */
	struct live_place indexed;
	struct live_place full; /* up to here the index survives a power cut */
	pthread_t indexer;
	bool indexer_runs;
	struct index *index;
	bool remake;       /* its own: the file must be made anew, which failed */
	unsigned anew_ms;  /* its own: and is tried again after that time */
	bool aside;        /* its own, too: and what was damaged is aside already */
	size_t compact_at; /* its own: slot of the live table from which on messages are moved next */

	/* questions */
	pthread_mutex_t ask_lock;
	struct index *ask;
	bool ask_broken; /* said */

	uint64_t messages, marks, groups, skipped, moved; /* atomics */
	size_t moving;                                    /* atomic: messages being moved */
	uint64_t index_used, index_reusable;              /* atomics */
};

static inline struct embedded *embedded_of(const struct store *s)
{
	return (struct embedded *)(uintptr_t)s;
}

static inline int64_t time_now(struct embedded *s)
{
	return __atomic_load_n(&s->now_ms, __ATOMIC_RELAXED);
}

static inline void time_given(struct embedded *s, int64_t now_ms)
{
	/* Late by a little: other threads are ahead.  By much: the clock was set back. */
	if (now_ms > s->now_ms || now_ms < s->now_ms - CLOCK_BACK_MS)
		__atomic_store_n(&s->now_ms, now_ms, __ATOMIC_RELAXED);
}

/* body.c */
struct store_body *body_begin(struct store *s);
bool body_append(struct store_body *b, struct str bytes, struct err *e);
bool body_prepend(struct store_body *b, struct str bytes, struct err *e);
/* Writes a piece of its own, as it is, behind those that are there. */
bool body_add_piece(struct body *b, struct str bytes, struct err *e);
uint64_t body_size(const struct store_body *b);
struct store_id body_id(struct store_body *b, int64_t now_ms);
void body_take_id(struct store_body *to, struct store_body *from);
void body_free(struct store_body *b);
bool body_still_good(const struct body *b); /* none of its pieces stands in a bad segment */

/* body_read.c */
struct store_reader *body_look(const struct store_body *b);
struct store_reader *body_open(struct store *base, struct store_id id, struct err *e);
struct str reader_envelope(const struct store_reader *base); /* as packed; of body_open only */
int reader_next(struct store_reader *base, struct str *piece, struct err *e);
void reader_free(struct store_reader *base);
/* The message's own record; *place (may be NULL): where it was found.  *out is the caller's to clear. */
bool stored_message(struct embedded *s, struct store_id id, struct record_bytes *out,
		    struct live_place *place, struct err *e);

/* embedded_claim.c */
void claim_release(struct store *base, const struct store_claim *c, int64_t now_ms);
size_t claims_expire(struct store *base, int64_t now_ms);
size_t claim_message(struct store *base, struct store_id id, struct str lane, unsigned owner, int64_t now_ms,
		     int64_t lease_ms, struct store_claim *out, size_t max);
bool claim_renew(struct store *base, const struct store_claim *c, int64_t until_ms);
size_t claim_lane(struct store *base, struct str lane, unsigned owner, int64_t now_ms, int64_t lease_ms,
		  struct store_claim *out, size_t max);
bool claim_under_way(struct store *base, struct store_id id, int64_t now_ms, store_rcpt_fn *of, void *user);
void claim_sending(struct store *base, struct arena *a, struct store_sending *out);
int64_t lane_next_due(struct store *base, struct str lane, size_t *n);
uint32_t lane_account_next(struct store *base, struct str lane, int64_t now_ms);
void lane_turn_of(struct store *base, struct str lane, struct store_id id, uint32_t rcpt, int64_t now_ms,
		  struct store_turn *out);

/* embedded_look.c */
void look_each_live(struct store *base, bool (*fn)(void *user, const struct store_live *row), void *user);
struct store_reader *look_fetch_open(struct store *base, struct store_id id, struct arena *a,
				     struct store_message *out, struct err *e);
bool look_fetch(struct store *base, struct store_id id, struct arena *a, struct store_message *out,
		struct err *e);
int look_trail(struct store *base, struct store_id id, struct arena *a, struct store_trail *out,
	       struct err *e);
void look_hold(struct store *base);
void look_let_go(struct store *base);
bool look_find(struct store *base, const struct store_query *q, struct arena *a, struct store_hits *out,
	       struct err *e);
bool look_lanes(struct store *base, struct arena *a, struct store_lanes *out, struct err *e);
bool look_is_suppressed(struct store *base, struct str address, int64_t now_ms, struct arena *a,
			struct store_suppressed *out);
struct store_place look_place(struct store *base);
bool look_changes(struct store *base, struct store_place from, store_change_fn *each, void *user,
		  struct err *e);
void look_each_suppressed(struct store *base, bool (*fn)(void *user, const struct store_suppressed *v),
			  void *user);

/* submit.c */
bool submit_message(struct store *s, struct store_body *body, const struct store_message *m, void *user,
		    struct err *e);
bool submit_marks(struct store *s, const struct store_mark *marks, size_t n, void *user, struct err *e);
bool submit(struct embedded *s, struct change *c, int64_t now_ms);
bool submit_suppression(struct store *s, const struct store_suppressed *v, void *user, struct err *e);
void submit_internal(struct embedded *s, const struct store_mark *m);

/* outcomes.c */
void outcomes_init(struct outcomes *o);
void outcomes_clear(struct outcomes *o);
void outcome_put(struct outcomes *o, const struct store_done *d, bool idle); /* idle: nobody waits for it */
void outcomes_ring(struct outcomes *o); /* tells of those that were put since: once for many */
/* There are such as were not told, and at *until they must be: call it again then.  Tells them when it is. */
bool outcomes_untold(struct outcomes *o, struct timespec *until);
size_t outcomes_take(struct outcomes *o, struct store_done *out, size_t max);

/* writer.c */
bool writer_start(struct embedded *s, struct err *e);
void writer_stop(struct embedded *s);

/* room.c */
struct statvfs;
/* Bytes; with fewer free no new mail is taken. */
uint64_t room_segment(const struct store_options *o); /* how large each is made; 0: as large as they are */
uint64_t room_reserve(const struct embedded *s, const struct statvfs *disk);
void room_begin(struct embedded *s); /* at a start: takes back from the bodies what they do not need */
void room_check(struct embedded *s); /* on the disk and in the budget; sets refusing and refusal */
bool is_tight(struct embedded *s);   /* the budget is nearly used up */
bool room_is_dear(struct embedded *s, uint64_t more); /* too dear for files that stand by, and so much more */
bool room_is_low(struct embedded *s);                 /* hardly more is free than what new mail is to leave */
/* Of segment v[i], not the newest; under their lock.  more: ms that it may stay beyond its time. */
bool body_age_over(struct embedded *s, size_t i, int64_t now, int64_t more);

/* trouble.c */
void trouble_report(struct embedded *s, const struct err *e);
void trouble_text(struct embedded *s, const char *doing, const char *what, const char *mend);

/* write_check.c */
void write_check(struct embedded *s, struct queue *group); /* withdraws and answers what may not be written */
/* Answers those whose message came before; failed: the group did, perhaps with it. */
void write_known(struct embedded *s, struct queue *known, const struct err *failed);
void write_unchecked(struct embedded *s, struct change *c); /* it could not be written: as if never checked */
void change_answer(struct embedded *s, struct change *c, struct store_done d);

/* lookup.c; the writer's thread */
void lookup_renew(struct embedded *s); /* at the beginning of a group */
/* The message has changed, in a group of n changes that are not given to the indexer yet. */
void lookup_changes(struct embedded *s, struct store_id id, size_t n);
/* True: the lookup knows all that became of the message; may wait for it, and then lets go of the index. */
bool lookup_all_of(struct embedded *s, struct store_id id);

/* write_again.c */
struct earlier { /* the message that was looked at last; its reader frees what it holds */
	struct store_id id;
	struct keys *free; /* of recipients it does not protect; NULL: none */
	bool renews;       /* whom it does not protect is sent to again: so a doubt protects, too */
};
/* Of m a recipient's key came before, with that message, which does not protect him any more.  *e: it can't
 * be read.  May let go of the index. */
bool write_again(struct embedded *s, const struct store_message *m, const uint64_t key[2],
		 struct store_id before, struct earlier *x, struct err *e);

/* write_group.c */
void write_group(struct embedded *s, struct queue *group);

/* indexer.c */
bool indexer_start(struct embedded *s, struct err *e);
void indexer_stop(struct embedded *s);
void indexer_take(struct embedded *s, struct queue *changes); /* empties it */
void indexer_expect(struct embedded *s, size_t n); /* so many will be given: before they are told as done */
bool indexer_catch_up(struct embedded *s, int ms);
void indexer_keep_pace(struct embedded *s); /* waits while the index is far behind, but not for trouble */
void indexer_flush(struct embedded *s);     /* waits until all is committed, or can't be */

/* index_file.c */
bool index_file_open(struct embedded *s, struct err *e);
void index_file_met_damage(struct embedded *s, const struct err *e); /* the indexer makes it anew, */
void index_file_mark_broken(struct embedded *s);                     /* or the next start does */
bool index_file_readers(struct embedded *s, struct index **ask, struct index **lookup, struct err *e);
/* Makes it anew while all goes on; again: it was tried before.  Indexer's thread. */
bool index_file_anew(struct embedded *s, struct err *e);

/* tidy.c */
void house_begin(struct embedded *s);
void tidy_run(struct embedded *s);     /* indexer's thread, and the next too */
void tidy_between(struct embedded *s); /* what can't wait for it, after each batch */

/* compact.c */
void compact(struct embedded *s, int64_t now); /* indexer's thread */

/* replay.c */
bool replay_new(struct embedded *s, struct err *e); /* what the index does not know yet */
bool replay_all(struct embedded *s, struct err *e); /* from the oldest segment on */

/* recover.c */
bool recover(struct embedded *s, struct err *e);
bool recover_unfinished(struct embedded *s, struct err *e); /* once the threads run */

#endif
