/* SPDX-License-Identifier: Apache-2.0 */
/* watch/secrets.h - a monitor's request with its secrets, read from their files anew each time: they may have
 * been changed meanwhile. */
#ifndef WATCH_SECRETS_H
#define WATCH_SECRETS_H

#include "base/buf.h"
#include "watch/settings.h"

struct watch_secrets { /* zero-initialise */
	struct buf password, client_secret, refresh_token;
};

/* *q borrows from m and s.  False with *e: a file cannot be read. */
bool watch_request(const struct watch_monitor *m, struct watch_secrets *s, struct check_request *q,
		   struct err *e) MUST_USE;
void watch_secrets_wipe(struct watch_secrets *s);

#endif
