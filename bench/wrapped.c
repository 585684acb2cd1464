/* SPDX-License-Identifier: Apache-2.0 */
/* bench/wrapped - how often the words around a reply change what it is taken for.
 *
 *   wrapped FILE.tsv... [--show WRAPPER] [--most COUNT]
 *
 * Each reply of the files (bench/labels.h) that begins with its code is explained as it is, then as logs,
 * bounces and errors of programs show it, with host names and addresses whose words are those of refusals:
 * blocked-relay, quota@.  Told for each wrapper: how many of them change their class, and of how many a
 * right one is lost.  --show prints those that change (of
 * "plain": that are wrong as they are), --most fails when more are lost. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "labels.h"
#include "explain/explain.h"

static const char *const hosts[] = {
	"smtp-relay.example.com",   "blocked-relay.example.net",  "spamfilter.example.org",
	"mx-full.example.com",      "quota.example.net",          "greylist-mx.example.org",
	"unknown-user.example.com", "blacklist.example.net",      "dmarc-spf.example.org",
	"timeout-busy.example.com", "authentication.example.net",
};
static const char *const addresses[] = {
	"full@example.com",       "quota-exceeded@example.net", "spam-report@example.org",
	"blocked@example.com",    "unknown-user@example.net",   "no-such-user@disabled.example.org",
	"relay@spam.example.com", "virus.alert@example.net",
};

/* The command that was answered: a wrapper names one.  Most servers refuse at RCPT. */
enum command { MAIL, RCPT, DATA, AUTH, COMMANDS };
static const struct {
	const char *class; /* begins with it */
	enum command command;
} commands[] = {
	{ "sender-", MAIL },      { "message-", DATA }, { "policy-spam-content", DATA },
	{ "attachment-", DATA },  { "virus-", DATA },   { "policy-dkim", DATA },
	{ "policy-dmarc", DATA }, { "auth-", AUTH },    { "tls-failed", AUTH },
};

/* {host} {to} {from}: awkward names; {reply}: all of it; {code} {text} {enh}: its parts; {net}: how .NET
 * names the code.  NULL: that program says this of no such command. */
static const struct wrapper {
	const char *name, *form[COMMANDS];
} wrappers[] = {
	{ "postfix-log",
	  { "Nov 22 10:00:01 mx1 postfix/smtp[1234]: 4XyZ1: to=<{to}>, relay={host}[192.0.2.9]:25, "
	    "delay=1.2, "
	    "delays=0.1/0/1/0.1, dsn={enh}, status=bounced (host {host}[192.0.2.9] said: {reply} (in reply "
	    "to MAIL "
	    "FROM command))",
	    "Nov 22 10:00:01 mx1 postfix/smtp[1234]: 4XyZ1: to=<{to}>, relay={host}[192.0.2.9]:25, "
	    "delay=1.2, "
	    "delays=0.1/0/1/0.1, dsn={enh}, status=bounced (host {host}[192.0.2.9] said: {reply} (in reply "
	    "to RCPT "
	    "TO command))",
	    "Nov 22 10:00:01 mx1 postfix/smtp[1234]: 4XyZ1: to=<{to}>, relay={host}[192.0.2.9]:25, "
	    "delay=1.2, "
	    "delays=0.1/0/1/0.1, dsn={enh}, status=bounced (host {host}[192.0.2.9] said: {reply} (in reply "
	    "to end "
	    "of DATA command))",
	    "Nov 22 10:00:01 mx1 postfix/smtp[1234]: 4XyZ1: to=<{to}>, relay={host}[192.0.2.9]:25, "
	    "delay=1.2, "
	    "delays=0.1/0/1/0.1, dsn={enh}, status=deferred (SASL authentication failed; server "
	    "{host}[192.0.2.9] said: {reply})" } },
	{ "postfix-bounce",
	  { "<{to}>: host {host}[192.0.2.9] said: {reply} (in reply to MAIL FROM command)",
	    "<{to}>: host {host}[192.0.2.9] said: {reply} (in reply to RCPT TO command)",
	    "<{to}>: host {host}[192.0.2.9] said: {reply} (in reply to end of DATA command)", NULL } },
	{ "exim-log",
	  { "2026-11-22 10:00:01 1abcDE-0001aB-2C ** {to} R=dnslookup T=remote_smtp H={host} [192.0.2.9]: "
	    "SMTP "
	    "error from remote mail server after MAIL FROM:<{from}>: {reply}",
	    "2026-11-22 10:00:01 1abcDE-0001aB-2C ** {to} R=dnslookup T=remote_smtp H={host} [192.0.2.9]: "
	    "SMTP "
	    "error from remote mail server after RCPT TO:<{to}>: {reply}",
	    "2026-11-22 10:00:01 1abcDE-0001aB-2C ** {to} R=dnslookup T=remote_smtp H={host} [192.0.2.9]: "
	    "SMTP "
	    "error from remote mail server after end of data: {reply}",
	    NULL } },
	{ "exim-bounce",
	  { "  {to}\n    SMTP error from remote mail server after MAIL FROM:<{from}> SIZE=1836:\n    host "
	    "{host} "
	    "[192.0.2.9]: {reply}",
	    "  {to}\n    SMTP error from remote mail server after RCPT TO:<{to}>:\n    host {host} "
	    "[192.0.2.9]: "
	    "{reply}",
	    "  {to}\n    SMTP error from remote mail server after end of data:\n    host {host} [192.0.2.9]: "
	    "{reply}",
	    NULL } },
	{ "dotnet",
	  { "System.Net.Mail.SmtpException: {net} The server response was: {text}",
	    "System.Net.Mail.SmtpFailedRecipientException: {net} The server response was: {text}",
	    "System.Net.Mail.SmtpException: {net} The server response was: {text}",
	    "System.Net.Mail.SmtpException: The SMTP server requires a secure connection or the client was "
	    "not "
	    "authenticated. The server response was: {text}" } },
	{ "dotnet-de",
	  { "System.Net.Mail.SmtpException: Postfach nicht verf\xc3\xbcgbar. Die Serverantwort war: {text}",
	    "System.Net.Mail.SmtpException: Postfach nicht verf\xc3\xbcgbar. Die Serverantwort war: {text}",
	    "System.Net.Mail.SmtpException: Fehler bei der Transaktion. Die Serverantwort war: {text}",
	    NULL } },
	{ "javamail",
	  { "com.sun.mail.smtp.SMTPSendFailedException: {reply}",
	    "javax.mail.SendFailedException: Invalid Addresses; nested exception is: "
	    "com.sun.mail.smtp.SMTPAddressFailedException: {reply}",
	    "com.sun.mail.smtp.SMTPSendFailedException: {reply}",
	    "javax.mail.AuthenticationFailedException: {reply}" } },
	{ "nodemailer",
	  { "Error: Mail command failed: {reply}",
	    "Error: Can't send mail - all recipients were rejected: {reply}",
	    "Error: Message failed: {reply}", "Error: Invalid login: {reply}" } },
	{ "phpmailer",
	  { "SMTP Error: The following From address failed: {from} : MAIL FROM command failed,{text},{code}",
	    "SMTP Error: The following recipients failed: {to}: {text}",
	    "SMTP Error: data not accepted.SMTP server error: DATA END command failed Detail: {text} SMTP "
	    "code: "
	    "{code}",
	    "SMTP ERROR: Password command failed: {reply}" } },
	{ "smtplib",
	  { "smtplib.SMTPSenderRefused: ({code}, b'{text}', '{from}')",
	    "smtplib.SMTPRecipientsRefused: {'{to}': ({code}, b'{text}')}",
	    "smtplib.SMTPDataError: ({code}, b'{text}')",
	    "smtplib.SMTPAuthenticationError: ({code}, b'{text}')" } },
	{ "sendmail",
	  { "   ----- Transcript of session follows -----\n... while talking to {host}.:\n>>> MAIL "
	    "From:<{from}>\n<<< "
	    "{reply}",
	    "   ----- Transcript of session follows -----\n... while talking to {host}.:\n>>> RCPT "
	    "To:<{to}>\n<<< "
	    "{reply}",
	    "   ----- Transcript of session follows -----\n... while talking to {host}.:\n>>> DATA\n<<< "
	    "{reply}",
	    NULL } },
	{ "sendmail-log",
	  { NULL,
	    "Nov 22 10:00:01 mx1 sm-mta[1234]: 4AMA01: to=<{to}>, delay=00:00:01, xdelay=00:00:01, "
	    "mailer=esmtp, "
	    "pri=120318, relay={host}. [192.0.2.9], dsn={enh}, reply={reply}, stat=Service unavailable",
	    "Nov 22 10:00:01 mx1 sm-mta[1234]: 4AMA01: to=<{to}>, delay=00:00:01, xdelay=00:00:01, "
	    "mailer=esmtp, "
	    "pri=120318, relay={host}. [192.0.2.9], dsn={enh}, reply={reply}, stat=Service unavailable",
	    NULL } },
	{ "qmail",
	  { "<{to}>:\nConnected to 192.0.2.9 but sender was rejected.\nRemote host said: {reply}",
	    "<{to}>:\n192.0.2.9 does not like recipient.\nRemote host said: {reply}\nGiving up on 192.0.2.9.",
	    "<{to}>:\n192.0.2.9 failed after I sent the message.\nRemote host said: {reply}", NULL } },
	{ "exchange",
	  { NULL, "{to}\nRemote Server at {host} (192.0.2.9) returned '{reply}'",
	    "{to}\nRemote Server at {host} (192.0.2.9) returned '{reply}'", NULL } },
};

static const struct {
	unsigned code;
	const char *says;
} net_says[] = {
	{ 421, "Service not available, closing transmission channel." },
	{ 450, "Mailbox unavailable." },
	{ 451, "Error in processing." },
	{ 452, "Insufficient system storage." },
	{ 454, "Client does not have permission to submit mail to this server." },
	{ 501, "Syntax error in parameters or arguments." },
	{ 502, "Command not implemented." },
	{ 503, "Bad sequence of commands." },
	{ 504, "Command parameter not implemented." },
	{ 530, "The SMTP server requires a secure connection or the client was not authenticated." },
	{ 550, "Mailbox unavailable." },
	{ 551, "User not local; please try alternate path:" },
	{ 552, "Exceeded storage allocation." },
	{ 553, "Mailbox name not allowed." },
	{ 554, "Transaction failed." },
};

static const char *net_of(unsigned code)
{
	for (size_t i = 0; i < ARRAY_LEN(net_says); i++)
		if (net_says[i].code == code)
			return net_says[i].says;
	return "Syntax error, command unrecognized."; /* what it says of any other */
}

static enum command command_of(const char *class)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (str_istarts(str_of(class), commands[i].class))
			return commands[i].command;
	return RCPT;
}

enum { CODE_DIGITS = 3 };

/* "550 no such user", "550-5.1.1 no": what no program has put anything before. */
static bool is_bare(const char *reply)
{
	return strspn(reply, "0123456789") == CODE_DIGITS && (reply[0] == '4' || reply[0] == '5') &&
	       reply[CODE_DIGITS] && strchr(" -", reply[CODE_DIGITS]) && !strstr(reply, "in reply to ");
}

/* What a place of a form stands for; NULL: no place. */
static const char *value_of(struct arena *a, const struct label *r, size_t i, struct str place)
{
	unsigned code = (unsigned)strtoul(r->reply, NULL, 10);
	if (str_eq(place, "host"))
		return hosts[i % ARRAY_LEN(hosts)];
	if (str_eq(place, "to"))
		return addresses[i % ARRAY_LEN(addresses)];
	if (str_eq(place, "from"))
		return addresses[(i + 1) % ARRAY_LEN(addresses)];
	if (str_eq(place, "reply"))
		return r->reply;
	if (str_eq(place, "text"))
		return r->reply + CODE_DIGITS + 1;
	if (str_eq(place, "code"))
		return arena_printf(a, "%u", code);
	if (str_eq(place, "net"))
		return net_of(code);
	if (str_eq(place, "enh"))
		return *r->enhanced ? r->enhanced : code < 500 ? "4.0.0" : "5.0.0";
	return NULL;
}

static struct str wrap(struct arena *a, const char *form, const struct label *r, size_t i)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	for (const char *p = form; *p;) {
		const char *end = *p == '{' ? strpbrk(p + 1, "{}'") : NULL;
		struct str place = end ? (struct str){ p + 1, (size_t)(end - p) - 1 } : str_of("");
		const char *value = value_of(a, r, i, place);
		buf_add(&b, value ? value : p, value ? strlen(value) : 1);
		p = value ? end + 1 : p + 1;
	}
	return arena_str(a, buf_str(&b));
}

struct tally {
	unsigned n, changed, lost;
};

static void compare(const struct wrapper *w, const struct label *r, size_t i, bool show, struct tally *t)
{
	const char *form = w->form[command_of(r->class)];
	if (!form)
		return;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct explanation bare, wrapped;
	struct str text = wrap(a, form, r, i);
	explain_text(a, str_of(r->reply), NULL, &bare);
	explain_text(a, text, NULL, &wrapped);
	bool same = !strcmp(bare.class->id, wrapped.class->id);
	bool lost = !same && !strcmp(bare.class->id, r->class);
	t->n++;
	t->changed += !same;
	t->lost += lost;
	if (show && !same)
		printf("%s\t%s (%.2f) -> %s (%.2f %s)\t" STR_FMT "\n\t%s\n", lost ? "lost" : "",
		       bare.class->id, bare.meanings[0].confidence, wrapped.class->id,
		       wrapped.meanings[0].confidence, wrapped.meanings[0].pattern, STR_ARG(text),
		       wrapped.text);
}

/* All of the files, each as it is. */
static void count_plain(const struct labels *l, bool show)
{
	unsigned right = 0;
	for (size_t i = 0; i < l->n; i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct explanation x;
		explain_text(a, str_of(l->rows[i].reply), NULL, &x);
		bool same = !strcmp(x.class->id, l->rows[i].class);
		right += same;
		if (show && !same)
			printf("%s\t%s (%.2f %s)\t%s\n", l->rows[i].class, x.class->id,
			       x.meanings[0].confidence, x.meanings[0].pattern, l->rows[i].reply);
	}
	printf("%u of %zu right as they are\n", right, l->n);
}

static struct tally compare_all(const struct wrapper *w, const struct labels *l, bool show)
{
	struct tally t = { 0 };
	for (size_t i = 0; i < l->n; i++)
		if (is_bare(l->rows[i].reply))
			compare(w, &l->rows[i], i, show, &t);
	printf("%-16s %6u %8u %6u\n", w->name, t.n, t.changed, t.lost);
	return t;
}

int main(int argc, char **argv)
{
	CLEANUP(labels_clear) struct labels l = { 0 };
	const char *show = "";
	unsigned long most = 0;
	bool limited = false;
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--show") && i + 1 < argc) {
			show = argv[++i];
		} else if (!strcmp(argv[i], "--most") && i + 1 < argc) {
			most = strtoul(argv[++i], NULL, 10);
			limited = true;
		} else if (labels_read(argv[i], &l) != 0) {
			printf("wrapped: no data at %s\n", argv[i]);
			return 77; /* skipped */
		}
	}
	struct tally all = { 0 };
	count_plain(&l, !strcmp(show, "plain"));
	printf("%-16s %6s %8s %6s\n", "wrapper", "n", "changed", "lost");
	for (size_t w = 0; w < ARRAY_LEN(wrappers); w++) {
		struct tally t = compare_all(&wrappers[w], &l, !strcmp(show, wrappers[w].name));
		all = (struct tally){ all.n + t.n, all.changed + t.changed, all.lost + t.lost };
	}
	printf("%-16s %6u %8u %6u\n", "all", all.n, all.changed, all.lost);
	return limited && all.lost > most;
}
