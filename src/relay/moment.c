/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/moment.h"

static void forget_before(struct moments *m, int64_t at_ms)
{
	size_t kept = 0;
	for (size_t i = 0; i < m->n; i++)
		if (m->v[i].at_ms >= at_ms)
			m->v[kept++] = m->v[i];
	m->n = kept;
	m->forgotten = at_ms;
}

/* Goes on behind all that it knew. */
static void start_anew(struct moments *m)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->v[i].at_ms >= m->forgotten)
			m->forgotten = m->v[i].at_ms + 1;
	m->n = 0;
}

int64_t moment_of(struct moments *m, struct store_id id, int64_t at_ms)
{
	if (at_ms < m->forgotten - MOMENT_SET_BACK_MS)
		m->n = 0;
	else if (at_ms < m->forgotten)
		at_ms = m->forgotten;
	forget_before(m, at_ms);
	if (m->n == MOMENTS_MAX)
		start_anew(m);
	int64_t free_ms = m->forgotten;
	for (size_t i = 0; i < m->n; i++)
		if (m->v[i].id.seq == id.seq && m->v[i].id.tail == id.tail && m->v[i].at_ms >= free_ms)
			free_ms = m->v[i].at_ms + 1;
	m->v[m->n++] = (struct moment){ id, free_ms };
	return free_ms;
}
