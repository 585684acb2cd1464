/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/lane/leap.h"

static int64_t if_leap(int64_t ms)
{
	return ms > LEAP_LEAST_MS || ms < -LEAP_LEAST_MS ? ms : 0;
}

static int64_t not_less(int64_t ms, int64_t least)
{
	return ms > least ? ms : least;
}

int64_t leap_look(struct leap *l, struct clocks now)
{
	const struct clocks was = l->last;
	l->last = now;
	if (!was.wall_ms)
		return 0;
	int64_t wall = now.wall_ms - was.wall_ms, awake = (int64_t)(now.awake_ms - was.awake_ms);
	l->ahead_ms = not_less(not_less(l->ahead_ms - awake, 0) + if_leap(wall - awake), 0);
	if (if_leap(wall - awake))
		l->since_ms = now.wall_ms;
	return if_leap(wall - (int64_t)(now.boot_ms - was.boot_ms));
}

int64_t leap_ahead(const struct leap *l, int64_t arrived_ms)
{
	int64_t most = not_less(l->since_ms - arrived_ms, 0);
	return l->ahead_ms < most ? l->ahead_ms : most;
}

int64_t leap_ahead_at(const struct leap *l, int64_t arrived_ms, int64_t at_ms)
{
	const struct leap then = { .ahead_ms = l->ahead_ms + not_less(l->last.wall_ms - at_ms, 0),
				   .since_ms = l->since_ms };
	return l->ahead_ms && at_ms >= l->since_ms ? leap_ahead(&then, arrived_ms) : 0;
}

int64_t leap_moved(int64_t at_ms, int64_t leap_ms, int64_t now_ms, int64_t most_ms)
{
	return at_ms && at_ms + leap_ms - now_ms <= most_ms ? at_ms + leap_ms : at_ms;
}
