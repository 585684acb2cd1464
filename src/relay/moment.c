/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/moment.h"

static void forget_before(struct moments *m, int64_t at_ms)
{
	size_t kept = 0;
	for (size_t i = 0; i < m->n; i++)
		if (m->v[i].at_ms >= at_ms)
			m->v[kept++] = m->v[i];
	m->n = kept;
}

int64_t moment_of(struct moments *m, struct store_id id, int64_t at_ms)
{
	int64_t free_ms = at_ms;
	forget_before(m, at_ms);
	for (size_t i = 0; i < m->n; i++)
		if (m->v[i].id.seq == id.seq && m->v[i].id.tail == id.tail && m->v[i].at_ms >= free_ms)
			free_ms = m->v[i].at_ms + 1;
	if (m->n == MOMENTS_MAX) /* the clock was set back */
		m->n = 0;
	m->v[m->n++] = (struct moment){ id, free_ms };
	return free_ms;
}
