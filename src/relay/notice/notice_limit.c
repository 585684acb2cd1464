/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/notice/notice_limit.h"

#include <ctype.h>

#include "store/siphash.h"

static uint64_t name_of(const struct notice_limit *l, struct str address)
{
	struct sip s;
	sip_begin(&s, (struct sip_key){ { l->key[0], l->key[1] } });
	for (size_t i = 0; i < address.len; i++) {
		char c = (char)tolower((unsigned char)address.p[i]);
		sip_add(&s, (struct str){ &c, 1 });
	}
	uint64_t h = sip_end(&s, NULL);
	return h ? h : 1;
}

/* The address's seat, a free one, or the one quiet longest. */
static struct notice_limit_seat *seat_of(struct notice_limit *l, uint64_t name)
{
	struct notice_limit_seat *set = l->seat[name % NOTICE_LIMIT_SETS], *worst = &set[0];
	for (size_t i = 0; i < NOTICE_LIMIT_WAYS; i++) {
		if (set[i].address == name)
			return &set[i];
		if (set[i].last_ms < worst->last_ms)
			worst = &set[i];
	}
	*worst = (struct notice_limit_seat){ .address = name };
	return worst;
}

/* The hours gone by have had theirs.  A clock set back begins anew, too. */
static void go_on(struct notice_limit_seat *s, unsigned most, int64_t now_ms)
{
	int64_t gone = now_ms < s->since_ms ? INT64_MAX : (now_ms - s->since_ms) / NOTICE_LIMIT_SPAN_MS;
	if (s->n <= most * (gone < NOTICE_LIMIT_SPANS ? (unsigned)gone : NOTICE_LIMIT_SPANS)) {
		s->since_ms = gone || !s->n ? now_ms : s->since_ms;
		s->n = gone ? 0 : s->n;
		return;
	}
	s->since_ms += gone * NOTICE_LIMIT_SPAN_MS;
	s->n -= most * (unsigned)gone;
}

int64_t notice_limit_take(struct notice_limit *l, struct str address, unsigned most, int64_t now_ms)
{
	struct notice_limit_seat *s = seat_of(l, name_of(l, address));
	go_on(s, most, now_ms);
	s->last_ms = now_ms;
	unsigned span = s->n / most;
	if (span >= NOTICE_LIMIT_SPANS)
		return -1;
	s->n++;
	return span ? s->since_ms + (int64_t)span * NOTICE_LIMIT_SPAN_MS : now_ms;
}
