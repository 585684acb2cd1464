/* SPDX-License-Identifier: Apache-2.0 */
#include "check/experiment.h"

void experiment_tell(struct probe *p, const char *name, const char *asked, const char *changed,
		     const char *outcome, const char *result, unsigned session)
{
	struct fact *f = probe_fact(p, FACT_EXPERIMENT, 0);
	f->experiment.name = name;
	f->experiment.asked = probe_text(p, asked);
	f->experiment.changed = probe_text(p, changed);
	f->experiment.outcome = outcome;
	f->experiment.result = probe_text(p, result);
	f->experiment.in_session = (long)session;
	probe_tell(p, f);
}
