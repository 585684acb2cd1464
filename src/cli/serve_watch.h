/* SPDX-License-Identifier: Apache-2.0 */
/* cli/serve_watch.h - what runs beside the relay in `serve`: checks (runner), monitors and alerts (watch),
 * and the process that runs alerts' commands (herald).
 *
 *     prepare (before the filter of system calls, before threads) -> start (the relay is open)
 *     -> ... -> stop (before relay_free) -> free (after it) */
#ifndef CLI_SERVE_WATCH_H
#define CLI_SERVE_WATCH_H

#include "relay/relay.h"
#include "watch/runner.h"
#include "watch/watch.h"

struct serve_watch {
	struct herald *herald;
	struct runner *runner;
	struct watch *watch; /* NULL: the history cannot be kept; checks run all the same */
	struct net_loop *loop;
	struct net_timer *figures;
};

bool serve_watch_prepare(struct serve_watch *x, const struct watch_settings *s, struct err *e) MUST_USE;
/* Takes *s.  Trouble is told, and keeps nobody from his mail. */
void serve_watch_start(struct serve_watch *x, struct relay *r, struct net_loop *l, struct watch_settings **s);
void serve_watch_reload(struct serve_watch *x, struct watch_settings **s); /* takes *s */
void serve_watch_stop(struct serve_watch *x);
void serve_watch_free(struct serve_watch *x);

#endif
