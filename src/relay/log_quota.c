/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/log_quota.h"

enum { FULL_MS = LOG_QUOTA_MOST / LOG_QUOTA_A_MS };

/* A clock that is put back gives nothing. */
static bool has_room(struct log_quota *q, int64_t now_ms)
{
	int64_t ms = now_ms - q->at_ms;
	int64_t back = ms >= FULL_MS ? LOG_QUOTA_MOST : ms * LOG_QUOTA_A_MS;
	if (ms < 0 || back > 0)
		q->at_ms = now_ms;
	if (back > 0)
		q->used = back < q->used ? q->used - back : 0;
	if (q->used >= LOG_QUOTA_MOST)
		q->used_up = true;
	else if (q->used <= LOG_QUOTA_MOST - LOG_QUOTA_AGAIN)
		q->used_up = false;
	return !q->used_up;
}

bool log_quota_take(struct log_quota *q, int64_t now_ms)
{
	bool room = has_room(q, now_ms);
	q->left_out += !room;
	return room;
}

void log_quota_used(struct log_quota *q, size_t octets)
{
	q->used += (int64_t)octets;
}

unsigned long long log_quota_left_out(struct log_quota *q, int64_t now_ms)
{
	unsigned long long n = has_room(q, now_ms) ? q->left_out : 0;
	q->left_out -= n;
	return n;
}
