/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/finding.h"
#include "explain/log/field.h"
#include "explain/log/track.h"

/* Sendmail's log (Installation and Operation Guide, 1.1): "ID: key=value, key=value, stat=words". */
#define LOG_SENDMAIL "sendmail"

enum { ID_MIN = 8, ID_MAX = 24 };

static bool is_id(struct str s)
{
	if (s.len < ID_MIN || s.len > ID_MAX)
		return false;
	bool digit = false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];
		digit = digit || (c >= '0' && c <= '9');
		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')))
			return false;
	}
	return digit;
}

/* The value up to ", ": lists of recipients have no blank behind their commas. */
static struct str field(struct str s, struct str key)
{
	for (size_t at = 0; at < s.len;) {
		size_t i = at + log_find(log_from(s, at), key);
		if (i >= s.len)
			break;
		if (!i || s.p[i - 1] == ' ') {
			struct str v = log_from(s, i + key.len);
			return str_cut(v, 0, log_find(v, STR_LIT(", ")));
		}
		at = i + key.len;
	}
	return (struct str){ "", 0 };
}

static struct str rest_of(struct str s, struct str key)
{
	size_t at = log_find(s, key);
	return log_from(s, at + key.len);
}

static void arrived(struct log_context *x, struct str id, struct str text)
{
	struct log_message *m = log_message_open(x, id);
	unsigned long n = 0;
	log_message_set(m, LOG_FROM, log_address(field(text, STR_LIT("from="))));
	log_message_set(m, LOG_MESSAGE_ID, log_address(field(text, STR_LIT("msgid="))));
	log_message_set(m, LOG_CLIENT, field(text, STR_LIT("relay=")));
	if (str_number(field(text, STR_LIT("nrcpts=")), UINT16_MAX, &n))
		m->flags = (uint16_t)n; /* recipients whose end has not been seen */
}

static bool here(struct str mailer)
{
	return log_starts(mailer, STR_LIT("local")) || log_starts(mailer, STR_LIT("prog")) ||
	       log_starts(mailer, STR_LIT("*file*")) || log_starts(mailer, STR_LIT("*include*")) ||
	       log_starts(mailer, STR_LIT("procmail")) || log_starts(mailer, STR_LIT("cyrus"));
}

/* What became of it; false: nothing yet ("queued"). */
static bool state_of(struct str text, struct str stat, enum log_state *out)
{
	struct str dsn = field(text, STR_LIT("dsn="));
	if (log_starts(stat, STR_LIT("Sent")))
		*out = here(field(text, STR_LIT("mailer="))) ? LOG_DELIVERED_HERE : LOG_HANDED_OVER;
	else if (log_starts(stat, STR_LIT("queued")) || log_starts(stat, STR_LIT("done")))
		return false;
	else if (log_starts(stat, STR_LIT("Deferred")) || log_starts(dsn, STR_LIT("4")))
		*out = LOG_DELAYED;
	else
		*out = LOG_REFUSED;
	return true;
}

/* "Deferred: 450 4.7.1 words" -> the words; newer ones show the remote's in reply=. */
static struct str words_of(struct str text, struct str stat)
{
	struct str reply = field(str_cut(text, 0, log_find(text, STR_LIT("stat="))), STR_LIT("reply="));
	static const struct str deferred = STR_LIT("Deferred: ");
	if (reply.len)
		return reply;
	if (log_starts(stat, deferred))
		return log_from(stat, deferred.len);
	if (log_starts(stat, STR_LIT("Sent (")) && stat.p[stat.len - 1] == ')')
		return str_cut(stat, 6, stat.len - 1);
	return stat;
}

static void each_recipient(struct log_context *x, struct log_message *m, struct str list,
			   const struct log_event *e)
{
	struct str one;
	while (str_next(&list, ",", &one)) {
		struct log_event of_one = *e;
		of_one.to = log_address(one);
		log_fate(x, m, &of_one);
		if (of_one.final && m->flags && --m->flags == 0) {
			log_message_close(x, m);
			return;
		}
	}
}

static void fate(struct log_context *x, struct str id, struct str text)
{
	enum log_state state;
	struct str stat = rest_of(text, STR_LIT("stat="));
	if (!state_of(text, stat, &state))
		return;
	struct log_message *m = log_message_open(x, id);
	struct log_host h = log_host_of(field(text, STR_LIT("relay=")));
	struct log_event e = log_event_of(x, state, LOG_SENDMAIL);
	e.relay = h.name.len ? h.name : h.ip;
	e.relay_ip = h.ip;
	e.reply = words_of(text, stat);
	e.enhanced = field(text, STR_LIT("dsn="));
	struct str next = log_to(e.reply, " ");
	if (state == LOG_HANDED_OVER && log_is_loopback(h.ip) &&
	    log_has(e.reply, STR_LIT("accepted for delivery")) &&
	    is_id(next)) { /* the submission program gave it to this machine's server */
		log_message_set(log_message_open(x, next), LOG_CLIENT, log_message_get(m, LOG_CLIENT));
		log_message_close(x, m);
		return;
	}
	each_recipient(x, m, field(text, STR_LIT("to=")), &e);
}

/* "ruleset=check_rcpt, arg1=<to>, relay=h [ip], reject=550 5.7.1 <to>... words"; "Milter: to=<to>, reject=451
 * ..." */
static bool rejected(struct log_context *x, struct str id, struct str text)
{
	static const struct str reject = STR_LIT("reject=");
	size_t at = log_find(text, reject);
	if (at >= text.len)
		return false;
	struct log_message *m = log_message_find(x, id);
	struct log_event e = log_event_of(x, LOG_NOT_TAKEN, LOG_SENDMAIL);
	struct str rule = field(text, STR_LIT("ruleset=check_"));
	e.queue_id = id;
	e.reply = log_from(text, at + reject.len);
	e.client = field(text, STR_LIT("relay="));
	if (!e.client.len && m)
		e.client = log_message_get(m, LOG_CLIENT);
	e.step = log_step_of_command(rule);
	if (log_starts(rule, STR_LIT("relay")))
		e.step = step_name(STEP_BANNER);
	if (log_starts(text, STR_LIT("Milter: to=")) || log_starts(rule, STR_LIT("rcpt"))) {
		e.step = step_name(STEP_RCPT);
		e.to = log_address(log_starts(text, STR_LIT("Milter")) ? field(text, STR_LIT("to="))
								       : field(text, STR_LIT("arg1=")));
	} else if (log_starts(text, STR_LIT("Milter: data"))) {
		e.step = step_name(STEP_DATA);
	}
	(void)log_give(x, &e);
	return true;
}

/* "ID2: sender notify: Cannot send message for 5 days": ID's time is over. */
static bool expired(struct log_context *x, struct str id, struct str text)
{
	struct log_message *m = log_message_find(x, id);
	if (!log_has(text, STR_LIT(": Cannot send message ")) && !log_has(text, STR_LIT("annot send within")))
		return false;
	struct log_event e = log_event_of(x, LOG_EXPIRED, LOG_SENDMAIL);
	if (m && log_fate_of_delayed(x, m, &e) == 0)
		log_fate(x, m, &e);
	if (m)
		log_message_close(x, m);
	return true;
}

static bool trouble(struct log_context *x, struct str text)
{
	bool login = log_starts(text, STR_LIT("AUTH failure")), tls = log_starts(text, STR_LIT("STARTTLS=")),
	     syserr = log_starts(text, STR_LIT("SYSERR"));
	if (!login && !syserr && !(tls && log_has(text, STR_LIT("error"))))
		return false;
	struct log_event e = log_event_of(x, login ? LOG_LOGIN_FAILED : LOG_TROUBLE, LOG_SENDMAIL);
	e.reply = login ? str_cut(text, 0, log_find(text, STR_LIT(", relay="))) : text;
	e.client = field(text, STR_LIT("relay="));
	e.step = login ? step_name(STEP_AUTH) : tls ? step_name(STEP_STARTTLS) : "";
	(void)log_give(x, &e);
	return true;
}

bool log_sendmail_is(const struct log_line *l)
{
	return str_eq(l->tag, "sendmail") || str_eq(l->tag, "sm-mta") || str_eq(l->tag, "sm-msp-queue") ||
	       str_eq(l->tag, "sm-msp") || str_eq(l->tag, "sm-que");
}

bool log_sendmail(struct log_context *x, const struct log_line *l)
{
	struct str id = log_to(l->text, ":"), text = log_from(l->text, id.len + 2);
	if (!is_id(id) && !str_eq(id, "NOQUEUE"))
		return trouble(x, l->text) || rejected(x, (struct str){ "", 0 }, l->text);
	if (str_eq(id, "NOQUEUE"))
		id.len = 0;
	if (trouble(x, text) || rejected(x, id, text) || !id.len)
		return true;
	if (log_starts(text, STR_LIT("to=")) && log_has(text, STR_LIT("stat=")))
		fate(x, id, text);
	else if (log_starts(text, STR_LIT("from=")))
		arrived(x, id, text);
	else
		(void)expired(x, id, text);
	return true;
}
