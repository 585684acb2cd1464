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
	{ .name = "Postfix log",
	  .text = "Nov 21 08:49:38 mx1 postfix/smtp[2117]: 4XyZ1: to=<bob@example.net>, "
		  "relay=mx.example.net[192.0.2.7]:25, "
		  "delay=0.8, dsn=5.2.2, status=bounced (host mx.example.net[192.0.2.7] said: 552 5.2.2 "
		  "<bob@example.net>: "
		  "Mailbox over quota (in reply to RCPT TO command))",
	  .code = 552,
	  .enhanced = "5.2.2",
	  .step = "rcpt",
	  .host = "mx.example.net",
	  .recipient = "bob@example.net",
	  .class = "mailbox-full",
	  .retry = "later" },
	{ .name = "Exim",
	  .text = "  bob@example.net\n    host mx.example.net [192.0.2.7]\n    SMTP error from remote mail "
		  "server after RCPT TO:<bob@example.net>:\n"
		  "    550 5.1.1 <bob@example.net>: Recipient address rejected: User unknown in virtual "
		  "mailbox table",
	  .code = 550,
	  .enhanced = "5.1.1",
	  .step = "rcpt",
	  .host = "mx.example.net",
	  .recipient = "bob@example.net",
	  .class = "mailbox-unknown" },
	{ .name = "swaks",
	  .text = "=== Trying smtp.example.com:587...\n=== Connected to smtp.example.com.\n"
		  "<-  220 smtp.example.com ESMTP Postfix\n -> EHLO pc\n<-  250-smtp.example.com\n<-  250 "
		  "AUTH PLAIN LOGIN\n"
		  " -> AUTH LOGIN\n<-  334 VXNlcm5hbWU6\n -> Ym9iQGV4YW1wbGUuY29t\n<-  334 UGFzc3dvcmQ6\n -> "
		  "c2VjcmV0MTIz\n"
		  "<** 535 5.7.8 Error: authentication failed: (reason unavailable)\n*** No authentication "
		  "type succeeded\n"
		  " -> QUIT\n<-  221 2.0.0 Bye\n=== Connection closed with remote host.",
	  .code = 535,
	  .enhanced = "5.7.8",
	  .step = "auth",
	  .host = "smtp.example.com",
	  .class = "auth-bad-credentials",
	  .said = "535 5.7.8 Error: authentication failed: (reason unavailable)" },
	{ .name = "Python",
	  .text = "Traceback (most recent call last):\n  File \"mail.py\", line 12, in <module>\n    "
		  "server.login(user, password)\n"
		  "  File \"/usr/lib/python3.11/smtplib.py\", line 750, in login\n    raise last_exception\n"
		  "smtplib.SMTPAuthenticationError: (535, b'5.7.8 Username and Password not accepted. For "
		  "more information, go to\\n"
		  "5.7.8  https://support.google.com/mail/?p=BadCredentials d9443c01a7336-1e31a - gsmtp')",
	  .code = 535,
	  .enhanced = "5.7.8",
	  .provider = "google" },
	{ .name = "Java",
	  .text = "javax.mail.MessagingException: Could not connect to SMTP host: smtp.example.com, port: "
		  "587;\n  nested exception is:\n"
		  "\tjava.net.ConnectException: Connection refused (Connection refused)\n\tat "
		  "com.sun.mail.smtp.SMTPTransport.openServer(SMTPTransport.java:1961)\n"
		  "\tat javax.mail.Service.connect(Service.java:366)\nCaused by: java.net.ConnectException: "
		  "Connection refused (Connection refused)\n"
		  "\tat java.net.PlainSocketImpl.socketConnect(Native Method)\n\t... 9 more",
	  .host = "smtp.example.com",
	  .class = "network" },
	{ .name = ".NET",
	  .text = "System.Net.Mail.SmtpException: Failure sending mail. ---> System.Net.WebException: Unable "
		  "to connect to the remote server "
		  "---> System.Net.Sockets.SocketException: No connection could be made because the target "
		  "machine actively refused it 192.0.2.7:587\r\n"
		  "   at System.Net.Sockets.Socket.DoConnect(EndPoint endPointSnapshot, SocketAddress "
		  "socketAddress)",
	  .class = "network" },
	{ .name = "expected and got",
	  .text = "Expected response code 250 but got code \"530\", with message \"530 5.7.1 Authentication "
		  "required \"",
	  .code = 530,
	  .enhanced = "5.7.1",
	  .class = "auth-required" },
	{ .name = "HTML",
	  .text = "<p>Remote server returned '<b>550 5.7.1</b> Unable&nbsp;to relay for "
		  "&lt;bob@example.net&gt;'<br></p><script>x()</script>",
	  .code = 550,
	  .enhanced = "5.7.1",
	  .class = "relay-denied" },
	{ .name = "accepted", .text = "250 2.0.0 Ok: queued as 4XyZ1", .code = 250, .class = "not-a-bounce" },
};

#endif
