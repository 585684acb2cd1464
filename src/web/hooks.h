/* SPDX-License-Identifier: Apache-2.0 */
/* web/hooks.h - webhooks: changes of state posted to programs elsewhere.
 *
 *     POST URL   {"schema": 1, "events": [LINE OF queue.log, ...]}      at most HOOKS_EVENTS, in order
 *
 * Signed (net/hook.h), tried again with growing pauses until it is answered 2xx, kept on disk until then: at
 * least once, also over crashes.  Each has a fiber in the thread of checks. */
#ifndef WEB_HOOKS_H
#define WEB_HOOKS_H

#include "base/str.h"
#include "relay/relay.h"
#include "watch/runner.h"

enum {
	HOOKS_EVENTS = 100,
	HOOKS_FRESH_MAX = 16 << 20, /* bytes in memory, on their way to the disk */
	HOOKS_PAUSE_FIRST_MS = 1000,
	HOOKS_PAUSE_MOST_MS = 10 * 60 * 1000,
};

struct hooks;

struct hooks *hooks_new(struct runner *r, struct relay *relay) MUST_USE;
/* What the settings want; those that are the same go on.  Texts are copied. */
void hooks_set(struct hooks *h, const struct relay_settings *s);
bool hooks_any(const struct hooks *h);
void hooks_change(struct hooks *h, struct str line); /* from the loop */
void hooks_stop(struct hooks *h);                    /* waits until all is on disk */
void hooks_free(struct hooks **h);                   /* after runner_free().  NULL is fine */

struct hook_figures {
	const char *name;
	unsigned long long waiting_bytes, delivered, failed; /* events; tries */
};
/* Calls fn for each. */
void hooks_each(struct hooks *h, void (*fn)(void *ctx, const struct hook_figures *f), void *ctx);

#endif
