/* SPDX-License-Identifier: Apache-2.0 */
/* catalog/reply_mask.h - names in a reply that are no words of it.
 *
 * "host blocked-relay.example.com[192.0.2.1] said:" and "<full@example.com>" speak of no block and of no
 * full mailbox.  Masked are addresses, and host names where a program puts them: before an IP in brackets,
 * between angle brackets, behind "relay=".  Links stand as they are, and so do hosts in the middle of a
 * sentence: "blocked using zen.example.org" tells what was asked. */
#ifndef CATALOG_REPLY_MASK_H
#define CATALOG_REPLY_MASK_H

#include "base/str.h"
#include "catalog/reply_pattern.h"
#include "catalog/reply_rules.h"

/* text: folded, with REPLY_PAD bytes behind it.  Returns it when it holds no such name; else out, as long,
 * padded too, where each letter of one is an 'x': words begin and end where they did. */
struct str reply_mask(struct str text, char out[REPLY_FOLDED_MAX + REPLY_PAD]) MUST_USE;

#endif
