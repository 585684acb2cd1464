/* SPDX-License-Identifier: Apache-2.0 */
/* cli/queue_hand_inner.h - for queue_hand*.c only. */
#ifndef CLI_QUEUE_HAND_INNER_H
#define CLI_QUEUE_HAND_INNER_H

#include "base/buf.h"
#include "cli/queue_hand.h"

enum { QUEUE_BATCH = 400, QUEUE_ANSWER_S = 60, QUEUE_LOOK_S = 1 };

struct queue_hand {
	int fd; /* to the relay; -1: none runs */
	struct buf in;
	struct store *store;
};

/* queue_hand_relay.c.  -1: none runs there. */
int queue_relay_connect(const char *folder, unsigned patience_s);
void queue_relay_leave(struct queue_hand *h); /* not connected is fine */
bool queue_relay_steer(struct queue_hand *h, const struct steer_order *o, const struct steering_item *items,
		       size_t n, struct queue_outcome *out, struct err *e);
bool queue_relay_suppress(struct queue_hand *h, const struct store_suppressed *v, struct err *e);
void queue_relay_sending(struct queue_hand *h, struct arena *a, struct store_sending *out);
void queue_relay_behind(struct queue_hand *h, struct arena *a, struct index_behind *out);
bool queue_relay_lane(struct queue_hand *h, struct str lane, const struct store_id *id, uint32_t rcpt,
		      struct arena *a, struct lane_view *out); /* id NULL: of nobody */

#endif
