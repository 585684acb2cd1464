/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/log/track.h"

#include <string.h>

/* One recipient that is delayed, in the list of its message. */
struct recipient {
	uint32_t message, next, prev;
	uint16_t tries;
	uint16_t to_len, relay_len, reply_len;
	bool given;                     /* an event of a delay went out */
	const struct finding_entry *by; /* what it meant */
	uint32_t code;
	const char *step;
	char text[LOG_RECIPIENT_TEXT]; /* to, relay, reply */
};

_Static_assert(sizeof(struct recipient) <= LOG_RECIPIENT_BYTES, "the table's slots hold it");

enum { TO_MAX = 254, RELAY_MAX = 64, RECIPIENT_KEY_MAX = 320 };

static struct recipient *recipient_at(struct log_context *x, uint32_t slot)
{
	return log_table_at(x->recipients, slot);
}

static struct log_message *message_at(struct log_context *x, uint32_t slot)
{
	return log_table_at(x->messages, slot);
}

static void recipient_close(struct log_context *x, uint32_t slot)
{
	struct recipient *r = recipient_at(x, slot);
	if (r->prev != LOG_NO_SLOT)
		recipient_at(x, r->prev)->next = r->next;
	else
		message_at(x, r->message)->recipients = r->next;
	if (r->next != LOG_NO_SLOT)
		recipient_at(x, r->next)->prev = r->prev;
	log_table_remove(x->recipients, slot);
}

void log_message_close(struct log_context *x, struct log_message *m)
{
	while (m->recipients != LOG_NO_SLOT)
		recipient_close(x, m->recipients);
	log_table_remove(x->messages, m->slot);
}

struct log_message *log_message_find(struct log_context *x, struct str id)
{
	uint32_t slot = log_table_find(x->messages, id);
	if (slot == LOG_NO_SLOT)
		return NULL;
	log_table_touch(x->messages, slot); /* what is in use is not the next to go */
	return message_at(x, slot);
}

struct log_message *log_message_open(struct log_context *x, struct str id)
{
	struct log_message *m = log_message_find(x, id);
	if (m)
		return m;
	if (log_table_full(x->messages)) {
		log_message_close(x, message_at(x, log_table_oldest(x->messages)));
		x->totals.dropped++;
	}
	uint32_t slot = log_table_add(x->messages, id);
	m = message_at(x, slot);
	memset(m, 0, offsetof(struct log_message, text));
	m->slot = slot;
	m->recipients = LOG_NO_SLOT;
	x->totals.messages++;
	return m;
}

struct log_message *log_session_open(struct log_context *x, struct str id)
{
	unsigned long long before = x->totals.messages;
	struct log_message *m = log_message_open(x, id);
	x->totals.messages = before;
	return m;
}

void log_message_set(struct log_message *m, enum log_field f, struct str value)
{
	if (!value.len)
		return;
	if (!m->len[f] || value.len > m->len[f]) {
		size_t room = LOG_MESSAGE_TEXT - m->used;
		if (value.len > room)
			value.len = room;
		if (value.len <= m->len[f])
			return;
		m->at[f] = m->used;
		m->used = (uint16_t)(m->used + value.len);
	}
	memcpy(m->text + m->at[f], value.p, value.len);
	m->len[f] = (uint16_t)value.len;
}

struct str log_message_get(const struct log_message *m, enum log_field f)
{
	return (struct str){ m->text + m->at[f], m->len[f] };
}

static struct str recipient_key(const struct log_message *m, struct str to, char out[RECIPIENT_KEY_MAX])
{
	size_t n =
		to.len < RECIPIENT_KEY_MAX - sizeof(m->slot) ? to.len : RECIPIENT_KEY_MAX - sizeof(m->slot);
	memcpy(out, &m->slot, sizeof(m->slot));
	memcpy(out + sizeof(m->slot), to.p, n);
	return (struct str){ out, sizeof(m->slot) + n };
}

static uint32_t recipient_open(struct log_context *x, struct log_message *m, struct str key)
{
	if (log_table_full(x->recipients))
		recipient_close(x, log_table_oldest(x->recipients));
	uint32_t slot = log_table_add(x->recipients, key);
	struct recipient *r = recipient_at(x, slot);
	memset(r, 0, offsetof(struct recipient, text));
	r->message = m->slot;
	r->prev = LOG_NO_SLOT;
	r->next = m->recipients;
	if (r->next != LOG_NO_SLOT)
		recipient_at(x, r->next)->prev = slot;
	m->recipients = slot;
	return slot;
}

static uint16_t put(struct recipient *r, size_t at, struct str s, size_t most)
{
	size_t room = LOG_RECIPIENT_TEXT - at;
	size_t n = s.len < most ? s.len : most;
	n = n < room ? n : room;
	memcpy(r->text + at, s.p, n);
	return (uint16_t)n;
}

static void recipient_keep(struct recipient *r, const struct log_event *e)
{
	r->to_len = put(r, 0, e->to, TO_MAX);
	r->relay_len = put(r, r->to_len, e->relay, RELAY_MAX);
	r->reply_len = put(r, (size_t)r->to_len + r->relay_len, e->reply, LOG_RECIPIENT_TEXT);
	r->code = e->code;
	r->step = e->step;
}

static void take_over(const struct recipient *r, struct log_event *e)
{
	e->tries = r->tries;
	e->relay = (struct str){ r->text + r->to_len, r->relay_len };
	e->reply = (struct str){ r->text + r->to_len + r->relay_len, r->reply_len };
	e->code = r->code;
	e->step = r->step;
}

bool log_last_try(struct log_context *x, const struct log_message *m, struct log_event *e)
{
	char bytes[RECIPIENT_KEY_MAX];
	uint32_t slot = m->recipients == LOG_NO_SLOT
				? LOG_NO_SLOT
				: log_table_find(x->recipients, recipient_key(m, e->to, bytes));
	e->tries = 1;
	if (slot == LOG_NO_SLOT)
		return false;
	take_over(recipient_at(x, slot), e);
	return true;
}

/* Finds what is kept of the recipient, or begins to keep it; LOG_NO_SLOT: nothing, and it
 * need not be kept.  The try is counted. */
static uint32_t count_try(struct log_context *x, struct log_message *m, struct log_event *e)
{
	bool counts = e->tries == 0; /* else the format knows better, or there was none */
	char bytes[RECIPIENT_KEY_MAX];
	if (counts)
		e->tries = 1;
	if (e->state != LOG_DELAYED && m->recipients == LOG_NO_SLOT)
		return LOG_NO_SLOT;
	struct str key = recipient_key(m, e->to, bytes);
	uint32_t slot = log_table_find(x->recipients, key);
	if (slot == LOG_NO_SLOT && e->state != LOG_DELAYED)
		return LOG_NO_SLOT;
	if (slot == LOG_NO_SLOT)
		slot = recipient_open(x, m, key);
	struct recipient *r = recipient_at(x, slot);
	if (counts)
		e->tries = r->tries + 1u;
	r->tries = (uint16_t)(e->tries < UINT16_MAX ? e->tries : UINT16_MAX);
	e->was_delayed = r->given;
	e->delayed_by = r->by;
	return slot;
}

/* After the event: the recipient waits on, or nothing more is to be known of it. */
static void recipient_after(struct log_context *x, uint32_t slot, const struct log_event *e, bool given)
{
	if (e->final) {
		recipient_close(x, slot);
		return;
	}
	struct recipient *r = recipient_at(x, slot);
	recipient_keep(r, e);
	if (given && e->state == LOG_DELAYED) {
		r->given = true;
		r->by = e->nmeanings ? e->meanings[0].entry : NULL;
	}
	log_table_touch(x->recipients, slot);
}

static void fill_from(const struct log_context *x, const struct log_message *m, struct log_event *e)
{
	if (!e->queue_id.len)
		e->queue_id = log_table_key(x->messages, m->slot);
	if (!e->from.len)
		e->from = log_message_get(m, LOG_FROM);
	if (!e->message_id.len)
		e->message_id = log_message_get(m, LOG_MESSAGE_ID);
	if (!e->client.len)
		e->client = log_message_get(m, LOG_CLIENT);
}

void log_fate(struct log_context *x, struct log_message *m, struct log_event *e)
{
	uint32_t slot = count_try(x, m, e);
	fill_from(x, m, e);
	bool given = log_give(x, e);
	if (slot != LOG_NO_SLOT)
		recipient_after(x, slot, e, given);
}

unsigned log_fate_of_delayed(struct log_context *x, struct log_message *m, const struct log_event *e)
{
	unsigned n = 0;
	for (; m->recipients != LOG_NO_SLOT; n++) {
		const struct recipient *r = recipient_at(x, m->recipients);
		struct log_event one = *e;
		struct recipient kept = *r;
		one.to = (struct str){ kept.text, kept.to_len };
		one.relay = (struct str){ kept.text + kept.to_len, kept.relay_len };
		if (!one.reply.len) {
			one.reply = (struct str){ kept.text + kept.to_len + kept.relay_len, kept.reply_len };
			one.code = kept.code;
			one.step = kept.step;
		}
		one.tries = kept.tries;
		one.final = true;
		log_fate(x, m, &one);
		if (m->recipients != LOG_NO_SLOT && recipient_at(x, m->recipients) == r)
			recipient_close(x, m->recipients); /* its address was too long to be found by */
	}
	return n;
}
