/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/finding.h"
#include "explain/log/field.h"
#include "explain/log/postfix.h"
#include "explain/log/talk.h"
#include "explain/log/track.h"

/* Lines of programs that send mail (PHPMailer, nodemailer, JavaMail, .NET, smtplib, WordPress,
 * msmtp), and mail lines whose head is gone. */
#define LOG_MSMTP "msmtp"

/* Neighbours in a mail log that speak of other things, or of what the server's line tells too. */
static const char *const others[] = {
	"dovecot",       "amavis",    "spamd",   "spamc",       "opendkim", "opendmarc",   "clamd",
	"clamav-milter", "freshclam", "rspamd",  "policyd-spf", "postgrey", "sshd",        "CRON",
	"cron",          "kernel",    "systemd", "sudo",        "fail2ban", "saslauthd",   "imapd",
	"pop3d",         "named",     "unbound", "su",          "rsyslogd", "dbus-daemon", "logrotate",
};

static bool is_other(struct str tag)
{
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (str_istarts(tag, others[i]))
			return true;
	return false;
}

static bool has_one(struct str s, const struct str *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (log_has(s, words[i]))
			return true;
	return false;
}

/* Cheap: most lines of a program's log say nothing of mail, or nothing bad. */
static bool is_of_mail(struct str s)
{
	static const struct str mail[] = { STR_LIT("mail"),     STR_LIT("SMTP"), STR_LIT("smtp"),
					   STR_LIT("Mail"),     STR_LIT("Smtp"), STR_LIT("RCPT"),
					   STR_LIT("ecipient"), STR_LIT("MAIL") };
	return has_one(s, mail, ARRAY_LEN(mail));
}

static bool is_bad(struct str s)
{
	static const struct str bad[] = {
		STR_LIT("rror"),      STR_LIT("ailed"),     STR_LIT("ailure"),
		STR_LIT("xception"),  STR_LIT("ejected"),   STR_LIT("efused"),
		STR_LIT("enied"),     STR_LIT("imed out"),  STR_LIT("imeout"),
		STR_LIT("ould not"),  STR_LIT("annot"),     STR_LIT("nvalid"),
		STR_LIT("ECONN"),     STR_LIT("ETIMEDOUT"), STR_LIT("ENOTFOUND"),
		STR_LIT(" 4.7."),     STR_LIT(" 5.7."),     STR_LIT(" 5.1."),
		STR_LIT(" 5.2."),     STR_LIT("EAUTH"),     STR_LIT("550"),
		STR_LIT("554"),       STR_LIT("535"),       STR_LIT("nable to"),
		STR_LIT("ERROR"),     STR_LIT("not match"), STR_LIT("expired"),
		STR_LIT("not exist"), STR_LIT("lacklist"),  STR_LIT("nknown recipient")
	};
	return has_one(s, bad, ARRAY_LEN(bad));
}

/* "host=smtp.example tls=on auth=on user=u from=f recipients=a,b smtpstatus=550 smtpmsg='550 no'
 * errormsg='...' exitcode=EX_UNAVAILABLE" */
static bool msmtp_line(struct log_context *x, struct str s)
{
	if (!log_starts(s, STR_LIT("host=")) || !log_has(s, STR_LIT(" exitcode=")))
		return false;
	struct str code = log_value(s, STR_LIT("exitcode="), " "), one;
	struct str list = log_value(s, STR_LIT("recipients="), " ");
	struct str said = log_value(s, STR_LIT("smtpmsg="), " "),
		   why = log_value(s, STR_LIT("errormsg="), " ");
	struct str status = log_value(s, STR_LIT("smtpstatus="), " ");
	bool later = str_eq(code, "EX_TEMPFAIL") || log_starts(status, STR_LIT("4"));
	enum log_state state = str_eq(code, "EX_OK") ? LOG_HANDED_OVER : later ? LOG_DELAYED : LOG_REFUSED;
	while (str_next(&list, ",", &one)) {
		struct log_event e = log_event_of(x, state, LOG_MSMTP);
		unsigned long n;
		e.to = log_address(one);
		e.from = log_address(log_value(s, STR_LIT("from="), " "));
		e.relay = log_value(s, STR_LIT("host="), " ");
		e.reply = said.len ? said : why;
		if (str_number(status, 999, &n))
			e.code = (unsigned)n;
		if (log_starts(why, STR_LIT("authentication failed")))
			e.step = step_name(STEP_AUTH);
		e.tries = 1;
		(void)log_give(x, &e);
	}
	return true;
}

/* "3F2A51C02B4: to=<a@b>, relay=..., status=..." as journalctl -o cat shows it. */
static bool headless_postfix(struct log_context *x, struct str text)
{
	struct str id = log_postfix_id(&text);
	return id.len && log_starts(text, STR_LIT("to=<")) && log_has(text, STR_LIT(", status=")) &&
	       log_postfix_delivery(x, id, text, "smtp");
}

/* A line that tells a fate by itself: what was collected before it comes first. */
static bool is_own(struct str s)
{
	return log_starts(s, STR_LIT("host=")) || log_has(s, STR_LIT(": to=<"));
}

bool log_plain_is(const struct log_line *l)
{
	return l->text.len > 0;
}

bool log_plain(struct log_context *x, const struct log_line *l)
{
	if (is_other(l->tag))
		return true;
	if (is_own(l->text))
		log_talk_end(x);
	if (headless_postfix(x, l->text) || msmtp_line(x, l->text))
		return true;
	return log_talk_line(x, l, is_bad(l->whole) && (x->talk.dialogue || is_of_mail(l->whole)));
}
