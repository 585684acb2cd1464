/* SPDX-License-Identifier: Apache-2.0 */
/* store/sqlite_history_inner.h - for sqlite_history*.c only. */
#ifndef STORE_SQLITE_HISTORY_INNER_H
#define STORE_SQLITE_HISTORY_INNER_H

#include <sqlite3.h>

#include "store/history.h"

enum history_sql {
	RUN_ADD,
	RUN_EACH,
	DOCUMENT_PUT,
	DOCUMENT_GET,
	STATE_PUT,
	STATE_GET,
	STATE_EACH,
	EXPIRY_PUT,
	EXPIRY_TOLD,
	EXPIRY_EACH,
	RECORD_PUT,
	RECORD_GET,
	RECORD_EACH,
	CHANGE_ADD,
	CHANGE_EACH,
	DAY_ADD,
	DAY_EACH,
	SAMPLE_ADD,
	SAMPLE_EACH,
	CAP_CLEAR,
	CAP_PUT,
	CAP_EACH,
	ALERT_ADD,
	ALERT_EACH,
	FORGET_STATE,
	FORGET_EXPIRIES,
	TIDY_RUN,
	TIDY_CHANGE,
	TIDY_ALERT,
	TIDY_SAMPLE,
	TIDY_DAY,
	TIDY_RECORD,
	TIDY_EXPIRY,
	TIDY_DOCUMENT,
	MOST_RUN,
	MOST_CHANGE,
	MOST_ALERT,
	MOST_SAMPLE,
	HISTORY_SQL_COUNT
};

struct history {
	sqlite3 *db;
	sqlite3_stmt *sql[HISTORY_SQL_COUNT];
	char *path;
};

bool history_fault(struct history *h, const char *doing, struct err *e); /* always false */
sqlite3_stmt *history_sql(struct history *h, enum history_sql which);    /* reset, ready for its values */
void history_bind_text(sqlite3_stmt *st, int at, const char *z);         /* z lives until it has run */
void history_bind_number(sqlite3_stmt *st, int at, long long n);
const char *history_text(sqlite3_stmt *st, int at); /* never NULL */
long long history_number(sqlite3_stmt *st, int at);
bool history_write(struct history *h, sqlite3_stmt *st, struct err *e);
/* Calls row for each; stops when it returns false. */
bool history_walk(struct history *h, sqlite3_stmt *st, bool (*row)(void *walk, sqlite3_stmt *st), void *walk,
		  struct err *e);

#endif
