/* SPDX-License-Identifier: Apache-2.0 */
/* relay/door/intake_judge.h - the header of a message: what every later hop would trip over is said now,
 * while the sender listens.  NULL: in order. */
#ifndef RELAY_INTAKE_JUDGE_H
#define RELAY_INTAKE_JUDGE_H

#include "mail/header.h"
#include "relay/door/intake.h"

/* head: the bytes h was read from.  endless: the header goes on behind INTAKE_HEAD_BYTES, which only the
 * bytes as they came can tell: what is dropped from them makes them fewer. */
const struct smtp_answer *intake_judge(const struct header *h, const struct intake_origin *o, struct str head,
				       bool endless, struct arena *a);

/* Whom it names as its author; behind its profile, which may name another. */
const struct smtp_answer *intake_judge_author(const struct header *h, const struct intake_origin *o,
					      struct arena *a);

#endif
