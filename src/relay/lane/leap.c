/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/lane/leap.h"

int64_t leap_ms(struct leap *l, int64_t wall_ms, uint64_t steady_ms)
{
	int64_t leap = l->wall_ms ? wall_ms - l->wall_ms - (int64_t)(steady_ms - l->steady_ms) : 0;
	*l = (struct leap){ wall_ms, steady_ms };
	return leap > LEAP_LEAST_MS || leap < -LEAP_LEAST_MS ? leap : 0;
}

int64_t leap_moved(int64_t at_ms, int64_t leap_ms, int64_t now_ms, int64_t most_ms)
{
	return at_ms && at_ms + leap_ms - now_ms <= most_ms ? at_ms + leap_ms : at_ms;
}
