/* SPDX-License-Identifier: Apache-2.0 */
/* batch/plan_gate.h - one set of caps with what went through it, and the words for what it holds back; for
 * batch/plan*.c only. */
#ifndef BATCH_PLAN_GATE_H
#define BATCH_PLAN_GATE_H

#include "relay/lane/ledger.h"
#include "relay/settings.h"

/* What holds a mail back, in short and with who says so. */
struct plan_cause {
	const char *brief, *words;
};

struct plan_gate {
	struct caps caps;
	struct caps_log log;
	struct ramp ramp;
	const char *whose;                         /* "route m365" */
	const struct relay_route *route;           /* NULL: a profile's, a kind's */
	struct plan_cause causes[CAPS_LIMITS_MAX]; /* made when first wanted */
};

/* kind and name as the ledger has them ("route", "m365"); l may be NULL.  Sets log and ramp, not caps. */
void plan_gate_begin(struct plan_gate *g, struct arena *a, struct ledger *l, const char *kind,
		     const char *name, int64_t now_ms);
void plan_gate_clear(struct plan_gate *g);

/* When n recipients of one mail may go, not before at_ms; *cause is set when that is later. */
int64_t plan_gate_ask(struct plan_gate *g, unsigned n, int64_t at_ms, struct arena *a,
		      const struct plan_cause **cause);
/* They go then. */
void plan_gate_pass(struct plan_gate *g, unsigned n, int64_t at_ms);

#endif
