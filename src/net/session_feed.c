/* SPDX-License-Identifier: Apache-2.0 */
/* What came, given to the engine; its events are the session's. */
#include "net/session_inner.h"

/* Bytes of the reply in hand are kept, to be shown if it turns out to be none. */
static void keep_fed(struct session *s, struct str bytes)
{
	size_t room = SESSION_RAW_MAX - buf_waiting(&s->raw);
	buf_add(&s->raw, bytes.p, bytes.len < room ? bytes.len : room);
}

static enum session_event broken(struct session *s)
{
	struct str rest = buf_str(&s->in);
	keep_fed(s, rest);
	buf_take(&s->in, rest.len);
	s->phase = SESSION_AT_OVER;
	return SESSION_BROKEN;
}

static void keep_injected(struct session *s)
{
	struct str rest = buf_str(&s->in);
	buf_clear(&s->injected);
	buf_add(&s->injected, rest.p, rest.len < SESSION_RAW_MAX ? rest.len : SESSION_RAW_MAX);
	buf_take(&s->in, rest.len);
	if (rest.len)
		session_note(s, "%zu bytes in clear after the 220 were dropped", rest.len);
}

static enum smtp_event feed_piece(struct session *s)
{
	struct str bytes = buf_str(&s->in);
	size_t used = 0;
	enum smtp_event ev = smtp_client_feed(s->client, bytes.p, bytes.len, &used, s->arrived_ms, &s->err);
	keep_fed(s, str_cut(bytes, 0, used));
	buf_take(&s->in, used);
	return ev;
}

bool session_feed(struct session *s, enum session_event *event)
{
	enum smtp_event ev = SMTP_EVENT_NONE;
	while (ev == SMTP_EVENT_NONE && buf_waiting(&s->in))
		ev = feed_piece(s);
	session_drain_client(s);
	if (ev == SMTP_EVENT_NONE)
		return false;
	if (ev == SMTP_EVENT_BROKEN) {
		*event = broken(s);
		return true;
	}
	buf_take(&s->raw, buf_waiting(&s->raw));
	if (ev == SMTP_EVENT_START_TLS)
		keep_injected(s);
	*event = ev == SMTP_EVENT_START_TLS   ? SESSION_START_TLS
		 : ev == SMTP_EVENT_CHALLENGE ? SESSION_CHALLENGE
					      : SESSION_REPLY;
	return true;
}

bool session_has_words(const struct session *s)
{
	return buf_waiting(&s->in) > 0;
}

void session_feed_rest(struct session *s)
{
	enum { WORDS_MAX = 8 };
	enum session_event ev;
	for (size_t i = 0; i < WORDS_MAX && s->client && buf_waiting(&s->in); i++)
		if (!session_feed(s, &ev) || ev == SESSION_BROKEN)
			return;
}
