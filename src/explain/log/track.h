/* SPDX-License-Identifier: Apache-2.0 */
/* explain/log/track.h - what is known of messages not yet at their end, and the way out for fates. */
#ifndef EXPLAIN_LOG_TRACK_H
#define EXPLAIN_LOG_TRACK_H

#include "explain/log/context.h"

enum { LOG_MESSAGE_TEXT = 296, LOG_RECIPIENT_TEXT = 352, LOG_RECIPIENT_BYTES = LOG_RECIPIENT_TEXT + 48 };

enum log_field { LOG_FROM, LOG_MESSAGE_ID, LOG_CLIENT, LOG_FIELDS };

/* Kept in a slot; texts that do not fit are cut. */
struct log_message {
	uint32_t slot;
	uint32_t recipients; /* first of the delayed ones, LOG_NO_SLOT: none */
	uint16_t at[LOG_FIELDS], len[LOG_FIELDS];
	uint16_t used;
	uint16_t flags; /* the format's own */
	char text[LOG_MESSAGE_TEXT];
};

struct log_message *log_message_find(struct log_context *x, struct str id); /* NULL: not known */
struct log_message *log_message_open(struct log_context *x, struct str id); /* finds or makes */
struct log_message *log_session_open(struct log_context *x,
				     struct str id); /* the same, no message is counted */
void log_message_set(struct log_message *m, enum log_field f, struct str value); /* "" changes nothing */
struct str log_message_get(const struct log_message *m, enum log_field f);
void log_message_close(struct log_context *x, struct log_message *m);

/* An event of the line being read: time, number and format set, the rest empty. */
struct log_event log_event_of(const struct log_context *x, enum log_state state, const char *format);

/* One recipient's fate: what the message knows is filled in, tries are counted, and
 * log_give() follows.  e->to names the recipient. */
void log_fate(struct log_context *x, struct log_message *m, struct log_event *e);
/* The same fate for every recipient of m that is still delayed; with their last replies
 * where e has none.  How many there were. */
unsigned log_fate_of_delayed(struct log_context *x, struct log_message *m, const struct log_event *e);

/* For a line that reports no new try of e->to: takes tries, relay and words over from the
 * last one.  False: none is known; tries is then 1. */
bool log_last_try(struct log_context *x, const struct log_message *m, struct log_event *e);

/* Code, enhanced code and meanings from the reply; then the filters, the totals and the
 * sink.  False: a filter kept it back. */
bool log_give(struct log_context *x, struct log_event *e);

#endif
