/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "tests/unit/log_check.h"

static const struct log_case cases[] = {
	{ "message tracking",
	  "#Software: Microsoft Exchange Server\n"
	  "#Version: 15.01.2507.006\n"
	  "#Log-type: Message Tracking Log\n"
	  "#Date: 2026-11-21T08:00:00.000Z\n"
	  "#Fields: "
	  "date-time,client-ip,client-hostname,server-ip,server-hostname,source-context,connector-id,source,"
	  "event-id,internal-message-id,message-id,network-message-id,recipient-address,recipient-status,"
	  "total-bytes,recipient-count,related-recipient-address,reference,message-subject,sender-address,"
	  "return-path,message-info\n"
	  "2026-11-21T08:00:01.123Z,192.0.2.10,client,192.0.2.1,EX01,08DE;2026-11-21T08:00:00.900Z;0,"
	  "EX01\\Default,SMTP,RECEIVE,101,<m1@example.com>,a-b-c,a@one.example;b@two.example,,5000,2,,,"
	  "\"Invoice, no 7\",app@example.com,app@example.com,0I:\n"
	  "2026-11-21T08:00:02.123Z,192.0.2.1,EX01,198.51.100.1,mx.one.example,;250 2.0.0 Ok: queued as "
	  "9A8B7C;ClientSubmitTime:,To Internet,SMTP,SEND,101,<m1@example.com>,a-b-c,a@one.example,250 2.1.5 "
	  "Recipient OK,5000,1,,,\"Invoice, no 7\",app@example.com,app@example.com,\n"
	  "2026-11-21T08:00:03.123Z,,,,EX01,,To "
	  "Internet,SMTP,DEFER,101,<m1@example.com>,a-b-c,b@two.example,\"451 4.4.0 Primary target IP "
	  "address responded with: \"\"421 4.4.2 Connection dropped.\"\"\",5000,1,,,\"Invoice, no "
	  "7\",app@example.com,app@example.com,\n"
	  "2026-11-21T08:10:03.123Z,,,,EX01,,,DNS,FAIL,101,<m1@example.com>,a-b-c,b@two.example;c@two."
	  "example,[{LRT=};{LED=550 5.1.1 User "
	  "unknown};{FQDN=mx.two.example};{IP=198.51.100.2}];[{LRT=};{LED=550 5.7.1 Not "
	  "allowed};{FQDN=};{IP=}],5000,2,,,\"Invoice, no 7\",app@example.com,app@example.com,\n"
	  "2026-11-21T08:10:04.123Z,,EX01,,EX01,,,STOREDRIVER,DELIVER,102,<m2@example.com>,a-b-d,joe@example."
	  "com,,5000,1,,,Hi,app@example.com,app@example.com,\n",
	  "7 handed-over a@one.example mx.one.example 250 2.1.5 - 1 app@example.com - | 250 2.1.5 Recipient "
	  "OK\n"
	  "8 delayed+ b@two.example - 451 4.4.0 - 1 app@example.com - | 451 4.4.0 Primary target IP address "
	  "responded with: \"\"421 4.4.2 Connection dropped.\"\"\n"
	  "9 refused b@two.example mx.two.example 550 5.1.1 - 2 app@example.com - | 550 5.1.1 User unknown\n"
	  "9 refused c@two.example - 550 5.7.1 - 1 app@example.com - | 550 5.7.1 Not allowed\n"
	  "10 delivered-here joe@example.com - 0 - - 1 app@example.com - | \n" },
	{ "protocol log, sending",
	  "#Log-type: SMTP Send Protocol Log\n"
	  "#Fields: "
	  "date-time,connector-id,session-id,sequence-number,local-endpoint,remote-endpoint,event,data,"
	  "context\n"
	  "2026-11-21T08:00:00.001Z,To Internet,08DF01,0,192.0.2.1:4100,198.51.100.1:25,+,,\n"
	  "2026-11-21T08:00:00.002Z,To Internet,08DF01,1,192.0.2.1:4100,198.51.100.1:25,<,220 mx.one.example "
	  "ESMTP,\n"
	  "2026-11-21T08:00:00.003Z,To Internet,08DF01,2,192.0.2.1:4100,198.51.100.1:25,>,EHLO "
	  "EX01.example.com,\n"
	  "2026-11-21T08:00:00.004Z,To "
	  "Internet,08DF01,3,192.0.2.1:4100,198.51.100.1:25,<,250-mx.one.example,\n"
	  "2026-11-21T08:00:00.004Z,To Internet,08DF01,4,192.0.2.1:4100,198.51.100.1:25,<,250 PIPELINING,\n"
	  "2026-11-21T08:00:00.005Z,To Internet,08DF01,5,192.0.2.1:4100,198.51.100.1:25,*,,sending message "
	  "with RecordId 1\n"
	  "2026-11-21T08:00:00.006Z,To Internet,08DF01,6,192.0.2.1:4100,198.51.100.1:25,>,MAIL "
	  "FROM:<app@example.com> SIZE=2048,\n"
	  "2026-11-21T08:00:00.006Z,To Internet,08DF01,7,192.0.2.1:4100,198.51.100.1:25,>,RCPT "
	  "TO:<a@one.example>,\n"
	  "2026-11-21T08:00:00.006Z,To Internet,08DF01,8,192.0.2.1:4100,198.51.100.1:25,>,RCPT "
	  "TO:<b@one.example>,\n"
	  "2026-11-21T08:00:00.006Z,To Internet,08DF01,9,192.0.2.1:4100,198.51.100.1:25,>,RCPT "
	  "TO:<c@one.example>,\n"
	  "2026-11-21T08:00:00.007Z,To Internet,08DF01,10,192.0.2.1:4100,198.51.100.1:25,<,250 2.1.0 Ok,\n"
	  "2026-11-21T08:00:00.007Z,To Internet,08DF01,11,192.0.2.1:4100,198.51.100.1:25,<,250 2.1.5 Ok,\n"
	  "2026-11-21T08:00:00.007Z,To Internet,08DF01,12,192.0.2.1:4100,198.51.100.1:25,<,\"550 5.1.1 "
	  "<b@one.example>: Recipient address rejected: User unknown\",\n"
	  "2026-11-21T08:00:00.007Z,To Internet,08DF01,13,192.0.2.1:4100,198.51.100.1:25,<,250 2.1.5 Ok,\n"
	  "2026-11-21T08:00:00.008Z,To Internet,08DF01,14,192.0.2.1:4100,198.51.100.1:25,>,DATA,\n"
	  "2026-11-21T08:00:00.009Z,To Internet,08DF01,15,192.0.2.1:4100,198.51.100.1:25,<,354 go ahead,\n"
	  "2026-11-21T08:00:00.010Z,To Internet,08DF01,16,192.0.2.1:4100,198.51.100.1:25,<,250 2.0.0 Ok: "
	  "queued as 9A8B7C,\n"
	  "2026-11-21T08:00:00.011Z,To Internet,08DF01,17,192.0.2.1:4100,198.51.100.1:25,>,QUIT,\n"
	  "2026-11-21T08:00:00.012Z,To Internet,08DF01,18,192.0.2.1:4100,198.51.100.1:25,-,,Local\n",
	  "15 refused b@one.example 198.51.100.1 550 5.1.1 rcpt 1 app@example.com - | 550 5.1.1 "
	  "<b@one.example>: Recipient address rejected: User unknown\n"
	  "19 handed-over a@one.example 198.51.100.1 250 2.0.0 data 1 app@example.com - | 250 2.0.0 Ok: "
	  "queued as 9A8B7C\n"
	  "19 handed-over c@one.example 198.51.100.1 250 2.0.0 data 1 app@example.com - | 250 2.0.0 Ok: "
	  "queued as 9A8B7C\n" },
	{ "protocol log, receiving",
	  "#Fields: "
	  "date-time,connector-id,session-id,sequence-number,local-endpoint,remote-endpoint,event,data,"
	  "context\n"
	  "2026-11-21T08:00:00.001Z,EX01\\Default,08DF02,1,192.0.2.1:25,203.0.113.9:4100,>,220 "
	  "EX01.example.com Microsoft ESMTP MAIL Service ready,\n"
	  "2026-11-21T08:00:00.002Z,EX01\\Default,08DF02,2,192.0.2.1:25,203.0.113.9:4100,<,AUTH LOGIN,\n"
	  "2026-11-21T08:00:00.003Z,EX01\\Default,08DF02,3,192.0.2.1:25,203.0.113.9:4100,>,334 "
	  "<authentication response>,\n"
	  "2026-11-21T08:00:00.004Z,EX01\\Default,08DF02,4,192.0.2.1:25,203.0.113.9:4100,>,535 5.7.3 "
	  "Authentication unsuccessful,\n"
	  "2026-11-21T08:00:00.005Z,EX01\\Default,08DF02,5,192.0.2.1:25,203.0.113.9:4100,<,MAIL "
	  "FROM:<s@b.example>,\n"
	  "2026-11-21T08:00:00.006Z,EX01\\Default,08DF02,6,192.0.2.1:25,203.0.113.9:4100,>,250 2.1.0 Sender "
	  "OK,\n"
	  "2026-11-21T08:00:00.007Z,EX01\\Default,08DF02,7,192.0.2.1:25,203.0.113.9:4100,<,RCPT "
	  "TO:<x@far.example>,\n"
	  "2026-11-21T08:00:00.008Z,EX01\\Default,08DF02,8,192.0.2.1:25,203.0.113.9:4100,>,550 5.7.54 SMTP; "
	  "Unable to relay recipient in non-accepted domain,\n"
	  "2026-11-21T08:00:00.009Z,EX01\\Default,08DF02,9,192.0.2.1:25,203.0.113.9:4100,-,,Remote\n",
	  "5 login-failed - - 535 5.7.3 auth 1 - 203.0.113.9 | 535 5.7.3 Authentication unsuccessful\n"
	  "9 not-taken x@far.example - 550 5.7.54 rcpt 1 s@b.example 203.0.113.9 | 550 5.7.54 SMTP; Unable "
	  "to relay recipient in non-accepted domain\n" },
	{ "the IIS SMTP service",
	  "#Software: Microsoft Internet Information Services 8.5\n"
	  "#Fields: date time c-ip cs-username s-sitename s-computername s-ip s-port cs-method cs-uri-stem "
	  "cs-uri-query sc-status\n"
	  "2026-11-21 08:00:00 198.51.100.1 OutboundConnectionResponse SMTPSVC1 APP01 - 25 - - "
	  "220+mx.one.example+ESMTP 0\n"
	  "2026-11-21 08:00:00 198.51.100.1 OutboundConnectionCommand SMTPSVC1 APP01 - 25 EHLO - "
	  "app01.example.com 0\n"
	  "2026-11-21 08:00:00 198.51.100.1 OutboundConnectionResponse SMTPSVC1 APP01 - 25 - - "
	  "250-mx.one.example+Hello 0\n"
	  "2026-11-21 08:00:00 198.51.100.1 OutboundConnectionCommand SMTPSVC1 APP01 - 25 MAIL - "
	  "FROM:<app@example.com>+SIZE=900 0\n"
	  "2026-11-21 08:00:00 198.51.100.1 OutboundConnectionResponse SMTPSVC1 APP01 - 25 - - 250+2.1.0+Ok "
	  "0\n"
	  "2026-11-21 08:00:00 198.51.100.1 OutboundConnectionCommand SMTPSVC1 APP01 - 25 RCPT - "
	  "TO:<b@one.example> 0\n"
	  "2026-11-21 08:00:00 198.51.100.1 OutboundConnectionResponse SMTPSVC1 APP01 - 25 - - "
	  "554+5.7.1+<b@one.example>:+Relay+access+denied 0\n"
	  "2026-11-21 08:00:00 198.51.100.1 OutboundConnectionCommand SMTPSVC1 APP01 - 25 QUIT - - 0\n",
	  "9 refused b@one.example 198.51.100.1 554 5.7.1 rcpt 1 app@example.com - | 554 5.7.1 "
	  "<b@one.example>: Relay access denied\n" },
	{ "a piece without its header",
	  "2026-11-21T08:00:02.123Z,192.0.2.1,EX01,198.51.100.1,mx.one.example,;250 2.0.0 Ok: queued as "
	  "9A8B7C;ClientSubmitTime:,To Internet,SMTP,SEND,101,<m1@example.com>,"
	  "0b7099ea-cb95-1234-328e-08dc5f139ac8,a@one.example,250 2.1.5 Recipient "
	  "OK,5000,1,,,\"Invoice, no 7\",app@example.com,app@example.com,\n",
	  "1 handed-over a@one.example mx.one.example 250 2.1.5 - 1 app@example.com - | 250 2.1.5 Recipient "
	  "OK\n" },
	{ "a piece of Exchange 2010",
	  "2026-11-21T08:10:03.123Z,,,,EX01,,,ROUTING,FAIL,101,<m1@example.com>,b@two.example,550 5.1.1 "
	  "RESOLVER.ADR.RecipNotFound; not found,5000,1,,,Invoice,app@example.com,app@example.com,,\n",
	  "1 refused b@two.example - 550 5.1.1 - 1 app@example.com - | 550 5.1.1 RESOLVER.ADR.RecipNotFound; "
	  "not found\n" },
	{ "a piece of a protocol log",
	  "2026-11-21T08:00:00.001Z,EX01\\Default,08DF01,5,192.0.2.1:25,192.0.2.7:5021,<,MAIL "
	  "FROM:<p@example.com>,\n"
	  "2026-11-21T08:00:00.002Z,EX01\\Default,08DF01,6,192.0.2.1:25,192.0.2.7:5021,>,250 2.1.0 Sender "
	  "OK,\n"
	  "2026-11-21T08:00:00.003Z,EX01\\Default,08DF01,7,192.0.2.1:25,192.0.2.7:5021,<,RCPT "
	  "TO:<b@two.example>,\n"
	  "2026-11-21T08:00:00.004Z,EX01\\Default,08DF01,8,192.0.2.1:25,192.0.2.7:5021,>,550 5.7.54 SMTP; "
	  "Unable to relay recipient in non-accepted domain,\n",
	  "4 not-taken b@two.example - 550 5.7.54 rcpt 1 p@example.com 192.0.2.7 | 550 5.7.54 SMTP; Unable "
	  "to relay recipient in non-accepted domain\n" },
	{ "Microsoft 365's message trace, of the admin centre",
	  "origin_timestamp_utc,sender_address,recipient_status,message_subject,total_bytes,message_id\n"
	  "2026-11-21T08:00:00.1234567Z,p@example.com,\"d@two.example##Receive, Send;e@two.example##Receive, "
	  "Fail;nothing\",Invoice,2211,<m2@example.com>\n",
	  "2 handed-over d@two.example - 0 - - 1 p@example.com - | Receive, Send\n"
	  "2 refused e@two.example - 0 - - 1 p@example.com - | Receive, Fail\n" },
	{ "Microsoft 365's message trace, of PowerShell",
	  "\"Organization\",\"MessageId\",\"Received\",\"SenderAddress\",\"RecipientAddress\",\"Subject\","
	  "\"Status\",\"ToIP\"\n"
	  "\"x\",\"<m1@example.com>\",\"2026-11-21 "
	  "08:00:00\",\"p@example.com\",\"b@two.example\",\"A, b\",\"Failed\",\"\"\n"
	  "\"x\",\"<m2@example.com>\",\"2026-11-21 "
	  "08:00:00\",\"p@example.com\",\"c@two.example\",\"A\",\"Delivered\",\"192.0.2.9\"\n"
	  "\"x\",\"<m3@example.com>\",\"2026-11-21 "
	  "08:00:00\",\"p@example.com\",\"all@one.example\",\"A\",\"Expanded\",\"\"\n"
	  "\"x\",\"<m4@example.com>\",\"2026-11-21 "
	  "08:00:00\",\"p@example.com\",\"d@two.example\",\"A\",\"Pending\",\"\"\n",
	  "2 refused b@two.example - 0 - - 1 p@example.com - | Failed\n"
	  "3 handed-over c@two.example - 0 - - 1 p@example.com - | Delivered\n"
	  "5 delayed+ d@two.example - 0 - - 1 p@example.com - | Pending\n" },
	{ "another program's table", "2026-11-21T08:00:00.001Z,info,mailer,192.0.2.1,x,y,z,sent,ok\n", "" },
};

int main(void)
{
	return log_check_main(cases, ARRAY_LEN(cases));
}
