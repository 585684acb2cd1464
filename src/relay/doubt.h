/* SPDX-License-Identifier: Apache-2.0 */
/* relay/doubt.h - what went out whole and was never answered: sent again, or kept for a person.
 *
 * Sent again it may arrive twice; kept, it may not have arrived.  Which is worse, the configuration says of
 * an account or a route (hold-in-doubt).  Mail of a profile is kept unless the profile says no, and so is a
 * mail whose sender asks for it (X-Postrider-In-Doubt: hold), as a batch does.  What belongs to a block that
 * the configuration has no longer, after a start or a reload, is kept. */
#ifndef RELAY_DOUBT_H
#define RELAY_DOUBT_H

#include "relay/relay_inner.h"

bool doubt_is_kept(const struct relay_settings *s, struct str account, const char *lane);
/* For the trail, in a: why it waits for a person.  NULL: it is sent again. */
const char *doubt_kept_why(const struct relay_settings *s, struct str account, const char *lane,
			   struct arena *a);
/* What a crash has left in doubt, before any lane begins. */
void doubt_keep(struct relay *r);

#endif
