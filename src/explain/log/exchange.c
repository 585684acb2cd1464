/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/log/exchange.h"

#include "explain/log/field.h"

enum { RECIPIENTS_MAX = 1000 }; /* of one row */

static const struct {
	const char *event, *source; /* source NULL: any */
	enum log_state state;
} events[] = {
	{ "SEND", "SMTP", LOG_HANDED_OVER },     { "SENDEXTERNAL", NULL, LOG_HANDED_OVER },
	{ "DELIVER", NULL, LOG_DELIVERED_HERE }, { "FAIL", NULL, LOG_REFUSED },
	{ "BADMAIL", NULL, LOG_REFUSED },        { "DEFER", NULL, LOG_DELAYED },
};

/* "[{LRT=...};{LED=550 5.1.1 RESOLVER.ADR.RecipNotFound; not found};{FQDN=mx};{IP=192.0.2.1}]" */
static struct str part(struct str status, struct str key)
{
	size_t at = log_find(status, key);
	struct str v = log_from(status, at + key.len);
	return str_cut(v, 0, log_find(v, STR_LIT("}")));
}

static struct str words_of(struct str status)
{
	struct str led = part(status, STR_LIT("LED="));
	return led.len ? led : status;
}

/* Cells of one row each, divided by ";": but a single status may hold one. */
static struct str next_status(struct str *rest, bool single)
{
	if (single)
		return *rest;
	bool framed = log_starts(*rest, STR_LIT("["));
	size_t end = framed ? log_find(*rest, STR_LIT("]")) + 1 : log_find(*rest, STR_LIT(";"));
	struct str one = str_cut(*rest, 0, end);
	*rest = log_from(*rest, one.len + 1);
	return one;
}

static void row_event(struct log_context *x, const struct str c[LOG_COLUMNS], enum log_state state)
{
	struct str id = c[LOG_COL_MESSAGE_ID].len ? c[LOG_COL_MESSAGE_ID] : c[LOG_COL_INTERNAL_ID], to;
	struct str list = c[LOG_COL_TO], status = c[LOG_COL_STATUS];
	bool single = !memchr(list.p, ';', list.len), sent = state == LOG_HANDED_OVER;
	struct log_message *m = log_message_open(x, id);
	for (unsigned n = 0; n < RECIPIENTS_MAX && str_next(&list, ";", &to); n++) {
		struct log_event e = log_event_of(x, state, LOG_EXCHANGE);
		struct str one = next_status(&status, single);
		e.to = to;
		e.from = c[LOG_COL_FROM];
		e.queue_id = c[LOG_COL_INTERNAL_ID];
		e.message_id = log_address(c[LOG_COL_MESSAGE_ID]);
		e.reply = words_of(one);
		e.relay = sent ? c[LOG_COL_SERVER_NAME] : part(one, STR_LIT("FQDN="));
		e.relay_ip = sent ? c[LOG_COL_SERVER_IP] : part(one, STR_LIT("IP="));
		if (!e.reply.len && state == LOG_REFUSED)
			e.reply = c[LOG_COL_CONTEXT];
		log_fate(x, m, &e);
	}
}

static void tracked(struct log_context *x, const struct str c[LOG_COLUMNS])
{
	for (size_t i = 0; i < ARRAY_LEN(events); i++)
		if (str_ieq(c[LOG_COL_EVENT], events[i].event) &&
		    (!events[i].source || str_ieq(c[LOG_COL_SOURCE], events[i].source)))
			row_event(x, c, events[i].state);
}

/* ">" went out, "<" came in; the connector's kind says which of them are replies: a reply
 * begins with its code. */
static void protocol_row(struct log_context *x, const struct str c[LOG_COLUMNS])
{
	struct str event = c[LOG_COL_EVENT], data = c[LOG_COL_DATA];
	if (str_eq(event, "-")) {
		log_exchange_closed(x, c[LOG_COL_SESSION]);
		return;
	}
	struct str enhanced;
	bool in = str_eq(event, "<"),
	     reply = log_code(data, &enhanced) > 0 || log_starts(data, STR_LIT("334"));
	if (!in && !str_eq(event, ">"))
		return;
	struct str remote = c[LOG_COL_REMOTE];
	const char *colon = remote.len ? memrchr(remote.p, ':', remote.len) : NULL;
	struct log_exchange_said s = { .session = c[LOG_COL_SESSION],
				       .text = data,
				       .host = { "", 0 },
				       .ip = colon ? str_cut(remote, 0, (size_t)(colon - remote.p)) : remote,
				       .reply = reply,
				       .sending = in == reply };
	log_exchange_said(x, &s);
}

/* "RCPT" with "+TO:<a@b>"; replies of others stand under OutboundConnectionResponse. */
static void iis_row(struct log_context *x, const struct str c[LOG_COLUMNS])
{
	enum { LINE_MAX_BYTES = 1024 };
	char text[LINE_MAX_BYTES];
	struct str who = c[LOG_COL_CLIENT_NAME], query = c[LOG_COL_QUERY];
	bool response = str_eq(who, "OutboundConnectionResponse"),
	     command = str_eq(who, "OutboundConnectionCommand");
	if (!response && !command)
		return; /* what clients say: IIS does not log what it answers them */
	size_t n = 0, verb = response ? 0 : c[LOG_COL_METHOD].len;
	for (; n < verb && n < sizeof(text) - 1; n++)
		text[n] = c[LOG_COL_METHOD].p[n];
	if (verb)
		text[n++] = ' ';
	for (size_t i = 0; i < query.len && n < sizeof(text); i++)
		if (i || query.p[0] != '+')
			text[n++] = query.p[i] == '+' ? ' ' : query.p[i];
	if (response && n > 3 && text[3] == '-')
		text[3] = ' '; /* of a reply of many lines IIS writes the first */
	log_exchange_said(x, &(struct log_exchange_said){ .session = c[LOG_COL_CLIENT_IP],
							  .text = { text, n },
							  .host = { "", 0 },
							  .ip = c[LOG_COL_CLIENT_IP],
							  .reply = response,
							  .sending = true });
	if (command && str_ieq(c[LOG_COL_METHOD], "QUIT"))
		log_exchange_closed(x, c[LOG_COL_CLIENT_IP]);
}

static long long time_of(struct log_context *x, const struct str c[LOG_COLUMNS])
{
	char both[20];
	long long t = 0, zone = x->clock.zone_s;
	x->clock.zone_s = 0; /* these logs are in UTC */
	if (c[LOG_COL_TIME].len) {
		(void)log_time_any(&x->clock, c[LOG_COL_TIME], &t);
	} else if (c[LOG_COL_DATE].len == 10 && c[LOG_COL_CLOCK].len == 8) {
		memcpy(both, c[LOG_COL_DATE].p, 10);
		both[10] = ' ';
		memcpy(both + 11, c[LOG_COL_CLOCK].p, 8);
		(void)log_time_iso(&x->clock, (struct str){ both, 19 }, &t);
	}
	x->clock.zone_s = zone;
	return t;
}

static const struct str fields = STR_LIT("#Fields:");

static bool is_trace_header(struct str s)
{
	return log_starts(s, STR_LIT("origin_timestamp_utc,")) ||
	       (s.p[0] == '"' && log_has(s, STR_LIT("\"SenderAddress\",\"RecipientAddress\",")));
}

bool log_exchange_is(const struct log_line *l)
{
	if (l->whole.p[0] == '#')
		return log_starts(l->whole, fields) ||
		       log_starts(l->whole, STR_LIT("#Software: Microsoft")) ||
		       log_starts(l->whole, STR_LIT("#Version:")) || log_starts(l->whole, STR_LIT("#Log-")) ||
		       log_starts(l->whole, STR_LIT("#Date:"));
	return !l->tag.len && (l->in_csv || is_trace_header(l->whole) || log_csv_guess(l->whole).len);
}

bool log_exchange(struct log_context *x, const struct log_line *l)
{
	struct str c[LOG_COLUMNS];
	if (l->whole.p[0] == '#') {
		if (log_starts(l->whole, fields))
			(void)log_csv_header(&x->csv, log_from(l->whole, fields.len));
		return true;
	}
	if (is_trace_header(l->whole))
		return log_csv_header(&x->csv, l->whole);
	if (!l->in_csv)
		(void)log_csv_header(&x->csv, log_csv_guess(l->whole));
	if (!log_csv_row(&x->csv, l->whole, c))
		return false;
	struct log_line timed = *l;
	timed.time_s = time_of(x, c);
	x->line = &timed;
	if (x->csv.has[LOG_COL_SESSION])
		protocol_row(x, c);
	else if (x->csv.has[LOG_COL_METHOD])
		iis_row(x, c);
	else if (x->csv.has[LOG_COL_OUTCOME] || x->csv.has[LOG_COL_OUTCOMES])
		log_exchange_trace(x, c);
	else
		tracked(x, c);
	x->line = l;
	return timed.time_s != 0;
}
