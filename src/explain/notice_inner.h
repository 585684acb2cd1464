/* SPDX-License-Identifier: Apache-2.0 */
/* explain/notice_inner.h - where each service puts what (internal to notice).
 *
 * A path is names with "/" between; "|" parts alternatives, the first that is there counts;
 * "./" begins at the recipient's own object instead of the event. */
#ifndef EXPLAIN_NOTICE_INNER_H
#define EXPLAIN_NOTICE_INNER_H

#include "mail/dsn.h"

struct notice_service {
	const char *dialect;
	const char *mark; /* a path that only this service's events have */
	const char *event;
	const char *id, *message_id, *subject, *from, *to, *time;
};

struct notice_event {
	const char *dialect, *event;
	const char *only, *is; /* path and the value it must have; "" none */
	enum dsn_kind kind;
	enum dsn_action action;
	const char *recipients; /* an object, a string, or an array of such */
	const char *address;    /* of a recipient that is an object */
	const char *reply, *code, *status, *said;
	const char *remote, *remote_ip, *reporter;
};

/* Ends with a NULL dialect. */
extern const struct notice_service notice_services[];
extern const struct notice_event notice_events[];

/* Envelopes: the event is the object at the path, or the JSON in the string there. */
extern const char *const notice_envelopes[];

#endif
