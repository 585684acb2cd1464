/* SPDX-License-Identifier: Apache-2.0 */
/* lab/leak.h - which servers were given a login, and over what: where a password must never go, it must not
 * have gone.
 *
 * Whatever a server speaks, its input is searched: for AUTH at the start of a line,
 * and for the scenario's password, plain or in base64. */
#ifndef LAB_LEAK_H
#define LAB_LEAK_H

#include "lab/talk.h"

/* Input of a connection, deciphered; adds to the world's logins. */
void leak_watch(struct talk *t, struct str bytes);

/* What must not have been: NULL, or words (in the world's arena).  `password-to` names
 * the servers that may be given it, over TLS. */
const char *leak_judge(struct world *w);

#endif
