/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/log/field.h"
#include "explain/log/postfix.h"
#include "explain/log/postfix_reply.h"

/* "to=<a@b>, orig_to=<c>, relay=h[ip]:25, conn_use=2, delay=0.4, delays=a/b/c/d, dsn=2.0.0, status=sent
 * (words)" */
struct fields {
	struct str to, relay, dsn, status, words;
};

/* What follows the ">" before ", "; NULL: there is none. */
static const char *end_of_address(struct str s)
{
	const char *p = s.p, *end = s.p + s.len;
	while ((p = memchr(p, '>', (size_t)(end - p))) != NULL) {
		p++;
		if (end - p >= 2 && p[0] == ',' && p[1] == ' ')
			break;
	}
	return p;
}

/* One ", key=value"; false at the end.  An address may hold a comma within its brackets. */
static bool next_field(struct str *rest, struct str *key, struct str *value)
{
	const char *equals = rest->len ? memchr(rest->p, '=', rest->len) : NULL;
	if (!equals)
		return false;
	*key = (struct str){ rest->p, (size_t)(equals - rest->p) };
	struct str v = log_from(*rest, key->len + 1);
	const char *end = v.len && v.p[0] == '<' ? end_of_address(v) : NULL;
	if (!end)
		end = v.len ? memchr(v.p, ',', v.len) : NULL;
	*value = end ? (struct str){ v.p, (size_t)(end - v.p) } : v;
	*rest = log_from(v, value->len + 1);
	while (rest->len && rest->p[0] == ' ')
		*rest = log_from(*rest, 1);
	return true;
}

/* status= is the last one: its words may hold anything. */
static bool fields_of(struct str text, struct fields *f)
{
	struct str key, value, rest = text;
	while (rest.len && !log_starts(rest, STR_LIT("status="))) {
		if (!next_field(&rest, &key, &value))
			return false;
		if (str_equal(key, STR_LIT("to")))
			f->to = log_address(value);
		else if (str_equal(key, STR_LIT("relay")))
			f->relay = value;
		else if (str_equal(key, STR_LIT("dsn")))
			f->dsn = value;
	}
	rest = log_from(rest, 7);
	f->status = log_to(rest, " ");
	rest = log_from(rest, f->status.len + 2);
	if (rest.len && rest.p[rest.len - 1] == ')')
		rest.len--;
	f->words = rest;
	return f->status.len && f->to.p;
}

static const struct {
	struct str status;
	enum log_state state;
} statuses[] = {
	{ STR_LIT("sent"), LOG_HANDED_OVER },
	{ STR_LIT("deferred"), LOG_DELAYED },
	{ STR_LIT("bounced"), LOG_REFUSED },
	{ STR_LIT("SOFTBOUNCE"), LOG_DELAYED }, /* soft_bounce = yes: it stays in the queue */
	{ STR_LIT("expired"), LOG_EXPIRED },
};

static bool state_of(struct str status, enum log_state *out)
{
	for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
		if (str_equal(status, statuses[i].status))
			return *out = statuses[i].state, true;
	return false; /* deliverable, undeliverable: a probe of an address, no mail (verify(8)) */
}

/* Who took it: another machine by SMTP or LMTP, or something of this one. */
static enum log_state taken_by(const struct fields *f, const struct log_host *h, const char *daemon)
{
	if (!strcmp(daemon, "discard"))
		return LOG_DISCARDED;
	if (!strcmp(daemon, "local") || !strcmp(daemon, "virtual") || !strcmp(daemon, "pipe"))
		return LOG_DELIVERED_HERE;
	bool lmtp = !strcmp(daemon, "lmtp");
	bool socket = f->relay.len && !h->port.len; /* host[private/dovecot-lmtp] */
	if (lmtp && (socket || log_is_loopback(h->ip)))
		return LOG_DELIVERED_HERE;
	return socket && memchr(h->ip.p, '/', h->ip.len) ? LOG_DELIVERED_HERE : LOG_HANDED_OVER;
}

/* A filter on this machine that gave it back, or a forward: the message goes on under
 * another id of this log, which tells its fate. */
static struct log_message *goes_on(struct log_context *x, const struct fields *f, const struct log_host *h)
{
	static const struct str queued = STR_LIT("queued as "), forwarded = STR_LIT("forwarded as ");
	struct str id = { "", 0 };
	size_t at;
	if (log_starts(f->words, forwarded))
		id = log_from(f->words, forwarded.len);
	else if (log_is_loopback(h->ip) && (at = log_rfind(f->words, queued)) < f->words.len)
		id = log_from(f->words, at + queued.len);
	id = log_to(id, " )");
	return id.len ? log_message_find(x, id) : NULL;
}

static void good(struct log_context *x, struct log_message *m, const struct fields *f, const char *daemon)
{
	struct log_host h = log_host_of(f->relay);
	struct log_message *next = goes_on(x, f, &h);
	if (next && next != m) {
		log_message_set(next, LOG_CLIENT, log_message_get(m, LOG_CLIENT));
		return;
	}
	struct log_event e = log_event_of(x, taken_by(f, &h, daemon), LOG_POSTFIX);
	e.to = f->to;
	if (!str_eq(h.name, "none"))
		e.relay = h.name.len ? h.name : h.ip;
	if (h.port.len)
		e.relay_ip = h.ip;
	e.reply = f->words;
	e.enhanced = f->dsn;
	log_fate(x, m, &e);
}

static void bad(struct log_context *x, struct log_message *m, const struct fields *f, enum log_state state)
{
	struct log_postfix_words w = log_postfix_words(f->words);
	struct log_host h = log_host_of(w.host.len ? w.host : f->relay);
	struct log_event e = log_event_of(x, state, LOG_POSTFIX);
	e.to = f->to;
	e.relay = str_eq(h.name, "none") ? (struct str){ "", 0 } : h.name.len ? h.name : h.ip;
	e.relay_ip = h.ip;
	e.reply = w.reply;
	e.step = w.step;
	e.enhanced = f->dsn;
	if (w.suspended && log_last_try(x, m, &(struct log_event){ .to = f->to }))
		return; /* its destination failed for another mail: nothing was tried, nothing is new */
	log_fate(x, m, &e);
}

bool log_postfix_delivery(struct log_context *x, struct str id, struct str text, const char *daemon)
{
	struct fields f = { { NULL, 0 }, { "", 0 }, { "", 0 }, { "", 0 }, { "", 0 } };
	enum log_state state;
	if (!log_starts(text, STR_LIT("to=<")))
		return true; /* "host ... said: ..." of a try that goes on to the next MX; "enabling PIX
				workarounds" */
	if (!fields_of(text, &f))
		return false;
	if (!state_of(f.status, &state))
		return true;
	struct log_message *m = log_message_open(x, id);
	if (state == LOG_HANDED_OVER)
		good(x, m, &f, daemon);
	else
		bad(x, m, &f, state);
	return true;
}
