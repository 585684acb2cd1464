/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/log/recent.h"

#include <stdlib.h>

enum { CAUSES_MAX = 1024 /* more than the catalogue has findings */ };

struct ring {
	const struct finding_entry *cause;
	size_t next, n;
	struct log_fate v[LOG_RECENT_EACH];
};

struct log_recent {
	struct ring *rings[CAUSES_MAX];
	size_t n;
};

struct log_recent *log_recent_new(void)
{
	return mem_alloc(sizeof(struct log_recent));
}

void log_recent_free(struct log_recent **r)
{
	for (size_t i = 0; *r && i < (*r)->n; i++)
		free((*r)->rings[i]);
	free(*r);
	*r = NULL;
}

static struct ring *ring_of(const struct log_recent *r, const struct finding_entry *cause)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->rings[i]->cause == cause)
			return r->rings[i];
	return NULL;
}

static struct ring *ring_made(struct log_recent *r, const struct finding_entry *cause)
{
	struct ring *ring = ring_of(r, cause);
	if (ring || r->n == CAUSES_MAX)
		return ring;
	ring = mem_alloc(sizeof(*ring));
	ring->cause = cause;
	return r->rings[r->n++] = ring;
}

static void copy(char *out, size_t room, struct str s)
{
	size_t n = s.len < room - 1 ? s.len : room - 1;
	while (n && n < s.len && ((unsigned char)s.p[n] & 0xc0) == 0x80) /* not within a character */
		n--;
	for (size_t i = 0; i < n; i++)
		out[i] = s.p[i] ? s.p[i] : '?';
	out[n] = '\0';
}

static bool is_same(const struct log_fate *f, const struct log_event *e)
{
	return e->queue_id.len && str_eq(e->queue_id, f->queue_id) && str_eq(e->to, f->to);
}

/* Where the new fate goes: at the end, the one it takes the place of taken out. */
static struct log_fate *place(struct ring *ring, const struct log_event *e)
{
	size_t at = 0;
	while (at < ring->n &&
	       !is_same(&ring->v[(ring->next + LOG_RECENT_EACH - 1 - at) % LOG_RECENT_EACH], e))
		at++;
	if (at < ring->n) {
		for (; at; at--) {
			size_t i = (ring->next + LOG_RECENT_EACH - 1 - at) % LOG_RECENT_EACH;
			ring->v[i] = ring->v[(i + 1) % LOG_RECENT_EACH];
		}
		return &ring->v[(ring->next + LOG_RECENT_EACH - 1) % LOG_RECENT_EACH];
	}
	struct log_fate *f = &ring->v[ring->next];
	ring->next = (ring->next + 1) % LOG_RECENT_EACH;
	ring->n += ring->n < LOG_RECENT_EACH;
	return f;
}

void log_recent_add(struct log_recent *r, const struct log_event *e)
{
	struct ring *ring = e->nmeanings ? ring_made(r, e->meanings[0].entry) : NULL;
	if (!ring)
		return;
	struct log_fate *f = place(ring, e);
	*f = (struct log_fate){
		.time_s = e->time_s, .state = e->state, .code = e->code, .tries = e->tries, .line = e->line
	};
	copy(f->queue_id, sizeof(f->queue_id), e->queue_id);
	copy(f->from, sizeof(f->from), e->from);
	copy(f->to, sizeof(f->to), e->to);
	copy(f->relay, sizeof(f->relay), e->relay.len ? e->relay : e->client);
	copy(f->reply, sizeof(f->reply), e->reply);
}

const struct log_fate *log_recent_at(const struct log_recent *r, const struct finding_entry *cause, size_t i)
{
	const struct ring *ring = ring_of(r, cause);
	if (!ring || i >= ring->n)
		return NULL;
	return &ring->v[(ring->next + LOG_RECENT_EACH - 1 - i) % LOG_RECENT_EACH];
}
