/* SPDX-License-Identifier: Apache-2.0 */
/* relay/door/usage.h - what each account has sent: today (UTC) and in its rate's window.
 *
 * Counts recipients accepted.  At a start today's and the rate's are counted anew from the store, up to the
 * account's cap: a restart opens no second day, and no second window.  Nor does a clock that is set: put
 * back, it takes along what was sent ahead of it, and a day that was never reached bars nobody. */
#ifndef RELAY_USAGE_H
#define RELAY_USAGE_H

#include "relay/settings.h"
#include "store/store.h"

struct usage;

struct usage *usage_new(void) MUST_USE;
void usage_free(struct usage **u);

/* Counts those of today, and of the rate, that the store knows. */
bool usage_count(struct usage *u, struct store *s, const struct relay_settings *settings, int64_t now_ms,
		 struct err *e) MUST_USE;
void usage_add(struct usage *u, const char *account, unsigned n, int64_t at_ms);
/* They were not taken after all; at_ms: as they were added, whatever day it is now. */
void usage_withdraw(struct usage *u, const char *account, unsigned n, int64_t at_ms);
long usage_today(struct usage *u, const char *account, int64_t now_ms);
/* How many more fit the rate now; LONG_MAX: it has none.  *wait_s: until the next fits. */
long usage_room(struct usage *u, const struct relay_account *a, int64_t now_ms, long *wait_s);

#endif
