/* SPDX-License-Identifier: Apache-2.0 */
/* A hostile server, and a driver that says what it can when it can.  Whatever
 * comes, no command line holds a byte that a caller's text put there, and the
 * secret is never spoken. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "smtp/client.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char secret[] = "s3cr3tpassw0rd";

struct input {
	const uint8_t *p;
	size_t len;
};

static uint8_t next(struct input *in)
{
	if (!in->len)
		return 0;
	in->len--;
	return *in->p++;
}

static bool login(struct smtp_client *c, uint8_t how)
{
	enum sasl_mechanism m = (enum sasl_mechanism)(how % (SASL_MECHANISMS - 1) + 1);
	struct sasl_credentials k = {
		.user = "u", .secret = secret, .host = "h", .port = 587, .nonce = "fyko+d2lbbFgONRv9qkxdawL"
	};
	struct sasl_client *mech = sasl_client_new(m, &k, NULL);
	return mech && smtp_client_auth(c, m, mech, how & 128, NULL);
}

static bool send_body(struct smtp_client *c, struct input *in)
{
	size_t n = next(in), took;
	if (n > in->len)
		n = in->len;
	struct str chunk = { (const char *)in->p, n };
	in->p += n;
	in->len -= n;
	return smtp_client_body(c, chunk, &took, NULL);
}

static bool say(struct smtp_client *c, struct input *in)
{
	struct smtp_mail_params p = { .size = 10, .eightbit = true, .ret = "FULL", .smtputf8 = next(in) & 1 };
	switch (next(in) % 14) {
	case 0:
		return smtp_client_ehlo(c, "me", NULL);
	case 1:
		return smtp_client_helo(c, "me", NULL);
	case 2:
		return smtp_client_starttls(c, NULL);
	case 3:
		return login(c, next(in));
	case 4:
		return smtp_client_mail(c, "a@b", &p, NULL);
	case 5:
		return smtp_client_rcpt(c, "c@d", "NEVER", "rfc822;c@d", NULL);
	case 6:
		return smtp_client_data(c, NULL);
	case 7:
		return send_body(c, in);
	case 8:
		return smtp_client_body_end(c, NULL);
	case 9:
		return smtp_client_bdat(c, STR_LIT("abc"), next(in) & 1, NULL);
	case 10:
		return smtp_client_rset(c, NULL);
	case 11:
		smtp_client_tls_done(c, 0);
		return true;
	default:
		return smtp_client_quit(c, NULL);
	}
}

static void check_spoken(struct smtp_client *c)
{
	char dir, *line;
	while ((line = smtp_client_take_spoken(c, &dir)) != NULL) {
		if (strpbrk(line, "\r\n") || (dir == '>' && strstr(line, secret)))
			abort();
		free(line);
	}
}

static void hear(struct smtp_client *c, struct input *in, uint64_t now)
{
	size_t n = next(in), used = 0;
	if (n > in->len)
		n = in->len;
	CLEANUP(mem_free) char *piece = mem_grow(NULL, n, 1);
	memcpy(piece, in->p, n);
	for (size_t at = 0; at < n; at += used) {
		enum smtp_event ev = smtp_client_feed(c, piece + at, n - at, &used, now, NULL);
		if (ev == SMTP_EVENT_REPLY && !smtp_client_reply(c)->nlines)
			abort();
		if (ev == SMTP_EVENT_NONE && used != n - at)
			abort();
	}
	in->p += n;
	in->len -= n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	CLEANUP(smtp_client_free) struct smtp_client *c = smtp_client_new(NULL);
	uint64_t now = 0;
	smtp_client_connected(c, now);
	while (in.len) {
		uint8_t step = next(&in);
		now += step;
		if (step & 1)
			hear(c, &in, now);
		if (step & 2)
			(void)say(c, &in);
		size_t out = smtp_client_output(c).len;
		smtp_client_sent(c, step & 4 ? out : out / 2, now);
		(void)smtp_client_tick(c, now);
		if (smtp_client_deadline_ms(c) <= now) /* it would spin a driver's timer */
			abort();
	}
	check_spoken(c);
	return 0;
}
