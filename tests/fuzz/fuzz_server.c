/* SPDX-License-Identifier: Apache-2.0 */
/* A hostile client, whole and in two pieces: the same commands, the same
 * message bytes, the same replies. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "smtp/server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	struct buf body, out;
	unsigned messages, odd;
	bool over;
};

static void check_request(struct smtp_server *s)
{
	const struct smtp_request *r = smtp_server_request(s);
	if (smtp_server_refusal(s))
		return;
	if (r->verb == SMTP_VERB_RCPT && !r->path.address.len)
		abort();
	if (!text_is_ascii(r->path.address) && !text_is_utf8(r->path.address))
		abort();
	if (memchr(r->path.address.p ? r->path.address.p : "", '\n', r->path.address.len))
		abort();
}

static void answer(struct smtp_server *s, enum smtp_server_event ev)
{
	struct str response;
	if (ev == SMTP_SERVER_COMMAND)
		check_request(s);
	if (!strcmp(smtp_server_request_shown(s), "AUTH"))
		abort();
	bool login = smtp_server_request(s)->verb == SMTP_VERB_AUTH && !smtp_server_refusal(s);
	if (login && ev == SMTP_SERVER_COMMAND && !smtp_server_request(s)->has_initial)
		smtp_server_challenge(s, STR_LIT("Username:"));
	else if (login && ev == SMTP_SERVER_AUTH_RESPONSE && smtp_server_response(s, &response))
		smtp_server_reply(s, response.len > 3 ? 235 : 334, "", "x");
	else
		smtp_server_default_reply(s);
}

static void write_out(struct smtp_server *s, struct seen *t)
{
	struct str out = smtp_server_output(s);
	buf_add(&t->out, out.p, out.len);
	enum smtp_server_event ev = smtp_server_sent(s, out.len, 0);
	if (ev == SMTP_SERVER_CLOSED)
		t->over = true;
	if (ev == SMTP_SERVER_START_TLS_READY)
		t->over = true; /* what follows depends on when it came: thrown away or TLS */
}

static void feed(struct smtp_server *s, struct seen *t, const uint8_t *data, size_t len)
{
	CLEANUP(mem_free) char *piece = mem_grow(NULL, len, 1);
	enum smtp_server_event ev;
	size_t used;
	memcpy(piece, data, len);
	for (size_t at = 0; !t->over; at += used) {
		ev = smtp_server_feed(s, piece + at, len - at, &used, 0);
		struct str chunk = smtp_server_chunk(s);
		if (ev == SMTP_SERVER_BODY)
			buf_add(&t->body, chunk.p, chunk.len);
		if (ev == SMTP_SERVER_BODY_END) {
			t->messages++;
			t->odd = t->odd * 64 + smtp_server_body_odd(s);
		}
		if (smtp_server_waits(s))
			answer(s, ev);
		write_out(s, t);
		if (ev != SMTP_SERVER_NONE)
			continue;
		if (!t->over && at + used != len)
			abort();
		break;
	}
}

static void run(struct seen *t, const uint8_t *data, size_t size, size_t cut)
{
	static const struct smtp_server_options o = { .name = "mx",
						      .extensions = 0xfff & ~SMTP_EXT_ENHANCEDSTATUSCODES,
						      .size = 1000,
						      .auth = "PLAIN LOGIN XOAUTH2" };
	CLEANUP(smtp_server_free) struct smtp_server *s = smtp_server_new(&o);
	smtp_server_connected(s, 0);
	smtp_server_default_reply(s);
	write_out(s, t);
	feed(s, t, data, cut);
	feed(s, t, data + cut, size - cut);
}

static bool same(const struct buf *a, const struct buf *b)
{
	struct str x = buf_str(a), y = buf_str(b);
	return x.len == y.len && !memcmp(x.p, y.p, x.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	struct seen whole = { 0 }, halves = { 0 };
	run(&whole, data + 1, size - 1, size - 1);
	run(&halves, data + 1, size - 1, data[0] < size - 1 ? data[0] : (size - 1) / 2);
	if (whole.messages != halves.messages || whole.odd != halves.odd ||
	    !same(&whole.body, &halves.body) || !same(&whole.out, &halves.out))
		abort();
	buf_clear(&whole.body);
	buf_clear(&whole.out);
	buf_clear(&halves.body);
	buf_clear(&halves.out);
	return 0;
}
