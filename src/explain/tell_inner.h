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
/* line: what out->text was before a form was found in it. */
bool tell_program(struct arena *a, struct str line, struct told *out);

/* Where a server's reply of refusal stands in s: "550 5.1.1 ", "535-5.7.8", "(535, b'"; s.len: nowhere. */
size_t tell_reply_at(struct str s);

/* One piece for each recipient that was refused, else the whole; false: no dialogue. */
bool tell_dialogue_pieces(struct arena *a, struct str s, struct strlist *out) MUST_USE;

#endif
