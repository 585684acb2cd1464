/* SPDX-License-Identifier: Apache-2.0 */
#include "store/embedded_inner.h"

bool submit(struct embedded *s, struct change *c, int64_t now_ms)
{
	pthread_mutex_lock(&s->lock);
	time_given(s, now_ms);
	bool wake = !s->waiting.head || (!c->patient && !s->urgent);
	s->urgent += !c->patient;
	s->quiet = false;
	wake = wake || s->urgent == COMPANY_ENOUGH;
	queue_put(&s->waiting, c);
	pthread_mutex_unlock(&s->lock);
	if (wake) /* behind it: the writer finds the lock free */
		pthread_cond_signal(&s->work);
	return true;
}

/* What the store can't do right now is said before anybody relies on it; asks the disk again, so that it
 * heals. */
static bool may_take(struct embedded *s, struct err *e)
{
	pthread_mutex_lock(&s->lock);
	bool refusing = s->refusing;
	pthread_mutex_unlock(&s->lock);
	if (!refusing)
		return true;
	room_check(s);
	pthread_mutex_lock(&s->lock);
	refusing = s->refusing;
	if (refusing && e && e->kind == ERR_NONE)
		*e = s->refusal;
	pthread_mutex_unlock(&s->lock);
	return !refusing;
}

static bool texts_fit(const struct store_message *m)
{
	const struct str texts[] = { m->reverse_path, m->envid,      m->account,      m->listener,
				     m->client,       m->message_id, m->subject,      m->from,
				     m->key,          m->config,     m->sender_given, m->sender_why };
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (texts[i].len > STORE_TEXT_MAX)
			return false;
	for (size_t i = 0; i < m->nrcpts; i++)
		if (m->rcpts[i].address.len + m->rcpts[i].orcpt.len + m->rcpts[i].lane.len > STORE_TEXT_MAX)
			return false;
	return true;
}

bool submit_message(struct store *base, struct store_body *body, const struct store_message *m, void *user,
		    struct err *e)
{
	struct embedded *s = embedded_of(base);
	struct body *b = (struct body *)body;
	bool fits = texts_fit(m);
	if (!fits || b->failed || !may_take(s, e)) {
		body_free(body);
		return !fits ? ERR_FILL(e, ERR_LIMIT, STORE_TEXT_MAX, "store message",
					"with a text over the limit")
			     : ERR_FILL(e, ERR_LIMIT, 0, "store message", "whose body could not be written");
	}
	struct change *c = message_change(s, b, m, RECORD_MESSAGE);
	c->user = user;
	if (buf_waiting(&c->meta) > STORE_META_MAX) {
		change_free(&c);
		return ERR_FILL(e, ERR_LIMIT, STORE_META_MAX, "store message", "with too long an envelope");
	}
	return submit(s, c, m->arrived_ms);
}

bool submit_marks(struct store *base, const struct store_mark *marks, size_t n, void *user, struct err *e)
{
	struct embedded *s = embedded_of(base);
	struct change *c = marks_change(marks, n);
	c->user = user;
	if (buf_waiting(&c->meta) > STORE_META_MAX) {
		change_free(&c);
		return ERR_FILL(e, ERR_LIMIT, STORE_META_MAX, "store states", "with too long replies");
	}
	return submit(s, c, marks[n - 1].at_ms);
}

bool submit_suppression(struct store *base, const struct store_suppressed *v, void *user, struct err *e)
{
	struct embedded *s = embedded_of(base);
	struct store_suppressed kept = *v;
	if (suppressed_count(s->suppressed) >= STORE_SUPPRESSED_MAX && v->until_ms > v->since_ms)
		return ERR_FILL(e, ERR_LIMIT, STORE_SUPPRESSED_MAX, "suppress", "one more address");
	kept.why.len = v->why.len < STORE_REPLY_MAX ? v->why.len : STORE_REPLY_MAX;
	kept.proof.len = v->proof.len < STORE_REPLY_MAX ? v->proof.len : STORE_REPLY_MAX;
	struct change *c = mem_alloc(sizeof(*c));
	c->suppression = true;
	c->user = user;
	suppressed_pack(&c->meta, &kept);
	return submit(s, c, v->since_ms);
}

void submit_internal(struct embedded *s, const struct store_mark *m)
{
	struct change *c = marks_change(m, 1);
	c->internal = true;
	submit(s, c, m->at_ms);
}
