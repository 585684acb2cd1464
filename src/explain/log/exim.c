/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/log/exim.h"

#include "explain/log/field.h"

enum { FROZEN = 1, ID_OLD = 16, ID_NEW = 23 };

static bool is_base62(struct str s, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		char c = s.p[i];
		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')))
			return false;
	}
	return true;
}

/* How long the id at the front is: 6-6-2, since 4.97 6-11-4. */
static size_t id_bytes(struct str s)
{
	static const size_t lengths[] = { ID_OLD, ID_NEW };
	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		size_t n = lengths[i], second = n == ID_OLD ? 13 : 18;
		if (s.len >= n && s.p[6] == '-' && s.p[second] == '-' && is_base62(s, 0, 6) &&
		    is_base62(s, 7, second) && is_base62(s, second + 1, n) && (s.len == n || s.p[n] == ' '))
			return n;
	}
	return 0;
}

/* Takes "1rKX2b-0001Ab-3C " (or the longer form of 4.97) off the front; "" when there is none. */
static struct str take_id(struct str *text)
{
	size_t n = id_bytes(*text);
	struct str id = { text->p, n };
	*text = log_from(*text, n + (n > 0));
	return id;
}

/* "H=mx.example [192.0.2.7]:25" behind `key`: up to the address. */
static struct str host_value(struct str s, struct str key)
{
	size_t at = log_find(s, key);
	struct str v = log_from(s, at + key.len);
	const char *close = v.len ? memchr(v.p, ']', v.len) : NULL;
	return close ? str_cut(v, 0, (size_t)(close + 1 - v.p)) : log_to(v, " ");
}

/* "user@example.com <alias@example.com> R=...": the address; *rest is what follows. */
static struct str recipient(struct str s, struct str *rest)
{
	struct str first = log_to(s, " "), second = { "", 0 };
	bool colon = first.len > 1 && first.p[0] != ':' && first.p[first.len - 1] == ':';
	first.len -= colon; /* "** a@b: Unrouteable address" */
	*rest = log_from(s, first.len);
	struct str next = str_trim(*rest);
	if (log_starts(next, STR_LIT("<"))) {
		second = log_address(log_to(next, " "));
		*rest = log_from(next, second.len + 2);
	}
	bool address = memchr(first.p, '@', first.len) != NULL;
	return log_address(!address && memchr(second.p, '@', second.len) ? second : first);
}

static void arrived(struct log_context *x, struct str id, struct str text)
{
	struct log_message *m = log_message_open(x, id);
	struct str from = log_to(text, " ");
	log_message_set(m, LOG_FROM, log_address(from));
	log_message_set(m, LOG_MESSAGE_ID, log_value(text, STR_LIT("id="), " "));
	struct str host = host_value(text, STR_LIT(" H="));
	log_message_set(m, LOG_CLIENT, host.len ? host : log_value(text, STR_LIT("U="), " "));
}

static enum log_state taken_by(struct str text, const struct log_host *h, struct str first)
{
	if (log_starts(first, STR_LIT(":blackhole:")))
		return LOG_DISCARDED;
	if (!h->name.len && !h->ip.len)
		return LOG_DELIVERED_HERE;
	struct str transport = log_value(text, STR_LIT("T="), " ");
	return log_is_loopback(h->ip) && log_has(transport, STR_LIT("lmtp")) ? LOG_DELIVERED_HERE
									     : LOG_HANDED_OVER;
}

static void delivered(struct log_context *x, struct str id, struct str text)
{
	struct str rest;
	struct log_message *m = log_message_open(x, id);
	struct str to = recipient(text, &rest), host = host_value(rest, STR_LIT(" H="));
	struct log_host h = log_host_of(host);
	struct log_event e = log_event_of(x, taken_by(rest, &h, text), LOG_EXIM);
	e.to = to;
	e.relay = h.name.len ? h.name : h.ip.len ? h.ip : log_value(rest, STR_LIT("T="), " ");
	e.relay_ip = h.ip;
	e.reply = log_value(rest, STR_LIT("C="), " ");
	log_fate(x, m, &e);
}

static bool is_late(struct str reason)
{
	return log_has(reason, STR_LIT("retry timeout exceeded")) ||
	       log_has(reason, STR_LIT("failing for a long time")) ||
	       log_has(reason, STR_LIT("after a long failure period")) ||
	       log_has(reason, STR_LIT("message timed out"));
}

static void failed(struct log_context *x, struct str id, struct str text, enum log_state state)
{
	struct str rest;
	struct log_message *m = log_message_open(x, id);
	struct str to = recipient(text, &rest);
	size_t defer = state == LOG_DELAYED ? log_find(rest, STR_LIT(" defer (")) : 0;
	struct str tail = log_from(rest, defer);
	struct str reason = log_from(tail, log_find(tail, STR_LIT(": ")) + 2);
	struct log_exim_words w = log_exim_words(reason);
	struct log_host h = log_host_of(w.host.len ? w.host : host_value(rest, STR_LIT(" H=")));
	struct log_event e =
		log_event_of(x, state == LOG_REFUSED && is_late(reason) ? LOG_EXPIRED : state, LOG_EXIM);
	e.to = to;
	e.relay = h.name.len ? h.name : h.ip;
	e.relay_ip = h.ip;
	e.reply = str_cut(w.reply, 0, log_find(w.reply, STR_LIT(" H="))); /* older ones end in the host */
	e.step = w.step;
	bool not_tried = log_has(reason, STR_LIT("retry time not reached"));
	bool known = (not_tried || e.state == LOG_EXPIRED) && log_last_try(x, m, &e);
	if (!known || e.state != LOG_DELAYED)
		log_fate(x, m, &e);
}

/* Words of a message about itself. */
static bool message_words(struct log_context *x, struct str id, struct str text)
{
	struct log_message *m = log_message_find(x, id);
	if (str_eq(text, "Completed")) {
		if (m)
			log_message_close(x, m);
		return true;
	}
	bool frozen = log_starts(text, STR_LIT("*** Frozen")) || log_starts(text, STR_LIT("Frozen")) ||
		      log_starts(text, STR_LIT("Message is frozen"));
	bool removed = log_starts(text, STR_LIT("removed by ")) || log_starts(text, STR_LIT("cancelled by "));
	if (!frozen && !removed)
		return false;
	m = m ? m : log_message_open(x, id);
	if (frozen && m->flags & FROZEN)
		return true;
	struct log_event e = log_event_of(x, frozen ? LOG_HELD : LOG_DISCARDED, LOG_EXIM);
	e.reply = text;
	if (frozen || log_fate_of_delayed(x, m, &e) == 0)
		log_fate(x, m, &e);
	m->flags |= frozen ? FROZEN : 0;
	return true;
}

static bool message_line(struct log_context *x, struct str id, struct str text)
{
	struct str rest = log_from(text, 3);
	if (text.len < 3 || text.p[2] != ' ')
		return message_words(x, id, text) || log_exim_door(x, id, text);
	if (log_starts(text, STR_LIT("<=")))
		arrived(x, id, rest);
	else if (log_starts(text, STR_LIT("=>")) || log_starts(text, STR_LIT("->")) ||
		 log_starts(text, STR_LIT(">>")))
		delivered(x, id, rest);
	else if (log_starts(text, STR_LIT("**")))
		failed(x, id, rest, LOG_REFUSED);
	else if (log_starts(text, STR_LIT("==")))
		failed(x, id, rest, LOG_DELAYED);
	else
		return message_words(x, id, text) || log_exim_door(x, id, text);
	return true;
}

/* "[12345] " of log_selector = +pid; a second time where syslog wrote the first. */
static struct str skip_head(struct log_context *x, struct str text)
{
	long long t;
	size_t n = log_time_iso(&x->clock, text, &t);
	if (n)
		text = str_trim(log_from(text, n));
	size_t end = log_starts(text, STR_LIT("[")) ? log_find(text, STR_LIT("] ")) : text.len;
	unsigned long pid;
	return end < text.len && str_number(str_cut(text, 1, end), ~0ul, &pid) ? log_from(text, end + 2)
									       : text;
}

bool log_exim(struct log_context *x, const struct log_line *l)
{
	struct str text = skip_head(x, l->text);
	struct str id = take_id(&text);
	if (!id.len)
		return log_exim_door(x, id, text);
	(void)message_line(x, id, text);
	return true;
}

bool log_exim_is(const struct log_line *l)
{
	if (l->tag.len)
		return log_starts(l->tag, STR_LIT("exim"));
	if (!l->time_s)
		return false;
	struct str text = l->text;
	size_t end = log_starts(text, STR_LIT("[")) ? log_find(text, STR_LIT("] ")) + 2 : 0;
	return id_bytes(log_from(text, end)) > 0 || log_starts(text, STR_LIT("H=")) ||
	       log_has(text, STR_LIT(" authenticator failed for ")) ||
	       log_starts(text, STR_LIT("TLS error on connection "));
}
