/* SPDX-License-Identifier: Apache-2.0 */
/* Which of a line's patterns count for this report. */
#include <string.h>

#include "mail/dsn_spoken.h"

static bool counts(const struct dsn_spoken *s, const struct bounce_pattern *p)
{
	return p->dialect == s->j->dialect || p->strong || (s->weak && p->dialect == 0);
}

const struct dsn_hit *dsn_spoken_hit(const struct dsn_spoken *s, size_t i, enum bounce_role role)
{
	const struct dsn_line *line = &s->j->lines.v[i];
	const struct dsn_hit *best = NULL;
	for (unsigned k = 0; k < line->nhits; k++) {
		const struct dsn_hit *h = &line->hits[k];
		if (h->pattern->role == role && (role != BOUNCE_RECIPIENT || counts(s, h->pattern)) &&
		    (!best || strlen(h->pattern->text) > strlen(best->pattern->text)))
			best = h;
	}
	return best;
}

struct dsn_recipient *dsn_spoken_recipient(const struct dsn_spoken *s, const struct dsn_span *span)
{
	return &s->j->out->v[span->r];
}
