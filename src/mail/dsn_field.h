/* SPDX-License-Identifier: Apache-2.0 */
/* mail/dsn_field.h - the fields of a delivery report that are known (RFC 3464, 2; RFC 6533, 3). */
#ifndef MAIL_DSN_FIELD_H
#define MAIL_DSN_FIELD_H

#include "mail/dsn_job.h"

enum dsn_field {
	F_OTHER,
	F_FINAL,
	F_ORIGINAL,
	F_ACTUAL,
	F_ACTION,
	F_STATUS,
	F_DIAGNOSTIC,
	F_MORE,
	F_REMOTE,
	F_LOG_ID,
	F_RETRY,
	F_ATTEMPT,
	F_REPORTER,
	F_ENVELOPE,
	F_ARRIVAL,
	F_MESSAGE_ID,
	F_QUEUE_ID,
};

/* "type; value": takes the type off value when it is there. */
struct str dsn_field_type(struct str *value);

/* A recipient's field, F_FINAL to F_ATTEMPT. */
void dsn_field_take(struct dsn_job *j, struct dsn_recipient *d, enum dsn_field id, struct str value);

#endif
