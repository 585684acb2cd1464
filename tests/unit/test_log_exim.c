/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "tests/unit/log_check.h"

static const struct log_case cases[] = {
	{ "arrival, delivery, failure, deferral",
	  "2026-11-21 08:00:01 1rKX2b-0001Ab-3C <= app@example.com H=client.example (helo) "
	  "[192.0.2.10]:51234 P=esmtpsa X=TLS1.3:TLS_AES_256_GCM_SHA384:256 A=plain_login:app S=1234 "
	  "id=m1@example.com T=\"Invoice 7\" for a@one.example b@two.example c@three.example\n"
	  "2026-11-21 08:00:02 1rKX2b-0001Ab-3C => a@one.example R=dnslookup T=remote_smtp H=mx.one.example "
	  "[198.51.100.1] X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=yes C=\"250 2.0.0 Ok: queued as 9A8B7C\" "
	  "QT=1s DT=0.5s\n"
	  "2026-11-21 08:00:02 1rKX2b-0001Ab-3C ** b@two.example F=<app@example.com> R=dnslookup "
	  "T=remote_smtp H=mx.two.example [198.51.100.2] X=TLS1.2:ECDHE:256 CV=no: SMTP error from remote "
	  "mail server after RCPT TO:<b@two.example>: 550 5.1.1 <b@two.example>: Recipient address rejected: "
	  "User unknown\n"
	  "2026-11-21 08:00:03 1rKX2b-0001Ab-3C H=mx.three.example [198.51.100.3]: SMTP error from remote "
	  "mail server after RCPT TO:<c@three.example>: 451 4.7.1 Greylisted\n"
	  "2026-11-21 08:00:03 1rKX2b-0001Ab-3C == c@three.example R=dnslookup T=remote_smtp defer (-44) "
	  "H=mx.three.example [198.51.100.3]: SMTP error from remote mail server after RCPT "
	  "TO:<c@three.example>: 451 4.7.1 Greylisted\n"
	  "2026-11-21 08:10:03 1rKX2b-0001Ab-3C == c@three.example R=dnslookup T=remote_smtp defer (-53): "
	  "retry time not reached for any host for 'three.example'\n"
	  "2026-11-21 08:20:03 1rKX2b-0001Ab-3C == c@three.example R=dnslookup T=remote_smtp defer (110): "
	  "Connection timed out H=mx.three.example [198.51.100.3]\n"
	  "2026-11-25 08:20:03 1rKX2b-0001Ab-3C ** c@three.example: retry timeout exceeded\n"
	  "2026-11-25 08:20:03 1rKX2b-0001Ab-3C Completed\n",
	  "2 handed-over a@one.example mx.one.example 250 2.0.0 - 1 app@example.com client.example (helo) "
	  "[192.0.2.10] | 250 2.0.0 Ok: queued as 9A8B7C\n"
	  "3 refused b@two.example mx.two.example 550 5.1.1 rcpt 1 app@example.com client.example (helo) "
	  "[192.0.2.10] | 550 5.1.1 <b@two.example>: Recipient address rejected: User unknown\n"
	  "5 delayed+ c@three.example mx.three.example 451 4.7.1 rcpt 1 app@example.com client.example "
	  "(helo) [192.0.2.10] | 451 4.7.1 Greylisted\n"
	  "7 delayed+ c@three.example mx.three.example 0 - connect 2 app@example.com client.example (helo) "
	  "[192.0.2.10] | Connection timed out\n"
	  "8 expired c@three.example mx.three.example 0 - connect 2 app@example.com client.example (helo) "
	  "[192.0.2.10] | Connection timed out\n" },
	{ "local, pipe, black hole, new ids",
	  "2026-11-21 08:00:02 [4321] 1rKX2b-00000001ABc-3CdE <= <> R=1rKX2b-0001Ab-3C U=Debian-exim P=local "
	  "S=2000\n"
	  "2026-11-21 08:00:02 [4321] 1rKX2b-00000001ABc-3CdE => joe <joe@example.com> R=local_user "
	  "T=mail_spool\n"
	  "2026-11-21 08:00:02 [4321] 1rKX2b-00000001ABc-3CdE => |/usr/bin/vacation <jim@example.com> "
	  "R=system_aliases T=address_pipe\n"
	  "2026-11-21 08:00:02 [4321] 1rKX2b-00000001ABc-3CdE => :blackhole: <nobody@example.com> "
	  "R=system_aliases\n"
	  "2026-11-21 08:00:02 [4321] 1rKX2b-00000001ABc-3CdE -> x@two.example <y@example.com> R=dnslookup "
	  "T=remote_smtp H=mx.two.example [2001:db8::2] C=\"250 ok\"\n"
	  "2026-11-21 08:00:02 [4321] 1rKX2b-00000001ABc-3CdE Completed\n",
	  "2 delivered-here joe@example.com mail_spool 0 - - 1 - Debian-exim | \n"
	  "3 delivered-here jim@example.com address_pipe 0 - - 1 - Debian-exim | \n"
	  "4 cancelled nobody@example.com - 0 - - 1 - Debian-exim | \n"
	  "5 handed-over x@two.example mx.two.example 250 - - 1 - Debian-exim | 250 ok\n" },
	{ "at the door",
	  "2026-11-21 08:00:01 H=(bad) [203.0.113.9] F=<spam@bad.example> rejected RCPT <x@far.example>: "
	  "relay not permitted\n"
	  "2026-11-21 08:00:01 H=h.example [203.0.113.9]:4321 F=<s@b.example> temporarily rejected RCPT "
	  "<me@example.com>: greylisted\n"
	  "2026-11-21 08:00:01 1rKX2b-0001Ab-3D H=h.example [203.0.113.9] F=<s@b.example> rejected after "
	  "DATA: This message scored 9.1 spam points\n"
	  "2026-11-21 08:00:01 dovecot_login authenticator failed for (helo) [203.0.113.10]:58614: 535 "
	  "Incorrect authentication data (set_id=info@example.com)\n"
	  "2026-11-21 08:00:01 TLS error on connection from h.example [203.0.113.11] (SSL_accept): "
	  "error:1408F10B:SSL routines:ssl3_get_record:wrong version number\n"
	  "2026-11-21 08:00:01 no host name found for IP address 203.0.113.12\n",
	  "1 not-taken x@far.example - 0 - rcpt 0 spam@bad.example (bad) [203.0.113.9] | relay not "
	  "permitted\n"
	  "2 not-taken me@example.com - 0 - rcpt 0 s@b.example h.example [203.0.113.9] | greylisted\n"
	  "3 not-taken - - 0 - data 0 s@b.example h.example [203.0.113.9] | This message scored 9.1 spam "
	  "points\n"
	  "4 login-failed - - 535 - auth 0 info@example.com (helo) [203.0.113.10] | 535 Incorrect "
	  "authentication data (set_id=info@example.com)\n"
	  "5 trouble - - 0 - starttls 0 - h.example [203.0.113.11] | TLS error on connection from h.example "
	  "[203.0.113.11] (SSL_accept): error:1408F10B:SSL routines:ssl3_get_record:wrong version number\n" },
	{ "smarthost, old words, frozen, removed, syslog",
	  "2026-11-21 08:00:01 1rKX2c-0001Ab-3C == a@one.example R=smarthost T=remote_smtp_smarthost defer "
	  "(-42) H=smtp.gmail.com [173.194.76.108]: authentication required but all authentication attempts "
	  "were deferred\n"
	  "2026-11-21 08:00:01 1rKX2c-0001Ab-3C ** b@one.example R=smarthost T=remote_smtp_smarthost: SMTP "
	  "error from remote mail server after end of data: host smtp.isp.example [198.51.100.20]: 554 5.7.1 "
	  "Message rejected as spam\n"
	  "2026-11-21 08:00:01 1rKX2c-0001Ab-3C Message is frozen\n"
	  "2026-11-21 08:30:01 1rKX2c-0001Ab-3C Message is frozen\n"
	  "2026-11-21 08:31:01 1rKX2c-0001Ab-3C removed by root\n"
	  "Nov 21 08:00:02 mx exim[99]: 2026-11-21 08:00:02 1rKX2d-0001Ab-3C ** b@two.example: Unrouteable "
	  "address\n",
	  "1 delayed+ a@one.example smtp.gmail.com 0 - auth 1 - - | authentication required but all "
	  "authentication attempts were deferred\n"
	  "2 refused b@one.example smtp.isp.example 554 5.7.1 data 1 - - | 554 5.7.1 Message rejected as "
	  "spam\n"
	  "3 held+ - - 0 - - 1 - - | Message is frozen\n"
	  "5 cancelled a@one.example smtp.gmail.com 0 - - 1 - - | removed by root\n"
	  "6 refused b@two.example - 0 - dns 1 - - | Unrouteable address\n" },
};

int main(void)
{
	return log_check_main(cases, ARRAY_LEN(cases));
}
