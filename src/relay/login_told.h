/* SPDX-License-Identifier: Apache-2.0 */
/* relay/login_told.h - as whom we had logged in when a next server refused: a mark's words, and back from
 * them.
 *
 * Pure.  The account that such a refusal is about is the route's, and rarely the one the mail is from; a
 * later configuration may name another.  So it stands in the trail, where the answer is of a kind that names
 * it. */
#ifndef RELAY_LOGIN_TOLD_H
#define RELAY_LOGIN_TOLD_H

#include "base/arena.h"

/* "with the login user", in a; "" where the finding's sentences name no account, or user is "" or NULL. */
const char *login_told(struct arena *a, const char *finding, const char *user);
/* The user of such words, in a; "" none. */
const char *login_told_user(struct arena *a, struct str why);

#endif
