/* SPDX-License-Identifier: Apache-2.0 */
/* relay/notice/notice_untold.h - a report that cannot be made: the log says so, and where to read what it had
 * to tell. */
#ifndef RELAY_NOTICE_UNTOLD_H
#define RELAY_NOTICE_UNTOLD_H

#include "relay/relay_inner.h"

/* about: the message it was of. */
void notice_untold(const struct relay *r, struct str to, struct store_id about, const char *why);

#endif
