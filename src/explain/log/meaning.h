/* SPDX-License-Identifier: Apache-2.0 */
/* explain/log/meaning.h - the catalogue's word on a reply of a log, asked once for equal ones. */
#ifndef EXPLAIN_LOG_MEANING_H
#define EXPLAIN_LOG_MEANING_H

#include "explain/log/reader.h"

enum { LOG_REPLY_MAX = 4096 }; /* of a reply: what the catalogue is shown */

struct log_meanings; /* owned by the caller */

struct log_meanings *log_meanings_new(void) MUST_USE;
void log_meanings_free(struct log_meanings **m);

/* Sets e->meanings and e->nmeanings (valid until the next call) from reply, code, enhanced,
 * step and the provider of the relay or of the recipient's domain. */
void log_meanings_find(struct log_meanings *m, struct log_event *e);

#endif
