/* SPDX-License-Identifier: Apache-2.0 */
/* mail/mailbox_plain.h - the short way for what most fields hold: one address, with or without a name, and
 * nothing in it that could mean something else. */
#ifndef MAIL_MAILBOX_PLAIN_H
#define MAIL_MAILBOX_PLAIN_H

#include "mail/mailbox.h"

/* "ann@example.com", "<ann@example.com>", "Ann Lee <ann@example.com>": exactly what mailbox_parse() makes of
 * them.  False: it is something else, and nothing was done. */
bool mailbox_plain(struct arena *a, struct str value, struct mailbox_list *out) MUST_USE;

#endif
