/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/log/csv.h"

#include <string.h>

#include "explain/log/field.h"

/* Microsoft Learn, "Message tracking", "Protocol logging" and "Message trace"; W3C extended log file format
 * for IIS. */
static const struct {
	const char *name;
	enum log_column column;
} names[] = {
	{ "date-time", LOG_COL_TIME },
	{ "date", LOG_COL_DATE },
	{ "time", LOG_COL_CLOCK },
	{ "event-id", LOG_COL_EVENT },
	{ "event", LOG_COL_EVENT },
	{ "source", LOG_COL_SOURCE },
	{ "message-id", LOG_COL_MESSAGE_ID },
	{ "internal-message-id", LOG_COL_INTERNAL_ID },
	{ "sender-address", LOG_COL_FROM },
	{ "recipient-address", LOG_COL_TO },
	{ "recipient-status", LOG_COL_STATUS },
	{ "server-hostname", LOG_COL_SERVER_NAME },
	{ "server-ip", LOG_COL_SERVER_IP },
	{ "client-hostname", LOG_COL_CLIENT_NAME },
	{ "client-ip", LOG_COL_CLIENT_IP },
	{ "c-ip", LOG_COL_CLIENT_IP },
	{ "session-id", LOG_COL_SESSION },
	{ "remote-endpoint", LOG_COL_REMOTE },
	{ "data", LOG_COL_DATA },
	{ "context", LOG_COL_CONTEXT },
	{ "source-context", LOG_COL_CONTEXT },
	{ "cs-method", LOG_COL_METHOD },
	{ "cs-uri-query", LOG_COL_QUERY },
	{ "cs-username", LOG_COL_CLIENT_NAME },
	{ "origin_timestamp_utc", LOG_COL_TIME },
	{ "sender_address", LOG_COL_FROM },
	{ "message_id", LOG_COL_MESSAGE_ID },
	{ "recipient_status", LOG_COL_OUTCOMES },
	{ "Received", LOG_COL_TIME },
	{ "SenderAddress", LOG_COL_FROM },
	{ "RecipientAddress", LOG_COL_TO },
	{ "MessageId", LOG_COL_MESSAGE_ID },
	{ "Status", LOG_COL_OUTCOME },
	{ "ToIP", LOG_COL_SERVER_IP },
};

static enum log_column column_of(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_ieq(name, names[i].name))
			return names[i].column;
	return LOG_COL_NONE;
}

bool log_csv_header(struct log_csv *c, struct str header)
{
	struct str rest = str_trim(header);
	struct log_csv fresh = { .separator = memchr(rest.p, ',', rest.len) ? ',' : ' ' };
	const char separator[] = { fresh.separator, '\0' };
	bool any = false;
	while (rest.len && fresh.n < LOG_COLUMNS_MAX) {
		struct str name = log_to(rest, separator), bare = str_trim(name);
		if (bare.len > 1 && bare.p[0] == '"')
			bare = str_cut(bare, 1, bare.len - 1);
		enum log_column k = column_of(bare);
		fresh.column[fresh.n++] = (unsigned char)k;
		fresh.has[k] = true;
		any = any || k != LOG_COL_NONE;
		rest = log_from(rest, name.len + 1);
	}
	if (any)
		*c = fresh;
	return any;
}

/* A cell; within quotes the separator and doubled quotes are text (RFC 4180, 2). */
static struct str cell(struct str *rest, char separator)
{
	struct str s = *rest;
	size_t i = 0;
	if (s.len && s.p[0] == '"') {
		for (i = 1; i < s.len && !(s.p[i] == '"' && (i + 1 == s.len || s.p[i + 1] == separator)); i++)
			;
		*rest = log_from(s, i + 2);
		return str_cut(s, 1, i);
	}
	const char *end = s.len ? memchr(s.p, separator, s.len) : NULL;
	i = end ? (size_t)(end - s.p) : s.len;
	*rest = log_from(s, i + 1);
	return str_cut(s, 0, i);
}

bool log_csv_row(const struct log_csv *c, struct str row, struct str cells[LOG_COLUMNS])
{
	unsigned n = 0;
	for (size_t i = 0; i < LOG_COLUMNS; i++)
		cells[i] = (struct str){ "", 0 };
	for (; n < c->n && row.len; n++) {
		struct str v = cell(&row, c->separator);
		cells[c->column[n]] = str_eq(v, "-") && c->separator == ' ' ? (struct str){ "", 0 } : v;
	}
	return n * 2 >= c->n; /* trailing empty cells may be left out */
}

/* Microsoft Learn, as above; Exchange 2010 had no network-message-id. */
static const struct str protocol = STR_LIT("date-time,connector-id,session-id,sequence-number,local-endpoint,"
					   "remote-endpoint,event,data,context"),
			tracking = STR_LIT("date-time,client-ip,client-hostname,server-ip,server-hostname,"
					   "source-context,connector-id,source,event-id,internal-message-id,"
					   "message-id,network-message-id,recipient-address,recipient-status,"
					   "total-bytes,recipient-count,related-recipient-address,reference,"
					   "message-subject,sender-address"),
			tracking_2010 =
				STR_LIT("date-time,client-ip,client-hostname,server-ip,server-hostname,"
					"source-context,connector-id,source,event-id,"
					"internal-message-id,message-id,recipient-address,"
					"recipient-status,total-bytes,recipient-count,"
					"related-recipient-address,reference,message-subject,"
					"sender-address");

/* "2026-02-02T10:00:00.123Z," */
static bool is_dated(struct str s)
{
	enum { BYTES = 25 };
	return s.len > BYTES && s.p[4] == '-' && s.p[10] == 'T' && s.p[13] == ':' && s.p[23] == 'Z' &&
	       s.p[24] == ',';
}

/* "SENDEXTERNAL" */
static bool is_event(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] < 'A' || s.p[i] > 'Z')
			return false;
	return s.len > 0;
}

static bool is_guid(struct str s)
{
	return s.len == 36 && s.p[8] == '-' && s.p[13] == '-' && s.p[18] == '-' && s.p[23] == '-';
}

struct str log_csv_guess(struct str row)
{
	enum { PROTOCOL_CELLS = 8, TRACKING_CELLS = 18, CELLS = 20 };
	struct str c[CELLS], none = { "", 0 };
	size_t n = 0;
	if (!is_dated(row))
		return none;
	while (n < CELLS && row.len)
		c[n++] = cell(&row, ',');
	if (n >= TRACKING_CELLS && is_event(c[7]) && is_event(c[8]))
		return is_guid(c[11]) ? tracking : tracking_2010;
	if (n >= PROTOCOL_CELLS && n <= PROTOCOL_CELLS + 1 && c[6].len == 1 && memchr("+-<>*", c[6].p[0], 5))
		return protocol;
	return none;
}
