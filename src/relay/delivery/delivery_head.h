/* SPDX-License-Identifier: Apache-2.0 */
/* relay/delivery/delivery_head.h - a route that sends in a name of its own (a fallback account): the
 * envelope's sender and the header it goes out with; answers still go to who wrote it. */
#ifndef RELAY_DELIVERY_HEAD_H
#define RELAY_DELIVERY_HEAD_H

#include "relay/delivery/delivery.h"

enum { DELIVERY_HEAD_BYTES = 128 * 1024 /* a header that is longer goes as it is */ };

/* The reverse-path it goes with; "" of a report. */
const char *delivery_sender(const struct delivery *d, const struct job *j);
/* True: its header has to be written anew. */
bool delivery_renames(const struct delivery *d);
/* header: without its empty line. */
void delivery_rename(const struct delivery *d, struct str header, struct buf *out);
/* What that means for who gets it, for the trail; "" nothing. */
const char *delivery_renamed(const struct delivery *d, const struct job *j, struct arena *a);

/* Reads the header of a body, up to and without its empty line; *rest: what was read of the body behind it,
 * with that line.  False: it has none that is short enough; then *rest is all that was read, or *e is filled.
 */
bool delivery_head(struct store_reader *r, struct buf *head, struct str *rest, struct err *e) MUST_USE;

#endif
