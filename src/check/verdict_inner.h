/* SPDX-License-Identifier: Apache-2.0 */
/* check/verdict_inner.h - the four stages of a judgement, in this order. */
#ifndef CHECK_VERDICT_INNER_H
#define CHECK_VERDICT_INNER_H

#include "check/verdict.h"

void verdict_judge(struct verdict *v);  /* runs every rule (verdict_judge.c) */
void verdict_settle(struct verdict *v); /* ranks; silences look-alikes and symptoms (verdict_settle.c) */
void verdict_steps(struct verdict *v);  /* what became of each step (verdict_steps.c) */
void verdict_sum_up(struct verdict *v); /* the word and the sentence (verdict_settle.c) */

#endif
