/* SPDX-License-Identifier: Apache-2.0 */
/* explain/tell_inner.h - the forms a text may have, each tried in its turn by tell.c.
 *
 * Each fills out->text, and step and code where the form tells them; false
 * leaves *out alone: the text is not of this form. */
#ifndef EXPLAIN_TELL_INNER_H
#define EXPLAIN_TELL_INNER_H

#include "explain/tell.h"

bool tell_dialogue(struct arena *a, struct str s, struct told *out) MUST_USE;
bool tell_object(struct str s, struct told *out) MUST_USE;
bool tell_trace(struct arena *a, struct str s, struct told *out);
bool tell_mail_log(struct str line, struct told *out);

/* One piece for each recipient that was refused, else the whole; false: no dialogue. */
bool tell_dialogue_pieces(struct arena *a, struct str s, struct strlist *out) MUST_USE;

#endif
