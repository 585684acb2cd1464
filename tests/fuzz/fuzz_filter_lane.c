/* SPDX-License-Identifier: Apache-2.0 */
/* Any lane: what is read of it is written again and read as the same; what is none stays as it is. */
#include <stdint.h>
#include <stdlib.h>

#include "relay/filter/filter_lane.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct store_mark *read_one(struct str lane, struct arena *a)
{
	struct store_rcpt *r = arena_alloc(a, sizeof(*r));
	*r = (struct store_rcpt){ .state = STORE_HELD, .lane = lane };
	struct store_message m = { .rcpts = r, .nrcpts = 1 };
	size_t n;
	const struct store_mark *v = filter_lane_marks(&m, a, &n);
	if (n > 1 || !str_equal(r->lane, n ? v->lane : lane))
		abort();
	return n ? v : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct str lane = arena_str(a, (struct str){ (const char *)data, size });
	const struct store_mark *first = read_one(lane, a);
	if (!first)
		return 0;
	const struct store_mark *again = read_one(filter_lane_of(first, first->lane, a), a);
	if (!again || again->state != first->state || again->code != first->code ||
	    !str_equal(again->reply, filter_lane_cut(first->reply, FILTER_LANE_TEXT_MAX)) ||
	    !str_equal(again->why, filter_lane_cut(first->why, FILTER_LANE_TEXT_MAX)) ||
	    !str_equal(again->lane, first->lane))
		abort();
	return 0;
}
