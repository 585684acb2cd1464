/* SPDX-License-Identifier: Apache-2.0 */
/* relay/filter/filter_apply.h - a filter's verdict and changes, carried out on envelope and body. */
#ifndef RELAY_FILTER_APPLY_H
#define RELAY_FILTER_APPLY_H

#include "relay/filter/filter.h"
#include "smtp/milter.h"

/* The header of a body with its empty line, in a; *head.len is where the text begins.
 * False with *e: longer than FILTER_HEAD_MAX, or unreadable. */
bool filter_head(struct store_body *body, struct arena *a, struct str *head, struct err *e) MUST_USE;

/* How it refuses, in words of its own or of ours; of its verdicts REJECT, TEMPFAIL and REPLY. */
struct smtp_answer filter_refusal_answer(const char *filter, const struct milter *m, struct arena *a);

/* Carries out what m said.  With *e filled nothing was changed. */
void filter_apply(struct store *s, const char *filter, const struct milter *m, struct filter_envelope *v,
		  struct store_body **body, struct arena *a, struct filter_outcome *out, struct err *e);

#endif
