/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

#include "store/embedded_inner.h"
#include "store/fault.h"
#include "store/spare.h"

/* Whether there is room for more: on the disk, in the budget, and in what the index is behind. */

enum { RESERVE_BYTES = 64 * 1024 * 1024, RESERVE_PART = 4, MIB = 1024 * 1024, BUDGET_PARTS = 32 };
enum { RESERVES_SHORT = 2 }; /* with less free, room is short */

/* Files grow by whole segments: of a small budget each is a small part, and the one in hand and the next must
 * still fit. */
static uint64_t budget_part(uint64_t budget)
{
	uint64_t part = budget / BUDGET_PARTS;
	return part < SEGMENT_BYTES ? part : SEGMENT_BYTES;
}

uint64_t room_segment(const struct store_options *o)
{
	return o->segment_bytes ? o->segment_bytes : budget_part(o->budget_bytes);
}

uint64_t room_reserve(const struct embedded *s, const struct statvfs *disk)
{
	uint64_t part = (uint64_t)disk->f_blocks * disk->f_frsize / RESERVE_PART;
	if (s->o.reserve_bytes)
		return s->o.reserve_bytes;
	return part < RESERVE_BYTES ? part : RESERVE_BYTES;
}

void room_begin(struct embedded *s)
{
	struct statvfs v;
	segments_trim(&s->segments);
	if (fstatvfs(s->dir, &v))
		return;
	s->segments.reserve = room_reserve(s, &v);
	if ((uint64_t)v.f_bavail * v.f_frsize < s->segments.reserve)
		spares_release(&s->segments);
}

/* How much is wanted: a disk may be too small without being full.  Always false. */
static bool too_full(const struct embedded *s, uint64_t reserve, struct err *e)
{
	if (!e || e->kind != ERR_NONE)
		return false;
	ERR_FILL(e, ERR_SYS, ENOSPC, "take new mail into", "%s", s->path);
	snprintf(e->detail, sizeof(e->detail), "%s; %llu MB are to stay free there for what waits: %s",
		 strerror(ENOSPC), (unsigned long long)(reserve / MIB + (reserve % MIB != 0)),
		 store_mend(ENOSPC));
	return false;
}

static bool room_left(struct embedded *s, struct err *e)
{
	struct statvfs v;
	uint64_t reusable = __atomic_load_n(&s->index_reusable, __ATOMIC_RELAXED);
	if (fstatvfs(s->dir, &v))
		return store_fault(e, errno, "look at the disk of", s->path);
	if (v.f_flag & ST_RDONLY)
		return store_fault(e, EROFS, "write to", s->path);
	/* What the index can use again needs no room on the disk, and neither does the rest of the segment.
	 */
	uint64_t free_bytes = (uint64_t)v.f_bavail * v.f_frsize + reusable;
	uint64_t reserve = room_reserve(s, &v);
	if (free_bytes < reserve && spares_bytes(&s->segments)) {
		spares_release(&s->segments);
		return room_left(s, e);
	}
	if (free_bytes < reserve)
		return too_full(s, reserve, e);
	uint64_t used =
		segments_bytes(&s->segments) + __atomic_load_n(&s->index_used, __ATOMIC_RELAXED) - reusable;
	if (s->o.budget_bytes && used > s->o.budget_bytes - 2 * budget_part(s->o.budget_bytes)) {
		ERR_FILL(e, ERR_LIMIT, (long)used, "take new mail into", "%s: its budget is used up",
			 s->path);
		return err_detail(
			e, "deliver or cancel what waits (postrider queue), or give it a larger budget");
	}
	return true;
}

static bool index_well(struct embedded *s, struct err *e)
{
	pthread_mutex_lock(&s->index_lock);
	bool well = s->index_err.kind == ERR_NONE;
	if (!well && e && e->kind == ERR_NONE)
		*e = s->index_err;
	size_t lag = s->index_pending;
	pthread_mutex_unlock(&s->index_lock);
	if (well && lag > INDEX_LAG)
		return ERR_FILL(e, ERR_LIMIT, (long)lag, "take new mail", "the index is %zu changes behind",
				lag);
	return well;
}

void room_check(struct embedded *s)
{
	struct err e = { 0 };
	bool well = index_well(s, &e) && room_left(s, &e);
	pthread_mutex_lock(&s->lock);
	bool news = s->refusing == well;
	s->refusing = !well;
	s->refusal = e;
	pthread_mutex_unlock(&s->lock);
	if (news && !well)
		trouble_report(s, &e);
}

static bool over_three_quarters(const struct embedded *s, uint64_t used)
{
	return s->o.budget_bytes && used > s->o.budget_bytes / 4 * 3;
}

static uint64_t used_bytes(struct embedded *s)
{
	return segments_bytes(&s->segments) + __atomic_load_n(&s->index_used, __ATOMIC_RELAXED);
}

bool is_tight(struct embedded *s)
{
	return over_three_quarters(s, used_bytes(s));
}

bool room_is_dear(struct embedded *s, uint64_t more)
{
	pthread_mutex_lock(&s->lock);
	bool refusing = s->refusing;
	pthread_mutex_unlock(&s->lock);
	return refusing || over_three_quarters(s, used_bytes(s) + segments_standing_by(&s->segments) + more);
}

/* Before mail is refused, what can be dropped is.  Files that stand by count as free. */
bool room_is_low(struct embedded *s)
{
	struct statvfs v;
	if (fstatvfs(s->dir, &v))
		return false;
	uint64_t free_bytes = (uint64_t)v.f_bavail * v.f_frsize + segments_standing_by(&s->segments);
	return free_bytes / RESERVES_SHORT < room_reserve(s, &v);
}

bool body_age_over(struct embedded *s, size_t i, int64_t now, int64_t more)
{
	/* Its successor was made when it was closed: the next of which that is known.  A time from a clock
	 * that was ahead keeps nothing. */
	size_t next = i + 1;
	while (next < s->segments.n && s->segments.v[next]->headless)
		next++;
	if (next == s->segments.n)
		return false;
	int64_t closed = s->segments.v[next]->made_ms, keep = s->o.body_keep_ms + more;
	return closed > now + keep || now - closed >= keep;
}
