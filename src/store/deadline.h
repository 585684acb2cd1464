/* SPDX-License-Identifier: Apache-2.0 */
/* store/deadline.h - how long a condition is waited for; its clock is CLOCK_MONOTONIC. */
#ifndef STORE_DEADLINE_H
#define STORE_DEADLINE_H

#include <stdbool.h>
#include <time.h>

void deadline(struct timespec *t, int us); /* so long from now */
bool deadline_is_past(const struct timespec *t);

#endif
