/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/finding.h"
#include "explain/log/field.h"
#include "explain/log/track.h"

/* OpenSMTPD's log: "SESSION mta delivery evpid=... from=<..> to=<..> rcpt=<..> relay="ip (name)"
 * result="Ok" stat="250 ..."" (mta.c, mda.c, smtp_session.c); until 6.3 "SESSION mta event=delivery ...",
 * until 5.x "relay: Ok for ID: session=.., from=<..>, to=<..>, relay=.., stat=.." and, as long,
 * "smtp-out: session ID: evpid=.., status=PermFail, ...", "smtp-in: Failed command on session ID: "RCPT
 * TO:<..>" => 550 ...", "smtp-out: Error on session ID: ...". */
#define LOG_OPENSMTPD "opensmtpd"

enum { ID_BYTES = 16 };

static bool is_id(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!strchr("0123456789abcdef", s.p[i] ? s.p[i] : 'x'))
			return false;
	return s.len == ID_BYTES;
}

static const struct {
	struct str result;
	enum log_state state;
} results[] = {
	{ STR_LIT("Ok"), LOG_HANDED_OVER },     { STR_LIT("PermFail"), LOG_REFUSED },
	{ STR_LIT("TempFail"), LOG_DELAYED },   { STR_LIT("LoopFail"), LOG_REFUSED },
	{ STR_LIT("RemoteLoop"), LOG_REFUSED }, { STR_LIT("Expire"), LOG_EXPIRED },
};

/* "Error (temporary failure: \"words\")" of the local delivery: the words. */
static struct str without_frame(struct str s)
{
	static const struct str frame = STR_LIT("Error (");
	if (!log_starts(s, frame))
		return s;
	size_t quote = log_find(s, STR_LIT("\""));
	struct str in = log_from(s, quote < s.len ? quote + 1 : frame.len);
	while (in.len && (in.p[in.len - 1] == ')' || in.p[in.len - 1] == '"'))
		in.len--;
	return in;
}

/* stat is the last one; its quotes may stand within it too. */
static struct str stat_of(struct str text)
{
	static const struct str key = STR_LIT("stat=");
	struct str s = log_from(text, log_find(text, key) + key.len);
	if (s.len >= 2 && s.p[0] == '"' && s.p[s.len - 1] == '"')
		s = str_cut(s, 1, s.len - 1);
	return without_frame(s);
}

static bool delivery(struct log_context *x, struct str id, struct str result, struct str text, bool local)
{
	size_t i = 0;
	while (i < ARRAY_LEN(results) &&
	       !(result.len == results[i].result.len && log_starts(result, results[i].result)))
		i++;
	if (i == ARRAY_LEN(results))
		return true;
	enum log_state state = results[i].state;
	struct log_message *m = log_message_open(x, id);
	struct log_event e = log_event_of(x, local && state == LOG_HANDED_OVER ? LOG_DELIVERED_HERE : state,
					  LOG_OPENSMTPD);
	struct log_host h = log_host_of(log_value(text, STR_LIT("relay="), ","));
	e.to = log_value(text, STR_LIT("to="), " ,");
	e.from = log_value(text, STR_LIT("from="), " ,");
	e.relay = local ? log_value(text, STR_LIT("user="), " ,") : h.name.len ? h.name : h.ip;
	e.relay_ip = h.ip;
	e.reply = stat_of(text);
	bool final = e.final;
	log_fate(x, m, &e);
	if (final)
		log_message_close(x, m); /* an envelope has one recipient */
	return true;
}

static void failed_command(struct log_context *x, struct str client, struct str text)
{
	struct str command = log_value(text, STR_LIT("command="), " ");
	bool login = str_istarts(command, "auth");
	struct log_event e = log_event_of(x, login ? LOG_LOGIN_FAILED : LOG_NOT_TAKEN, LOG_OPENSMTPD);
	e.client = client;
	e.reply = log_value(text, STR_LIT("result="), " ");
	e.step = log_step_of_command(command);
	if (str_istarts(command, "rcpt to:"))
		e.to = log_address(log_to(log_from(command, 8), " "));
	(void)log_give(x, &e);
}

/* What a client says and is told: "smtp connected address=ip host=name", "smtp envelope evpid=...",
 * "smtp failed-command command="RCPT TO:<a@b>" result="550 ..."". */
static bool session(struct log_context *x, struct str id, struct str text)
{
	if (log_starts(text, STR_LIT("connected "))) {
		log_message_set(log_session_open(x, id), LOG_CLIENT,
				log_value(text, STR_LIT("address="), " "));
		return true;
	}
	struct log_message *s = log_message_find(x, id);
	struct str client = s ? log_message_get(s, LOG_CLIENT) : (struct str){ "", 0 };
	if (log_starts(text, STR_LIT("envelope "))) {
		struct log_message *m = log_message_open(x, log_value(text, STR_LIT("evpid="), " "));
		log_message_set(m, LOG_FROM, log_value(text, STR_LIT("from="), " "));
		log_message_set(m, LOG_CLIENT, client);
	} else if (log_starts(text, STR_LIT("failed-command "))) {
		failed_command(x, client, text);
	} else if (log_starts(text, STR_LIT("disconnected")) && s) {
		log_message_close(x, s);
	}
	return true;
}

/* "relay: TempFail for 66251a4092099e2d: session=.., from=<..>, to=<..>, relay=.., stat=.." */
static bool old_line(struct log_context *x, struct str text)
{
	bool local = log_starts(text, STR_LIT("delivery: "));
	if (!local && !log_starts(text, STR_LIT("relay: ")))
		return false;
	struct str rest = log_from(text, log_find(text, STR_LIT(": ")) + 2), result = log_to(rest, " ");
	size_t at = log_find(rest, STR_LIT(" for "));
	struct str id = log_to(log_from(rest, at + 5), ": ");
	return !is_id(id) || delivery(x, id, result, log_from(rest, at + 5 + id.len), local);
}

/* "ac2143bd7b2bed87: \"RCPT TO:<a@b>\" => 550 Invalid recipient" */
static bool old_refusal(struct log_context *x, struct str s)
{
	static const struct str arrow = STR_LIT("\" => ");
	size_t open = log_find(s, STR_LIT("\"")), close = log_rfind(s, arrow);
	if (close >= s.len || open >= close)
		return true;
	struct str command = str_cut(s, open + 1, close);
	struct log_event e = log_event_of(x, str_istarts(command, "auth") ? LOG_LOGIN_FAILED : LOG_NOT_TAKEN,
					  LOG_OPENSMTPD);
	e.reply = log_from(s, close + arrow.len);
	e.step = log_step_of_command(command);
	if (str_istarts(command, "rcpt to:"))
		e.to = log_address(log_to(log_from(command, 8), " "));
	(void)log_give(x, &e);
	return true;
}

static bool old_session(struct log_context *x, struct str text)
{
	static const struct str out = STR_LIT("smtp-out: session "),
				failed = STR_LIT("smtp-in: Failed command on session "),
				error = STR_LIT("smtp-out: Error on session ");
	if (log_starts(text, failed))
		return old_refusal(x, log_from(text, failed.len));
	if (log_starts(text, out)) {
		struct str envelope = log_value(text, STR_LIT("evpid="), ",");
		return is_id(envelope) &&
		       delivery(x, envelope, log_value(text, STR_LIT("status="), ","), text, false);
	}
	if (!log_starts(text, error))
		return false;
	struct log_event e = log_event_of(x, LOG_TROUBLE, LOG_OPENSMTPD);
	e.reply = log_from(text, log_find(text, STR_LIT(": ")) + 2);
	e.reply = log_from(e.reply, log_find(e.reply, STR_LIT(": ")) + 2);
	(void)log_give(x, &e);
	return true;
}

static bool line_of_id(struct log_context *x, struct str id, struct str text)
{
	bool local = log_starts(text, STR_LIT("mda "));
	struct str rest = log_from(text, 4);
	if (local || log_starts(text, STR_LIT("mta "))) {
		if (!log_starts(rest, STR_LIT("delivery ")) && !log_starts(rest, STR_LIT("event=delivery ")))
			return true;
		struct str envelope = log_value(rest, STR_LIT("evpid="), " ");
		return delivery(x, envelope, log_value(rest, STR_LIT("result="), " "), rest, local);
	}
	if (!log_starts(text, STR_LIT("smtp ")))
		return true;
	rest = log_from(text, 5);
	return session(x, id, log_starts(rest, STR_LIT("event=")) ? log_from(rest, 6) : rest);
}

bool log_opensmtpd_is(const struct log_line *l)
{
	return str_eq(l->tag, "smtpd") || str_eq(l->tag, "opensmtpd") || str_eq(l->tag, "transfer");
}

bool log_opensmtpd(struct log_context *x, const struct log_line *l)
{
	struct str id = log_to(l->text, " :");
	if (is_id(id) && id.len < l->text.len && l->text.p[id.len] == ' ')
		return line_of_id(x, id, log_from(l->text, id.len + 1));
	static const struct str warn = STR_LIT("warn: "), fatal = STR_LIT("fatal: ");
	if (log_starts(l->text, warn) || log_starts(l->text, fatal)) {
		struct log_event e = log_event_of(x, LOG_TROUBLE, LOG_OPENSMTPD);
		e.reply = log_from(l->text, log_starts(l->text, warn) ? warn.len : 0);
		(void)log_give(x, &e);
		return true;
	}
	return old_session(x, l->text) || old_line(x, l->text);
}
