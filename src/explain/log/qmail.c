/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/log/field.h"
#include "explain/log/track.h"

/* qmail-send's log (qmail-log(5)): "starting delivery 5: msg 123 to remote a@b",
 * "delivery 5: failure: 192.0.2.1_does_not_like_recipient./Remote_host_said:_550_no/Giving_up_on_192.0.2.1./"
 */
#define LOG_QMAIL "qmail"

enum { KEY_MAX = 48, REPORT_MAX = 2048 };

/* Numbers of messages and deliveries share one table with the ids of others. */
static struct str key_of(const char *kind, struct str number, char out[KEY_MAX])
{
	size_t k = strlen(kind), n = number.len < KEY_MAX - k ? number.len : KEY_MAX - k;
	memcpy(out, kind, k);
	memcpy(out + k, number.p, n);
	return (struct str){ out, k + n };
}

/* Takes `lead` off; false when s does not begin with it. */
static bool take(struct str *s, struct str lead)
{
	if (!log_starts(*s, lead))
		return false;
	*s = log_from(*s, lead.len);
	return true;
}

/* "123: bytes 500 from <a@b> qp 1 uid 2" */
static void info(struct log_context *x, struct str s)
{
	char bytes[KEY_MAX];
	struct log_message *m = log_message_open(x, key_of("qmail ", log_to(s, ":"), bytes));
	log_message_set(m, LOG_FROM, log_value(s, STR_LIT("from "), " "));
}

/* "5: msg 123 to remote a@b": kept under the delivery's number. */
static void starting(struct log_context *x, struct str s)
{
	char bytes[KEY_MAX];
	struct str number = log_to(s, ":"), rest = log_from(s, number.len + 2);
	if (!take(&rest, STR_LIT("msg ")))
		return;
	struct str msg = log_to(rest, " ");
	rest = log_from(rest, msg.len + 4);
	struct log_message *d = log_session_open(x, key_of("qmail delivery ", number, bytes));
	log_message_set(d, LOG_MESSAGE_ID, msg);
	log_message_set(d, LOG_CLIENT, log_to(rest, " "));
	log_message_set(d, LOG_FROM, log_from(rest, log_find(rest, STR_LIT(" ")) + 1));
}

/* Blanks stand as "_", lines end with "/" (qmail-rspawn); the remote's words apart where it said some. */
static struct str report(struct str s, char out[REPORT_MAX], struct str *host)
{
	size_t n = s.len < REPORT_MAX ? s.len : REPORT_MAX;
	for (size_t i = 0; i < n; i++)
		out[i] = s.p[i] == '_' ? ' ' : s.p[i];
	struct str all = { out, n }, said = STR_LIT("Remote host said: ");
	*host = log_to(all, " ");
	if (!memchr(host->p, '.', host->len) && !memchr(host->p, ':', host->len))
		host->len = 0;
	size_t at = log_find(all, said);
	struct str words = at < all.len ? log_from(all, at + said.len) : all;
	words = str_cut(words, 0, log_find(words, STR_LIT("/Giving up on")));
	words = str_cut(words, 0, log_find(words, STR_LIT("/I'm not going to try again")));
	while (words.len && words.p[words.len - 1] == '/')
		words.len--;
	for (size_t i = 0; i + 1 < words.len; i++)
		if (words.p[i] == '/' && (words.p[i + 1] == '4' || words.p[i + 1] == '5'))
			out[words.p - out + (long)i] = ' ';
	return words;
}

static enum log_state state_of(struct str result, struct str words, bool local)
{
	if (log_starts(result, STR_LIT("success")))
		return local ? LOG_DELIVERED_HERE : LOG_HANDED_OVER;
	if (log_starts(result, STR_LIT("deferral")))
		return LOG_DELAYED;
	return log_has(words, STR_LIT("in_the_queue_too_long")) ? LOG_EXPIRED : LOG_REFUSED;
}

/* "5: failure: report" */
static void ended(struct log_context *x, struct str s)
{
	char bytes[KEY_MAX], text[REPORT_MAX];
	struct str number = log_to(s, ":"), rest = log_from(s, number.len + 2), result = log_to(rest, ":"),
		   host;
	struct log_message *d = log_message_find(x, key_of("qmail delivery ", number, bytes));
	if (!d)
		return;
	struct log_message kept = *d; /* before another message may take its place */
	struct str words = log_from(rest, result.len + 2);
	bool local = str_eq(log_message_get(&kept, LOG_CLIENT), "local");
	log_message_close(x, d);
	struct str id = log_message_get(&kept, LOG_MESSAGE_ID);
	struct log_event e = log_event_of(x, state_of(result, words, local), LOG_QMAIL);
	e.queue_id = id;
	e.to = log_message_get(&kept, LOG_FROM);
	e.reply = report(words, text, &host);
	e.relay = local ? (struct str){ "", 0 } : host;
	e.relay_ip = e.relay;
	log_fate(x, log_message_open(x, key_of("qmail ", id, bytes)), &e);
}

bool log_qmail_is(const struct log_line *l)
{
	if (l->tag.len)
		return str_eq(l->tag, "qmail") || str_eq(l->tag, "qmail-send");
	struct str t = l->text;
	return log_starts(t, STR_LIT("starting delivery ")) || log_starts(t, STR_LIT("info msg ")) ||
	       log_starts(t, STR_LIT("new msg ")) || log_starts(t, STR_LIT("end msg ")) ||
	       (log_starts(t, STR_LIT("delivery ")) &&
		(log_has(t, STR_LIT(": success: ")) || log_has(t, STR_LIT(": failure: ")) ||
		 log_has(t, STR_LIT(": deferral: "))));
}

bool log_qmail(struct log_context *x, const struct log_line *l)
{
	char bytes[KEY_MAX];
	struct str s = l->text;
	long long t;
	size_t n = l->tag.len ? log_time_any(&x->clock, s, &t) : 0; /* multilog's or splogger's own time */
	if (n)
		s = str_trim(log_from(s, n));
	if (take(&s, STR_LIT("info msg "))) {
		info(x, s);
	} else if (take(&s, STR_LIT("starting delivery "))) {
		starting(x, s);
	} else if (take(&s, STR_LIT("delivery "))) {
		ended(x, s);
	} else if (take(&s, STR_LIT("end msg "))) {
		struct log_message *m = log_message_find(x, key_of("qmail ", log_to(s, " "), bytes));
		if (m)
			log_message_close(x, m);
	}
	return true;
}
