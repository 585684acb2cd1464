/* SPDX-License-Identifier: Apache-2.0 */
/* The services' shapes, as their documentation gives them (2026). */
#include "explain/notice_inner.h"

const char *const notice_envelopes[] = {
	"Message",         "Sns",   "Records", "Body", "body", "detail", "event-data", "msys/message_event",
	"mandrill_events", "items", "events",  NULL,
};

const struct notice_service notice_services[] = {
	{ .dialect = "ses",
	  .mark = "mail/messageId",
	  .event = "notificationType|eventType",
	  .id = "mail/messageId",
	  .message_id = "mail/commonHeaders/messageId",
	  .subject = "mail/commonHeaders/subject",
	  .from = "mail/source",
	  .to = "mail/commonHeaders/to",
	  .time = "bounce/timestamp|delivery/timestamp|deliveryDelay/timestamp|complaint/timestamp|mail/"
		  "timestamp" },
	{ .dialect = "sendgrid",
	  .mark = "sg_event_id|sg_message_id",
	  .event = "event",
	  .id = "sg_message_id",
	  .message_id = "smtp-id",
	  .subject = "subject",
	  .from = "from",
	  .to = "",
	  .time = "timestamp" },
	{ .dialect = "mailgun",
	  .mark = "log-level|delivery-status|recipient-domain",
	  .event = "event",
	  .id = "message/headers/message-id|id",
	  .message_id = "message/headers/message-id",
	  .subject = "message/headers/subject",
	  .from = "envelope/sender|message/headers/from",
	  .to = "message/headers/to",
	  .time = "timestamp" },
	{ .dialect = "postmark",
	  .mark = "RecordType",
	  .event = "RecordType",
	  .id = "MessageID",
	  .message_id = "",
	  .subject = "Subject",
	  .from = "From",
	  .to = "",
	  .time = "BouncedAt|DeliveredAt" },
	{ .dialect = "sparkpost",
	  .mark = "rcpt_to",
	  .event = "type",
	  .id = "message_id",
	  .message_id = "",
	  .subject = "subject",
	  .from = "msg_from|friendly_from",
	  .to = "",
	  .time = "timestamp" },
	{ .dialect = "mandrill",
	  .mark = "msg/email",
	  .event = "event",
	  .id = "_id|msg/_id",
	  .message_id = "",
	  .subject = "msg/subject",
	  .from = "msg/sender",
	  .to = "",
	  .time = "ts" },
	{ .dialect = "brevo",
	  .mark = "message-id",
	  .event = "event",
	  .id = "message-id",
	  .message_id = "message-id",
	  .subject = "subject",
	  .from = "sender_email",
	  .to = "",
	  .time = "ts_event|ts|date" },
	{ .dialect = "resend",
	  .mark = "data/email_id",
	  .event = "type",
	  .id = "data/email_id",
	  .message_id = "data/message_id",
	  .subject = "data/subject",
	  .from = "data/from",
	  .to = "",
	  .time = "created_at" },
	{ .dialect = NULL },
};

#define NO_CONDITION .only = "", .is = ""
#define NO_PLACE     .remote = "", .remote_ip = "", .reporter = ""

#define SES_LIST(event_, kind_, action_, list_, reply_, said_, object_)                                      \
	{                                                                                                    \
		.dialect = "ses", .event = event_, NO_CONDITION, .kind = kind_, .action = action_,           \
		.recipients = list_, .address = "emailAddress", .reply = reply_, .code = "",                 \
		.status = "./status", .said = said_, .remote = "", .remote_ip = object_ "/remoteMtaIp",      \
		.reporter = object_ "/reportingMTA"                                                          \
	}

#define FLAT(dialect_, event_, kind_, action_, to_, reply_, code_, status_, said_)                           \
	{                                                                                                    \
		.dialect = dialect_, .event = event_, NO_CONDITION, .kind = kind_, .action = action_,        \
		.recipients = to_, .address = "", .reply = reply_, .code = code_, .status = status_,         \
		.said = said_, NO_PLACE                                                                      \
	}

#define SENDGRID(event_, kind_, action_, reply_)                                                             \
	FLAT("sendgrid", event_, kind_, action_, "email", reply_, "", "status", "reason")

#define MAILGUN(event_, only_, is_, kind_, action_, reply_)                                                  \
	{                                                                                                    \
		.dialect = "mailgun", .event = event_, .only = only_, .is = is_, .kind = kind_,              \
		.action = action_, .recipients = "recipient", .address = "", .reply = reply_,                \
		.code = "delivery-status/code", .status = "delivery-status/enhanced-code", .said = "reason", \
		.remote = "delivery-status/mx-host", .remote_ip = "", .reporter = ""                         \
	}

#define MAILGUN_REPLY "delivery-status/message|delivery-status/description|reject/reason"

#define POSTMARK(event_, only_, is_, kind_, action_, to_)                                                    \
	{                                                                                                    \
		.dialect = "postmark", .event = event_, .only = only_, .is = is_, .kind = kind_,             \
		.action = action_, .recipients = to_, .address = "", .reply = "Details", .code = "",         \
		.status = "", .said = "Description|Name", NO_PLACE                                           \
	}

#define SPARKPOST(event_, kind_, action_)                                                                    \
	{                                                                                                    \
		.dialect = "sparkpost", .event = event_, NO_CONDITION, .kind = kind_, .action = action_,     \
		.recipients = "rcpt_to", .address = "", .reply = "raw_reason|reason", .code = "error_code",  \
		.status = "", .said = "reason", .remote = "", .remote_ip = "ip_address", .reporter = ""      \
	}

#define MANDRILL(event_, kind_, action_)                                                                     \
	FLAT("mandrill", event_, kind_, action_, "msg/email", "msg/diag", "", "", "msg/bounce_description")

#define BREVO(event_, kind_, action_) FLAT("brevo", event_, kind_, action_, "email", "reason", "", "", "")

#define RESEND(event_, kind_, action_)                                                                       \
	FLAT("resend", event_, kind_, action_, "data/to", "data/bounce/diagnosticCode|data/bounce/message",  \
	     "", "", "data/bounce/message")

const struct notice_event notice_events[] = {
	SES_LIST("Bounce", DSN_REPORT, DSN_FAILED, "bounce/bouncedRecipients", "./diagnosticCode",
		 "bounce/bounceSubType", "bounce"),
	SES_LIST("Complaint", DSN_FEEDBACK, DSN_ACTION_UNKNOWN, "complaint/complainedRecipients", "",
		 "complaint/complaintFeedbackType", "complaint"),
	SES_LIST("Delivery", DSN_REPORT, DSN_RELAYED, "delivery/recipients", "delivery/smtpResponse", "",
		 "delivery"),
	SES_LIST("DeliveryDelay", DSN_REPORT, DSN_DELAYED, "deliveryDelay/delayedRecipients",
		 "./diagnosticCode", "deliveryDelay/delayType", "deliveryDelay"),
	SES_LIST("Reject", DSN_REPORT, DSN_FAILED, "mail/destination", "reject/reason", "", "reject"),
	SENDGRID("bounce", DSN_REPORT, DSN_FAILED, "reason"),
	SENDGRID("blocked", DSN_REPORT, DSN_FAILED, "reason"),
	SENDGRID("dropped", DSN_REPORT, DSN_FAILED, "reason"),
	SENDGRID("deferred", DSN_REPORT, DSN_DELAYED, "response|reason"),
	SENDGRID("delivered", DSN_REPORT, DSN_RELAYED, "response"),
	SENDGRID("spamreport", DSN_FEEDBACK, DSN_ACTION_UNKNOWN, ""),
	MAILGUN("failed", "severity", "temporary", DSN_REPORT, DSN_DELAYED, MAILGUN_REPLY),
	MAILGUN("failed", "", "", DSN_REPORT, DSN_FAILED, MAILGUN_REPLY),
	MAILGUN("rejected", "", "", DSN_REPORT, DSN_FAILED, "reject/description|reject/reason|reason"),
	MAILGUN("delivered", "", "", DSN_REPORT, DSN_RELAYED, MAILGUN_REPLY),
	MAILGUN("complained", "", "", DSN_FEEDBACK, DSN_ACTION_UNKNOWN, ""),
	POSTMARK("Bounce", "Type", "AutoResponder", DSN_REPLY, DSN_ACTION_UNKNOWN, "Email"),
	POSTMARK("Bounce", "Type", "ChallengeVerification", DSN_CHALLENGE, DSN_ACTION_UNKNOWN, "Email"),
	POSTMARK("Bounce", "Type", "SpamComplaint", DSN_FEEDBACK, DSN_ACTION_UNKNOWN, "Email"),
	POSTMARK("Bounce", "Type", "Transient", DSN_REPORT, DSN_DELAYED, "Email"),
	POSTMARK("Bounce", "", "", DSN_REPORT, DSN_FAILED, "Email"),
	POSTMARK("Delivery", "", "", DSN_REPORT, DSN_RELAYED, "Recipient"),
	POSTMARK("SpamComplaint", "", "", DSN_FEEDBACK, DSN_ACTION_UNKNOWN, "Email"),
	SPARKPOST("bounce", DSN_REPORT, DSN_FAILED),
	SPARKPOST("out_of_band", DSN_REPORT, DSN_FAILED),
	SPARKPOST("policy_rejection", DSN_REPORT, DSN_FAILED),
	SPARKPOST("generation_rejection", DSN_REPORT, DSN_FAILED),
	SPARKPOST("generation_failure", DSN_REPORT, DSN_FAILED),
	SPARKPOST("delay", DSN_REPORT, DSN_DELAYED),
	SPARKPOST("delivery", DSN_REPORT, DSN_RELAYED),
	SPARKPOST("spam_complaint", DSN_FEEDBACK, DSN_ACTION_UNKNOWN),
	MANDRILL("hard_bounce", DSN_REPORT, DSN_FAILED),
	MANDRILL("soft_bounce", DSN_REPORT, DSN_FAILED),
	MANDRILL("reject", DSN_REPORT, DSN_FAILED),
	MANDRILL("deferral", DSN_REPORT, DSN_DELAYED),
	MANDRILL("delivered", DSN_REPORT, DSN_RELAYED),
	MANDRILL("spam", DSN_FEEDBACK, DSN_ACTION_UNKNOWN),
	BREVO("hard_bounce", DSN_REPORT, DSN_FAILED),
	BREVO("soft_bounce", DSN_REPORT, DSN_FAILED),
	BREVO("blocked", DSN_REPORT, DSN_FAILED),
	BREVO("invalid_email", DSN_REPORT, DSN_FAILED),
	BREVO("error", DSN_REPORT, DSN_FAILED),
	BREVO("deferred", DSN_REPORT, DSN_DELAYED),
	BREVO("delivered", DSN_REPORT, DSN_RELAYED),
	BREVO("spam", DSN_FEEDBACK, DSN_ACTION_UNKNOWN),
	RESEND("email.bounced", DSN_REPORT, DSN_FAILED),
	RESEND("email.failed", DSN_REPORT, DSN_FAILED),
	RESEND("email.delivery_delayed", DSN_REPORT, DSN_DELAYED),
	RESEND("email.delivered", DSN_REPORT, DSN_RELAYED),
	RESEND("email.complained", DSN_FEEDBACK, DSN_ACTION_UNKNOWN),
	{ .dialect = NULL },
};
