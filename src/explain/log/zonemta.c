/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/log/field.h"
#include "explain/log/track.h"

/* ZoneMTA's senders: "info Sender/ZONE/PID[N] [id=SESSION] ID.SEQ VERB[CATEGORY] from=A to=B src=IP
 * mx=HOST[IP] id=<MESSAGE-ID> (REPLY)" (sender.js); in 2017 "(Sender/ZONE/PID) ID.SEQ VERB from=A[A] to=B
 * mx=HOST (REPLY)". What they say of connections is said again by the verb that ends the try. */
#define LOG_ZONEMTA "zonemta"

enum { SENDER_WITHIN = 120 /* bytes of a line that may stand before it: a loader's, a container's */ };

static const struct {
	const char *verb;
	enum log_state state;
} verbs[] = {
	{ "ACCEPTED", LOG_HANDED_OVER },
	{ "DEFERRED", LOG_DELAYED },
	{ "REJECTED", LOG_REFUSED },
};

/* What follows "Sender/..." ; nothing when the line is of no sender. */
static struct str sender_line(struct str s)
{
	static const struct str name = STR_LIT("Sender/");
	size_t at = log_find(str_cut(s, 0, SENDER_WITHIN), name);
	if (at >= SENDER_WITHIN || at + name.len >= s.len || (at && !strchr(" (", s.p[at - 1])))
		return (struct str){ "", 0 };
	struct str rest = log_from(s, at);
	return str_trim(log_from(rest, log_to(rest, " ").len));
}

static struct str take_word(struct str *s)
{
	struct str word = log_to(*s, " ");
	*s = str_trim(log_from(*s, word.len));
	return word;
}

/* "19001ba5ad80001cdc.001": the message, without the number of the recipient. */
static struct str id_of(struct str word)
{
	const char *dot = word.len ? memrchr(word.p, '.', word.len) : NULL;
	return dot ? str_cut(word, 0, (size_t)(dot - word.p)) : (struct str){ "", 0 };
}

static struct str reply_of(struct str s)
{
	static const struct str open = STR_LIT(" (");
	struct str in = log_from(s, log_find(s, open) + open.len);
	return in.len && in.p[in.len - 1] == ')' ? str_cut(in, 0, in.len - 1) : in;
}

static void give(struct log_context *x, struct str id, enum log_state state, struct str s)
{
	struct log_event e = log_event_of(x, state, LOG_ZONEMTA);
	struct log_host mx = log_host_of(log_value(s, STR_LIT("mx="), " "));
	e.to = log_to(log_value(s, STR_LIT("to="), " "), "[");
	e.from = log_to(log_value(s, STR_LIT("from="), " "), "[");
	e.message_id = log_value(s, STR_LIT("id="), " ");
	if (mx.ip.len) { /* else it is the domain whose server was not reached */
		e.relay = mx.name;
		e.relay_ip = mx.ip;
	}
	e.reply = reply_of(s);
	if (state == LOG_REFUSED && log_starts(e.reply, STR_LIT("4")))
		e.state = LOG_EXPIRED; /* the last try of many */
	log_fate(x, log_message_open(x, id), &e);
}

bool log_zonemta_is(const struct log_line *l)
{
	return sender_line(l->text).len > 0;
}

bool log_zonemta(struct log_context *x, const struct log_line *l)
{
	struct str s = sender_line(l->text), word = take_word(&s);
	if (log_starts(word, STR_LIT("id=")))
		word = take_word(&s);
	struct str id = id_of(word), verb = log_to(take_word(&s), "[");
	for (size_t i = 0; i < ARRAY_LEN(verbs) && id.len; i++)
		if (str_eq(verb, verbs[i].verb) && log_has(s, STR_LIT("to=")))
			give(x, id, verbs[i].state, s);
	return true;
}
