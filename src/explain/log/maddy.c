/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "catalog/finding.h"
#include "explain/log/field.h"
#include "explain/log/json.h"
#include "explain/log/track.h"

/* maddy: "[target.]queue: delivery attempt failed<TAB>{"msg_id":..,"rcpt":..,"reason":..,"smtp_code":..}"
 * (framework/log, internal/target/queue): words, then an object; pasted journals have blanks for the tab. */
#define LOG_MADDY "maddy"

enum key {
	KEY_ID,
	KEY_RCPT,
	KEY_SENDER,
	KEY_CLIENT,
	KEY_CODE,
	KEY_ENHANCED,
	KEY_MESSAGE,
	KEY_REASON,
	KEY_REMOTE,
	KEYS
};

static const char *const keys[KEYS] = {
	[KEY_ID] = "msg_id",        [KEY_RCPT] = "rcpt",      [KEY_SENDER] = "sender",
	[KEY_CLIENT] = "src_ip",    [KEY_CODE] = "smtp_code", [KEY_ENHANCED] = "smtp_enchcode",
	[KEY_MESSAGE] = "smtp_msg", [KEY_REASON] = "reason",  [KEY_REMOTE] = "remote_server",
};

enum event { EVENT_COMES, EVENT_OTHER, EVENT_DELIVERED, EVENT_TRIED, EVENT_GIVEN_UP, EVENT_NOT_TAKEN };

static const struct row {
	const char *words;
	enum event event;
	enum step step;
} rows[] = {
	{ "incoming message", EVENT_COMES, STEP_COUNT },
	{ "rcpt ok", EVENT_OTHER, STEP_COUNT },
	{ "accepted", EVENT_OTHER, STEP_COUNT },
	{ "will retry", EVENT_OTHER, STEP_COUNT },
	{ "delivered", EVENT_DELIVERED, STEP_COUNT },
	{ "delivery attempt failed", EVENT_TRIED, STEP_COUNT },
	{ "not delivered, permanent error", EVENT_GIVEN_UP, STEP_COUNT },
	{ "mail from error", EVENT_NOT_TAKEN, STEP_MAIL_FROM },
	{ "rcpt error", EVENT_NOT_TAKEN, STEP_RCPT },
	{ "data error", EVENT_NOT_TAKEN, STEP_DATA },
};

/* The row of a line, and the object at its end; NULL: it is none of maddy's. */
static const struct row *row_of(struct str s, struct str *object)
{
	if (!s.len || s.p[s.len - 1] != '}' || !log_has(s, STR_LIT("\"msg_id\":\"")))
		return NULL;
	size_t at = log_find(s, STR_LIT("{\""));
	struct str words = str_trim(str_cut(s, 0, at));
	*object = log_from(s, at);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t n = strlen(rows[i].words);
		if (str_ieq(words, rows[i].words) ||
		    (str_iends(words, rows[i].words) && words.p[words.len - n - 1] == ' '))
			return &rows[i];
	}
	return NULL;
}

static void add_word(struct arena *a, struct strlist *l, struct str s)
{
	if (s.len)
		strlist_add(l, a, arena_dup(a, s.p, s.len));
}

/* "556 5.1.10 words"; the reason where the words for the client leave it out. */
static struct str reply_of(struct arena *a, const struct str v[KEYS])
{
	struct str why = v[KEY_REASON], said = log_has(why, v[KEY_MESSAGE]) ? why : v[KEY_MESSAGE];
	struct strlist words = { 0 };
	add_word(a, &words, v[KEY_CODE]);
	add_word(a, &words, v[KEY_ENHANCED]);
	add_word(a, &words, said);
	const char *reply = strlist_join(&words, a, " ");
	return str_of(log_has(said, why) ? reply : arena_printf(a, "%s: " STR_FMT, reply, STR_ARG(why)));
}

/* "192.0.2.7:48258", "[2001:db8::7]:48258": without the port. */
static struct str address_of(struct str s)
{
	struct log_host h = log_host_of(s);
	const char *colon = h.name.len ? memrchr(h.name.p, ':', h.name.len) : NULL;
	return h.ip.len ? h.ip : colon ? str_cut(h.name, 0, (size_t)(colon - h.name.p)) : h.name;
}

/* Tried, and refused for good where the code says so; without one maddy tries again. */
static enum log_state state_of(const struct row *row, const struct str v[KEYS])
{
	if (row->event == EVENT_DELIVERED)
		return LOG_HANDED_OVER;
	if (row->event == EVENT_NOT_TAKEN)
		return LOG_NOT_TAKEN;
	if (row->event == EVENT_GIVEN_UP)
		return LOG_EXPIRED;
	return log_starts(v[KEY_CODE], STR_LIT("5")) ? LOG_REFUSED : LOG_DELAYED;
}

static void give(struct log_context *x, const struct row *row, struct log_message *m,
		 const struct str v[KEYS])
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct log_event e = log_event_of(x, state_of(row, v), LOG_MADDY);
	e.to = v[KEY_RCPT];
	e.relay = log_host_of(v[KEY_REMOTE]).name;
	e.reply = reply_of(a, v);
	e.step = row->step < STEP_COUNT ? step_name(row->step) : "";
	/* The try that was refused has told it already. */
	if (row->event == EVENT_GIVEN_UP && !log_last_try(x, m, &e))
		return;
	log_fate(x, m, &e);
}

bool log_maddy_is(const struct log_line *l)
{
	struct str object;
	return row_of(l->text, &object) != NULL;
}

bool log_maddy(struct log_context *x, const struct log_line *l)
{
	struct str v[KEYS], object;
	struct log_json_room room;
	room.used = 0;
	const struct row *row = row_of(l->text, &object);
	if (!row || !log_json_read(object, keys, KEYS, v, &room) || !v[KEY_ID].len)
		return false;
	struct log_message *m = log_message_open(x, v[KEY_ID]);
	log_message_set(m, LOG_FROM, v[KEY_SENDER]);
	log_message_set(m, LOG_CLIENT, address_of(v[KEY_CLIENT]));
	if (row->event > EVENT_OTHER)
		give(x, row, m, v);
	return true;
}
