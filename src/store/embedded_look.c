/* SPDX-License-Identifier: Apache-2.0 */
/* Looking: live work, one message, its trail, and searches. */
#include "store/embedded_inner.h"

static bool with_live(struct embedded *s, struct err *e)
{
	/* A reader fills its own table when it is first asked about the queue. */
	if (s->live)
		return true;
	s->live = live_new(0);
	return index_load(s->ask, s->live, 0, e);
}

void look_each_live(struct store *base, bool (*fn)(void *user, const struct store_live *row), void *user)
{
	struct embedded *s = embedded_of(base);
	pthread_mutex_lock(&s->live_lock);
	if (with_live(s, NULL))
		live_each(s->live, fn, user);
	pthread_mutex_unlock(&s->live_lock);
}

static void present_states(struct embedded *s, struct store_message *m, struct arena *a)
{
	struct str live = { 0 }, ours = { 0 }; /* the lane's name goes with its last recipient */
	pthread_mutex_lock(&s->live_lock);
	struct live_message *l = live_find(s->live, m->id);
	for (size_t i = 0; i < m->nrcpts; i++) {
		struct store_rcpt *r = &m->rcpts[i];
		struct store_rcpt now = *r;
		if (!l || !live_rcpt(l, (uint32_t)i, &now, NULL)) {
			if (store_state_live(r->state))
				r->state = STORE_NO_STATE; /* has ended: the trail says how */
			continue;
		}
		*r = now;
		if (r->lane.p != live.p) {
			live = r->lane;
			ours = arena_str(a, live);
		}
		r->lane = ours;
	}
	pthread_mutex_unlock(&s->live_lock);
}

static bool is_live(struct embedded *s, struct store_id id, struct err *e)
{
	char text[STORE_ID_TEXT];
	pthread_mutex_lock(&s->live_lock);
	bool live = s->live && live_find(s->live, id);
	pthread_mutex_unlock(&s->live_lock);
	return live || ERR_FILL(e, ERR_USAGE, 0, "find live message", "%s", store_id_text(id, text));
}

static bool read_envelope(struct embedded *s, struct store_id id, struct str meta, struct arena *a,
			  struct store_message *out, struct err *e)
{
	struct body_shape shape;
	char text[STORE_ID_TEXT];
	*out = (struct store_message){ .id = id };
	if (!unpack_message(arena_str(a, meta), a, out, &shape))
		return ERR_FILL(e, ERR_SYNTAX, 0, "read message", "%s", store_id_text(id, text));
	present_states(s, out, a);
	return true;
}

/* As the index knows it. */
static bool indexed_envelope(struct embedded *s, struct store_id id, struct arena *a,
			     struct store_message *out)
{
	uint32_t segment;
	pthread_mutex_lock(&s->ask_lock);
	bool found = index_envelope(s->ask, id, a, out, &segment, NULL) > 0;
	pthread_mutex_unlock(&s->ask_lock);
	if (found)
		present_states(s, out, a);
	return found;
}

/* Who sent it and whom it is for is known twice: a damaged record must not take it out of reach. */
bool look_fetch(struct store *base, struct store_id id, struct arena *a, struct store_message *out,
		struct err *e)
{
	struct embedded *s = embedded_of(base);
	struct record_bytes r = { 0 };
	struct err why = { 0 };
	if (!is_live(s, id, e))
		return false;
	bool ok = (stored_message(s, id, &r, NULL, &why) &&
		   read_envelope(s, id, record_meta(&r), a, out, &why)) ||
		  indexed_envelope(s, id, a, out);
	buf_clear(&r.bytes);
	if (!ok && e && e->kind == ERR_NONE)
		*e = why;
	return ok;
}

struct store_reader *look_fetch_open(struct store *base, struct store_id id, struct arena *a,
				     struct store_message *out, struct err *e)
{
	struct embedded *s = embedded_of(base);
	struct store_reader *r = is_live(s, id, e) ? body_open(base, id, e) : NULL;
	if (r && !read_envelope(s, id, reader_envelope(r), a, out, e))
		reader_free(r);
	else
		return r;
	return NULL;
}

/* ask_lock is held. */
static void look_for_damage(struct embedded *s, const struct err *e)
{
	if (s->o.mode == STORE_READ || s->ask_broken || !index_broken(s->ask))
		return;
	s->ask_broken = true;
	index_file_met_damage(s, e);
}

int look_trail(struct store *base, struct store_id id, struct arena *a, struct store_trail *out,
	       struct err *e)
{
	struct embedded *s = embedded_of(base);
	uint32_t segment = 0;
	struct segment g;
	pthread_mutex_lock(&s->ask_lock);
	int found = index_trail(s->ask, id, a, out, &segment, e);
	look_for_damage(s, e);
	pthread_mutex_unlock(&s->ask_lock);
	out->body_here = found > 0 && segments_look(&s->segments, segment, &g);
	return found;
}

void look_hold(struct store *base)
{
	struct embedded *s = embedded_of(base);
	pthread_mutex_lock(&s->ask_lock);
	index_hold(s->ask);
	pthread_mutex_unlock(&s->ask_lock);
}

void look_let_go(struct store *base)
{
	struct embedded *s = embedded_of(base);
	pthread_mutex_lock(&s->ask_lock);
	index_let_go(s->ask);
	pthread_mutex_unlock(&s->ask_lock);
}

bool look_find(struct store *base, const struct store_query *q, struct arena *a, struct store_hits *out,
	       struct err *e)
{
	struct embedded *s = embedded_of(base);
	pthread_mutex_lock(&s->ask_lock);
	bool ok = index_find(s->ask, q, a, out, e);
	look_for_damage(s, e);
	pthread_mutex_unlock(&s->ask_lock);
	return ok;
}

bool look_lanes(struct store *base, struct arena *a, struct store_lanes *out, struct err *e)
{
	struct embedded *s = embedded_of(base);
	struct live_lane_view *v = NULL;
	size_t n = 0;
	pthread_mutex_lock(&s->live_lock);
	bool ok = with_live(s, e);
	if (ok)
		n = live_lanes(s->live, a, &v);
	pthread_mutex_unlock(&s->live_lock);
	*out = (struct store_lanes){ arena_alloc(a, (n + 1) * sizeof(*out->v)), n };
	pthread_mutex_lock(&s->ask_lock);
	for (size_t i = 0; i < n && ok; i++) {
		ok = index_reply(s->ask, &v[i], a, e);
		out->v[i] = v[i].row;
	}
	pthread_mutex_unlock(&s->ask_lock);
	return ok;
}

bool look_is_suppressed(struct store *base, struct str address, int64_t now_ms, struct arena *a,
			struct store_suppressed *out)
{
	return suppressed_find(embedded_of(base)->suppressed, address, now_ms, a, out);
}

void look_each_suppressed(struct store *base, bool (*fn)(void *user, const struct store_suppressed *v),
			  void *user)
{
	suppressed_each(embedded_of(base)->suppressed, fn, user);
}
