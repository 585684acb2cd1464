/* SPDX-License-Identifier: Apache-2.0 */
/* explain/notice.h - what sending services tell by JSON: events of webhooks and notices of queues.
 *
 * Amazon SES (by itself, within an SNS, SQS, Lambda or EventBridge envelope), SendGrid,
 * Mailgun, Postmark, SparkPost, Mandrill, Brevo, Resend.  They become what a delivery report
 * is (mail/dsn.h), so that one code explains both.  "Delivery" is what they call the next
 * server's 250: DSN_RELAYED here. */
#ifndef EXPLAIN_NOTICE_H
#define EXPLAIN_NOTICE_H

#include "mail/dsn.h"

/* text: one JSON document or several.  False: nothing in it is an event that tells of a
 * mail's fate.  Strings are in the arena. */
bool notice_read(struct arena *a, struct str text, struct dsn *out) MUST_USE;

/* Cheap: whether text may be one, for lines of logs. */
bool notice_may_be(struct str text);

#endif
