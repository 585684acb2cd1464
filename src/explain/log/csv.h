/* SPDX-License-Identifier: Apache-2.0 */
/* explain/log/csv.h - rows of Exchange's and IIS's logs, whose first lines name their columns. */
#ifndef EXPLAIN_LOG_CSV_H
#define EXPLAIN_LOG_CSV_H

#include "base/str.h"

enum { LOG_COLUMNS_MAX = 64 };

enum log_column {
	LOG_COL_NONE,
	LOG_COL_TIME,
	LOG_COL_DATE, /* with LOG_COL_CLOCK: IIS */
	LOG_COL_CLOCK,
	LOG_COL_EVENT,
	LOG_COL_SOURCE,
	LOG_COL_MESSAGE_ID,
	LOG_COL_INTERNAL_ID,
	LOG_COL_FROM,
	LOG_COL_TO,
	LOG_COL_STATUS,
	LOG_COL_SERVER_NAME,
	LOG_COL_SERVER_IP,
	LOG_COL_CLIENT_NAME,
	LOG_COL_CLIENT_IP,
	LOG_COL_SESSION,
	LOG_COL_REMOTE,
	LOG_COL_DATA,
	LOG_COL_CONTEXT,
	LOG_COL_METHOD,
	LOG_COL_QUERY,
	LOG_COL_OUTCOME,  /* of a message trace */
	LOG_COL_OUTCOMES, /* of it: several recipients, each with his own */
	LOG_COLUMNS
};

struct log_csv {
	char separator;                        /* ',' or ' ' (W3C); '\0': no header was seen */
	unsigned char column[LOG_COLUMNS_MAX]; /* enum log_column of each */
	unsigned n;
	bool has[LOG_COLUMNS];
};

/* Takes a header: "date-time,client-ip,..." (after "#Fields: "); false when no column is known. */
bool log_csv_header(struct log_csv *c, struct str names);
/* The header that a row of Exchange's has when none was seen: a piece of a log, rotated or pasted.
 * "" for what is no such row. */
struct str log_csv_guess(struct str row);
/* Views of one row's cells by meaning, quotes around them gone; "" none.  False: too few cells. */
bool log_csv_row(const struct log_csv *c, struct str row, struct str cells[LOG_COLUMNS]);

#endif
