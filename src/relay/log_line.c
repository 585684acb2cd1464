/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/log_line.h"

#include <string.h>

#include "base/json_line.h"
#include "relay/log.h"

enum { LINE_HEAD = 120 /* more than time, id and number take */ };

struct str log_line_bounded(struct str s)
{
	return s.len > RELAY_LOG_TEXT_MAX ? str_cut(s, 0, RELAY_LOG_TEXT_MAX) : s;
}

static void add_id(struct buf *b, struct store_id id, size_t rcpt)
{
	char text[STORE_ID_TEXT];
	json_line_text(b, "id", str_of(store_id_text(id, text)));
	json_line_number(b, "rcpt", (long long)rcpt);
}

static void add_message(struct buf *b, const struct store_message *m, const struct store_rcpt *r)
{
	if (r)
		json_line_text(b, "recipient", r->address);
	json_line_text(b, "sender", m->reverse_path);
	json_line_given(b, "account", m->account);
	json_line_given(b, "message_id", m->message_id);
}

static void add_state(struct buf *b, enum store_state s)
{
	json_line_text(b, "state", str_of(store_state_name(s)));
}

static void add_taken(struct buf *b, const struct store_message *m, struct store_id id, size_t i)
{
	const struct store_rcpt *r = &m->rcpts[i];
	add_id(b, id, i);
	add_state(b, r->state);
	add_message(b, m, r);
	json_line_given(b, "subject", log_line_bounded(m->subject));
	json_line_given(b, "client", m->client);
	json_line_given(b, "listener", m->listener);
	if (m->size)
		json_line_number(b, "size", (long long)m->size);
	json_line_given(b, "lane", r->lane);
	json_line_given(b, "finding", r->finding);
	json_line_given(b, "sender_given", m->sender_given);
	json_line_given(b, "why", log_line_bounded(m->sender_why));
	json_line_given(b, "config", m->config);
}

void log_line_taken(struct buf *b, const struct store_message *m, struct store_id id, size_t rcpt)
{
	json_line_begin(b);
	json_line_time(b, "time", m->arrived_ms);
	add_taken(b, m, id, rcpt);
	json_line_end(b);
}

/* "m365" is a smarthost's lane, "direct example.com" one of a recipient's domain (relay/lane/lanes.h). */
static struct str hop_of(struct str lane)
{
	return lane.len && memchr(lane.p, ' ', lane.len) ? STR_LIT("mx") : STR_LIT("smarthost");
}

static void add_proof(struct buf *b, const struct store_mark *k, struct str lane)
{
	json_line_given(b, "host", k->host);
	json_line_given(b, "address", k->address);
	json_line_given(b, "tls", k->tls);
	json_line_given(b, "tls_proof", str_of(store_proof_name(k->proof)));
	if (k->code)
		json_line_number(b, "code", k->code);
	json_line_given(b, "reply", log_line_bounded(k->reply));
	json_line_given(b, "finding", k->finding);
	if (lane.len && k->host.len)
		json_line_text(b, "hop", hop_of(lane));
	json_line_given(b, "remote_id", k->remote_id);
	json_line_given(b, "why", log_line_bounded(k->why));
	json_line_number(b, "tries", k->tries);
	if (store_state_live(k->state) && k->state != STORE_SENDING && k->next_ms > 0 &&
	    k->next_ms != STORE_NEVER)
		json_line_time(b, "next", k->next_ms);
	json_line_given(b, "lane", lane);
	json_line_given(b, "config", k->config);
}

static void add_mark(struct buf *b, const struct store_message *m, const struct store_mark *k)
{
	const struct store_rcpt *r = k->rcpt < m->nrcpts ? &m->rcpts[k->rcpt] : NULL;
	add_id(b, k->id, k->rcpt);
	add_state(b, k->state);
	if (k->dot)
		json_line_bool(b, "dot", true);
	add_message(b, m, r);
	add_proof(b, k, k->lane.len || !r ? k->lane : r->lane);
}

void log_line_mark(struct buf *b, const struct store_message *m, const struct store_mark *k)
{
	json_line_begin(b);
	json_line_time(b, "time", k->at_ms);
	add_mark(b, m, k);
	json_line_end(b);
}

/* Quotes within texts are escaped, so that none of these keys can stand in one; and they stand first. */
struct str log_line_head(struct str line)
{
	static const char begin[] = "{\"time\":\"", key[] = "\"state\":\"";
	const char *at = memmem(line.p, line.len < LINE_HEAD ? line.len : LINE_HEAD, key, sizeof(key) - 1);
	if (!at || memcmp(line.p, begin, sizeof(begin) - 1) != 0)
		return STR_LIT("");
	size_t from = (size_t)(at - line.p) + sizeof(key) - 1;
	const char *end = memchr(line.p + from, '"', line.len - from);
	return end ? str_cut(line, 0, (size_t)(end - line.p) + 1) : STR_LIT("");
}

struct str log_line_whom(struct str head)
{
	const char *id = memmem(head.p, head.len, "\"id\":", 5);
	const char *state = memmem(head.p, head.len, ",\"state\":", 9);
	return id && state && id < state ? (struct str){ id, (size_t)(state - id) } : STR_LIT("");
}

void log_line_head_of(struct buf *b, int64_t at_ms, struct store_id id, size_t rcpt, enum store_state state)
{
	json_line_begin(b);
	json_line_time(b, "time", at_ms);
	add_id(b, id, rcpt);
	add_state(b, state);
}
