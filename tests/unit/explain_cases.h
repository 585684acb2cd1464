/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/explain_cases.h - what people paste, and what must be seen in it.
 *
 * The forms are those of public issue threads; names and addresses are changed. */
#ifndef TESTS_UNIT_EXPLAIN_CASES_H
#define TESTS_UNIT_EXPLAIN_CASES_H

/* NULL: not asked. */
static const struct explain_case {
	const char *name, *text;
	unsigned code;
	const char *enhanced, *provider, *step, *host, *recipient, *class, *id, *retry, *said;
} explain_cases[] = {
	{ .name = "a reply",
	  .text = "550 5.1.1 <a@example.com>: Recipient address rejected: User unknown",
	  .code = 550,
	  .enhanced = "5.1.1",
	  .recipient = "a@example.com",
	  .class = "mailbox-unknown",
	  .retry = "never" },
	{ .name = "several lines",
	  .text = "550-5.1.1 The email account that you tried to reach does not exist. Please try\n"
		  "550-5.1.1 double-checking the recipient's email address for typos or\n"
		  "550 5.1.1 unnecessary spaces. Learn more at https://support.google.com/mail/?p=NoSuchUser "
		  "x-gsmtp",
	  .code = 550,
	  .enhanced = "5.1.1",
	  .provider = "google",
	  .class = "mailbox-unknown" },
	{ .name = "greylisting",
	  .text = "451 4.7.1 Greylisting in action, please come back later",
	  .code = 451,
	  .enhanced = "4.7.1",
	  .class = "greylisted",
	  .retry = "wait" },
	{ .name = "a full mailbox with 5xx",
	  .text = "552 5.2.2 The email account that you tried to reach is over quota",
	  .code = 552,
	  .enhanced = "5.2.2",
	  .class = "mailbox-full",
	  .retry = "later" },
	{ .name = "a full mailbox with 4xx",
	  .text = "452 4.2.2 Mailbox full",
	  .code = 452,
	  .enhanced = "4.2.2",
	  .class = "mailbox-full",
	  .retry = "later" },
	{ .name = "4xx user unknown is tried again",
	  .text = "450 4.1.1 <a@example.com>: Recipient address rejected: unverified address",
	  .code = 450,
	  .enhanced = "4.1.1",
	  .retry = "later" },
	{ .name = "SPF with 4xx",
	  .text = "451 4.7.24 The SPF record of example.com does not list 192.0.2.1",
	  .code = 451,
	  .enhanced = "4.7.24",
	  .class = "policy-spf",
	  .retry = "later" },
	{ .name = "accepted",
	  .text = "250 2.0.0 Ok: queued as 4XyZ1",
	  .code = 250,
	  .class = "not-a-bounce",
	  .retry = "never" },
	{ .name = "a greeting",
	  .text = "220 mx.example.com ESMTP Postfix",
	  .code = 220,
	  .host = "mx.example.com",
	  .class = "not-a-bounce" },
	{ .name = "go ahead",
	  .text = "354 End data with <CR><LF>.<CR><LF>",
	  .code = 354,
	  .class = "not-a-bounce" },
	{ .name = "logged in",
	  .text = "235 2.7.0 Authentication successful",
	  .code = 235,
	  .class = "not-a-bounce" },
	{ .name = "bye", .text = "221 2.0.0 Bye", .code = 221, .class = "not-a-bounce" },
	{ .name = "Microsoft, tenant",
	  .text = "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled "
		  "for the Tenant. Visit https://aka.ms/smtp_auth_disabled for more information. "
		  "[AM0PR01CA0072.eurprd01.prod.exchangelabs.com]",
	  .code = 535,
	  .enhanced = "5.7.139",
	  .provider = "microsoft365",
	  .step = "auth",
	  .id = "auth-smtp-disabled-tenant" },
	{ .name = "Microsoft, basic",
	  .text = "535 5.7.139 Authentication unsuccessful, basic authentication is disabled. "
		  "[PN0PR01CA0024.INDPRD01.PROD.OUTLOOK.COM "
		  "2025-01-26T18:54:30.055Z 08DD3DD7D75D7743]",
	  .code = 535,
	  .enhanced = "5.7.139",
	  .provider = "microsoft365",
	  .class = "auth-disabled-by-admin" },
	{ .name = "Send As",
	  .text = "554 5.2.252 SendAsDenied; bob@example.com not allowed to send as alice@example.com; "
		  "STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied",
	  .code = 554,
	  .enhanced = "5.2.252",
	  .provider = "microsoft365",
	  .class = "sender-not-owned" },
	{ .name = "unwrapped colon",
	  .text = "said: 550 5.7.1 Unable to relay for bob@example.net",
	  .code = 550,
	  .enhanced = "5.7.1",
	  .recipient = "bob@example.net",
	  .class = "relay-denied" },
	{ .name = "bare: 535", .text = "535", .code = 535, .enhanced = "", .class = "auth-bad-credentials" },
	{ .name = "bare: 550 5.7.1",
	  .text = "550 5.7.1",
	  .code = 550,
	  .enhanced = "5.7.1",
	  .class = "policy-other" },
	{ .name = "bare: 5.7.139",
	  .text = "5.7.139",
	  .enhanced = "5.7.139",
	  .class = "auth-disabled-by-admin" },
	{ .name = "bare: 4.4.2", .text = "4.4.2", .enhanced = "4.4.2", .class = "network" },
	{ .name = "bare: 5.1.1", .text = "5.1.1", .enhanced = "5.1.1", .class = "mailbox-unknown" },
	{ .name = "bare: 530", .text = "530", .code = 530, .enhanced = "", .class = "auth-required" },
	{ .name = "bare: 421", .text = "421", .code = 421, .enhanced = "", .class = "server-busy" },
	{ .name = "bare: 554", .text = "554", .code = 554, .enhanced = "", .class = "unknown" },
	{ .name = "bare: ECONNREFUSED", .text = "ECONNREFUSED", .enhanced = "", .class = "network" },
	{ .name = "bare: 10060", .text = "10060", .enhanced = "", .class = "network" },
	{ .name = "bare: 11001", .text = "11001", .enhanced = "", .class = "network" },
	{ .name = "bare: WSAECONNREFUSED",
	  .text = "WSAECONNREFUSED",
	  .enhanced = "",
	  .class = "network",
	  .id = "tcp-refused" },
	{ .name = "bare: Error 0x800CCC0E", .text = "Error 0x800CCC0E", .enhanced = "", .class = "network" },
	{ .name = "bare: 0x8004210B", .text = "0x8004210B", .enhanced = "", .class = "network" },
	{ .name = "bare: 0x800CCC92", .text = "0x800CCC92", .enhanced = "", .class = "auth-bad-credentials" },
	{ .name = "bare: curl: (67) Login denied",
	  .text = "curl: (67) Login denied",
	  .enhanced = "",
	  .class = "auth-bad-credentials" },
	{ .name = "bare: errno 111",
	  .text = "errno 111",
	  .enhanced = "",
	  .class = "network",
	  .id = "tcp-refused" },
	{ .name = "bare: SmtpException: Failure sending mail",
	  .text = "SmtpException: Failure sending mail",
	  .enhanced = "",
	  .class = "unknown",
	  .id = "explain-conflated-app-error" },
	{ .name = "bare: Error logging into server",
	  .text = "Error logging into server",
	  .enhanced = "",
	  .class = "unknown",
	  .id = "explain-conflated-app-error" },
	{ .name = "bare: S3140", .text = "S3140", .enhanced = "", .class = "policy-ip-reputation" },
	{ .name = "bare: TSS04", .text = "TSS04", .enhanced = "", .class = "policy-ip-reputation" },
	{ .name = "bare: IB105", .text = "IB105", .enhanced = "", .class = "policy-ip-reputation" },
	{ .name = "bare: (421) RP-001",
	  .text = "(421) RP-001",
	  .code = 421,
	  .enhanced = "",
	  .class = "rate-limited" },
	{ .name = "bare: AUP#1310", .text = "AUP#1310", .enhanced = "", .class = "rate-limited" },
	{ .name = "bare: RLY:SN", .text = "RLY:SN", .enhanced = "", .class = "policy-ip-reputation" },
	{ .name = "bare: 250", .text = "250", .code = 250, .enhanced = "", .class = "not-a-bounce" },
	{ .name = "bare: 5.7.57", .text = "5.7.57", .enhanced = "5.7.57", .class = "auth-required" },
	{ .name = "bare: AADSTS7000215",
	  .text = "AADSTS7000215",
	  .enhanced = "",
	  .class = "auth-oauth-token",
	  .id = "oauth-secret-wrong" },
	{ .name = "bare: MI:SFQ", .text = "MI:SFQ", .enhanced = "", .class = "rate-limited" },
	{ .name = "bare: 11002", .text = "11002", .enhanced = "", .class = "network", .id = "dns-servfail" },
	{ .name = "bare: 10051",
	  .text = "10051",
	  .enhanced = "",
	  .class = "network",
	  .id = "tcp-unreachable-icmp" },
	{ .name = "bare: hello",
	  .text = "hello",
	  .enhanced = "",
	  .class = "not-a-bounce",
	  .id = "text-no-error" },
	{ .name = "Postfix log",
	  .text = "Nov 21 08:49:38 mx1 postfix/smtp[2117]: 4XyZ1: to=<bob@example.net>, "
		  "relay=mx.example.net[192.0.2.7]:25, "
		  "delay=0.8, dsn=5.2.2, status=bounced (host mx.example.net[192.0.2.7] said: 552 "
		  "5.2.2 <bob@example.net>: Mailbox over quota (in reply to RCPT TO command))",
	  .code = 552,
	  .enhanced = "5.2.2",
	  .step = "rcpt",
	  .host = "mx.example.net",
	  .recipient = "bob@example.net",
	  .class = "mailbox-full",
	  .retry = "later" },
	{ .name = "Postfix log, ISO time",
	  .text = "2026-11-21T08:49:38.123456+01:00 mx1 postfix/smtp[2117]: 4XyZ1: to=<bob@gmail.com>, "
		  "relay=gmail-smtp-in.l.google.com[192.0.2.27]:25, dsn=4.2.2, status=deferred (host "
		  "gmail-smtp-in.l.google.com[192.0.2.27] said: 452-4.2.2 The recipient's inbox is "
		  "out of storage space. 452 4.2.2 Please direct the recipient to "
		  "https://support.google.com/mail/?p=OverQuotaTemp "
		  "x - gsmtp (in reply to RCPT TO command))",
	  .code = 452,
	  .enhanced = "4.2.2",
	  .provider = "google",
	  .step = "rcpt",
	  .host = "gmail-smtp-in.l.google.com",
	  .recipient = "bob@gmail.com",
	  .class = "mailbox-full" },
	{ .name = "Postfix refused to talk",
	  .text = "host mx.example.net[192.0.2.7] refused to talk to me: 421 4.7.0 Too many connections "
		  "from your IP",
	  .code = 421,
	  .enhanced = "4.7.0",
	  .host = "mx.example.net",
	  .class = "rate-limited" },
	{ .name = "Postfix connect",
	  .text = "Nov 21 08:49:38 mx1 postfix/smtp[2117]: connect to mx.example.net[192.0.2.7]:25: "
		  "Connection timed out",
	  .host = "mx.example.net",
	  .class = "network" },
	{ .name = "Postfix no host",
	  .text = "Nov 21 08:49:38 mx1 postfix/smtp[2117]: 4XyZ1: to=<bob@nosuch.example>, relay=none, "
		  "delay=0.1, dsn=5.4.4, status=bounced (Host or domain name not found. Name service "
		  "error for name=nosuch.example type=A: Host not found)",
	  .enhanced = "5.4.4",
	  .recipient = "bob@nosuch.example",
	  .class = "domain-not-found" },
	{ .name = "Postfix SASL",
	  .text = "Nov 21 08:49:38 mx1 postfix/smtp[2117]: 4XyZ1: to=<bob@example.net>, "
		  "relay=smtp.gmail.com[192.0.2.7]:587, "
		  "dsn=5.7.8, status=bounced (SASL authentication failed; server smtp.gmail.com[192.0.2.7] "
		  "said: 535-5.7.8 Username and Password not accepted. For more information, go to "
		  "535 5.7.8  https://support.google.com/mail/?p=BadCredentials x - gsmtp)",
	  .code = 535,
	  .enhanced = "5.7.8",
	  .provider = "google",
	  .host = "smtp.gmail.com" },
	{ .name = "Exim",
	  .text = "  bob@example.net\n"
		  "    host mx.example.net [192.0.2.7]\n"
		  "    SMTP error from remote mail server after RCPT TO:<bob@example.net>:\n"
		  "    550 5.1.1 <bob@example.net>: Recipient address rejected: User unknown in virtual "
		  "mailbox table",
	  .code = 550,
	  .enhanced = "5.1.1",
	  .step = "rcpt",
	  .host = "mx.example.net",
	  .recipient = "bob@example.net",
	  .class = "mailbox-unknown" },
	{ .name = "Exim log",
	  .text = "2026-11-21 08:49:38 1tDabc-0004Xy-2Z ** bob@example.net R=dnslookup T=remote_smtp "
		  "H=mx.example.net [192.0.2.7]: SMTP error from remote mail server after RCPT "
		  "TO:<bob@example.net>: "
		  "550 5.1.1 User unknown",
	  .code = 550,
	  .enhanced = "5.1.1",
	  .step = "rcpt",
	  .recipient = "bob@example.net",
	  .class = "mailbox-unknown" },
	{ .name = "sendmail log",
	  .text = "Nov 21 08:49:38 mx1 sendmail[2117]: 4XyZ1: to=<bob@example.net>, ctladdr=<a@example.com> "
		  "(0/0), delay=00:00:01, mailer=esmtp, relay=mx.example.net. [192.0.2.7], dsn=5.1.1, "
		  "stat=User unknown",
	  .enhanced = "5.1.1",
	  .host = "mx.example.net",
	  .recipient = "bob@example.net",
	  .class = "mailbox-unknown" },
	{ .name = "qmail",
	  .text = "Hi. This is the qmail-send program at example.com.\n"
		  "<bob@example.net>:\n"
		  "192.0.2.7 does not like recipient.\n"
		  "Remote host said: 550 5.1.1 User unknown\n"
		  "Giving up on 192.0.2.7.",
	  .code = 550,
	  .enhanced = "5.1.1",
	  .recipient = "bob@example.net",
	  .class = "mailbox-unknown" },
	{ .name = "Exchange",
	  .text = "Remote Server returned '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not "
		  "found by SMTP address lookup'",
	  .code = 550,
	  .enhanced = "5.1.10",
	  .class = "mailbox-unknown" },
	{ .name = "Exchange lines",
	  .text = "bob@example.net\n"
		  "Remote Server returned '554 5.4.14 Hop count exceeded - possible mail loop ATTR34'",
	  .code = 554,
	  .enhanced = "5.4.14",
	  .class = "mail-loop" },
	{ .name = "sendmail bounce",
	  .text = "   ----- Transcript of session follows -----\n"
		  "... while talking to mx.example.net.:\n"
		  ">>> RCPT To:<bob@example.net>\n"
		  "<<< 550 5.1.1 <bob@example.net>... User unknown\n"
		  "550 5.1.1 <bob@example.net>... User unknown",
	  .code = 550,
	  .enhanced = "5.1.1",
	  .step = "rcpt",
	  .host = "mx.example.net",
	  .recipient = "bob@example.net",
	  .class = "mailbox-unknown" },
	{ .name = "syslog TLS",
	  .text = "Nov 21 08:49:38 mx1 postfix/smtp[2117]: 4XyZ1: to=<bob@example.net>, "
		  "relay=mx.example.net[192.0.2.7]:25, "
		  "dsn=4.7.4, status=deferred (TLS is required, but was not offered by host "
		  "mx.example.net[192.0.2.7])",
	  .enhanced = "4.7.4",
	  .host = "mx.example.net",
	  .class = "tls-required" },
	{ .name = "Grafana",
	  .text = "t=2017-07-16T08:54:20+0000 lvl=eror msg=\"Failed to send alert notification email\" "
		  "logger=alerting.notifier.email error=\"dial tcp 192.0.2.11:587: i/o timeout\"",
	  .host = "192.0.2.11",
	  .class = "network" },
	{ .name = "journal",
	  .text = "Jul 16 08:54:20 mon grafana-server[8598]: logger=ngalert t=2024-07-16T08:54:15Z "
		  "level=error msg=\"failed to send notification\" err=\"535 5.7.8 Error: authentication "
		  "failed\"",
	  .code = 535,
	  .enhanced = "5.7.8",
	  .class = "auth-bad-credentials" },
	{ .name = "msmtp log",
	  .text = "Nov 21 08:49:38 host=smtp.example.com tls=on auth=on user=bob@example.com "
		  "from=bob@example.com "
		  "recipients=al@example.net smtpstatus=535 smtpmsg='535 5.7.8 Error: authentication "
		  "failed: UGFzc3dvcmQ6' errormsg='authentication failed (method LOGIN)' exitcode=EX_NOPERM",
	  .code = 535,
	  .enhanced = "5.7.8",
	  .host = "smtp.example.com",
	  .class = "auth-bad-credentials" },
	{ .name = "Gogs",
	  .text = "2020/12/24 12:17:31 [ERROR] [...o/gogs/internal/email/message.go:209 processMailQueue()] "
		  "Failed to send emails [x@example.com]: UID: 1, reset password - gomail: could "
		  "not send email 1: Auth: 535 5.7.3 Authentication unsuccessful",
	  .code = 535,
	  .enhanced = "5.7.3" },
	{ .name = "the bits of a cipher are no code",
	  .text = "2026-11-22 08:00:00 1abcDE-000123-AB H=mail.one.example [192.0.2.7] "
		  "X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=yes F=<a@one.example> rejected after DATA: found "
		  "spam",
	  .class = "policy-spam-content" },
	{ .name = "swaks",
	  .text = "=== Trying smtp.example.com:587...\n"
		  "=== Connected to smtp.example.com.\n"
		  "<-  220 smtp.example.com ESMTP Postfix\n"
		  " -> EHLO pc\n"
		  "<-  250-smtp.example.com\n"
		  "<-  250 AUTH PLAIN LOGIN\n"
		  " -> AUTH LOGIN\n"
		  "<-  334 VXNlcm5hbWU6\n"
		  " -> Ym9iQGV4YW1wbGUuY29t\n"
		  "<-  334 UGFzc3dvcmQ6\n"
		  " -> c2VjcmV0MTIz\n"
		  "<** 535 5.7.8 Error: authentication failed: (reason unavailable)\n"
		  "*** No authentication type succeeded\n"
		  " -> QUIT\n"
		  "<-  221 2.0.0 Bye\n"
		  "=== Connection closed with remote host.",
	  .code = 535,
	  .enhanced = "5.7.8",
	  .step = "auth",
	  .host = "smtp.example.com",
	  .class = "auth-bad-credentials",
	  .said = "535 5.7.8 Error: authentication failed: (reason unavailable)" },
	{ .name = "swaks over TLS",
	  .text = "=== Trying mx.example.net:25...\n"
		  "=== Connected to mx.example.net.\n"
		  "<-  220 mx.example.net ESMTP\n"
		  " -> EHLO pc\n"
		  "<-  250-mx.example.net\n"
		  "<-  250 STARTTLS\n"
		  " -> STARTTLS\n"
		  "<-  220 2.0.0 Ready to start TLS\n"
		  "=== TLS started with cipher TLSv1.3:TLS_AES_256_GCM_SHA384:256\n"
		  " ~> EHLO pc\n"
		  "<~  250 mx.example.net\n"
		  " ~> MAIL FROM:<a@example.com>\n"
		  "<~  250 2.1.0 Ok\n"
		  " ~> RCPT TO:<bob@example.net>\n"
		  "<~* 550 5.1.1 <bob@example.net>: Recipient address rejected: User unknown\n"
		  " ~> QUIT\n"
		  "<~  221 2.0.0 Bye",
	  .code = 550,
	  .enhanced = "5.1.1",
	  .step = "rcpt",
	  .host = "mx.example.net",
	  .recipient = "bob@example.net",
	  .class = "mailbox-unknown" },
	{ .name = "swaks, no TLS",
	  .text = "=== Trying mx.example.net:25...\n"
		  "=== Connected to mx.example.net.\n"
		  "<-  220 mx.example.net ESMTP\n"
		  " -> EHLO pc\n"
		  "<-  250 mx.example.net\n"
		  "*** STARTTLS not supported\n"
		  " -> QUIT\n"
		  "<-  221 Bye",
	  .host = "mx.example.net",
	  .class = "tls-required" },
	{ .name = "swaks, refused",
	  .text = "=== Trying smtp.example.com:587...\n"
		  "*** Error connecting to smtp.example.com:587:\n"
		  "*** \tIO::Socket::INET6: connect: Connection refused",
	  .host = "smtp.example.com",
	  .class = "network" },
	{ .name = "curl",
	  .text = "* Trying 192.0.2.7:587...\n"
		  "* Connected to smtp.example.com (192.0.2.7) port 587\n"
		  "< 220 smtp.example.com ESMTP\n"
		  "> EHLO pc\n"
		  "< 250-smtp.example.com\n"
		  "< 250 AUTH PLAIN\n"
		  "> AUTH PLAIN\n"
		  "< 334 \n"
		  "> AGJvYgBzZWNyZXQ=\n"
		  "< 535 5.7.8 Error: authentication failed: \n"
		  "* Closing connection 0\n"
		  "curl: (67) Login denied",
	  .code = 535,
	  .enhanced = "5.7.8",
	  .step = "auth",
	  .host = "smtp.example.com",
	  .class = "auth-bad-credentials" },
	{ .name = "telnet",
	  .text = "Trying 192.0.2.7...\n"
		  "Connected to mx.example.net.\n"
		  "Escape character is '^]'.\n"
		  "220 mx.example.net ESMTP Exim 4.96\n"
		  "EHLO pc.example.com\n"
		  "250-mx.example.net Hello\n"
		  "250 HELP\n"
		  "MAIL FROM:<a@example.com>\n"
		  "250 OK\n"
		  "RCPT TO:<bob@example.org>\n"
		  "550 relay not permitted",
	  .code = 550,
	  .step = "rcpt",
	  .host = "mx.example.net",
	  .recipient = "bob@example.org",
	  .class = "relay-denied" },
	{ .name = "openssl",
	  .text = "CONNECTED(00000003)\n"
		  "depth=0 CN = mail.example.com\n"
		  "---\n"
		  "250 HELP\n"
		  "MAIL FROM:<a@example.com>\n"
		  "530 5.7.0 Authentication required",
	  .code = 530,
	  .enhanced = "5.7.0",
	  .step = "mail-from",
	  .class = "auth-required" },
	{ .name = "PHPMailer",
	  .text = "2017-12-13 13:50:33 SERVER -> CLIENT: 220 smtp.mail.yahoo.com ESMTP ready\n"
		  "2017-12-13 13:50:33 CLIENT -> SERVER: EHLO localhost\n"
		  "2017-12-13 13:50:33 SERVER -> CLIENT: 250-smtp.mail.yahoo.com250-PIPELINING250 "
		  "AUTH PLAIN LOGIN XOAUTH2\n"
		  "2017-12-13 13:50:33 CLIENT -> SERVER: AUTH LOGIN\n"
		  "2017-12-13 13:50:33 SERVER -> CLIENT: 334 VXNlcm5hbWU6\n"
		  "2017-12-13 13:50:33 CLIENT -> SERVER: <credentials hidden>\n"
		  "2017-12-13 13:50:33 SERVER -> CLIENT: 334 UGFzc3dvcmQ6\n"
		  "2017-12-13 13:50:33 CLIENT -> SERVER: <credentials hidden>\n"
		  "2017-12-13 13:50:36 SERVER -> CLIENT: 535 5.7.0 (#MBR1212) Incorrect username "
		  "or password.\n"
		  "2017-12-13 13:50:36 SMTP ERROR: Password command failed: 535 5.7.0 (#MBR1212) "
		  "Incorrect username or password.\n"
		  "SMTP Error: Could not authenticate.",
	  .code = 535,
	  .enhanced = "5.7.0",
	  .provider = "yahoo",
	  .step = "auth",
	  .host = "smtp.mail.yahoo.com" },
	{ .name = "PHPMailer, one line",
	  .text = "SMTP Error: data not accepted.SMTP server error: DATA END command failed Detail: "
		  "This message was blocked because its content presents a potential security issue "
		  "SMTP code: 552 Additional SMTP info: 5.7.0",
	  .code = 552,
	  .enhanced = "5.7.0",
	  .class = "attachment-blocked" },
	{ .name = "smtplib debug",
	  .text = "send: 'ehlo [127.0.0.1]\\r\\n'\n"
		  "reply: b'250-smtp.gmail.com at your service\\r\\n'\n"
		  "reply: b'250 SMTPUTF8\\r\\n'\n"
		  "reply: retcode (250); Msg: b'smtp.gmail.com at your service'\n"
		  "send: 'AUTH PLAIN AGJvYgBzZWNyZXQ=\\r\\n'\n"
		  "reply: b'535-5.7.8 Username and Password not accepted. For more information, go "
		  "to\\r\\n'\n"
		  "reply: b'535 5.7.8  https://support.google.com/mail/?p=BadCredentials x - gsmtp\\r\\n'",
	  .code = 535,
	  .enhanced = "5.7.8",
	  .provider = "google",
	  .step = "auth" },
	{ .name = "nodemailer log",
	  .text = "[2026-11-21 08:49:38] DEBUG [Yp0w1] S: 220 smtp.example.com ESMTP\n"
		  "[2026-11-21 08:49:38] DEBUG [Yp0w1] C: EHLO pc\n"
		  "[2026-11-21 08:49:38] DEBUG [Yp0w1] S: 250 smtp.example.com\n"
		  "[2026-11-21 08:49:38] DEBUG [Yp0w1] C: MAIL FROM:<a@example.com>\n"
		  "[2026-11-21 08:49:38] DEBUG [Yp0w1] S: 553 5.7.1 <a@example.com>: Sender address "
		  "rejected: not owned by user bob",
	  .code = 553,
	  .enhanced = "5.7.1",
	  .step = "mail-from",
	  .class = "sender-not-owned" },
	{ .name = "old nodemailer",
	  .text = "SERVER 1:\n"
		  "\xe2\x94\x94\xe2\x94\x80\xe2\x94\x80"
		  "220 gmx.com (mrgmxus001) Nemesis ESMTP "
		  "Service ready\n"
		  "CLIENT 1:\n"
		  "\xe2\x94\x94\xe2\x94\x80\xe2\x94\x80"
		  "EHLO [127.0.0.1]\n"
		  "SERVER 1:\n"
		  "\xe2\x94\x94\xe2\x94\x80\xe2\x94\x80"
		  "250 gmx.com\n"
		  "CLIENT 1:\n"
		  "\xe2\x94\x94\xe2\x94\x80\xe2\x94\x80"
		  "AUTH PLAIN XXXXXX\n"
		  "SERVER 1:\n"
		  "\xe2\x94\x94\xe2\x94\x80\xe2\x94\x80"
		  "235 Authentication succeeded\n"
		  "CLIENT 1:\n"
		  "\xe2\x94\x94\xe2\x94\x80\xe2\x94\x80MAIL FROM:<abc@example.com>\n"
		  "SERVER 1:\n"
		  "\xe2\x94\x94\xe2\x94\x80\xe2\x94\x80"
		  "550 Requested action not taken: mailbox "
		  "unavailable Sender address is not allowed.",
	  .code = 550,
	  .step = "mail-from" },
	{ .name = "MailKit log",
	  .text = "Connected to smtp://smtp.example.com:25/?starttls=always\n"
		  "S: 220 smtp.example.com Microsoft ESMTP MAIL Service ready\n"
		  "C: EHLO [172.16.33.187]\n"
		  "S: 250-smtp.example.com Hello\n"
		  "S: 250 AUTH NTLM\n"
		  "C: AUTH NTLM TlRMTVNTUAABAAAAB4IIogAAAAAoAAAAAAAAACgAAAAGAvAjAAAADw==\n"
		  "S: 334 TlRMTVNTUAACAAAADAAMADgAAAAFgomi\n"
		  "C: TlRMTVNTUAADAAAAGAAYAHAAAAAYABgA\n"
		  "S: 535 5.7.3 Authentication unsuccessful",
	  .code = 535,
	  .enhanced = "5.7.3",
	  .step = "auth",
	  .host = "smtp.example.com" },
	{ .name = "Mailspring",
	  .text = "----------SMTP----------\n"
		  "220 *** ESMTP Sendmail 8.14.8/8.14.8\n"
		  "EHLO ****\n"
		  "250-ENHANCEDSTATUSCODES\n"
		  "250 HELP\n"
		  "STARTTLS\n"
		  "220 2.0.0 Ready to start TLS\n"
		  "EHLO *****\n"
		  "250-PIPELINING\n"
		  "250 DSN\n"
		  "AUTH PLAIN c2VkZ2hpAHNlY3JldA==\n"
		  "500 5.5.1 Command unrecognized: \"AUTH PLAIN c2VkZ2hpAHNlY3JldA==\"",
	  .code = 500,
	  .enhanced = "5.5.1",
	  .step = "auth" },
	{ .name = "Ruby debug",
	  .text = "-> \"220 smtp.example.com ESMTP\\r\\n\"\n"
		  "<- \"EHLO pc\\r\\n\"\n"
		  "-> \"250 AUTH PLAIN\\r\\n\"\n"
		  "<- \"AUTH PLAIN AGJvYgBzZWNyZXQ=\\r\\n\"\n"
		  "-> \"535 5.7.8 Bad credentials\\r\\n\"",
	  .code = 535,
	  .enhanced = "5.7.8",
	  .step = "auth",
	  .host = "smtp.example.com",
	  .class = "auth-bad-credentials" },
	{ .name = "JavaMail debug",
	  .text = "DEBUG SMTP: connected to host \"smtp.example.com\", port: 587\n"
		  "EHLO pc\n"
		  "250-smtp.example.com\n"
		  "250 STARTTLS\n"
		  "MAIL FROM:<a@example.com>\n"
		  "530 5.7.0 Must issue a STARTTLS command first\n"
		  "DEBUG SMTP: got response code 530, with response: 530 5.7.0 Must issue a STARTTLS "
		  "command first",
	  .code = 530,
	  .enhanced = "5.7.0",
	  .step = "mail-from",
	  .host = "smtp.example.com",
	  .class = "tls-required" },
	{ .name = "EHLO, then HELO",
	  .text = "220 old.example.com SMTP\n"
		  "EHLO pc\n"
		  "500 Command not recognized\n"
		  "HELO pc\n"
		  "250 old.example.com\n"
		  "MAIL FROM:<a@example.com>\n"
		  "250 ok\n"
		  "RCPT TO:<bob@example.net>\n"
		  "250 ok\n"
		  "DATA\n"
		  "354 go\n"
		  ".\n"
		  "554 5.7.1 Message rejected as spam",
	  .code = 554,
	  .enhanced = "5.7.1",
	  .step = "data",
	  .class = "policy-spam-content" },
	{ .name = "XOAUTH2",
	  .text = "220 smtp.office365.com\n"
		  "EHLO pc\n"
		  "250 AUTH LOGIN XOAUTH2\n"
		  "AUTH XOAUTH2 dXNlcj1ib2JAZXhhbXBsZS5jb20BYXV0aD1CZWFyZXIgeWEyOS5hYmMBAQ==\n"
		  "334 eyJzdGF0dXMiOiI0MDEiLCJzY2hlbWVzIjoiYmVhcmVyIn0=\n"
		  "\n"
		  "535 5.7.3 Authentication unsuccessful [AM0PR01CA0072.eurprd01.prod.exchangelabs.com]",
	  .code = 535,
	  .enhanced = "5.7.3",
	  .provider = "microsoft365",
	  .step = "auth" },
	{ .name = "accepted transcript",
	  .text = "220 mx.example.net ESMTP\n"
		  "EHLO pc\n"
		  "250 mx.example.net\n"
		  "MAIL FROM:<a@example.com>\n"
		  "250 ok\n"
		  "RCPT TO:<bob@example.net>\n"
		  "250 ok\n"
		  "DATA\n"
		  "354 go\n"
		  "250 2.0.0 Ok: queued as 4XyZ1\n"
		  "QUIT\n"
		  "221 Bye",
	  .code = 250,
	  .enhanced = "2.0.0",
	  .class = "not-a-bounce" },
	{ .name = "Python",
	  .text = "Traceback (most recent call last):\n"
		  "  File \"mail.py\", line 12, in <module>\n"
		  "    server.login(user, password)\n"
		  "  File \"/usr/lib/python3.11/smtplib.py\", line 750, in login\n"
		  "    raise last_exception\n"
		  "smtplib.SMTPAuthenticationError: (535, b'5.7.8 Username and Password not accepted. "
		  "For more information, go to\\n5.7.8  https://support.google.com/mail/?p=BadCredentials "
		  "d9443c01a7336-1e31a - gsmtp')",
	  .code = 535,
	  .enhanced = "5.7.8",
	  .provider = "google" },
	{ .name = "Python, one recipient",
	  .text = "smtplib.SMTPRecipientsRefused: {'bob@example.net': (550, b'5.1.1 <bob@example.net>: "
		  "Recipient address rejected: User unknown')}",
	  .code = 550,
	  .enhanced = "5.1.1",
	  .recipient = "bob@example.net",
	  .class = "mailbox-unknown" },
	{ .name = "Python, Gramps",
	  .text = "[2024-06-05 13:06:16 +0200] [22] [ERROR] Error while trying to send e-mail.\n"
		  "Traceback (most recent call last):\n"
		  "  File \"/usr/local/lib/python3.11/dist-packages/gramps_webapi/api/util.py\", "
		  "line 500, in send_email\n"
		  "    smtp = smtplib.SMTP_SSL(host=host, port=port, timeout=10)\n"
		  "           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
		  "  File \"/usr/lib/python3.11/ssl.py\", line 1382, in do_handshake\n"
		  "    self._sslobj.do_handshake()\n"
		  "ssl.SSLError: [SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)",
	  .class = "tls-failed",
	  .id = "cfg-tls-to-plaintext-587" },
	{ .name = "Python, chained",
	  .text = "Traceback (most recent call last):\n"
		  "  File \"/app/a.py\", line 5, in send\n"
		  "    s.connect()\n"
		  "socket.gaierror: [Errno -2] Name or service not known\n"
		  "\n"
		  "During handling of the above exception, another exception occurred:\n"
		  "\n"
		  "Traceback (most recent call last):\n"
		  "  File \"/app/b.py\", line 9, in run\n"
		  "    raise MailError(\"mail failed\")\n"
		  "smtplib.SMTPServerDisconnected: Connection unexpectedly closed",
	  .class = "network" },
	{ .name = "Django", .text = "[Errno 111] Connection refused", .class = "network" },
	{ .name = "Java",
	  .text = "javax.mail.MessagingException: Could not connect to SMTP host: smtp.example.com, "
		  "port: 587;\n"
		  "  nested exception is:\n"
		  "\tjava.net.ConnectException: Connection refused (Connection refused)\n"
		  "\tat com.sun.mail.smtp.SMTPTransport.openServer(SMTPTransport.java:1961)\n"
		  "\tat javax.mail.Service.connect(Service.java:366)\n"
		  "Caused by: java.net.ConnectException: Connection refused (Connection refused)\n"
		  "\tat java.net.PlainSocketImpl.socketConnect(Native Method)\n"
		  "\t... 9 more",
	  .host = "smtp.example.com",
	  .class = "network",
	  .id = "tcp-refused" },
	{ .name = "Java, login",
	  .text = "DEBUG SMTP: AUTH LOGIN failed\n"
		  "javax.mail.AuthenticationFailedException: 535 5.7.139 Authentication unsuccessful, "
		  "basic authentication is disabled. [BM1P287CA0015.INDP287.PROD.OUTLOOK.COM]\n"
		  "\n"
		  "\tat "
		  "java.mail/"
		  "com.sun.mail.smtp.SMTPTransport$Authenticator.authenticate(SMTPTransport.java:965)\n"
		  "\tat java.mail/javax.mail.Service.connect(Service.java:388)",
	  .code = 535,
	  .enhanced = "5.7.139",
	  .provider = "microsoft365",
	  .class = "auth-disabled-by-admin" },
	{ .name = "Java, recipient",
	  .text = "javax.mail.SendFailedException: Invalid Addresses;\n"
		  "  nested exception is:\n"
		  "com.sun.mail.smtp.SMTPAddressFailedException: 550 5.1.1 <bob@example.net>: Recipient "
		  "address rejected: User unknown\n"
		  "\n"
		  "\tat com.sun.mail.smtp.SMTPTransport.rcptTo(SMTPTransport.java:2064)",
	  .code = 550,
	  .enhanced = "5.1.1",
	  .recipient = "bob@example.net",
	  .class = "mailbox-unknown" },
	{ .name = "Java, TLS",
	  .text = "javax.mail.MessagingException: Could not convert socket to TLS;\n"
		  "  nested exception is:\n"
		  "\tjavax.net.ssl.SSLHandshakeException: PKIX path building failed: "
		  "sun.security.provider.certpath.SunCertPathBuilderException: "
		  "unable to find valid certification path to requested target\n"
		  "\tat com.sun.mail.smtp.SMTPTransport.startTLS(SMTPTransport.java:2150)",
	  .class = "tls-failed",
	  .id = "tls-cert-unknown-ca" },
	{ .name = "Spring",
	  .text = "org.springframework.mail.MailAuthenticationException: Authentication failed; nested "
		  "exception is javax.mail.AuthenticationFailedException: 535-5.7.8 Username and "
		  "Password not accepted. Learn more at\n"
		  "535 5.7.8  https://support.google.com/mail/?p=BadCredentials x - gsmtp",
	  .code = 535,
	  .enhanced = "5.7.8",
	  .provider = "google" },
	{ .name = "Jenkins",
	  .text = "com.sun.mail.smtp.SMTPSendFailedException: 530 5.7.57 Client not authenticated "
		  "to send mail. [AM6P193CA0104.EURP193.PROD.OUTLOOK.COM]\n"
		  ";\n"
		  "  nested exception is:\n"
		  "\tcom.sun.mail.smtp.SMTPSenderFailedException: 530 5.7.57 Client not authenticated "
		  "to send mail.\n"
		  "\tat com.sun.mail.smtp.SMTPTransport.issueSendCommand(SMTPTransport.java:2374)",
	  .code = 530,
	  .enhanced = "5.7.57",
	  .provider = "microsoft365",
	  .class = "auth-required" },
	{ .name = ".NET",
	  .text = "System.Net.Mail.SmtpException: Failure sending mail. ---> System.Net.WebException: "
		  "Unable to connect to the remote server ---> System.Net.Sockets.SocketException: "
		  "No connection could be made because the target machine actively refused it "
		  "192.0.2.7:587\r\n"
		  "   at System.Net.Sockets.Socket.DoConnect(EndPoint endPointSnapshot, SocketAddress "
		  "socketAddress)",
	  .class = "network",
	  .id = "tcp-refused" },
	{ .name = ".NET, 5.7.57",
	  .text = "System.Net.Mail.SmtpException: The SMTP server requires a secure connection or "
		  "the client was not authenticated. The server response was: 5.7.57 Client not "
		  "authenticated "
		  "to send mail. Error: 535 5.7.3 Authentication unsuccessful "
		  "[AM6P193CA0104.EURP193.PROD.OUTLOOK.COM]\n"
		  "   at System.Net.Mail.MailCommand.CheckResponse(SmtpStatusCode statusCode, String "
		  "response)",
	  .code = 535,
	  .provider = "microsoft365" },
	{ .name = ".NET, mailbox",
	  .text = "System.Net.Mail.SmtpFailedRecipientException: Mailbox unavailable. The server "
		  "response was: 5.7.1 Unable to relay",
	  .code = 550,
	  .step = "rcpt",
	  .enhanced = "5.7.1",
	  .class = "relay-denied" },
	{ .name = "MailKit",
	  .text = "MailKit.Security.AuthenticationException: AuthenticationInvalidCredentials: 5.7.3 "
		  "Authentication unsuccessful [BN3PR03CA0067.namprd03.prod.outlook.com]\n"
		  "   at MailKit.Net.Smtp.SmtpClient.<AuthenticateAsync>d__64.MoveNext()\n"
		  "--- End of stack trace from previous location where exception was thrown ---\n"
		  "   at System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw()",
	  .enhanced = "5.7.3",
	  .provider = "microsoft365" },
	{ .name = "MailKit, TLS",
	  .text = "MailKit.Security.SslHandshakeException: An error occurred while attempting to "
		  "establish an SSL or TLS connection. ---> "
		  "System.Security.Authentication.AuthenticationException: "
		  "The remote certificate is invalid according to the validation procedure: "
		  "RemoteCertificateNameMismatch\n"
		  "   at MailKit.Net.Smtp.SmtpClient.ConnectAsync()",
	  .class = "tls-failed",
	  .id = "tls-cert-name-mismatch" },
	{ .name = "Ruby",
	  .text = "rake aborted!\n"
		  "Net::SMTPAuthenticationError: 535 5.7.8 Error: authentication failed\n"
		  "/home/app/shared/bundle/ruby/2.3.0/gems/mail-2.5.5/lib/mail/network/delivery_methods/"
		  "smtp.rb:110:in "
		  "`deliver!'\n"
		  "/home/app/shared/bundle/ruby/2.3.0/gems/mail-2.5.5/lib/mail/message.rb:248:in "
		  "`deliver!'",
	  .code = 535,
	  .enhanced = "5.7.8",
	  .class = "auth-bad-credentials" },
	{ .name = "Ruby, 451",
	  .text = "Net::SMTPAuthenticationError: 451 Authentication failed: Could not authenticate\n"
		  "\n"
		  "  File \"/app/vendor/ruby-2.5.5/lib/ruby/2.5.0/net/smtp.rb\", line 981, in "
		  "check_auth_response\n"
		  "  File \"/app/vendor/ruby-2.5.5/lib/ruby/2.5.0/net/smtp.rb\", line 736, in auth_plain",
	  .code = 451 },
	{ .name = "Ruby, timeout",
	  .text = "Net::OpenTimeout: execution expired\n"
		  "/usr/lib/ruby/2.7.0/net/protocol.rb:41:in `ssl_socket_connect'",
	  .class = "network" },
	{ .name = "PHP",
	  .text = "Fatal error: Uncaught exception 'Swift_TransportException' with message 'Expected "
		  "response code 250 but got code \"500\", with message \"500 unrecognized command "
		  "\"' in /home/app/lib/classes/Swift/Transport/AbstractSmtpTransport.php:383 Stack "
		  "trace: #0 /home/app/lib/classes/Swift/Transport/AbstractSmtpTransport.php(281): "
		  "Swift_Transport_AbstractSmtpTransport->_assertResponseCode('500 unrecognize...', "
		  "Array) #1 {main} thrown in /home/app/x.php on line 383",
	  .code = 500,
	  .class = "protocol-error" },
	{ .name = "PHP, several lines",
	  .text = "PHP Fatal error:  Uncaught Swift_TransportException: Failed to authenticate on "
		  "SMTP server with username \"bob@example.com\" using 2 possible authenticators. "
		  "Authenticator LOGIN returned Expected response code 235 but got code \"535\", "
		  "with message \"535 5.7.8 Error: authentication failed\n"
		  "\" in /var/www/vendor/swiftmailer/AuthHandler.php:181\n"
		  "Stack trace:\n"
		  "#0 /var/www/vendor/swiftmailer/EsmtpTransport.php(332): "
		  "Swift_Transport_Esmtp_AuthHandler->afterEhlo(Object(Swift_SmtpTransport))\n"
		  "#1 {main}\n"
		  "  thrown in /var/www/AuthHandler.php on line 181",
	  .code = 535,
	  .enhanced = "5.7.8",
	  .class = "auth-bad-credentials" },
	{ .name = "Symfony",
	  .text = "Connection could not be established with host \"ssl://smtp.gmail.com:465\": "
		  "stream_socket_client(): "
		  "Unable to connect to ssl://smtp.gmail.com:465 (Connection timed out)",
	  .provider = "google",
	  .host = "smtp.gmail.com",
	  .class = "network" },
	{ .name = "Laravel, DNS",
	  .text = "Connection could not be established with host mailpit :stream_socket_client(): "
		  "php_network_getaddresses: getaddrinfo failed: Name or service not known",
	  .class = "network" },
	{ .name = "Symfony, two mechanisms",
	  .text = "Failed to authenticate on SMTP server with username \"no-reply@example.com\" using "
		  "the following authenticators: \"LOGIN\", \"PLAIN\". Authenticator \"LOGIN\" returned "
		  "\"Expected response code \"235\" but got code \"535\", with message \"535 Incorrect "
		  "authentication data\".\". Authenticator \"PLAIN\" returned \"Expected response "
		  "code \"235\" but got code \"535\", with message \"535 Incorrect authentication "
		  "data\".\".",
	  .code = 535,
	  .class = "auth-bad-credentials" },
	{ .name = "expected and got",
	  .text = "Expected response code 250 but got code \"530\", with message \"530 5.7.1 Authentication "
		  "required \"",
	  .code = 530,
	  .enhanced = "5.7.1",
	  .class = "auth-required" },
	{ .name = "expected, nothing got",
	  .text = "Expected response code 250 but got code \"\", with message \"\"",
	  .class = "network" },
	{ .name = "Node",
	  .text = "Error: connect ECONNREFUSED 192.0.2.7:587\n"
		  "    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1494:16) {\n"
		  "  errno: -111,\n"
		  "  code: 'ESOCKET',\n"
		  "  syscall: 'connect',\n"
		  "  address: '192.0.2.7',\n"
		  "  port: 587,\n"
		  "  command: 'CONN'\n"
		  "}",
	  .host = "192.0.2.7",
	  .class = "network",
	  .id = "tcp-refused" },
	{ .name = "Node, login",
	  .text = "Error: Invalid login: 535-5.7.8 Username and Password not accepted. For more information, "
		  "go to\n"
		  "535 5.7.8  https://support.google.com/mail/?p=BadCredentials 5b1f17b1804b1-42 "
		  "- gsmtp\n"
		  "    at SMTPConnection._formatError "
		  "(/app/node_modules/nodemailer/lib/smtp-connection/index.js:790:19)\n"
		  "    at Socket.emit (node:events:513:28) {\n"
		  "  code: 'EAUTH',\n"
		  "  response: '535-5.7.8 Username and Password not accepted. For more information, "
		  "go to\\n' +\n"
		  "    '535 5.7.8  https://support.google.com/mail/?p=BadCredentials 5b1f17b1804b1-42 "
		  "- gsmtp',\n"
		  "  responseCode: 535,\n"
		  "  command: 'AUTH PLAIN'\n"
		  "}",
	  .code = 535,
	  .enhanced = "5.7.8",
	  .provider = "google",
	  .step = "auth" },
	{ .name = "Node, recipient",
	  .text = "{\n"
		  " [Error: Can't send mail - all recipients were rejected]\n"
		  "  code: 'EENVELOPE',\n"
		  "  response: '550 5.7.1 Unable to relay for bob@example.net',\n"
		  "  responseCode: 550\n"
		  " }",
	  .code = 550,
	  .enhanced = "5.7.1",
	  .recipient = "bob@example.net",
	  .class = "relay-denied" },
	{ .name = "Node, stage",
	  .text = "{ [RecipientError: Can't send mail - all recipients were rejected]\n"
		  "  name: 'RecipientError',\n"
		  "  data: '550-Verification failed for <anonymous@cnode1.example.com>\\r\\n550-Unrouteable "
		  "address\\r\\n550 unable to verify sender address',\n"
		  "  stage: 'rcpt' }",
	  .code = 550,
	  .step = "rcpt" },
	{ .name = "Go",
	  .text = "gomail: could not send email 1: dial tcp: lookup smtp.qq.com: i/o timeout",
	  .host = "smtp.qq.com",
	  .class = "network" },
	{ .name = "Go, TLS",
	  .text = "x509: certificate is valid for *.example.net, not smtp.example.com",
	  .class = "tls-failed",
	  .id = "tls-cert-name-mismatch" },
	{ .name = "Rust",
	  .text = "Error: permanent error (550): 5.1.1 User unknown",
	  .code = 550,
	  .enhanced = "5.1.1",
	  .class = "mailbox-unknown" },
	{ .name = "JSON",
	  .text = "{\"level\":\"error\",\"msg\":\"Failed to send alert\",\"err\":\"535 5.7.8 Error: "
		  "authentication failed\"}",
	  .code = 535,
	  .enhanced = "5.7.8",
	  .class = "auth-bad-credentials" },
	{ .name = "JSON, nodemailer",
	  .text = "{\"message\":\"Invalid login: 535 Authentication "
		  "failed\",\"code\":\"EAUTH\",\"response\":\"535 "
		  "Authentication failed\",\"responseCode\":535,\"command\":\"AUTH PLAIN\"}",
	  .code = 535,
	  .step = "auth",
	  .class = "auth-bad-credentials",
	  .said = "535 Authentication failed" },
	{ .name = "JSON, escaped",
	  .text = "{\"error\":\"Expected response code 250 but got code \\\"550\\\", with message "
		  "\\\"550 5.1.1 User unknown\\r\\n\\\"\"}",
	  .code = 550,
	  .enhanced = "5.1.1",
	  .class = "mailbox-unknown" },
	{ .name = "JSON, umlaut",
	  .text = "{\"reason\":\"550 5.1.1 Empf\\u00e4nger unbekannt\",\"email\":\"bob@example.net\"}",
	  .code = 550,
	  .enhanced = "5.1.1",
	  .class = "mailbox-unknown" },
	{ .name = "SendGrid event",
	  .text = "{\"email\":\"bob@example.net\",\"event\":\"bounce\",\"reason\":\"500 unknown "
		  "recipient\",\"status\":\"5.0.0\",\"type\":\"bounce\"}",
	  .recipient = "bob@example.net",
	  .class = "mailbox-unknown",
	  .code = 500 },
	{ .name = "SES notification",
	  .text = "{\"notificationType\":\"Bounce\",\"bounce\":{\"bounceType\":\"Permanent\","
		  "\"bouncedRecipients\":[{\"emailAddress\":\"bob@example.net\",\"action\":\"failed\","
		  "\"status\":\"5.1.1\",\"diagnosticCode\":\"smtp; "
		  "550 5.1.1 user unknown\"}]}}",
	  .code = 550,
	  .enhanced = "5.1.1",
	  .recipient = "bob@example.net",
	  .class = "mailbox-unknown" },
	{ .name = "PHP array",
	  .text = "array ( 'error' => 'RCPT TO command failed', 'detail' => '5.1.1 User unknown', "
		  "'smtp_code' => '550', )",
	  .code = 550,
	  .enhanced = "5.1.1",
	  .class = "mailbox-unknown" },
	{ .name = "Nextcloud",
	  .text = "{\"reqId\":\"22I4\",\"level\":3,\"time\":\"2024-10-07T01:42:26+00:00\",\"app\":\"core\","
		  "\"message\":\"Failed "
		  "to authenticate on SMTP server with username \\\"bob@example.com\\\" using the "
		  "following authenticators: \\\"LOGIN\\\". Authenticator \\\"LOGIN\\\" returned "
		  "\\\"Expected response code \\\"235\\\" but got code \\\"535\\\", with message "
		  "\\\"535 5.7.8 Error: authentication failed\\\".\"}",
	  .code = 535,
	  .enhanced = "5.7.8",
	  .class = "auth-bad-credentials" },
	{ .name = "HTML",
	  .text = "<p>Remote server returned '<b>550 5.7.1</b> Unable&nbsp;to relay for "
		  "&lt;bob@example.net&gt;'<br></p><script>x()</script>",
	  .code = 550,
	  .enhanced = "5.7.1",
	  .class = "relay-denied" },
	{ .name = "HTML page",
	  .text = "<!DOCTYPE html><html><head><title>Mail</title><style>p { color: red; "
		  "}</style></head><body><div>Delivery "
		  "has failed to these recipients or groups:</div><p><a "
		  "href=\"mailto:bob@example.net\">bob@example.net</a></p><p>550 "
		  "5.1.10 RESOLVER.ADR.RecipientNotFound;<br>Recipient not found by SMTP address "
		  "lookup</p></body></html>",
	  .code = 550,
	  .enhanced = "5.1.10",
	  .class = "mailbox-unknown" },
	{ .name = "entities",
	  .text = "535 5.7.8 Error: authentication failed&#58; &quot;bob&quot;",
	  .code = 535,
	  .enhanced = "5.7.8",
	  .class = "auth-bad-credentials",
	  .said = "535 5.7.8 Error: authentication failed: \"bob\"" },
	{ .name = "colours",
	  .text = "\x1b[31m550 5.1.1\x1b[0m \x1b[1mUser unknown\x1b[0m",
	  .code = 550,
	  .enhanced = "5.1.1",
	  .class = "mailbox-unknown",
	  .said = "550 5.1.1 User unknown" },
	{ .name = "quoted-printable",
	  .text = "550 5.7.1 Message rejected. See https://example.com/?a=3Db for =\n"
		  "more, the SPF check of example.com fai=\n"
		  "led",
	  .code = 550,
	  .enhanced = "5.7.1",
	  .class = "policy-spf" },
	{ .name = "quoted mail",
	  .text = "> 550 5.1.1 The email account that you tried to reach\n"
		  "> does not exist",
	  .code = 550,
	  .enhanced = "5.1.1",
	  .class = "mailbox-unknown",
	  .said = "550 5.1.1 The email account that you tried to reach does not exist" },
	{ .name = "quoted twice",
	  .text = ">> 552 5.2.2 Mailbox\n"
		  ">> full",
	  .code = 552,
	  .enhanced = "5.2.2",
	  .class = "mailbox-full" },
	{ .name = "wrapped",
	  .text = "550 5.7.1 Service unavailable; client [192.0.2.1]\n"
		  "    blocked using zen.spamhaus.org",
	  .code = 550,
	  .enhanced = "5.7.1",
	  .class = "policy-ip-reputation" },
	{ .name = "hard blanks",
	  .text = "550\xc2\xa0"
		  "5.1.1\xc2\xa0User\xe2\x80\x8b unknown",
	  .code = 550,
	  .enhanced = "5.1.1",
	  .class = "mailbox-unknown" },
	{ .name = "curled quotes",
	  .text = "Remote Server returned \xe2\x80\x98"
		  "550 5.1.1 User unknown\xe2\x80\x99",
	  .code = 550,
	  .enhanced = "5.1.1",
	  .class = "mailbox-unknown" },
	{ .name = "a paragraph before",
	  .text = "Hello, since yesterday our printer shows this:\n"
		  "\n"
		  "535 5.7.139 Authentication unsuccessful, the user credentials were incorrect. "
		  "[AS4P190CA0001.EURP190.PROD.OUTLOOK.COM]",
	  .code = 535,
	  .enhanced = "5.7.139",
	  .provider = "microsoft365",
	  .class = "auth-bad-credentials" },
	{ .name = "335 challenge decoded",
	  .text = "535 5.7.8 refused: eyJzdGF0dXMiOiI0MDAiLCJzY2hlbWVzIjoiQmVhcmVyIn0=",
	  .code = 535,
	  .enhanced = "5.7.8",
	  .said = "535 5.7.8 refused: {\"status\":\"400\",\"schemes\":\"Bearer\"}" },
	{ .name = "a challenge alone",
	  .text = "334 "
		  "eyJzdGF0dXMiOiI0MDAiLCJzY2hlbWVzIjoiQmVhcmVyIiwic2NvcGUiOiJodHRwczovL21haWwuZ29vZ2xlLmNvbS"
		  "8ifQ==",
	  .code = 334,
	  .class = "auth-oauth-token",
	  .said = "334 {\"status\":\"400\",\"schemes\":\"Bearer\",\"scope\":\"https://mail.google.com/\"}" },
	{ .name = "a token refused in the words of a password, and the note before them",
	  .text = "250-AUTH LOGIN PLAIN XOAUTH2\nAUTH XOAUTH2 dXNlcj1hAWF1dGg9QmVhcmVyIHRvawEB\n334 "
		  "eyJzdGF0dXMiOiI0MDAiLCJzY2hlbWVzIjoiQmVhcmVyIiwic2NvcGUiOiJodHRwczovL21haWwuZ29vZ2xlLmNvbS"
		  "8ifQ==\n\n"
		  "535-5.7.8 Username and Password not accepted. For more information, go to\n"
		  "535 5.7.8  https://support.google.com/mail/?p=BadCredentials x1-20020 - gsmtp",
	  .code = 535,
	  .enhanced = "5.7.8",
	  .provider = "google",
	  .step = "auth",
	  .class = "auth-oauth-token",
	  .id = "oauth-334-challenge",
	  .said = "535-5.7.8 Username and Password not accepted. For more information, go to 535 5.7.8 "
		  "https://support.google.com/mail/?p=BadCredentials x1-20020 - gsmtp "
		  "{\"status\":\"400\",\"schemes\":\"Bearer\",\"scope\":\"https://mail.google.com/\"}" },
	{ .name = "a note in another hand, and a reason of its own after it",
	  .text = "AUTH XOAUTH2 dXNlcj1hAWF1dGg9QmVhcmVyIHRvawEB\n334 "
		  "eyAic3RhdHVzIjogIjQwMSIsICJzY2hlbWVzIjogImJlYXJlciIgfQ==\n\n"
		  "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the "
		  "Tenant.",
	  .code = 535,
	  .id = "auth-smtp-disabled-tenant" },
	{ .name = "nodemailer, a token refused without a note",
	  .text = "Error: Invalid login: 535-5.7.8 Username and Password not accepted. For more information, "
		  "go to\n"
		  "535 5.7.8  https://support.google.com/mail/?p=BadCredentials a64 - gsmtp\n"
		  "    at SMTPConnection._formatError (/app/smtp-connection/index.js:809:19) {\n"
		  "  code: 'EAUTH',\n  responseCode: 535,\n  command: 'AUTH XOAUTH2'\n}",
	  .code = 535,
	  .class = "auth-oauth-token",
	  .id = "oauth-token-refused" },
	{ .name = "a note before a 535 of few words",
	  .text = "AUTH XOAUTH2 dXNlcj1hAWF1dGg9QmVhcmVyIHRvawEB\n"
		  "334 eyJzdGF0dXMiOiI0MDEiLCJzY2hlbWVzIjoiYmVhcmVyIiwic2NvcGUiOiJtYWlsIn0=\n"
		  "535 5.7.8 Failed",
	  .code = 535,
	  .class = "auth-oauth-token",
	  .id = "oauth-334-challenge" },
	{ .name = "a note whose members come in another order",
	  .text = "AUTH XOAUTH2 dXNlcj1hAWF1dGg9QmVhcmVyIHRvawEB\n"
		  "334 eyJzY2hlbWVzIjoiYmVhcmVyIiwic3RhdHVzIjoiNDAxIiwic2NvcGUiOiJtYWlsIn0=\n"
		  "\n"
		  "535 5.7.8 Username and Password not accepted",
	  .code = 535,
	  .class = "auth-oauth-token",
	  .id = "oauth-334-challenge" },
	{ .name = "a note of a status alone",
	  .text = "AUTH XOAUTH2 dXNlcj1hAWF1dGg9QmVhcmVyIHRvawEB\n"
		  "334 eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIn0=\n"
		  "535 5.7.8 Authentication failed",
	  .code = 535,
	  .class = "auth-oauth-token",
	  .id = "oauth-334-challenge" },
	{ .name = "a token refused in few words",
	  .text = "AUTH XOAUTH2 dXNlcj1hAWF1dGg9QmVhcmVyIHRvawEB\n535 5.7.8 Failed",
	  .code = 535,
	  .class = "auth-oauth-token",
	  .id = "oauth-token-refused" },
	{ .name = "Python's log of a token",
	  .text = "send: 'ehlo pc\\r\\n'\n"
		  "reply: retcode (250); Msg: b'mx.example.net\\nSIZE 35882577\\nAUTH LOGIN XOAUTH2'\n"
		  "send: 'AUTH XOAUTH2 dXNlcj1hAWF1dGg9QmVhcmVyIHRvawEB\\r\\n'\n"
		  "reply: b'535 5.7.8 Username and Password not accepted\\r\\n'",
	  .code = 535,
	  .class = "auth-oauth-token",
	  .id = "oauth-token-refused" },
	{ .name = "Python's log of a password",
	  .text = "send: 'ehlo pc\\r\\n'\n"
		  "reply: retcode (250); Msg: b'mx.example.net\\nSIZE 35882577\\nAUTH XOAUTH2 LOGIN'\n"
		  "send: 'AUTH LOGIN Ym9i\\r\\n'\n"
		  "reply: b'535 5.7.8 Username and Password not accepted\\r\\n'",
	  .code = 535,
	  .class = "auth-bad-credentials" },
	{ .name = "a server that offers tokens, and a password",
	  .text = "250-AUTH XOAUTH2 LOGIN\nAUTH LOGIN\n535 5.7.8 Username and Password not accepted",
	  .code = 535,
	  .class = "auth-bad-credentials" },
	{ .name = "a scanner's panel",
	  .text = "Authentication with the destination has failed. Check settings. To check the current "
		  "status, "
		  "press [Scanned Files Status].",
	  .class = "auth-bad-credentials" },
	{ .name = "a scanner's panel, no connection",
	  .text = "Connection with the destination has failed. Check the status and connection. To check the "
		  "current status, press [Scanned Files Status].",
	  .class = "network" },
	{ .name = "a copier's job list",
	  .text = "#839 The user name or password for SMTP authentication (SMTP AUTH) is incorrect.",
	  .class = "auth-bad-credentials" },
	{ .name = "a storage box whose sign-in has run out",
	  .text = "[Notification Center] Failed to send email to \"anna@example.com\". Authorization has "
		  "expired. "
		  "Reauthorize the account.",
	  .class = "auth-oauth-token" },
	{ .name = "a storage box that tells nothing",
	  .text = "Failed to send a test email. Please check the email settings and try again.",
	  .class = "unknown" },
	{ .name = "a plugin's answer of an API",
	  .text = "{\n  \"code\": 422,\n  \"message\": \"AADSTS7000222: The provided client secret keys for "
		  "app "
		  "'11111111-2222-3333-4444-555555555555' are expired.\",\n  \"errors\": []\n}",
	  .code = 422,
	  .class = "auth-oauth-token" },
	{ .name = "Dutch around a limit by the hour",
	  .text = "Uw bericht is niet bezorgd bij sommige of alle geadresseerden.\n"
		  "De volgende geadresseerde(n) kan/kunnen niet worden bereikt:\n"
		  "anna@example.com op 20-11-2026 14:33\n"
		  "Serverfout: '452 4.5.3 Error: too many recipients in the last hour, limit is 200'",
	  .code = 452,
	  .class = "rate-limited" },
	{ .name = "a screenshot read by a machine, its lines broken",
	  .text = "Can not send test e-mail\nStatus: 5 35 5.7.139 Authent1cation unsuc-\ncessful, "
		  "SmtpClientAuthentication is\ndisabled for the Tenant. "
		  "Visit\nhttps://aka.ms/smtp_auth_disabled "
		  "for\nmore information.",
	  .enhanced = "5.7.139",
	  .id = "auth-smtp-disabled-tenant" },
	{ .name = "Spanish around a list's words",
	  .text = "No se pudo entregar el mensaje a los siguientes destinatarios:\nanna@example.com\nEl "
		  "servidor "
		  "remoto devolvi\303\263 '554 5.7.1 Service unavailable; Client host [203.0.113.7] blocked "
		  "using "
		  "zen.spamhaus.org; https://www.spamhaus.org/query/ip/203.0.113.7'",
	  .code = 554,
	  .class = "policy-ip-reputation" },
	{ .name = "Italian around a refusal to relay",
	  .text = "Impossibile inviare il messaggio utilizzando il server smtp.example.it\nIl server ha "
		  "risposto "
		  "con il seguente messaggio:\nIl mittente o il destinatario non \303\250 stato accettato: "
		  "550 5.7.1 "
		  "<anna@example.com>... Relaying denied. Proper authentication required.",
	  .code = 550,
	  .class = "relay-denied" },
	{ .name = "a sending library of Rust, its code in words",
	  .text = "SMTP 5xx error: lettre::transport::smtp::Error { kind: Permanent(Code { severity: "
		  "PermanentNegativeCompletion, category: Unspecified3, detail: Five }) }",
	  .class = "auth-bad-credentials" },
	{ .name = "a challenge, decoded by somebody else",
	  .text = "{\"status\":\"400\",\"schemes\":\"Bearer\",\"scope\":\"https://mail.google.com/\"}",
	  .code = 400,
	  .class = "auth-oauth-token" },
	{ .name = "a challenge to a question is no refusal",
	  .text = "334 VXNlcm5hbWU6",
	  .code = 334,
	  .class = "not-a-bounce" },
	{ .name = "PHPMailer, connect",
	  .text = "SMTP Error: Could not connect to SMTP host. Failed to connect to server SMTP server "
		  "error: Failed to connect to server Additional SMTP info: Connection refused",
	  .class = "network" },
	{ .name = "PHPMailer, login",
	  .text = "SMTP Error: Could not authenticate.",
	  .class = "auth-bad-credentials" },
	{ .name = "Roundcube",
	  .text = "SMTP Error (535): Authentication failed",
	  .code = 535,
	  .class = "auth-bad-credentials" },
	{ .name = "Roundcube, recipient",
	  .text = "SMTP Error (550): Failed to add recipient \"bob@example.net\" (5.1.1 User unknown).",
	  .code = 550,
	  .enhanced = "5.1.1",
	  .recipient = "bob@example.net",
	  .class = "mailbox-unknown" },
	{ .name = "msmtp",
	  .text = "msmtp: authentication failed (method PLAIN)\n"
		  "msmtp: server message: 535 5.7.8 Error: authentication failed: \n"
		  "msmtp: could not send mail (account default from /home/bob/.msmtprc)",
	  .code = 535,
	  .enhanced = "5.7.8",
	  .class = "auth-bad-credentials" },
	{ .name = "Odoo",
	  .text = "Mail Delivery Failed\n"
		  "Mail delivery failed via SMTP server 'smtp.example.com'.\n"
		  "SMTPRecipientsRefused: {'bob@example.net': (554, b'5.7.1 <bob@example.net>: Relay "
		  "access denied')}",
	  .code = 554,
	  .enhanced = "5.7.1",
	  .host = "smtp.example.com",
	  .class = "relay-denied" },
	{ .name = "Thunderbird",
	  .text = "An error occurred while sending mail. The mail server responded:  5.7.1 "
		  "<bob@example.net>: "
		  "Relay access denied. Please check the message recipient \"bob@example.net\" and "
		  "try again.",
	  .enhanced = "5.7.1",
	  .recipient = "bob@example.net",
	  .class = "relay-denied" },
	{ .name = "Pocketbase",
	  .text = "Failed to send the test email. Raw error: \n"
		  "535 Authentication Failed.",
	  .code = 535,
	  .class = "auth-bad-credentials" },
	{ .name = "curl, resolve",
	  .text = "curl: (6) Could not resolve host: smtp.example.com",
	  .host = "smtp.example.com",
	  .class = "network" },
	{ .name = "LuCI",
	  .text = "Failed to forward message: Error: MAIL FROM failed: '550 Authentication is required "
		  "for relay'",
	  .code = 550 },
	{ .name = "WordPress", .text = "Could not instantiate mail function." },
	{ .name = "advice: two-step",
	  .text = "Switch 2-step verification off to make it work",
	  .class = "settings",
	  .id = "explain-obsolete-or-wrong-advice" },
	{ .name = "advice: less secure apps",
	  .text = "Turn on less secure apps in your Google account",
	  .class = "settings",
	  .id = "explain-obsolete-or-wrong-advice" },
	{ .name = "advice: port 465",
	  .text = "Use port 465 to smtp.office365.com",
	  .class = "settings",
	  .id = "explain-obsolete-or-wrong-advice" },
	{ .name = "advice: 250",
	  .text = "250s are temporary errors",
	  .class = "settings",
	  .id = "explain-obsolete-or-wrong-advice",
	  .code = 250 },
	{ .name = "advice: checks off",
	  .text = "Disable certificate checks, set verify_peer to false",
	  .class = "settings",
	  .id = "explain-obsolete-or-wrong-advice" },
	/* Words of the wrapper that are those of another refusal. */
	{ .name = "a host called blocked",
	  .text = "<full@example.com>: host blocked-relay.example.net[192.0.2.9] said: 450 4.3.0 Try again "
		  "later (in "
		  "reply to RCPT TO command)",
	  .code = 450,
	  .step = "rcpt",
	  .host = "blocked-relay.example.net",
	  .class = "server-busy" },
	{ .name = "Exim's log, a host called spamfilter",
	  .text = "2026-11-22 10:00:01 1abcDE-0001aB-2C ** quota@example.com R=dnslookup T=remote_smtp "
		  "H=spamfilter.example.org [192.0.2.9]: SMTP error from remote mail server after RCPT "
		  "TO:<quota@example.com>: 550 5.1.1 User unknown",
	  .code = 550,
	  .step = "rcpt",
	  .class = "mailbox-unknown",
	  .said = "550 5.1.1 User unknown" },
	{ .name = "sendmail's log tells the reply apart",
	  .text = "Nov 22 10:00:01 mx1 sm-mta[1234]: 4AMA01: to=<bob@example.com>, delay=00:00:01, "
		  "mailer=esmtp, "
		  "relay=mx.example.com. [192.0.2.9], dsn=5.2.2, reply=552 5.2.2 Mailbox full, stat=Service "
		  "unavailable",
	  .code = 552,
	  .class = "mailbox-full",
	  .said = "552 5.2.2 Mailbox full" },
	{ .name = "qmail gives up",
	  .text = "<bob@example.com>:\n192.0.2.9 does not like recipient.\nRemote host said: 550 5.7.9 "
		  "Rejected\n"
		  "Giving up on 192.0.2.9.",
	  .code = 550,
	  .class = "policy-other",
	  .said = "550 5.7.9 Rejected" },
	{ .name = "Jakarta Mail, not about the address",
	  .text = "javax.mail.SendFailedException: Invalid Addresses; nested exception is: "
		  "com.sun.mail.smtp.SMTPAddressFailedException: 550 5.7.1 Message blocked, your IP is on a "
		  "blacklist",
	  .code = 550,
	  .step = "rcpt",
	  .class = "policy-ip-reputation" },
	{ .name = "nodemailer, not about the recipient",
	  .text = "Error: Can't send mail - all recipients were rejected: 451 4.3.2 Please try again later",
	  .code = 451,
	  .step = "rcpt",
	  .class = "server-busy" },
	{ .name = "PHPMailer, not about the recipient",
	  .text = "SMTP Error: The following recipients failed: unknown-user@example.com: 4.3.2 Please try "
		  "again "
		  "later",
	  .enhanced = "4.3.2",
	  .step = "rcpt",
	  .recipient = "unknown-user@example.com",
	  .class = "server-busy",
	  .said = "4.3.2 Please try again later" },
	{ .name = "PHPMailer puts the code behind",
	  .text = "SMTP Error: data not accepted.SMTP server error: DATA END command failed Detail: Mailbox "
		  "full "
		  "SMTP code: 552 Additional SMTP info: 5.2.2",
	  .code = 552,
	  .step = "data",
	  .enhanced = "5.2.2",
	  .said = "552 5.2.2 Mailbox full" },
	{ .name = "smtplib, a pair",
	  .text = "smtplib.SMTPRecipientsRefused: {'no-such-user@example.com': (554, b'5.7.1 Relay access "
		  "denied')}",
	  .code = 554,
	  .step = "rcpt",
	  .class = "relay-denied",
	  .said = "554 5.7.1 Relay access denied" },
	{ .name = "smtplib, an isn't",
	  .text = "smtplib.SMTPSenderRefused: (550, b\"5.1.1 bob isn't here, user unknown\", "
		  "'a@example.com')",
	  .code = 550,
	  .step = "mail-from",
	  .said = "550 5.1.1 bob isn't here, user unknown" },
	{ .name = ".NET, its mailbox is none",
	  .text = "System.Net.Mail.SmtpException: Mailbox unavailable. The server response was: 4.3.2 Please "
		  "try "
		  "again later",
	  .code = 450,
	  .class = "server-busy" },
	{ .name = ".NET in French",
	  .text = "System.Net.Mail.SmtpException: Bo\xc3\xaete aux lettres non disponible. La r\xc3\xa9ponse "
		  "du "
		  "serveur \xc3\xa9tait\xc2\xa0: 5.7.1 Relay access denied",
	  .class = "relay-denied",
	  .said = "5.7.1 Relay access denied" },
	{ .name = ".NET's words where the server has none",
	  .text = "System.Net.Mail.SmtpException: Exceeded storage allocation. The server response was: ",
	  .class = "mailbox-full" },
	{ .name = "a reply quoted in a reply stays in it",
	  .text = "Sender callout verification failed: 550 5.1.1 User unknown",
	  .code = 550,
	  .said = "Sender callout verification failed: 550 5.1.1 User unknown" },
	{ .name = "Oracle tells a failed connection as a reply",
	  .text = "ORA-29278: SMTP transient error: 421 Service not available",
	  .code = 421,
	  .class = "network" },
	{ .name = "accepted, and a size",
	  .text = "250 2.0.0 message received, 552 bytes",
	  .code = 250,
	  .class = "not-a-bounce" },
	{ .name = "accepted, then refused, in one line",
	  .text = "DATA: 250 OK accepted 554 message refused",
	  .code = 554 },
	{ .name = "accepted by one, refused by another, each with its status",
	  .text = "250 2.1.5 Ok 550 5.1.1 User unknown",
	  .code = 550,
	  .enhanced = "5.1.1",
	  .class = "mailbox-unknown" },
	{ .name = "a quote without an end is none",
	  .text = "Server response: '550 5.7.1 Relay access denied, port: 25",
	  .code = 550,
	  .class = "relay-denied",
	  .said = "Server response: '550 5.7.1 Relay access denied, port: 25" },
	{ .name = "a forwarded report: its To is who was told",
	  .text = "---------- Forwarded message ---------\n"
		  "From: Mail Delivery System <MAILER-DAEMON@mx.example.com>\n"
		  "Subject: Undelivered Mail Returned to Sender\n"
		  "To: <clerk@example.com>\n\n"
		  "<anna@example.net>: host mx1.example.net[192.0.2.9] said: 550 5.1.1\n"
		  "    <anna@example.net>: Recipient address rejected: User unknown in\n"
		  "    virtual mailbox table (in reply to RCPT TO command)\n",
	  .code = 550,
	  .recipient = "anna@example.net",
	  .id = "rcpt-user-unknown" },
	{ .name = "a To alone",
	  .text = "To: bob@example.net\n550 5.1.1 User unknown",
	  .code = 550,
	  .recipient = "bob@example.net",
	  .id = "rcpt-user-unknown" },
};

#endif
