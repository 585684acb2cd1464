/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/log/field.h"
#include "explain/log/postfix.h"

/* "reject: RCPT from host[ip]: 554 5.7.1 <to>: words; from=<f> to=<t> proto=ESMTP helo=<h>" (smtpd,
 * postscreen) "milter-reject: END-OF-MESSAGE from host[ip]: 5.7.1 words; from=<f> to=<t> ..." (smtpd,
 * cleanup) "reject: header Subject: text from host[ip]; from=<f> to=<t> proto=ESMTP helo=<h>: 5.7.1 words"
 * (cleanup) */
static const struct {
	struct str lead;
	enum log_state state;
	bool counts; /* false: nothing was decided by it */
} actions[] = {
	{ STR_LIT("reject: "), LOG_NOT_TAKEN, true },
	{ STR_LIT("milter-reject: "), LOG_NOT_TAKEN, true },
	{ STR_LIT("proxy-reject: "), LOG_NOT_TAKEN, true },
	{ STR_LIT("hold: "), LOG_HELD, true },
	{ STR_LIT("milter-hold: "), LOG_HELD, true },
	{ STR_LIT("discard: "), LOG_DISCARDED, true },
	{ STR_LIT("milter-discard: "), LOG_DISCARDED, true },
	{ STR_LIT("reject_warning: "), LOG_NOT_TAKEN, false },
	{ STR_LIT("warn: "), LOG_NOT_TAKEN, false },
	{ STR_LIT("filter: "), LOG_HELD, false },
	{ STR_LIT("redirect: "), LOG_HELD, false },
	{ STR_LIT("prepend: "), LOG_HELD, false },
	{ STR_LIT("replace: "), LOG_HELD, false },
	{ STR_LIT("info: "), LOG_HELD, false },
	{ STR_LIT("client="), LOG_HELD, false },
};

/* Where the facts "; from=<...>" begin, searched from the end: a reply may hold anything. */
static size_t facts_at(struct str s)
{
	size_t at = log_rfind(s, STR_LIT("; from=<"));
	return at < s.len ? at : log_rfind(s, STR_LIT("; to=<"));
}

/* The reply of cleanup's header and body checks stands behind the facts. */
static struct str words_behind(struct str facts)
{
	size_t at = log_find(facts, STR_LIT(">: "));
	return log_from(facts, at + 3);
}

static struct str client_of(struct str s, struct str *after)
{
	struct str rest = log_from(s, log_find(s, STR_LIT(" from ")) + 6);
	const char *close = rest.len ? memchr(rest.p, ']', rest.len) : NULL;
	struct str c = close ? str_cut(rest, 0, (size_t)(close + 1 - rest.p)) : log_to(rest, ":; ");
	*after = log_from(rest, c.len);
	return c;
}

/* The words of the reply: after "]: ", or "]:port: " of postscreen. */
static struct str reply_of(struct str after)
{
	size_t at = log_find(after, STR_LIT(": "));
	return log_from(after, at + 2);
}

static void door_event(struct log_context *x, struct str id, struct str s, enum log_state state)
{
	struct log_event e = log_event_of(x, state, LOG_POSTFIX);
	struct str after, facts = log_from(s, facts_at(s)), before = str_cut(s, 0, s.len - facts.len);
	bool checks = log_starts(s, STR_LIT("header ")) || log_starts(s, STR_LIT("body "));
	size_t from = checks ? log_rfind(before, STR_LIT(" from ")) : 0;
	e.client = client_of(log_from(before, from), &after);
	e.reply = checks ? words_behind(facts) : reply_of(after);
	e.step = log_step_of_command(s);
	e.queue_id = id;
	e.from = log_value(facts, STR_LIT("from="), ", ");
	e.to = log_value(facts, STR_LIT("to="), ", ");
	struct log_message *m = id.len ? log_message_find(x, id) : NULL;
	if (m)
		log_fate(x, m, &e);
	else
		(void)log_give(x, &e);
	if (m && state == LOG_NOT_TAKEN && !str_istarts(s, "rcpt"))
		log_message_close(x, m); /* the whole message was turned away */
}

bool log_postfix_door(struct log_context *x, struct str id, struct str text)
{
	for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
		if (!log_starts(text, actions[i].lead))
			continue;
		if (actions[i].counts)
			door_event(x, id, log_from(text, actions[i].lead.len), actions[i].state);
		return true;
	}
	return false;
}
