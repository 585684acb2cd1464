/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/filter/filter_lane.h"

#include <stdint.h>
#include <string.h>

#include "relay/bounce/inbox.h"
#include "smtp/xtext.h"

static const char begins[] = "(filter=";

enum { WORDS = 4 }; /* state, code, reply, why */

struct str filter_lane_cut(struct str text, size_t max)
{
	while (max && max < text.len && ((unsigned char)text.p[max] & 0xc0) == 0x80)
		max--;
	return str_cut(text, 0, max);
}

/* No "=" stands in it. */
static void add_text(struct buf *out, struct str text)
{
	smtp_xtext_encode(out, filter_lane_cut(text, FILTER_LANE_TEXT_MAX));
	buf_adds(out, "=");
}

struct str filter_lane_of(const struct store_mark *word, struct str lane, struct arena *a)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	buf_addf(&b, "%s%s=%u=", begins, store_state_name(word->state), word->code);
	add_text(&b, word->reply);
	add_text(&b, word->why);
	buf_adds(&b, ")");
	buf_add(&b, lane.p, lane.len);
	return arena_str(a, buf_str(&b));
}

bool filter_lane_is(struct str lane)
{
	return str_istarts(lane, begins);
}

static struct str text_of(struct str xtext, struct arena *a)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	return smtp_xtext_decode(&b, xtext) ? arena_str(a, buf_str(&b)) : STR_LIT("");
}

/* False: it is no such lane. */
static bool split(struct str lane, struct str words[WORDS], struct str *own)
{
	if (!filter_lane_is(lane))
		return false;
	struct str rest = str_cut(lane, strlen(begins), lane.len);
	for (size_t i = 0; i < WORDS; i++) {
		const char *end = rest.len ? memchr(rest.p, '=', rest.len) : NULL;
		if (!end)
			return false;
		words[i] = str_cut(rest, 0, (size_t)(end - rest.p));
		rest = str_cut(rest, words[i].len + 1, rest.len);
	}
	*own = str_cut(rest, 1, rest.len);
	return str_istarts(rest, ")");
}

struct str filter_lane_own(struct str lane)
{
	struct str words[WORDS], own;
	return split(lane, words, &own) ? own : lane;
}

struct str filter_lane_why(struct str lane, struct arena *a)
{
	struct str words[WORDS], own;
	return split(lane, words, &own) ? text_of(words[WORDS - 1], a) : STR_LIT("");
}

/* Fills *out's state, code, reply, why and lane.  False: it is no such lane. */
static bool read_lane(struct str lane, struct arena *a, struct store_mark *out)
{
	struct str words[WORDS], own;
	unsigned long code = 0;
	if (!split(lane, words, &own))
		return false;
	out->state = store_state_of(words[0]);
	if (out->state == STORE_NO_STATE || !str_number(words[1], UINT16_MAX, &code))
		return false;
	out->code = (unsigned)code;
	out->reply = text_of(words[2], a);
	out->why = text_of(words[3], a);
	out->lane = own;
	return true;
}

struct store_mark *filter_lane_marks(struct store_message *m, struct arena *a, size_t *n)
{
	struct store_mark *v = arena_alloc(a, (m->nrcpts + 1) * sizeof(*v));
	*n = 0;
	for (size_t i = 0; i < m->nrcpts; i++) {
		struct store_mark *k = &v[*n];
		*k = (struct store_mark){ .id = m->id, .rcpt = (uint32_t)i, .next_ms = STORE_NEVER };
		if (m->rcpts[i].state != STORE_HELD || !read_lane(m->rcpts[i].lane, a, k))
			continue;
		k->tries = str_eq(k->lane, INBOX_LANE); /* looked at: a report that is held is not read */
		m->rcpts[i].lane = k->lane;
		*n += 1;
	}
	return v;
}
