/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/log/postfix.h"

#include "explain/log/chars.h"
#include "explain/log/field.h"

enum { ID_SHORT_MIN = 5, ID_MAX = 24 };

enum daemon {
	DAEMON_OTHER, /* it logs nothing of a message's fate */
	DAEMON_SMTPD,
	DAEMON_CLEANUP,
	DAEMON_QMGR,
	DAEMON_PICKUP,
	DAEMON_DELIVERY,
	DAEMON_POSTSUPER
};

/* By the last part of the tag: "postfix/smtp", "postfix-out/submission/smtpd". */
static const struct {
	struct str name;
	enum daemon daemon;
} daemons[] = {
	{ STR_LIT("smtp"), DAEMON_DELIVERY },       { STR_LIT("smtpd"), DAEMON_SMTPD },
	{ STR_LIT("cleanup"), DAEMON_CLEANUP },     { STR_LIT("qmgr"), DAEMON_QMGR },
	{ STR_LIT("lmtp"), DAEMON_DELIVERY },       { STR_LIT("local"), DAEMON_DELIVERY },
	{ STR_LIT("virtual"), DAEMON_DELIVERY },    { STR_LIT("pipe"), DAEMON_DELIVERY },
	{ STR_LIT("error"), DAEMON_DELIVERY },      { STR_LIT("retry"), DAEMON_DELIVERY },
	{ STR_LIT("discard"), DAEMON_DELIVERY },    { STR_LIT("relay"), DAEMON_DELIVERY },
	{ STR_LIT("postscreen"), DAEMON_SMTPD },    { STR_LIT("submission"), DAEMON_SMTPD },
	{ STR_LIT("smtps"), DAEMON_SMTPD },         { STR_LIT("submissions"), DAEMON_SMTPD },
	{ STR_LIT("qmqpd"), DAEMON_SMTPD },         { STR_LIT("pickup"), DAEMON_PICKUP },
	{ STR_LIT("nqmgr"), DAEMON_QMGR },          { STR_LIT("oqmgr"), DAEMON_QMGR },
	{ STR_LIT("postsuper"), DAEMON_POSTSUPER }, { STR_LIT("bounce"), DAEMON_OTHER },
	{ STR_LIT("anvil"), DAEMON_OTHER },         { STR_LIT("scache"), DAEMON_OTHER },
	{ STR_LIT("master"), DAEMON_OTHER },        { STR_LIT("trivial-rewrite"), DAEMON_OTHER },
	{ STR_LIT("verify"), DAEMON_OTHER },        { STR_LIT("tlsproxy"), DAEMON_OTHER },
	{ STR_LIT("tlsmgr"), DAEMON_OTHER },        { STR_LIT("dnsblog"), DAEMON_OTHER },
	{ STR_LIT("proxymap"), DAEMON_OTHER },      { STR_LIT("postfix-script"), DAEMON_OTHER },
	{ STR_LIT("defer"), DAEMON_OTHER },         { STR_LIT("trace"), DAEMON_OTHER },
	{ STR_LIT("showq"), DAEMON_OTHER },         { STR_LIT("flush"), DAEMON_OTHER },
	{ STR_LIT("sendmail"), DAEMON_OTHER },      { STR_LIT("postdrop"), DAEMON_OTHER },
	{ STR_LIT("postalias"), DAEMON_OTHER },     { STR_LIT("postmap"), DAEMON_OTHER },
	{ STR_LIT("postqueue"), DAEMON_OTHER },     { STR_LIT("postlog"), DAEMON_OTHER },
	{ STR_LIT("postlogd"), DAEMON_OTHER },
};

static struct str last_part(struct str tag)
{
	const char *slash = tag.len ? memrchr(tag.p, '/', tag.len) : NULL;
	return slash ? log_from(tag, (size_t)(slash + 1 - tag.p)) : (struct str){ "", 0 };
}

/* False: no daemon of that name is known. */
static bool daemon_find(struct str tag, size_t *which)
{
	struct str name = last_part(tag);
	for (size_t i = 0; i < ARRAY_LEN(daemons); i++)
		if (name.len == daemons[i].name.len && name.p[0] == daemons[i].name.p[0] &&
		    !memcmp(name.p, daemons[i].name.p, name.len))
			return *which = i, true;
	return false;
}

bool log_postfix_is(const struct log_line *l)
{
	size_t which;
	struct str tag = l->tag;
	return daemon_find(tag, &which) ||
	       (log_starts(tag, STR_LIT("postfix")) && tag.len > 7 && tag.p[7] == '/');
}

enum { HEX = 1, LONG = 2 };

/* Short ids are hexadecimal, long ones have no vowels (postconf(5), enable_long_queue_ids). */
static unsigned char_kind(char c)
{
	static const uint64_t hex[] = { CHARS_DIGITS, 0x7e }, /* A to F */
		consonants[] = { CHARS_DIGITS, 0x07df7ddc07df7ddc };
	return (chars_has(hex, c) ? HEX : 0u) | (chars_has(consonants, c) ? LONG : 0u);
}

struct str log_postfix_id(struct str *text)
{
	unsigned kind = HEX | LONG;
	size_t n = 0;
	while (n < text->len && n <= ID_MAX && text->p[n] != ':' && kind)
		kind &= char_kind(text->p[n++]);
	if (n < ID_SHORT_MIN || n > ID_MAX || n >= text->len || text->p[n] != ':' || !kind)
		return (struct str){ "", 0 };
	struct str id = { text->p, n };
	*text = log_from(*text, n + 1 + (n + 1 < text->len && text->p[n + 1] == ' '));
	return id;
}

/* "<a@b>" at the front of s, where the value may hold a blank or a comma. */
static struct str bracketed(struct str s)
{
	const char *end = s.len && s.p[0] == '<' ? memchr(s.p, '>', s.len) : NULL;
	return end ? (struct str){ s.p + 1, (size_t)(end - s.p - 1) } : log_to(s, ", ");
}

static bool smtpd_line(struct log_context *x, struct str id, struct str text)
{
	static const struct str client = STR_LIT("client=");
	if (!log_starts(text, client))
		return log_postfix_door(x, id, text);
	struct str c = log_from(text, client.len);
	const char *comma = memchr(c.p, ',', c.len);
	if (comma)
		c.len = (size_t)(comma - c.p);
	log_message_set(log_message_open(x, id), LOG_CLIENT, c);
	return true;
}

static bool cleanup_line(struct log_context *x, struct str id, struct str text)
{
	static const struct str key = STR_LIT("message-id=");
	if (!log_starts(text, key))
		return log_starts(text, STR_LIT("resent-message-id=")) || log_postfix_door(x, id, text);
	log_message_set(log_message_open(x, id), LOG_MESSAGE_ID, bracketed(log_from(text, key.len)));
	return true;
}

/* "from=<x>, status=expired, returned to sender": every recipient still delayed has had its time. */
static void expired(struct log_context *x, struct log_message *m)
{
	struct log_event e = log_event_of(x, LOG_EXPIRED, LOG_POSTFIX);
	if (log_fate_of_delayed(x, m, &e) == 0)
		log_fate(x, m, &e);
}

static bool qmgr_line(struct log_context *x, struct str id, struct str text)
{
	static const struct str from = STR_LIT("from=");
	if (str_eq(text, "removed")) {
		struct log_message *m = log_message_find(x, id);
		if (m)
			log_message_close(x, m);
		return true;
	}
	if (!log_starts(text, from))
		return log_postfix_door(x, id, text);
	struct log_message *m = log_message_open(x, id);
	struct str address = bracketed(log_from(text, from.len));
	log_message_set(m, LOG_FROM, address);
	struct str rest = log_from(text, from.len + address.len);
	size_t status = log_find(rest, STR_LIT("status="));
	rest = log_from(rest, status);
	if (log_starts(rest, STR_LIT("status=expired")) || log_starts(rest, STR_LIT("status=force-expired")))
		expired(x, m);
	return true;
}

/* "uid=0 from=<root>" */
static bool pickup_line(struct log_context *x, struct str id, struct str text)
{
	size_t at = log_find(text, STR_LIT("from="));
	if (at < text.len) {
		struct log_message *m = log_message_open(x, id);
		log_message_set(m, LOG_CLIENT, log_to(text, " "));
		log_message_set(m, LOG_FROM, bracketed(log_from(text, at + 5)));
	}
	return true;
}

/* What the operator did: removed, held, released. */
static bool postsuper_line(struct log_context *x, struct str id, struct str text)
{
	struct log_message *m = log_message_find(x, id);
	bool removed = str_eq(text, "removed"), held = str_eq(text, "placed on hold");
	if (removed || held) {
		struct log_event e = log_event_of(x, removed ? LOG_DISCARDED : LOG_HELD, LOG_POSTFIX);
		m = m ? m : log_message_open(x, id);
		if (held || log_fate_of_delayed(x, m, &e) == 0)
			log_fate(x, m, &e);
	}
	if (removed)
		log_message_close(x, m);
	return true;
}

static bool message_line(struct log_context *x, size_t which, struct str id, struct str text)
{
	switch (daemons[which].daemon) {
	case DAEMON_SMTPD:
		return smtpd_line(x, id, text);
	case DAEMON_CLEANUP:
		return cleanup_line(x, id, text);
	case DAEMON_QMGR:
		return qmgr_line(x, id, text);
	case DAEMON_PICKUP:
		return pickup_line(x, id, text);
	case DAEMON_DELIVERY:
		return log_postfix_delivery(x, id, text, daemons[which].name.p);
	case DAEMON_POSTSUPER:
		return postsuper_line(x, id, text);
	case DAEMON_OTHER:
		break;
	}
	return true;
}

bool log_postfix(struct log_context *x, const struct log_line *l)
{
	size_t which;
	struct str text = l->text;
	if (!daemon_find(l->tag, &which))
		return log_postfix_trouble(x, text);
	struct str id = log_postfix_id(&text);
	if (id.len && !log_starts(text, STR_LIT("warning: ")))
		return message_line(x, which, id, text);
	if (log_starts(text, STR_LIT("NOQUEUE: ")))
		return log_postfix_door(x, id, log_from(text, 9));
	return log_postfix_trouble(x, text);
}
