/* SPDX-License-Identifier: Apache-2.0 */
/* relay/delivery/delivery_head.h - a route that sends in a name of its own (a fallback account): the
 * envelope's sender and the header it goes out with; answers still go to who wrote it. */
#ifndef RELAY_DELIVERY_HEAD_H
#define RELAY_DELIVERY_HEAD_H

#include "relay/delivery/delivery.h"

/* The reverse-path it goes with; "" of a report. */
const char *delivery_sender(const struct delivery *d, const struct job *j);
/* True: its header has to be written anew. */
bool delivery_renames(const struct delivery *d);
/* header: without its empty line. */
void delivery_rename(const struct delivery *d, struct str header, struct buf *out);
/* What that means for who gets it, for the trail; "" nothing. */
const char *delivery_renamed(const struct delivery *d, const struct job *j, struct arena *a);

#endif
