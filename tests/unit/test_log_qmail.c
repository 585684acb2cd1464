/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "tests/unit/log_check.h"

static const struct log_case cases[] = {
	{ "qmail under multilog",
	  "@400000006920108a00000000 new msg 123\n"
	  "@400000006920108a00000000 info msg 123: bytes 500 from <app@example.com> qp 1 uid 2\n"
	  "@400000006920108a00000000 starting delivery 5: msg 123 to remote a@one.example\n"
	  "@400000006920108a00000000 starting delivery 6: msg 123 to remote b@two.example\n"
	  "@400000006920108a00000000 starting delivery 7: msg 123 to local joe@example.com\n"
	  "@400000006920108b00000000 delivery 5: success: "
	  "198.51.100.1_accepted_message./Remote_host_said:_250_2.0.0_Ok:_queued_as_9A8B7C/\n"
	  "@400000006920108b00000000 delivery 6: failure: "
	  "198.51.100.2_does_not_like_recipient./Remote_host_said:_550_5.1.1_<b@two.example>:_User_unknown/"
	  "Giving_up_on_198.51.100.2./\n"
	  "@400000006920108b00000000 delivery 7: success: did_0+0+1/\n"
	  "@400000006920108b00000000 status: local 0/10 remote 0/20\n"
	  "@400000006920108b00000000 end msg 123\n",
	  "6 handed-over a@one.example 198.51.100.1 250 2.0.0 - 1 app@example.com - | 250 2.0.0 Ok: queued "
	  "as 9A8B7C\n"
	  "7 refused b@two.example 198.51.100.2 550 5.1.1 - 1 app@example.com - | 550 5.1.1 <b@two.example>: "
	  "User unknown\n"
	  "8 delivered-here joe@example.com - 0 - - 1 app@example.com - | did 0+0+1\n" },
	{ "qmail under syslog",
	  "Nov 21 08:00:01 mail qmail: 1795248001.123456 info msg 77: bytes 500 from <app@example.com> qp 1 "
	  "uid 2\n"
	  "Nov 21 08:00:01 mail qmail: 1795248001.123456 starting delivery 8: msg 77 to remote "
	  "c@three.example\n"
	  "Nov 21 08:00:01 mail qmail: 1795248002.123456 delivery 8: deferral: "
	  "Sorry,_I_wasn't_able_to_establish_an_SMTP_connection._(#4.4.1)/\n"
	  "Nov 21 08:00:01 mail qmail: 1795248003.123456 starting delivery 9: msg 77 to remote "
	  "c@three.example\n"
	  "Nov 21 08:00:01 mail qmail: 1795248004.123456 delivery 9: failure: "
	  "Sorry,_I_wasn't_able_to_establish_an_SMTP_connection._(#4.4.1)/"
	  "I'm_not_going_to_try_again;_this_message_has_been_in_the_queue_too_long./\n",
	  "3 delayed+ c@three.example - 0 - - 1 app@example.com - | Sorry, I wasn't able to establish an "
	  "SMTP connection. (#4.4.1)\n"
	  "5 expired c@three.example - 0 - - 2 app@example.com - | Sorry, I wasn't able to establish an SMTP "
	  "connection. (#4.4.1)\n" },
};

int main(void)
{
	return log_check_main(cases, ARRAY_LEN(cases));
}
