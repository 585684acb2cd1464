/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/lane/age.h"

int64_t age_ahead_ms(struct age *a, int64_t wall_ms, uint64_t steady_ms)
{
	int64_t passed = a->leap.wall_ms ? (int64_t)(steady_ms - a->leap.steady_ms) : 0;
	a->ahead_ms = a->ahead_ms > passed ? a->ahead_ms - passed : 0;
	a->ahead_ms += leap_ms(&a->leap, wall_ms, steady_ms);
	if (a->ahead_ms < 0)
		a->ahead_ms = 0;
	return a->ahead_ms;
}
