/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "tests/unit/log_check.h"

static const struct log_case cases[] = {
	{ "journald and containers",
	  "{\"__REALTIME_TIMESTAMP\":\"1795248000123456\",\"_HOSTNAME\":\"mail\",\"SYSLOG_IDENTIFIER\":"
	  "\"postfix/smtp\",\"_PID\":\"99\",\"MESSAGE\":\"3F2A51C02B4: to=<b@two.example>, "
	  "relay=mx.two.example[198.51.100.2]:25, delay=1, delays=0/0/0/1, dsn=5.1.1, status=bounced (host "
	  "mx.two.example[198.51.100.2] said: 550 5.1.1 \\u003cb@two.example\\u003e: \\\"User\\\" unknown "
	  "(in reply to RCPT TO command))\"}\n"
	  "{\"log\":\"Nov 21 08:00:00 mail postfix/smtp[1]: 3F2A51C02B5: to=\\u003ca@one.example\\u003e, "
	  "relay=mx.one.example[198.51.100.1]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 "
	  "ok)\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-21T08:00:00.5Z\"}\n"
	  "{\"level\":\"error\",\"time\":\"2026-11-21T08:00:00Z\",\"msg\":\"Failed to send mail: 535 5.7.8 "
	  "Error: authentication failed: authentication failure\"}\n",
	  "1 refused b@two.example mx.two.example 550 5.1.1 rcpt 1 - - | 550 5.1.1 <b@two.example>: \"User\" "
	  "unknown\n"
	  "2 handed-over a@one.example mx.one.example 250 - - 1 - - | 250 ok\n"
	  "3 login-failed - - 535 5.7.8 auth 1 - - | 535 5.7.8 Error: authentication "
	  "failed: authentication failure\n" },
	{ "Postrider's own",
	  "{\"time\":\"2026-11-21T08:00:00Z\",\"id\":\"q1\",\"message_id\":\"<m1@example.com>\",\"state\":"
	  "\"queued\",\"from\":\"app@example.com\",\"to\":\"a@one.example\"}\n"
	  "{\"time\":\"2026-11-21T08:00:01Z\",\"id\":\"q1\",\"message_id\":\"<m1@example.com>\",\"state\":"
	  "\"delayed\",\"from\":\"app@example.com\",\"to\":\"a@one.example\",\"host\":\"mx.one.example\","
	  "\"ip\":\"198.51.100.1\",\"step\":\"rcpt\",\"reply\":\"450 4.2.0 Greylisted\",\"tries\":1}\n"
	  "{\"time\":\"2026-11-21T08:05:01Z\",\"id\":\"q1\",\"state\":\"handed-over\",\"from\":\"app@example."
	  "com\",\"to\":\"a@one.example\",\"host\":\"mx.one.example\",\"ip\":\"198.51.100.1\",\"reply\":"
	  "\"250 2.0.0 Ok\",\"tries\":2}\n",
	  "2 delayed+ a@one.example mx.one.example 450 4.2.0 rcpt 1 app@example.com - | 450 4.2.0 "
	  "Greylisted\n"
	  "3 handed-over a@one.example mx.one.example 250 2.0.0 - 2 app@example.com - | 250 2.0.0 Ok\n" },
	{ "msmtp",
	  "Nov 21 08:00:00 host=smtp.example.com tls=on auth=on user=app from=app@example.com "
	  "recipients=a@one.example mailsize=500 smtpstatus=250 smtpmsg='250 2.0.0 Ok: queued as 9A8B7C' "
	  "exitcode=EX_OK\n"
	  "Nov 21 08:00:00 host=smtp.example.com tls=on auth=on user=app from=app@example.com "
	  "recipients=b@two.example,c@two.example smtpstatus=550 smtpmsg='550 5.1.1 User unknown' "
	  "errormsg='recipient address b@two.example not accepted by the server' exitcode=EX_DATAERR\n"
	  "Nov 21 08:00:00 host=smtp.example.com tls=on auth=on user=app from=app@example.com "
	  "recipients=d@two.example smtpstatus=535 smtpmsg='535 5.7.8 Username and Password not accepted' "
	  "errormsg='authentication failed (method PLAIN)' exitcode=EX_NOPERM\n",
	  "1 handed-over a@one.example smtp.example.com 250 2.0.0 - 1 app@example.com - | 250 2.0.0 Ok: "
	  "queued as 9A8B7C\n"
	  "2 refused b@two.example smtp.example.com 550 5.1.1 - 1 app@example.com - | 550 5.1.1 User "
	  "unknown\n"
	  "2 refused c@two.example smtp.example.com 550 5.1.1 - 1 app@example.com - | 550 5.1.1 User "
	  "unknown\n"
	  "3 refused d@two.example smtp.example.com 535 5.7.8 auth 1 app@example.com - | 535 5.7.8 Username "
	  "and Password not accepted\n" },
	{ "a sending service's events",
	  "[{\"email\":\"b@two.example\",\"event\":\"deferred\",\"response\":\"451 4.7.1 Greylisting in "
	  "action, please come back later\",\"timestamp\":1795248000,\"sg_message_id\":\"m1\"}]\n"
	  "[{\"email\":\"b@two.example\",\"event\":\"delivered\",\"response\":\"250 2.0.0 OK\","
	  "\"timestamp\":1795248300,\"sg_message_id\":\"m1\"}]\n"
	  "{\"Type\":\"Notification\",\"Message\":\"{\\\"notificationType\\\":\\\"Bounce\\\","
	  "\\\"bounce\\\":{\\\"bouncedRecipients\\\":[{\\\"emailAddress\\\":\\\"c@two.example\\\","
	  "\\\"diagnosticCode\\\":\\\"smtp; 550 5.1.1 user unknown\\\"}]},\\\"mail\\\":{"
	  "\\\"messageId\\\":\\\"m2\\\",\\\"source\\\":\\\"app@example.com\\\"}}\"}\n"
	  "{\"RecordType\":\"Open\",\"Recipient\":\"d@two.example\",\"MessageID\":\"m3\"}\n"
	  "{\"RecordType\":\"SpamComplaint\",\"Email\":\"d@two.example\",\"MessageID\":\"m3\"}\n",
	  "1 delayed+ b@two.example - 451 4.7.1 - 1 - - | 451 4.7.1 Greylisting in action, please come back "
	  "later\n"
	  "2 handed-over b@two.example - 250 2.0.0 - 2 - - | 250 2.0.0 OK\n"
	  "3 refused c@two.example - 550 5.1.1 - 1 app@example.com - | 550 5.1.1 user unknown\n" },
	{ "lines of programs",
	  "[2026-11-21 08:00:00] production.ERROR: Failed to authenticate on SMTP server with username "
	  "\"app@example.com\" using 2 possible authenticators. 535 5.7.8 Error: authentication failed "
	  "{\"exception\":\"...\"}\n"
	  "2026-11-21 08:00:00,123 - app - ERROR - SMTPRecipientsRefused: {'b@two.example': (550, b'5.1.1 "
	  "<b@two.example>: Recipient address rejected: User unknown')}\n"
	  "2026-11-21 08:00:00 SMTP ERROR: RCPT TO command failed: 550 5.1.1 <b@two.example>: Recipient "
	  "address rejected: User unknown\n"
	  "[21-Nov-2026 08:00:00 UTC] SMTP Error: Could not authenticate.\n"
	  "2026-11-21T08:00:00Z GET /index.html 404 error not found\n"
	  "nothing of note\n"
	  "3F2A51C02B4: to=<b@two.example>, relay=none, delay=1, delays=0/0/0/1, dsn=5.4.4, status=bounced "
	  "(Host or domain name not found. Name service error for name=two.example type=A: Host not found)\n",
	  "1 login-failed - - 535 5.7.8 auth 1 - - | production.ERROR: Failed to authenticate on SMTP server "
	  "with username \"app@example.com\" using 2 possible authenticators. 535 5.7.8 Error: "
	  "authentication failed {\"exception\":\"...\"}\n"
	  "2 refused b@two.example - 550 5.1.1 rcpt 1 - - | 550 5.1.1 <b@two.example>: Recipient address "
	  "rejected: User unknown\n"
	  "3 refused b@two.example - 550 5.1.1 rcpt 1 - - | 550 5.1.1 <b@two.example>: Recipient address "
	  "rejected: User unknown\n"
	  "4 login-failed - - 0 - auth 1 - - | SMTP Error: Could not authenticate.\n"
	  "7 refused b@two.example - 0 5.4.4 dns 1 - - | Host or domain name not found. Name service error "
	  "for name=two.example type=A: Host not found\n" },
	{ "what a server noted of those who wrote to it, without a word of refusing",
	  "[22/Nov/2026 08:00:00] IP address 192.0.2.7 found in DNS blacklist Zen, mail from "
	  "<a@one.example> to <b@two.example>\n"
	  "[22/Nov/2026 08:00:01] Attempt to deliver to unknown recipient <x@two.example>, from "
	  "<a@one.example>, IP address 192.0.2.8\n"
	  "[22/Nov/2026 08:00:02] SMTP: sender <a@none.example>: sender domain does not exist\n",
	  "1 trouble - - 0 - - 1 a@one.example - | IP address 192.0.2.7 found in DNS blacklist Zen, mail "
	  "from <a@one.example> to <b@two.example>\n"
	  "2 refused x@two.example - 0 - - 1 a@one.example - | Attempt to deliver to unknown recipient "
	  "<x@two.example>, from <a@one.example>, IP address 192.0.2.8\n"
	  "3 trouble - - 0 - - 1 a@none.example - | SMTP: sender <a@none.example>: sender domain does not "
	  "exist\n" },
};

int main(void)
{
	return log_check_main(cases, ARRAY_LEN(cases));
}
