/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "tests/unit/log_check.h"

static const struct log_case cases[] = {
	{ "a session, three envelopes",
	  "Nov 21 08:00:01 mail smtpd[1]: 5df87c903d709659 smtp connected address=192.0.2.10 "
	  "host=client.example\n"
	  "Nov 21 08:00:01 mail smtpd[1]: 5df87c903d709659 smtp message msgid=c405e39a size=303 nrcpt=3 "
	  "proto=ESMTP\n"
	  "Nov 21 08:00:01 mail smtpd[1]: 5df87c903d709659 smtp envelope evpid=c405e39ad6bbc64f "
	  "from=<app@example.com> to=<a@one.example>\n"
	  "Nov 21 08:00:01 mail smtpd[1]: 5df87c903d709659 smtp envelope evpid=c405e39ad6bbc650 "
	  "from=<app@example.com> to=<b@two.example>\n"
	  "Nov 21 08:00:01 mail smtpd[1]: 5df87c903d709659 smtp envelope evpid=c405e39ad6bbc651 "
	  "from=<app@example.com> to=<joe@example.com>\n"
	  "Nov 21 08:00:01 mail smtpd[1]: 5df87c903d709659 smtp failed-command command=\"RCPT "
	  "TO:<x@far.example> \" result=\"550 Invalid recipient: <x@far.example>\"\n"
	  "Nov 21 08:00:01 mail smtpd[1]: 5df87c903d709659 smtp disconnected reason=quit\n"
	  "Nov 21 08:00:02 mail smtpd[1]: 5df87c9ffd0e785d mta delivery evpid=c405e39ad6bbc64f "
	  "from=<app@example.com> to=<a@one.example> rcpt=<-> source=\"192.0.2.1\" relay=\"198.51.100.1 "
	  "(mx.one.example)\" delay=0s result=\"Ok\" stat=\"250 2.0.0: f6e94209 Message accepted for "
	  "delivery\"\n"
	  "Nov 21 08:00:02 mail smtpd[1]: 5df87c9ffd0e785e mta delivery evpid=c405e39ad6bbc650 "
	  "from=<app@example.com> to=<b@two.example> rcpt=<-> source=\"192.0.2.1\" relay=\"198.51.100.2 "
	  "(mx.two.example)\" delay=0s result=\"TempFail\" stat=\"421 <b@two.example> Service not available "
	  "- too busy\"\n"
	  "Nov 21 08:00:02 mail smtpd[1]: 5df87c9ffd0e785f mda delivery evpid=c405e39ad6bbc651 "
	  "from=<app@example.com> to=<joe@example.com> rcpt=<joe@example.com> user=joe delay=0s result=Ok "
	  "stat=Delivered\n"
	  "Nov 21 08:10:02 mail smtpd[1]: 5df87c9ffd0e7860 mta delivery evpid=c405e39ad6bbc650 "
	  "from=<app@example.com> to=<b@two.example> rcpt=<-> source=\"192.0.2.1\" relay=\"198.51.100.2 "
	  "(mx.two.example)\" delay=10m result=\"PermFail\" stat=\"550 5.1.1 User unknown\"\n",
	  "6 not-taken x@far.example - 550 - rcpt 0 - 192.0.2.10 | 550 Invalid recipient: <x@far.example>\n"
	  "8 handed-over a@one.example mx.one.example 250 2.0.0 - 1 app@example.com 192.0.2.10 | 250 2.0.0: "
	  "f6e94209 Message accepted for delivery\n"
	  "9 delayed+ b@two.example mx.two.example 421 - - 1 app@example.com 192.0.2.10 | 421 "
	  "<b@two.example> Service not available - too busy\n"
	  "10 delivered-here joe@example.com joe 0 - - 1 app@example.com 192.0.2.10 | Delivered\n"
	  "11 refused b@two.example mx.two.example 550 5.1.1 - 2 app@example.com 192.0.2.10 | 550 5.1.1 User "
	  "unknown\n" },
	{ "older forms, login, local refusal",
	  "Nov 21 08:00:01 mail smtpd[1]: 8f4864084ecc48f4 mta event=delivery evpid=7077717e797a776e "
	  "from=<p@example.com> to=<bill@hotmail.com> rcpt=<-> source=\"203.0.113.1\" relay=\"104.47.38.33 "
	  "(104.47.38.33)\" delay=1s result=\"PermFail\" stat=\"550 5.7.1 Unfortunately, messages from "
	  "[203.0.113.1] weren't sent. Part of their network is on our block list (AS3150).\"\n"
	  "Nov 21 08:00:01 mail transfer[1]: relay: TempFail for 66251a4092099e2d: from=t@example.com, "
	  "to=x@example.org, relay=88.190.237.114 (mx1.example.org), delay=12s, stat=451 Temporary failure, "
	  "please try again later\n"
	  "Nov 21 08:00:01 mail smtpd[1]: 8f4864084ecc48f5 smtp connected address=203.0.113.5 "
	  "host=<unknown>\n"
	  "Nov 21 08:00:01 mail smtpd[1]: 8f4864084ecc48f5 smtp failed-command command=\"AUTH LOGIN "
	  "(password)\" result=\"535 Authentication failed\"\n"
	  "Nov 21 08:00:01 mail smtpd[1]: 1e722991167e2b80 mda delivery evpid=f9293a5cb336a379 "
	  "from=<me@example.org> to=<list@example.org> rcpt=<list@example.org> user=forge delay=40s "
	  "result=TempFail stat=Error (temporary failure: \"mail.lmtp: LMTP server error: 550 5.7.1 "
	  "<list@example.org> Permanent failure: unrecognized patch header format\")\n",
	  "1 refused bill@hotmail.com 104.47.38.33 550 5.7.1 - 1 p@example.com - | 550 5.7.1 Unfortunately, "
	  "messages from [203.0.113.1] weren't sent. Part of their network is on our block list (AS3150).\n"
	  "2 delayed+ x@example.org mx1.example.org 451 - - 1 t@example.com - | 451 Temporary failure, "
	  "please try again later\n"
	  "4 login-failed - - 535 - auth 0 - 203.0.113.5 | 535 Authentication failed\n"
	  "5 delayed+ list@example.org forge 0 - - 1 me@example.org - | mail.lmtp: LMTP server error: 550 "
	  "5.7.1 <list@example.org> Permanent failure: unrecognized patch header format\n" },
	{ "sessions of 5.x",
	  "Nov 21 08:00:01 mail smtpd[1]: smtp-in: Failed command on session 7818378b78e6ffe0: \"RCPT "
	  "TO:<who@one.example>\" => 550 Invalid recipient\n"
	  "Nov 21 08:00:02 mail smtpd[1]: smtp-in: Failed command on session 7818378b78e6ffe0: \"AUTH PLAIN "
	  "(...)\" => 535 Authentication failed\n"
	  "Nov 21 08:00:03 mail smtpd[1]: smtp-out: session 0000000000000000: evpid=6430369adcce4408, "
	  "status=PermFail, from=<p@example.com>, to=<foo@two.example>, rcpt=<->, source=-, "
	  "relay=two.example, delay=0s, stat=Invalid domain name\n"
	  "Nov 21 08:00:04 mail smtpd[1]: smtp-out: Error on session 69738a26af1c7fa5: Connection closed "
	  "unexpectedly\n"
	  "Nov 21 08:00:05 mail smtpd[1]: smtp-in: Failed command on session 7818378b78e6ffe0: nothing\n",
	  "1 not-taken who@one.example - 550 - rcpt 0 - - | 550 Invalid recipient\n"
	  "2 login-failed - - 535 - auth 0 - - | 535 Authentication failed\n"
	  "3 refused foo@two.example two.example 0 - - 1 p@example.com - | Invalid domain name\n"
	  "4 trouble - - 0 - - 0 - - | Connection closed unexpectedly\n" },
};

int main(void)
{
	return log_check_main(cases, ARRAY_LEN(cases));
}
