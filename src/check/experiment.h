/* SPDX-License-Identifier: Apache-2.0 */
/* check/experiment.h - experiments: one thing changed, two outcomes compared.
 *
 * A table of them; each says from the evidence whether it could tell anything,
 * runs at most a few connections, and records what came of it.  Polite: one
 * connection at a time, none after a 421 to the same server but one late retry. */
#ifndef CHECK_EXPERIMENT_H
#define CHECK_EXPERIMENT_H

#include "check/dialogue.h"

/* What the main dialogue came to, read from its facts once. */
struct main_outcome {
	unsigned session; /* 0: none was opened */
	const struct fact *connect, *tls, *verify, *ehlo, *brk, *reply,
		*bytes; /* the last of each, or NULL */
	bool connected, greeted, spoke_tls;
	struct dialogue_plan plan; /* to vary */
};

struct experiment {
	const char *name; /* stable: EXPERIMENT fact's name */
	bool (*wanted)(const struct probe *p, const struct main_outcome *m);
	void (*run)(struct probe *p, const struct main_outcome *m);
	bool though_sent_away; /* asks only DNS or others, or is that one later try, after a 421 */
};

/* Tables, one a file, ended by a NULL name. */
extern const struct experiment experiments_connect[], experiments_tls[], experiments_smtp[],
	experiments_auth[], experiments_message[], experiments_authority[], experiments_relay[],
	experiments_clock[];

/* Records the outcome (works | fails | same | differs | unknown). */
void experiment_tell(struct probe *p, const char *name, const char *asked, const char *changed,
		     const char *outcome, const char *result, unsigned session);

#endif
