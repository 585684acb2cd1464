/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "tests/unit/log_check.h"

static const struct log_case cases[] = {
	{ "three recipients, one delayed three times",
	  "Nov 21 08:00:01 mail postfix/smtpd[1001]: connect from client.example[192.0.2.10]\n"
	  "Nov 21 08:00:01 mail postfix/smtpd[1001]: 3F2A51C02B4: client=client.example[192.0.2.10], "
	  "sasl_method=PLAIN, sasl_username=app@example.com\n"
	  "Nov 21 08:00:01 mail postfix/cleanup[1003]: 3F2A51C02B4: message-id=<m1@example.com>\n"
	  "Nov 21 08:00:01 mail postfix/qmgr[812]: 3F2A51C02B4: from=<app@example.com>, size=2210, nrcpt=3 "
	  "(queue active)\n"
	  "Nov 21 08:00:02 mail postfix/smtp[1004]: 3F2A51C02B4: to=<a@one.example>, "
	  "relay=mx.one.example[198.51.100.1]:25, delay=0.5, delays=0.1/0/0.2/0.2, dsn=2.0.0, status=sent "
	  "(250 2.0.0 Ok: queued as 9A8B7C)\n"
	  "Nov 21 08:00:02 mail postfix/smtp[1005]: 3F2A51C02B4: to=<b@two.example>, "
	  "relay=mx.two.example[198.51.100.2]:25, delay=0.6, delays=0.1/0/0.3/0.2, dsn=5.1.1, status=bounced "
	  "(host mx.two.example[198.51.100.2] said: 550 5.1.1 <b@two.example>: Recipient address rejected: "
	  "User unknown in virtual mailbox table (in reply to RCPT TO command))\n"
	  "Nov 21 08:00:03 mail postfix/smtp[1006]: 3F2A51C02B4: to=<c@three.example>, "
	  "relay=mx.three.example[198.51.100.3]:25, delay=1, delays=0.1/0/0.5/0.4, dsn=4.2.0, "
	  "status=deferred (host mx.three.example[198.51.100.3] said: 450 4.2.0 <c@three.example>: Recipient "
	  "address rejected: Greylisted, see http://postgrey.example/help (in reply to RCPT TO command))\n"
	  "Nov 21 08:00:03 mail postfix/bounce[1007]: 3F2A51C02B4: sender non-delivery notification: "
	  "5B1C02F77\n"
	  "Nov 21 08:05:03 mail postfix/qmgr[812]: 3F2A51C02B4: from=<app@example.com>, size=2210, nrcpt=3 "
	  "(queue active)\n"
	  "Nov 21 08:05:04 mail postfix/smtp[1016]: 3F2A51C02B4: to=<c@three.example>, relay=none, "
	  "delay=301, delays=301/0/0.1/0, dsn=4.4.1, status=deferred (connect to "
	  "mx.three.example[198.51.100.3]:25: Connection timed out)\n"
	  "Nov 21 08:06:04 mail postfix/error[1017]: 3F2A51C02B4: to=<c@three.example>, relay=none, "
	  "delay=361, delays=361/0/0/0, dsn=4.4.1, status=deferred (delivery temporarily suspended: connect "
	  "to mx.three.example[198.51.100.3]:25: Connection timed out)\n"
	  "Nov 21 08:15:04 mail postfix/smtp[1026]: 3F2A51C02B4: to=<c@three.example>, "
	  "relay=mx.three.example[198.51.100.3]:25, delay=901, delays=900/0/0.5/0.4, dsn=2.0.0, status=sent "
	  "(250 ok)\n"
	  "Nov 21 08:15:04 mail postfix/qmgr[812]: 3F2A51C02B4: removed\n",
	  "5 handed-over a@one.example mx.one.example 250 2.0.0 - 1 app@example.com "
	  "client.example[192.0.2.10] | 250 2.0.0 Ok: queued as 9A8B7C\n"
	  "6 refused b@two.example mx.two.example 550 5.1.1 rcpt 1 app@example.com "
	  "client.example[192.0.2.10] | 550 5.1.1 <b@two.example>: Recipient address rejected: User unknown "
	  "in virtual mailbox table\n"
	  "7 delayed+ c@three.example mx.three.example 450 4.2.0 rcpt 1 app@example.com "
	  "client.example[192.0.2.10] | 450 4.2.0 <c@three.example>: Recipient address rejected: Greylisted, "
	  "see http://postgrey.example/help\n"
	  "10 delayed+ c@three.example mx.three.example 0 4.4.1 connect 2 app@example.com "
	  "client.example[192.0.2.10] | connect to mx.three.example[198.51.100.3]:25: Connection timed out\n"
	  "12 handed-over c@three.example mx.three.example 250 - - 3 app@example.com "
	  "client.example[192.0.2.10] | 250 ok\n" },
	{ "turned away at the door",
	  "Nov 21 08:20:00 mail postfix/smtpd[1101]: NOQUEUE: reject: RCPT from unknown[203.0.113.9]: 554 "
	  "5.7.1 <x@far.example>: Relay access denied; from=<spam@bad.example> to=<x@far.example> "
	  "proto=ESMTP helo=<bad>\n"
	  "Nov 21 08:20:01 mail postfix/postscreen[900]: NOQUEUE: reject: RCPT from [203.0.113.10]:51234: "
	  "550 5.7.1 Service unavailable; client [203.0.113.10] blocked using zen.spamhaus.org; "
	  "from=<s@b.example>, to=<me@example.com>, proto=ESMTP, helo=<b.example>\n"
	  "Nov 21 08:20:02 mail postfix/cleanup[1103]: 4A4A4A4A4A: milter-reject: END-OF-MESSAGE from "
	  "gw.example[203.0.113.11]: 5.7.1 Spam message rejected; from=<s@b.example> to=<me@example.com> "
	  "proto=ESMTP helo=<gw>\n"
	  "Nov 21 08:20:03 mail postfix/cleanup[1103]: 4B4B4B4B4B: reject: header Subject: Cheap pills from "
	  "gw.example[203.0.113.11]; from=<s@b.example> to=<me@example.com> proto=ESMTP helo=<gw>: 5.7.1 "
	  "message content rejected\n",
	  "1 not-taken x@far.example - 554 5.7.1 rcpt 0 spam@bad.example unknown[203.0.113.9] | 554 5.7.1 "
	  "<x@far.example>: Relay access denied\n"
	  "2 not-taken me@example.com - 550 5.7.1 rcpt 0 s@b.example [203.0.113.10] | 550 5.7.1 Service "
	  "unavailable; client [203.0.113.10] blocked using zen.spamhaus.org\n"
	  "3 not-taken me@example.com - 0 5.7.1 data 0 s@b.example gw.example[203.0.113.11] | 5.7.1 Spam "
	  "message rejected\n"
	  "4 not-taken me@example.com - 0 5.7.1 data 0 s@b.example gw.example[203.0.113.11] | 5.7.1 message "
	  "content rejected\n" },
	{ "logins and TLS",
	  "Nov 21 08:20:04 mail postfix/smtpd[1101]: warning: unknown[203.0.113.12]: SASL LOGIN "
	  "authentication failed: UGFzc3dvcmQ6, sasl_username=info@example.com\n"
	  "Nov 21 08:20:05 mail postfix/smtpd[1101]: warning: hostname bad.example does not resolve to "
	  "address 203.0.113.12: Name or service not known\n"
	  "Nov 21 08:20:06 mail postfix/smtpd[1101]: SSL_accept error from unknown[203.0.113.13]: -1\n"
	  "Nov 21 08:20:06 mail postfix/smtpd[1101]: warning: TLS library problem: error:1417A0C1:SSL "
	  "routines:tls_post_process_client_hello:no shared cipher:../ssl/statem/statem_srvr.c:2283:\n",
	  "1 login-failed - - 0 - auth 0 info@example.com unknown[203.0.113.12] | SASL LOGIN authentication "
	  "failed: UGFzc3dvcmQ6\n"
	  "3 trouble - - 0 - starttls 0 - unknown[203.0.113.13] | SSL_accept error from "
	  "unknown[203.0.113.13]: -1\n"
	  "4 trouble - - 0 - starttls 0 - - | TLS library problem: error:1417A0C1:SSL "
	  "routines:tls_post_process_client_hello:no shared cipher:../ssl/statem/statem_srvr.c:2283:\n" },
	{ "taken by this machine",
	  "Nov 21 08:20:07 mail postfix/local[1104]: 5C5C5C5C5C: to=<root@mail.example>, orig_to=<root>, "
	  "relay=local, delay=0.1, delays=0.1/0/0/0, dsn=2.0.0, status=sent (delivered to mailbox)\n"
	  "Nov 21 08:20:08 mail postfix/lmtp[1105]: 5D5D5D5D5D: to=<me@example.com>, "
	  "relay=mail.example[private/dovecot-lmtp], delay=0.1, delays=0.1/0/0/0, dsn=2.0.0, status=sent "
	  "(250 2.0.0 <me@example.com> abc Saved)\n"
	  "Nov 21 08:20:09 mail postfix/pipe[1106]: 5E5E5E5E5E: to=<me@example.com>, relay=dovecot, "
	  "delay=0.1, delays=0.1/0/0/0, dsn=2.0.0, status=sent (delivered via dovecot service)\n",
	  "1 delivered-here root@mail.example local 0 - - 1 - - | delivered to mailbox\n"
	  "2 delivered-here me@example.com mail.example 250 2.0.0 - 1 - - | 250 2.0.0 <me@example.com> abc "
	  "Saved\n"
	  "3 delivered-here me@example.com dovecot 0 - - 1 - - | delivered via dovecot service\n" },
	{ "a smarthost that refuses the login",
	  "Nov 21 08:20:10 mail postfix/smtp[1107]: 5F5F5F5F5F: to=<d@gmail.com>, "
	  "relay=smtp.gmail.com[173.194.76.108]:587, delay=1, delays=0.1/0/1/0, dsn=4.7.8, status=deferred "
	  "(SASL authentication failed; server smtp.gmail.com[173.194.76.108] said: 535-5.7.8 Username and "
	  "Password not accepted. For more information, go to 535 5.7.8  "
	  "https://support.google.com/mail/?p=BadCredentials a1 - gsmtp)\n"
	  "Nov 21 08:20:11 mail postfix/qmgr[812]: 5F5F5F5F5F: from=<app@example.com>, status=expired, "
	  "returned to sender\n"
	  "Nov 21 08:20:11 mail postfix/qmgr[812]: 5F5F5F5F5F: removed\n",
	  "1 delayed+ d@gmail.com smtp.gmail.com 535 5.7.8 auth 1 - - | 535-5.7.8 Username and Password not "
	  "accepted. For more information, go to 535 5.7.8  "
	  "https://support.google.com/mail/?p=BadCredentials a1 - gsmtp\n"
	  "2 expired d@gmail.com smtp.gmail.com 535 5.7.8 auth 1 app@example.com - | 535-5.7.8 Username and "
	  "Password not accepted. For more information, go to 535 5.7.8  "
	  "https://support.google.com/mail/?p=BadCredentials a1 - gsmtp\n" },
	{ "long id, another service name, a name that is not there",
	  "Nov 21 08:20:12 mail postfix-out/smtp[1108]: 4XqBzR1kYZz1N: to=<e@none.example>, relay=none, "
	  "delay=0.2, delays=0.1/0/0.1/0, dsn=5.4.4, status=bounced (Host or domain name not found. Name "
	  "service error for name=none.example type=A: Host not found)\n",
	  "1 refused e@none.example - 0 5.4.4 dns 1 - - | Host or domain name not found. Name service error "
	  "for name=none.example type=A: Host not found\n" },
	{ "a filter that gives it back",
	  "Nov 21 08:20:13 mail postfix/smtp[1108]: 6A6A6A6A6A: to=<f@x.example>, "
	  "relay=127.0.0.1[127.0.0.1]:10024, delay=1, delays=0.1/0/0/0.9, dsn=2.0.0, status=sent (250 2.0.0 "
	  "from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 6B6B6B6B6B)\n"
	  "Nov 21 08:20:13 mail postfix/smtpd[1109]: 6D6D6D6D6D: client=localhost[127.0.0.1]\n"
	  "Nov 21 08:20:14 mail postfix/smtp[1108]: 6C6C6C6C6C: to=<f@x.example>, "
	  "relay=127.0.0.1[127.0.0.1]:10024, delay=1, delays=0.1/0/0/0.9, dsn=2.0.0, status=sent (250 2.0.0 "
	  "from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 6D6D6D6D6D)\n",
	  "1 handed-over f@x.example 127.0.0.1 250 2.0.0 - 1 - - | 250 2.0.0 from "
	  "MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 6B6B6B6B6B\n" },
	{ "a hop, a forward and probes",
	  "Nov 21 08:30:00 mail postfix/smtp[1]: 7A7A7A7A7A: host mx1.x.example[198.51.100.9] said: 421 "
	  "4.3.2 Try later (in reply to end of DATA command)\n"
	  "Nov 21 08:30:01 mail postfix/smtp[1]: 7A7A7A7A7A: to=<\"odd, name\"@x.example>, "
	  "relay=mx2.x.example[2001:db8::9]:25, conn_use=2, delay=1, delays=0/0/0/1, dsn=4.4.2, "
	  "status=deferred (lost connection with mx2.x.example[2001:db8::9] while sending end of data -- "
	  "message may be sent more than once)\n"
	  "Nov 21 08:30:02 mail postfix/smtp[1]: 7B7B7B7B7B: to=<p@x.example>, "
	  "relay=mx2.x.example[2001:db8::9]:25, delay=1, delays=0/0/0/1, dsn=5.1.1, status=undeliverable "
	  "(host mx2.x.example[2001:db8::9] said: 550 5.1.1 no (in reply to RCPT TO command))\n"
	  "Nov 21 08:30:03 mail postfix/smtpd[2]: 7D7D7D7D7D: client=localhost[::1]\n"
	  "Nov 21 08:30:03 mail postfix/local[1]: 7C7C7C7C7C: to=<alias@mail.example>, relay=local, delay=0, "
	  "delays=0/0/0/0, dsn=2.0.0, status=sent (forwarded as 7D7D7D7D7D)\n"
	  "Nov 21 08:30:04 mail postfix/discard[1]: 7E7E7E7E7E: to=<n@x.example>, relay=none, delay=0, "
	  "delays=0/0/0/0, dsn=2.0.0, status=sent (n@x.example)\n",
	  "2 delayed+ \"odd, name\"@x.example mx2.x.example 0 4.4.2 data 1 - - | lost connection with "
	  "mx2.x.example[2001:db8::9] while sending end of data -- message may be sent more than once\n"
	  "6 cancelled n@x.example - 0 - - 1 - - | n@x.example\n" },
	{ "the operator's hand",
	  "2026-11-21T08:40:00.123456+01:00 mail postfix/smtp[1]: 8A8A8A8A8A: to=<a@x.example>, "
	  "relay=mx.x.example[198.51.100.9]:25, delay=1, delays=0/0/0/1, dsn=4.7.1, status=deferred (host "
	  "mx.x.example[198.51.100.9] refused to talk to me: 421 4.7.0 Too many connections)\n"
	  "2026-11-21T08:40:01.123456+01:00 mail postfix/postsuper[1]: 8A8A8A8A8A: placed on hold\n"
	  "2026-11-21T08:40:02.123456+01:00 mail postfix/postsuper[1]: 8A8A8A8A8A: removed\n"
	  "2026-11-21T08:40:03.123456+01:00 mail postfix/cleanup[1]: 8B8B8B8B8B: hold: header Subject: x "
	  "from h.example[192.0.2.4]; from=<f@x.example> to=<t@y.example> proto=ESMTP helo=<h>\n",
	  "1 delayed+ a@x.example mx.x.example 421 4.7.0 banner 1 - - | 421 4.7.0 Too many connections\n"
	  "2 held+ - - 0 - - 1 - - | \n"
	  "3 cancelled a@x.example mx.x.example 421 4.7.0 banner 1 - - | 421 4.7.0 Too many connections\n"
	  "4 held+ t@y.example - 0 - data 0 f@x.example h.example[192.0.2.4] | \n" },
	{ "heads of every kind",
	  "<22>Nov 21 08:50:00 mail postfix/smtp[1]: 9A9A9A9A9A: to=<a@x.example>, relay=none, delay=1, "
	  "delays=0/0/0/1, dsn=5.4.6, status=bounced (mail for x.example loops back to myself)\n"
	  "<22>1 2026-11-21T08:50:00.003Z mail postfix/smtp 1 - - 9B9A9A9A9A: to=<b@x.example>, relay=none, "
	  "delay=1, delays=0/0/0/1, dsn=5.4.6, status=bounced (mail for x.example loops back to myself)\n"
	  "<22>1 2026-11-21T08:50:00.003Z mail postfix/smtp 1 - [o@1 a=\"b c\"] 9C9A9A9A9A: "
	  "to=<c@x.example>, relay=none, delay=1, delays=0/0/0/1, dsn=5.4.6, status=bounced (mail for "
	  "x.example loops back to myself)\n"
	  "2026-11-21T08:50:00+0100 mail postfix/smtp[1]: 9D9A9A9A9A: to=<d@x.example>, relay=none, delay=1, "
	  "delays=0/0/0/1, dsn=5.4.6, status=bounced (mail for x.example loops back to myself)\n"
	  "Sat 2026-11-21 08:50:00 CET mail postfix/smtp[1]: 9E9A9A9A9A: to=<e@x.example>, relay=none, "
	  "delay=1, delays=0/0/0/1, dsn=5.4.6, status=bounced (mail for x.example loops back to myself)\n"
	  "1795250000.123456 mail postfix/smtp[1]: 9F9A9A9A9A: to=<f@x.example>, relay=none, delay=1, "
	  "delays=0/0/0/1, dsn=5.4.6, status=bounced (mail for x.example loops back to myself)\n"
	  "mailserver_1  | Nov 21 08:50:00 mail postfix/smtp[1]: 9A9B9A9A9A: to=<g@x.example>, relay=none, "
	  "delay=1, delays=0/0/0/1, dsn=5.4.6, status=bounced (mail for x.example loops back to myself)\n"
	  "2026-11-21T08:50:00.123456789Z Nov 21 08:50:00 mail postfix/smtp[1]: 9A9C9A9A9A: "
	  "to=<h@x.example>, relay=none, delay=1, delays=0/0/0/1, dsn=5.4.6, status=bounced (mail for "
	  "x.example loops back to myself)\n"
	  "2026-11-21T08:50:00.123456789Z postfix/smtp[1]: 9A9D9A9A9A: to=<i@x.example>, relay=none, "
	  "delay=1, delays=0/0/0/1, dsn=5.4.6, status=bounced (mail for x.example loops back to myself)\n"
	  "Nov 21 08:50:00 mail postfix/smtp[1]: [ID 197553 mail.info] 9A9E9A9A9A: to=<j@x.example>, "
	  "relay=none, delay=1, delays=0/0/0/1, dsn=5.4.6, status=bounced (mail for x.example loops back to "
	  "myself)\n",
	  "1 refused a@x.example - 0 5.4.6 dns 1 - - | mail for x.example loops back to myself\n"
	  "2 refused b@x.example - 0 5.4.6 dns 1 - - | mail for x.example loops back to myself\n"
	  "3 refused c@x.example - 0 5.4.6 dns 1 - - | mail for x.example loops back to myself\n"
	  "4 refused d@x.example - 0 5.4.6 dns 1 - - | mail for x.example loops back to myself\n"
	  "5 refused e@x.example - 0 5.4.6 dns 1 - - | mail for x.example loops back to myself\n"
	  "6 refused f@x.example - 0 5.4.6 dns 1 - - | mail for x.example loops back to myself\n"
	  "7 refused g@x.example - 0 5.4.6 dns 1 - - | mail for x.example loops back to myself\n"
	  "8 refused h@x.example - 0 5.4.6 dns 1 - - | mail for x.example loops back to myself\n"
	  "9 refused i@x.example - 0 5.4.6 dns 1 - - | mail for x.example loops back to myself\n"
	  "10 refused j@x.example - 0 5.4.6 dns 1 - - | mail for x.example loops back to myself\n" },
	{ "warnings and worse",
	  "Nov 21 08:51:00 mail postfix/smtpd[1]: warning: dict_ldap_connect: Unable to bind to server "
	  "ldap://127.0.0.1: -1 (Can't contact LDAP server)\n"
	  "Nov 21 08:51:00 mail postfix/trivial-rewrite[1]: fatal: open database /etc/postfix/transport.db: "
	  "No such file or directory\n"
	  "Nov 21 08:51:00 mail postfix/smtpd[1]: warning: Connection rate limit exceeded: 61 from "
	  "x.example[192.0.2.9] for service smtp\n"
	  "Nov 21 08:51:00 mail postfix/smtpd[1]: NOQUEUE: reject_warning: RCPT from x.example[192.0.2.9]: "
	  "450 4.1.8 <a@b>: Sender address rejected: Domain not found; from=<a@b> to=<c@d.example> "
	  "proto=ESMTP helo=<x>\n",
	  "1 trouble - - 0 - - 0 - - | dict_ldap_connect: Unable to bind to server ldap://127.0.0.1: -1 "
	  "(Can't contact LDAP server)\n"
	  "2 trouble - - 0 - - 0 - - | fatal: open database /etc/postfix/transport.db: No such file or "
	  "directory\n" },
};

int main(void)
{
	return log_check_main(cases, ARRAY_LEN(cases));
}
