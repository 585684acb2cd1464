/* SPDX-License-Identifier: Apache-2.0 */
/* relay/profile_head.h - which profile and kind a message says it goes by, and what that makes of its header.
 * Pure.
 *
 *     X-Postrider-Profile: office       X-Postrider-Kind: invoice       X-Postrider-Untested: yes
 *     X-Postrider-In-Doubt: hold        (also without a profile)
 *
 * These fields are for us and are taken off (the last one where the header is made anew for another: each
 * mail of a batch has it, and it tells a reader nothing).  A kind alone is enough where one profile has it,
 * or one whose sender's address the message has. */
#ifndef RELAY_PROFILE_HEAD_H
#define RELAY_PROFILE_HEAD_H

#include "base/buf.h"
#include "mail/header.h"
#include "relay/settings.h"

struct profile_choice {
	const struct relay_profile *profile; /* NULL: it names none */
	const struct relay_kind *kind;       /* NULL: none */
	bool untested;                       /* it is to go before the test has passed */
	bool never_twice;                    /* it is to be held, not repeated, while in doubt */
	const char *from, *reply_to;         /* header values; "" as they are */
	const char *address;                 /* of from; "" none */
};

/* False: *no (in a) says what is wrong with what it names. */
bool profile_choose(const struct relay_settings *s, const struct header *h, struct arena *a,
		    struct profile_choice *out, const char **no);
/* Whether the header has to change for it. */
bool profile_touches(const struct profile_choice *c, const struct header *h);
/* The header, without its empty line, as it is to go. */
void profile_rewrite(const struct profile_choice *c, struct str header, struct arena *a, struct buf *out);

/* The address in a header value such as `Ann <ann@example.com>`; "" when there is none. */
const char *profile_address(struct arena *a, const char *value);

#endif
