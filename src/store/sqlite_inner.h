/* SPDX-License-Identifier: Apache-2.0 */
/* store/sqlite_inner.h - the index's database, for sqlite_*.c only.
 *
 * Search words stand in buckets: a bucket is a range of messages in a row, so new words
 * go to one small part of a large table, and what is old is dropped in one piece. */
#ifndef STORE_SQLITE_INNER_H
#define STORE_SQLITE_INNER_H

#include <sqlite3.h>

#include "store/index.h"
#include "store/sqlite_smooth_inner.h"

#define BUCKET_MS                                                                                            \
	(INT64_C(24) * 3600 * 1000) /* a bucket is of one day at most, so that age can be kept to            \
				     */

enum {
	BUCKET_MESSAGES = 65536,
	SIEVE_BEHIND = 2,        /* buckets that stand above one when it is sieved */
	CHECKPOINT_PAGES = 4096, /* of the log, before it is moved into the file */
	LOG_PAGES_LONG = 16 * CHECKPOINT_PAGES,
	WORD_KEY_MAX = 200, /* bytes of an address that can be told apart by search; verified by the row */
};

enum sql {
	SQL_BEGIN,
	SQL_LOOK,
	SQL_COMMIT,
	SQL_ROLLBACK,
	SQL_POSITION,
	SQL_UNREAD_NOTE,
	SQL_UNREAD_FORGET,
	SQL_UNREAD_NEXT,
	SQL_LATE,
	SQL_MESSAGE,
	SQL_MOVE,
	SQL_RCPT,
	SQL_MARK,
	SQL_EVENT,
	SQL_WORD,
	SQL_BUCKET,
	SQL_BUCKET_COUNT,
	SQL_KEY_PUT,
	SQL_KEY_GET,
	SQL_NEWEST,
	SQL_COUNT_LIVE,
	SQL_LOAD,
	SQL_UNFINISHED,
	SQL_STATE,
	SQL_PLACE,
	SQL_GET_MESSAGE,
	SQL_GET_RCPTS,
	SQL_GET_EVENTS,
	SQL_GET_DOTS,
	SQL_GET_EVENT,
	SQL_HAS_REMOTE,
	SQL_GET_SENDER,
	SQL_FIND_WORD,
	SQL_FIND_PREFIX,
	SQL_FIND_LIVE,
	SQL_FIND_ALL,
	SQL_KEYS_PRUNE,
	SQL_LIVE_BELOW,
	SQL_NEWER,
	SQL_OLDER,
	SQL_CARRY_WORDS,
	SQL_PRUNE_EVENTS,
	SQL_PRUNE_RCPTS,
	SQL_PRUNE_MESSAGES,
	SQL_PRUNE_WORDS,
	SQL_PRUNE_BUCKET,
	SQL_BUCKET_SIEVED,
	SQL_SIEVE_PUT,
	SQL_SIEVE_WORDS,
	SQL_SIEVE_LOOK,
	SQL_SIEVE_DROP,
	SQL_COUNT
};

struct bucket {
	int64_t no;
	uint64_t first; /* messages from here on; 0 of the first bucket */
	uint64_t since; /* seq of the message it was made for */
	int64_t n;
	bool sieved; /* sqlite_sieve.c knows its rare words */
};

struct rows;

struct index {
	sqlite3 *db;
	struct rows *fresh; /* of who writes */
	sqlite3_stmt *sql[SQL_COUNT];
	struct live_place position;
	struct sip_key key;
	int64_t key_keep_ms;
	unsigned key_slice;     /* whose keys are looked through next */
	struct bucket *buckets; /* oldest first */
	size_t nbuckets, room;
	int log_pages;
	int64_t late_ms; /* no message came longer than that after its id was given */
	bool broken;
	struct smooth file, log;
	bool counted; /* the newest bucket's n changed */
};

enum word_kind {
	WORD_RECIPIENT = 'r', /* the address itself, small: so that its beginning can be found */
	WORD_DOMAIN = 'd',    /* and all others hashed */
	WORD_SENDER = 's',
	WORD_MESSAGE_ID = 'm',
	WORD_SUBJECT = 'w',
	WORD_REMOTE_ID = 'q',
	WORD_STATE = 'x',
	WORD_OWED = 'o', /* one word: some mark said `owed` */
};

#define OWED_WORD STR_LIT("success")

/* What stands in an event's column `dot`; or-ed.  Who knows the first alone reads more than 0 as that. */
enum { EVENT_DOT = 1, EVENT_OWED = 2, EVENT_PROOF = 4 /* a store_proof times this */ };
/* In the column `n` of a message's first event, where it has one: of store_message.sender_why. */
#define EVENT_OF_ALL UINT32_MAX

struct word {
	char bytes[WORD_KEY_MAX + 1];
	size_t len;
};
struct word word_of(const struct index *x, enum word_kind kind, struct str text);

/* sqlite_words.c */
/* The bucket for a new message: the newest, or one more when that is full; an older one for
 * an old message that comes again when the index is made anew. */
enum index_trouble words_bucket(struct index *x, uint64_t seq, int64_t *no, struct err *e);
enum index_trouble words_add(struct index *x, int64_t bucket, uint64_t seq, enum word_kind kind,
			     struct str text, struct err *e);
enum index_trouble words_of_state(struct index *x, int64_t bucket, uint64_t seq, enum store_state state,
				  struct err *e);
enum index_trouble words_of_message(struct index *x, const struct store_message *m, int64_t bucket,
				    struct err *e);

/* sqlite_sieve.c */
bool sieve_takes(enum word_kind kind);
/* One word more, of a bucket that is sieved. */
enum index_trouble sieve_add(struct index *x, int64_t bucket, const struct word *w, struct err *e);
enum index_trouble sieve_make(struct index *x, struct bucket *b, struct err *e);
enum index_trouble sieve_leave(struct index *x, struct bucket *b,
			       struct err *e);                                 /* it is not sieved any more */
enum index_trouble sieve_drop(struct index *x, int64_t bucket, struct err *e); /* of all up to this one */
/* maybe[i]: x->buckets[i] may hold the word.  False: unreadable. */
bool sieve_look(struct index *x, const struct word *w, bool *maybe);

extern const char *const sql_texts[SQL_COUNT]; /* sqlite_text.c */

/* sqlite_statement.c */
/* The statement, reset and prepared; NULL with the connection's error. */
sqlite3_stmt *sql_of(struct index *x, enum sql which);
void bind_s(sqlite3_stmt *st, int at, struct str s); /* NULL for ""; not copied */
void bind_i(sqlite3_stmt *st, int at, int64_t v);
void bind_seq(sqlite3_stmt *st, int at, uint64_t seq);
struct str column_s(sqlite3_stmt *st, int at); /* until the next step */
struct str column_copy(sqlite3_stmt *st, int at, struct arena *a);

/* Runs a statement that gives no rows; resets it. */
enum index_trouble sql_run(struct index *x, sqlite3_stmt *st, struct err *e);
enum index_trouble sql_trouble(int rc);
bool sql_fault(struct index *x, const char *doing, struct err *e); /* false */
/* SQLite has no checksums.  False: no number of recipients, the index is broken; sql_fault says so. */
bool sql_is_nrcpts(struct index *x, int64_t n);

/* sqlite_db.c */
const struct bucket *bucket_of(const struct index *x, uint64_t seq); /* NULL: none holds it */
bool buckets_read(struct index *x, struct err *e);                   /* and late_ms */
/* The envelope of a message without its recipients; false: none (*failed: or unreadable). */
bool index_message(struct index *x, uint64_t seq, struct arena *a, struct store_message *m, uint32_t *segment,
		   bool *failed);

#endif
