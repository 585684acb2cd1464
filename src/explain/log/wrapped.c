/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/finding.h"
#include "explain/log/context.h"
#include "explain/log/field.h"
#include "explain/log/json.h"
#include "explain/log/line.h"
#include "explain/log/track.h"

/* JSON a line: Postrider's own logs, and the lines of others that journals (journalctl -o
 * json), container engines and programs' loggers put into an object. */
#define LOG_POSTRIDER "postrider"

enum { MICROSECONDS = 1000000, WRAPS_MAX = 2 };

enum key {
	KEY_STATE,
	KEY_TO,
	KEY_FROM,
	KEY_RECIPIENT, /* Postrider's own logs */
	KEY_SENDER,
	KEY_ADDRESS,
	KEY_ID,
	KEY_MESSAGE_ID,
	KEY_REPLY,
	KEY_HOST,
	KEY_IP,
	KEY_CODE,
	KEY_ENHANCED,
	KEY_TRIES,
	KEY_STEP,
	KEY_CLIENT,
	KEY_TIME,
	KEY_TIMESTAMP,
	KEY_AT_TIMESTAMP,
	KEY_TS,
	KEY_REALTIME,
	KEY_JOURNAL_MESSAGE,
	KEY_IDENTIFIER,
	KEY_HOSTNAME,
	KEY_LOG,
	KEY_MESSAGE,
	KEY_MSG,
	KEY_ERROR,
	KEY_LINE,
	KEY_TEXT_PAYLOAD,
	KEY_JSON_PAYLOAD,
	KEY_SOURCE,
	KEYS
};

static const char *const keys[KEYS] = {
	[KEY_STATE] = "state",
	[KEY_TO] = "to",
	[KEY_FROM] = "from",
	[KEY_RECIPIENT] = "recipient",
	[KEY_SENDER] = "sender",
	[KEY_ADDRESS] = "address",
	[KEY_ID] = "id",
	[KEY_MESSAGE_ID] = "message_id",
	[KEY_REPLY] = "reply",
	[KEY_HOST] = "host",
	[KEY_IP] = "ip",
	[KEY_CODE] = "code",
	[KEY_ENHANCED] = "enhanced",
	[KEY_TRIES] = "tries",
	[KEY_STEP] = "step",
	[KEY_CLIENT] = "client",
	[KEY_TIME] = "time",
	[KEY_TIMESTAMP] = "timestamp",
	[KEY_AT_TIMESTAMP] = "@timestamp",
	[KEY_TS] = "ts",
	[KEY_REALTIME] = "__REALTIME_TIMESTAMP",
	[KEY_JOURNAL_MESSAGE] = "MESSAGE",
	[KEY_IDENTIFIER] = "SYSLOG_IDENTIFIER",
	[KEY_HOSTNAME] = "_HOSTNAME",
	[KEY_LOG] = "log",
	[KEY_MESSAGE] = "message",
	[KEY_MSG] = "msg",
	[KEY_ERROR] = "error",
	[KEY_LINE] = "line",                /* Loki */
	[KEY_TEXT_PAYLOAD] = "textPayload", /* Google Cloud Logging, and the next */
	[KEY_JSON_PAYLOAD] = "jsonPayload",
	[KEY_SOURCE] = "_source", /* Elasticsearch */
};

static long long time_of(struct log_context *x, const struct str v[KEYS])
{
	static const enum key places[] = { KEY_TIME, KEY_TIMESTAMP, KEY_AT_TIMESTAMP, KEY_TS };
	unsigned long us;
	long long t = 0;
	if (str_number(v[KEY_REALTIME], ~0ul, &us))
		return (long long)(us / MICROSECONDS);
	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		if (v[places[i]].len && log_time_any(&x->clock, v[places[i]], &t))
			return t;
	return 0;
}

/* contract.md, "States", as far as a log tells them. */
static const struct {
	const char *word;
	enum log_state state;
} states[] = {
	{ "handed-over", LOG_HANDED_OVER },  { "delayed", LOG_DELAYED }, { "refused", LOG_REFUSED },
	{ "expired", LOG_EXPIRED },          { "held", LOG_HELD },       { "cancelled", LOG_DISCARDED },
	{ "suppressed", LOG_REFUSED },       { "bounced", LOG_REFUSED }, { "in-doubt", LOG_DELAYED },
	{ "confirmed", LOG_DELIVERED_HERE },
};

/* The step as the contract's word; "" for another. */
static const char *step_of_name(struct str s)
{
	for (int i = 0; i < STEP_COUNT; i++)
		if (str_eq(s, step_name((enum step)i)))
			return step_name((enum step)i);
	return "";
}

static struct str either(struct str a, struct str b)
{
	return a.len ? a : b;
}

static void own_event(struct log_context *x, const struct str v[KEYS], enum log_state state)
{
	unsigned long n;
	struct log_message *m = log_message_open(x, v[KEY_ID]);
	struct log_event e = log_event_of(x, state, LOG_POSTRIDER);
	e.to = either(v[KEY_RECIPIENT], v[KEY_TO]);
	e.from = either(v[KEY_SENDER], v[KEY_FROM]);
	e.message_id = log_address(v[KEY_MESSAGE_ID]);
	e.reply = v[KEY_REPLY];
	e.relay = v[KEY_HOST];
	e.relay_ip = either(v[KEY_ADDRESS], v[KEY_IP]);
	e.client = v[KEY_CLIENT];
	e.enhanced = v[KEY_ENHANCED];
	e.step = step_of_name(v[KEY_STEP]);
	if (str_number(v[KEY_CODE], 999, &n))
		e.code = (unsigned)n;
	if (str_number(v[KEY_TRIES], UINT16_MAX, &n))
		e.tries = (unsigned)n;
	log_fate(x, m, &e);
}

static bool own_line(struct log_context *x, const struct str v[KEYS])
{
	if (!v[KEY_STATE].len || !either(v[KEY_RECIPIENT], v[KEY_TO]).len || !v[KEY_ID].len)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		if (str_eq(v[KEY_STATE], states[i].word))
			own_event(x, v, states[i].state);
	return true; /* queued, sending: nothing is decided */
}

/* The first member that holds a line; "" none does. */
static struct str held_line(const struct str v[KEYS])
{
	static const enum key places[] = {
		KEY_JOURNAL_MESSAGE, KEY_LOG,          KEY_MESSAGE,      KEY_MSG,   KEY_LINE,
		KEY_ERROR,           KEY_TEXT_PAYLOAD, KEY_JSON_PAYLOAD, KEY_SOURCE
	};
	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		if (v[places[i]].len)
			return str_trim(v[places[i]]);
	return (struct str){ "", 0 };
}

/* The line within, with what the wrapping knows of its head. */
static bool inner_line(struct log_context *x, const struct log_line *l, const struct str v[KEYS])
{
	struct log_line inner;
	struct str line = held_line(v);
	if (!line.len)
		return false;
	log_line_parse(&x->clock, line, &inner);
	inner.number = l->number;
	inner.in_csv = false;
	if (!inner.time_s)
		inner.time_s = time_of(x, v);
	x->wrapped_s = inner.time_s;
	if (!inner.time_s)
		inner.time_s = l->time_s;
	if (v[KEY_IDENTIFIER].len) {
		inner.tag = v[KEY_IDENTIFIER];
		inner.host = v[KEY_HOSTNAME];
		inner.text = inner.whole;
	}
	x->line = &inner;
	x->wraps++;
	bool understood = x->any(x, &inner);
	x->wraps--;
	x->line = l;
	return understood;
}

/* journalctl -o json-pretty: a member a line. */
static bool is_pretty(struct str s)
{
	static const struct str member = STR_LIT("\t\"MESSAGE\" : \"");
	return log_starts(s, member);
}

bool log_wrapped_is(const struct log_line *l)
{
	if (is_pretty(l->text))
		return true;
	return l->text.len > 2 && l->text.p[0] == '{' && memchr("\" }", l->text.p[1], 3);
}

bool log_wrapped(struct log_context *x, const struct log_line *l)
{
	struct str v[KEYS];
	struct log_json_room room;
	room.used = 0;
	if (x->wraps >= WRAPS_MAX || !log_json_read(l->text, keys, KEYS, v, &room))
		return false;
	if (!v[KEY_JOURNAL_MESSAGE].len && v[KEY_STATE].len) {
		struct log_line timed = *l;
		long long t = time_of(x, v);
		timed.time_s = t ? t : l->time_s;
		x->wrapped_s = t;
		x->line = &timed;
		bool own = own_line(x, v);
		x->line = l;
		if (own)
			return true;
	}
	return inner_line(x, l, v);
}
