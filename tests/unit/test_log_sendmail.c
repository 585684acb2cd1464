/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "tests/unit/log_check.h"

static const struct log_case cases[] = {
	{ "sent, refused, deferred, expired",
	  "Nov 21 08:00:01 mail sm-mta[1234]: 5AL801ab001234: from=<app@example.com>, size=1500, class=0, "
	  "nrcpts=3, msgid=<m1@example.com>, proto=ESMTP, daemon=MTA-v4, relay=client.example [192.0.2.10]\n"
	  "Nov 21 08:00:02 mail sm-mta[1236]: 5AL801ab001234: to=<a@one.example>, delay=00:00:01, "
	  "xdelay=00:00:01, mailer=esmtp, pri=121500, relay=mx.one.example. [198.51.100.1], dsn=2.0.0, "
	  "stat=Sent (Ok: queued as 9A8B7C)\n"
	  "Nov 21 08:00:02 mail sm-mta[1236]: 5AL801ab001234: to=<b@two.example>, ctladdr=<app@example.com> "
	  "(1000/1000), delay=00:00:01, xdelay=00:00:01, mailer=esmtp, pri=121500, relay=mx.two.example. "
	  "[198.51.100.2], dsn=5.1.1, reply=550 5.1.1 No such user here, stat=User unknown\n"
	  "Nov 21 08:00:03 mail sm-mta[1236]: 5AL801ab001234: to=<c@three.example>, delay=00:00:02, "
	  "xdelay=00:00:01, mailer=esmtp, pri=121500, relay=mx.three.example. [198.51.100.3], dsn=4.2.0, "
	  "stat=Deferred: 450 4.2.0 Greylisted, try again later\n"
	  "Nov 21 08:00:03 mail sm-mta[1236]: 5AL801ab001234: 5AL801ab001235: DSN: User unknown\n"
	  "Nov 21 12:00:03 mail sm-mta[1236]: 5AL801ab001234: 5AL801ab001236: sender notify: Warning: could "
	  "not send message for past 4 hours\n"
	  "Nov 26 08:00:03 mail sm-mta[1236]: 5AL801ab001234: 5AL801ab001237: sender notify: Cannot send "
	  "message for 5 days\n",
	  "2 handed-over a@one.example mx.one.example 0 - - 1 app@example.com client.example [192.0.2.10] | "
	  "Ok: queued as 9A8B7C\n"
	  "3 refused b@two.example mx.two.example 550 5.1.1 - 1 app@example.com client.example [192.0.2.10] "
	  "| 550 5.1.1 No such user here\n"
	  "4 delayed+ c@three.example mx.three.example 450 4.2.0 - 1 app@example.com client.example "
	  "[192.0.2.10] | 450 4.2.0 Greylisted, try again later\n"
	  "7 expired c@three.example mx.three.example 450 4.2.0 - 1 app@example.com client.example "
	  "[192.0.2.10] | 450 4.2.0 Greylisted, try again later\n" },
	{ "here, to two, from the submission program",
	  "Nov 21 08:00:01 mail sendmail[1]: 5AL801cd001234: from=root, size=100, class=0, nrcpts=1, "
	  "msgid=<x@mail>, relay=root@localhost\n"
	  "Nov 21 08:00:01 mail sendmail[1]: 5AL801cd001234: to=a@one.example, ctladdr=root (0/0), "
	  "delay=00:00:00, xdelay=00:00:00, mailer=relay, pri=30100, relay=[127.0.0.1] [127.0.0.1], "
	  "dsn=2.0.0, stat=Sent (5AL801ef001236 Message accepted for delivery)\n"
	  "Nov 21 08:00:01 mail sm-mta[2]: 5AL801gh001237: to=<joe@example.com>,<jim@example.com>, "
	  "delay=00:00:01, xdelay=00:00:01, mailer=local, pri=121500, dsn=2.0.0, stat=Sent\n"
	  "Nov 21 08:00:01 mail sm-mta[2]: 5AL801gh001238: to=<q@example.com>, delay=00:00:01, mailer=esmtp, "
	  "pri=121500, stat=queued\n"
	  "Nov 21 08:00:01 mail sm-mta[2]: 5AL801gh001239: to=<d@none.example>, delay=00:00:01, "
	  "xdelay=00:00:01, mailer=esmtp, pri=121500, relay=none.example, dsn=5.1.2, stat=Host unknown (Name "
	  "server: none.example: host not found)\n",
	  "3 delivered-here joe@example.com - 0 - - 1 - - | Sent\n"
	  "3 delivered-here jim@example.com - 0 - - 1 - - | Sent\n"
	  "5 refused d@none.example none.example 0 5.1.2 - 1 - - | Host unknown (Name server: none.example: "
	  "host not found)\n" },
	{ "at the door",
	  "Nov 21 08:00:01 mail sm-mta[3]: 5AL801ij001240: ruleset=check_rcpt, arg1=<x@far.example>, "
	  "relay=bad.example [203.0.113.9], reject=550 5.7.1 <x@far.example>... Relaying denied\n"
	  "Nov 21 08:00:01 mail sm-mta[3]: 5AL801ij001241: Milter: to=<me@example.com>, reject=451 4.7.1 "
	  "Greylisting in action, please come back later\n"
	  "Nov 21 08:00:01 mail sm-mta[3]: 5AL801ij001242: AUTH failure (LOGIN): authentication failure "
	  "(-13) SASL(-13): authentication failure: checkpass failed, relay=[203.0.113.10]\n"
	  "Nov 21 08:00:01 mail sm-mta[3]: STARTTLS=client, error: connect failed=-1, reason=certificate "
	  "verify failed, SSL_error=1, errno=0, retry=-1\n",
	  "1 not-taken x@far.example - 550 5.7.1 rcpt 0 - bad.example [203.0.113.9] | 550 5.7.1 "
	  "<x@far.example>... Relaying denied\n"
	  "2 not-taken me@example.com - 451 4.7.1 rcpt 0 - - | 451 4.7.1 Greylisting in action, please come "
	  "back later\n"
	  "3 login-failed - - 0 - auth 0 - [203.0.113.10] | AUTH failure (LOGIN): authentication failure "
	  "(-13) SASL(-13): authentication failure: checkpass failed\n"
	  "4 trouble - - 0 - starttls 0 - - | STARTTLS=client, error: connect failed=-1, reason=certificate "
	  "verify failed, SSL_error=1, errno=0, retry=-1\n" },
};

int main(void)
{
	return log_check_main(cases, ARRAY_LEN(cases));
}
