/* SPDX-License-Identifier: Apache-2.0 */
/* relay/delivery/remote_id.h - the next server's own name for what it took, out of its reply to the dot.
 *
 * Each program words it its own way; a name that is not there is not guessed. */
#ifndef RELAY_REMOTE_ID_H
#define RELAY_REMOTE_ID_H

#include "base/str.h"

/* reply: the text behind the code, lines joined by blanks.  "" when none is told; else a part of it. */
struct str remote_id_of(struct str reply);

#endif
