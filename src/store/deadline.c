/* SPDX-License-Identifier: Apache-2.0 */
#include "store/deadline.h"

void deadline(struct timespec *t, int us)
{
	clock_gettime(CLOCK_MONOTONIC, t);
	t->tv_sec += us / 1000000;
	t->tv_nsec += us % 1000000 * 1000L;
	if (t->tv_nsec >= 1000000000L) {
		t->tv_sec++;
		t->tv_nsec -= 1000000000L;
	}
}

bool deadline_is_past(const struct timespec *t)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec != t->tv_sec ? now.tv_sec > t->tv_sec : now.tv_nsec >= t->tv_nsec;
}
