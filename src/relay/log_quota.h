/* SPDX-License-Identifier: Apache-2.0 */
/* relay/log_quota.h - how much those who may not relay get written into a log, all together.
 *
 * Pure.  Anybody can talk to a port that stands open, and each octet of his becomes several on our disk. */
#ifndef RELAY_LOG_QUOTA_H
#define RELAY_LOG_QUOTA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	LOG_QUOTA_MOST = 4 << 20, /* octets at once ... */
	LOG_QUOTA_A_MS = 64,      /* ... and so many more each millisecond, 3.8 MB a minute */
	LOG_QUOTA_AGAIN = 1 << 20 /* when it was used up: so much first, so that gaps are few */
};

/* Zero-initialise: all of it is there. */
struct log_quota {
	int64_t used, at_ms;
	bool used_up;
	unsigned long long left_out; /* lines, not yet told */
};

/* False: no room, and the line counts as left out. */
bool log_quota_take(struct log_quota *q, int64_t now_ms);
void log_quota_used(struct log_quota *q, size_t octets);
/* How many lines were left out, once there is room again; 0: none, or not yet. */
unsigned long long log_quota_left_out(struct log_quota *q, int64_t now_ms);

#endif
