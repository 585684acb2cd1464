/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/finding.h"
#include "explain/log/exim.h"
#include "explain/log/field.h"

static const struct str error_after = STR_LIT("remote mail server after ");
static const struct str closed_after = STR_LIT("closed connection in response to ");
static const struct str timeout_after = STR_LIT("timeout after ");

/* The words before a command in Exim's own sentences; what the remote said follows ": ". */
static const struct {
	const struct str *lead;
	bool said;
} sentences[] = {
	{ &error_after, true },
	{ &closed_after, false },
	{ &timeout_after, false },
};

static const struct {
	struct str words;
	enum step step;
} own_words[] = {
	{ STR_LIT("onnection timed out"), STEP_CONNECT },
	{ STR_LIT("onnection refused"), STEP_CONNECT },
	{ STR_LIT("No route to host"), STEP_CONNECT },
	{ STR_LIT("Network is unreachable"), STEP_CONNECT },
	{ STR_LIT("host lookup"), STEP_DNS },
	{ STR_LIT("Unrouteable address"), STEP_DNS },
	{ STR_LIT("all relevant MX records"), STEP_DNS },
	{ STR_LIT("TLS session"), STEP_STARTTLS },
	{ STR_LIT("certificate"), STEP_TLS_CERT },
	{ STR_LIT("authenticat"), STEP_AUTH },
};

static const char *step_of_words(struct str s)
{
	for (size_t i = 0; i < ARRAY_LEN(own_words); i++)
		if (log_has(s, own_words[i].words))
			return step_name(own_words[i].step);
	return "";
}

/* "pipelined " leads some commands; "initial connection" is the greeting. */
static const char *step_after(struct str command)
{
	static const struct str pipelined = STR_LIT("pipelined ");
	if (log_starts(command, pipelined))
		command = log_from(command, pipelined.len);
	if (log_starts(command, STR_LIT("initial connection")))
		return step_name(STEP_BANNER);
	if (log_starts(command, STR_LIT("sending data block")))
		return step_name(STEP_DATA);
	return log_step_of_command(command);
}

/* Behind the command: "RCPT TO:<a@b>: 550 ..." and, before 4.80, "...: host mx [192.0.2.7]: 550 ..." */
static void take_said(struct log_exim_words *w, struct str command)
{
	size_t at = log_find(command, STR_LIT(": "));
	if (at >= command.len)
		return;
	w->reply = log_from(command, at + 2);
	if (!log_starts(w->reply, STR_LIT("host ")))
		return;
	size_t end = log_find(w->reply, STR_LIT("]: "));
	if (end >= w->reply.len)
		return;
	w->host = str_cut(w->reply, 5, end + 1);
	w->reply = log_from(w->reply, end + 3);
}

struct log_exim_words log_exim_words(struct str s)
{
	struct log_exim_words w = { s, { "", 0 }, step_of_words(s) };
	for (size_t i = 0; i < ARRAY_LEN(sentences); i++) {
		size_t at = log_find(s, *sentences[i].lead);
		if (at >= s.len)
			continue;
		struct str command = log_from(s, at + sentences[i].lead->len);
		w.step = step_after(command);
		if (sentences[i].said)
			take_said(&w, command);
		return w;
	}
	return w;
}

/* "H=host (helo) [192.0.2.1]:1234" or "(helo) [192.0.2.1]": up to the address. */
static struct str client_of(struct str s)
{
	const char *close = s.len ? memchr(s.p, ']', s.len) : NULL;
	return close ? str_cut(s, 0, (size_t)(close + 1 - s.p)) : (struct str){ "", 0 };
}

/* "H=h [ip] F=<f> rejected RCPT <to>: words", "... temporarily rejected RCPT <to>: words" */
static bool rejected(struct log_context *x, struct str id, struct str text)
{
	static const struct str word = STR_LIT("rejected ");
	size_t at = log_find(text, word);
	if (at >= text.len)
		return false;
	struct str command = log_from(text, at + word.len), head = str_cut(text, 0, at);
	if (log_starts(command, STR_LIT("after ")))
		command = log_from(command, 6);
	struct log_event e = log_event_of(x, LOG_NOT_TAKEN, LOG_EXIM);
	e.client = client_of(log_from(head, log_starts(head, STR_LIT("H=")) ? 2 : 0));
	e.from = log_value(head, STR_LIT("F="), " ");
	e.queue_id = id;
	e.step = log_starts(command, STR_LIT("connection")) ? step_name(STEP_BANNER)
							    : log_step_of_command(command);
	if (log_starts(command, STR_LIT("RCPT <")))
		e.to = log_address(log_to(log_from(command, 5), ": "));
	else if (log_starts(command, STR_LIT("RCPT ")))
		e.to = log_to(log_from(command, 5), ": ");
	e.reply = log_from(command, log_find(command, STR_LIT(": ")) + 2);
	if (!e.reply.len)
		e.reply = command;
	(void)log_give(x, &e);
	return true;
}

/* "dovecot_login authenticator failed for (helo) [192.0.2.1]: 535 Incorrect authentication data (set_id=x)"
 */
static bool login_failed(struct log_context *x, struct str text)
{
	static const struct str words = STR_LIT(" authenticator failed for ");
	size_t at = log_find(text, words);
	if (at >= text.len)
		return false;
	struct log_event e = log_event_of(x, LOG_LOGIN_FAILED, LOG_EXIM);
	struct str rest = log_from(text, at + words.len);
	if (log_starts(rest, STR_LIT("H=")))
		rest = log_from(rest, 2);
	e.client = client_of(rest);
	rest = log_from(rest, e.client.len);
	e.reply = log_from(rest, log_find(rest, STR_LIT(": ")) + 2);
	e.from = log_to(log_value(e.reply, STR_LIT("set_id="), " "), ")");
	e.step = step_name(STEP_AUTH);
	(void)log_give(x, &e);
	return true;
}

static bool tls_error(struct log_context *x, struct str text)
{
	static const struct str words = STR_LIT("TLS error on connection ");
	size_t at = log_find(text, words);
	if (at >= text.len)
		return false;
	struct log_event e = log_event_of(x, LOG_TROUBLE, LOG_EXIM);
	struct str rest = log_from(text, at + words.len);
	struct str peer = client_of(log_from(rest, log_starts(rest, STR_LIT("from ")) ? 5 : 3));
	if (log_starts(rest, STR_LIT("from ")))
		e.client = peer;
	else
		e.relay = log_host_of(peer).name;
	e.reply = log_from(text, at);
	e.step = step_name(STEP_STARTTLS);
	(void)log_give(x, &e);
	return true;
}

bool log_exim_door(struct log_context *x, struct str id, struct str text)
{
	return login_failed(x, text) || tls_error(x, text) || rejected(x, id, text);
}
