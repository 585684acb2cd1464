/* SPDX-License-Identifier: Apache-2.0 */
/* relay/door/door_filtered.h - after a crash: what filters said of messages that are kept, and what did not
 * reach their trails (relay/filter/filter_lane.h). */
#ifndef RELAY_DOOR_FILTERED_H
#define RELAY_DOOR_FILTERED_H

struct relay;

/* At a start, before anything moves: each is marked as it would have been, and says when that was. */
void door_filtered_open(struct relay *r);

#endif
