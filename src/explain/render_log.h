/* SPDX-License-Identifier: Apache-2.0 */
/* explain/render_log.h - what all forms say of a log: the same counts in the same words. */
#ifndef EXPLAIN_RENDER_LOG_H
#define EXPLAIN_RENDER_LOG_H

#include "explain/render_inner.h"

const char *log_state_words(enum log_state s);
bool log_state_is_bad(enum log_state s); /* a mail, a login or the machine is not well */
const char *log_time_words(struct arena *a, long long time_s, long long zone_s); /* "" unknown */
const char *log_span_words(struct arena *a, const struct log_report *l, long long zone_s);
enum answer_word log_word(const struct log_report *l);
const char *log_sentence(struct arena *a, const struct log_report *l);
/* The title of a cause that many have in common: its places hold what is true of all. */
const char *explain_log_title(struct arena *a, const struct finding_entry *f);
const char *log_cause_counts(struct arena *a, const struct log_cause *c); /* "3 lost, 2 waiting" */
const char *log_place_counts(struct arena *a, const struct log_place *p);

#endif
