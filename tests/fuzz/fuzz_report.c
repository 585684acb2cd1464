/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever a server replied and whatever came back: one recipient, failed.  (Our reader believes
 * a status in the reply more than the field.) */
#include <string.h>

#include "mail/dsn.h"
#include "mail/mime.h"
#include "mail/report.h"
#include "tests/fuzz/fuzz.h"

/* Texts up to a NUL each; what is left is the original. */
static const char *take(struct arena *a, struct str *rest)
{
	const char *nul = rest->len ? memchr(rest->p, 0, rest->len) : NULL;
	size_t n = nul ? (size_t)(nul - rest->p) : rest->len;
	const char *z = arena_dup(a, rest->p, n);
	*rest = str_cut(*rest, nul ? n + 1 : n, rest->len);
	return z;
}

static void check(struct str message)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct dsn d;
	struct mime m;
	dsn_read(a, message, &d);
	if (d.kind != DSN_REPORT || d.n != 1 || d.v[0].action != DSN_FAILED ||
	    !z_eq(d.v[0].address, "you@example.com"))
		__builtin_trap();
	mime_outline(a, message, &m);
	if (m.n < 4 || !z_eq(m.v[2].type + strlen("message/"), "delivery-status"))
		__builtin_trap();
}

static struct report_recipient recipient_of(struct arena *a, struct str *rest)
{
	return (struct report_recipient){ .original_type = "rfc822",
					  .original = take(a, rest),
					  .final = "you@example.com",
					  .action = DSN_FAILED,
					  .status = "5.1.1",
					  .remote = take(a, rest),
					  .remote_ip = "192.0.2.7",
					  .reply_type = "smtp",
					  .reply = take(a, rest) };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(buf_clear) struct buf out = { 0 };
	struct str rest = { (const char *)data, size };
	struct report_recipient v = recipient_of(a, &rest);
	struct report r = { .host = "relay.example.net",
			    .to = "me@example.org",
			    .subject = take(a, &rest),
			    .message_id = "1@relay.example.net",
			    .answers = take(a, &rest),
			    .date_s = 1795000000,
			    .words = take(a, &rest),
			    .envelope_id = take(a, &rest),
			    .v = &v,
			    .n = 1,
			    .original = rest,
			    .part = size & 1 ? REPORT_MESSAGE : REPORT_HEADER };
	struct report_needs needs;
	struct err e = { 0 };
	if (!report_write(&r, &out, &needs, &e))
		__builtin_trap();
	check(buf_str(&out));
	return 0;
}
