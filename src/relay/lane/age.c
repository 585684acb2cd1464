/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/lane/age.h"

#include <stdbool.h>

int64_t age_ahead_ms(struct age *a, int64_t wall_ms, uint64_t steady_ms)
{
	bool first = !a->wall_ms;
	int64_t passed = first ? 0 : (int64_t)(steady_ms - a->steady_ms);
	int64_t leap = first ? 0 : wall_ms - a->wall_ms - passed;
	a->wall_ms = wall_ms;
	a->steady_ms = steady_ms;
	a->ahead_ms = a->ahead_ms > passed ? a->ahead_ms - passed : 0;
	if (leap > AGE_LEAP_MS || leap < -AGE_LEAP_MS)
		a->ahead_ms += leap;
	if (a->ahead_ms < 0)
		a->ahead_ms = 0;
	return a->ahead_ms;
}
