/* SPDX-License-Identifier: Apache-2.0 */
/* relay/delivery/api_message.h - a message as a mail API wants it: who gets it stands in its header, and
 * nowhere else. Pure.
 *
 * So an envelope that leaves out somebody named there cannot be sent: he would get it (again).  Who is in the
 * envelope alone is put into Bcc, which these services take off. */
#ifndef RELAY_API_MESSAGE_H
#define RELAY_API_MESSAGE_H

#include "base/arena.h"
#include "base/buf.h"

/* NULL: it can be sent, and *bcc is what Bcc has to say ("" nothing).  Else why it cannot (in a). */
const char *api_message_fit(struct str header, const struct strlist *rcpts, struct arena *a,
			    const char **bcc);
/* The header with that Bcc besides. */
void api_message_header(struct str header, const char *bcc, struct buf *out);

#endif
