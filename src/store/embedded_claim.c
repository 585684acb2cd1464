/* SPDX-License-Identifier: Apache-2.0 */
/* Claims: who works at which recipient, and what comes back. */
#include "store/embedded_inner.h"

/* What was in doubt only in memory is written now. */
static void write_doubt(struct embedded *s, const struct store_claim *c, int64_t now_ms, bool dot)
{
	struct store_mark m = {
		.id = c->id, .rcpt = c->rcpt, .at_ms = now_ms, .next_ms = now_ms, .tries = c->tries
	};
	m.state = dot ? STORE_IN_DOUBT : c->tries ? STORE_DELAYED : STORE_QUEUED;
	m.why = dot ? STR_LIT("the session was given up after the final dot, before the reply")
		    : STR_LIT("the session was given up");
	submit_internal(s, &m);
}

static void give_back(struct embedded *s, const struct store_claim *c, int64_t now_ms)
{
	bool dot = false, written = false;
	pthread_mutex_lock(&s->live_lock);
	bool ours = live_release(s->live, c, now_ms, &dot, &written);
	pthread_mutex_unlock(&s->live_lock);
	if (ours && written)
		write_doubt(s, c, now_ms, dot);
}

void claim_release(struct store *base, const struct store_claim *c, int64_t now_ms)
{
	give_back(embedded_of(base), c, now_ms);
}

size_t claims_expire(struct store *base, int64_t now_ms)
{
	struct embedded *s = embedded_of(base);
	struct store_claim c;
	pthread_mutex_lock(&s->live_lock);
	live_clock(s->live, now_ms);
	pthread_mutex_unlock(&s->live_lock);
	for (size_t n = 0;; n++) {
		pthread_mutex_lock(&s->live_lock);
		bool any = live_expired(s->live, now_ms, &c);
		pthread_mutex_unlock(&s->live_lock);
		if (!any)
			return n;
		give_back(s, &c, now_ms);
	}
}

/* What was due at an earlier time may be asked for: that tells nothing of the clock. */
static bool is_news(struct embedded *s, int64_t now_ms)
{
	pthread_mutex_lock(&s->live_lock);
	bool news = !live_clock_is_past(s->live, now_ms);
	pthread_mutex_unlock(&s->live_lock);
	return news;
}

size_t claim_lane(struct store *base, struct str lane, unsigned owner, int64_t now_ms, int64_t lease_ms,
		  struct store_claim *out, size_t max)
{
	struct embedded *s = embedded_of(base);
	if (is_news(s, now_ms))
		claims_expire(base, now_ms);
	pthread_mutex_lock(&s->live_lock);
	size_t n = live_claim(s->live, lane, owner, now_ms, now_ms + lease_ms, out, max);
	pthread_mutex_unlock(&s->live_lock);
	return n;
}

size_t claim_message(struct store *base, struct store_id id, struct str lane, unsigned owner, int64_t now_ms,
		     int64_t lease_ms, struct store_claim *out, size_t max)
{
	struct embedded *s = embedded_of(base);
	pthread_mutex_lock(&s->live_lock);
	size_t n = live_claim_message(s->live, id, lane, owner, now_ms, now_ms + lease_ms, out, max);
	pthread_mutex_unlock(&s->live_lock);
	return n;
}

bool claim_renew(struct store *base, const struct store_claim *c, int64_t until_ms)
{
	struct embedded *s = embedded_of(base);
	pthread_mutex_lock(&s->live_lock);
	bool ok = live_renew(s->live, c, until_ms);
	pthread_mutex_unlock(&s->live_lock);
	return ok;
}

bool claim_under_way(struct store *base, struct store_id id, int64_t now_ms, store_rcpt_fn *of, void *user)
{
	struct embedded *s = embedded_of(base);
	pthread_mutex_lock(&s->live_lock);
	bool any = live_under_way(s->live, id, now_ms, of, user);
	pthread_mutex_unlock(&s->live_lock);
	return any;
}

void claim_sending(struct store *base, struct arena *a, struct store_sending *out)
{
	struct embedded *s = embedded_of(base);
	*out = (struct store_sending){ NULL, 0, false };
	pthread_mutex_lock(&s->live_lock);
	if (s->live)
		live_claimed(s->live, a, out);
	pthread_mutex_unlock(&s->live_lock);
	out->some = out->n >= STORE_SENDING_MAX;
	store_sending_sort(out);
}

int64_t lane_next_due(struct store *base, struct str lane, size_t *n)
{
	struct embedded *s = embedded_of(base);
	pthread_mutex_lock(&s->live_lock);
	int64_t next = live_lane_next(s->live, lane, n);
	pthread_mutex_unlock(&s->live_lock);
	return next;
}

uint32_t lane_account_next(struct store *base, struct str lane, int64_t now_ms)
{
	struct embedded *s = embedded_of(base);
	pthread_mutex_lock(&s->live_lock);
	uint32_t account = live_account_next(s->live, lane, now_ms);
	pthread_mutex_unlock(&s->live_lock);
	return account;
}

void lane_turn_of(struct store *base, struct str lane, struct store_id id, uint32_t rcpt, int64_t now_ms,
		  struct store_turn *out)
{
	struct embedded *s = embedded_of(base);
	pthread_mutex_lock(&s->live_lock);
	live_order(s->live, lane, id, rcpt, now_ms, out);
	pthread_mutex_unlock(&s->live_lock);
}
