/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/server_lab.h"

#include <string.h>

struct server_lab server_lab_new(void)
{
	static const struct smtp_server_options o = {
		.name = "mx.test", .extensions = SERVER_LAB_OFFER, .size = 1000, .auth = "PLAIN LOGIN"
	};
	struct server_lab l = { .s = smtp_server_new(&o) };
	smtp_server_connected(l.s, 0);
	return l;
}

void server_lab_clear(struct server_lab *l)
{
	smtp_server_free(&l->s);
	buf_clear(&l->body);
	buf_clear(&l->said);
}

/* Takes the output; keeps the code of each final line. */
static void written(struct server_lab *l)
{
	struct str out = smtp_server_output(l->s), line;
	while (str_next(&out, "\r\n", &line))
		if (line.len > 3 && line.p[3] == ' ')
			buf_addf(&l->said, "%.3s ", line.p);
	enum smtp_server_event ev = smtp_server_sent(l->s, smtp_server_output(l->s).len, 0);
	l->tls_ready |= ev == SMTP_SERVER_START_TLS_READY;
	l->closed |= ev == SMTP_SERVER_CLOSED;
}

static void on_event(struct server_lab *l, enum smtp_server_event ev)
{
	struct str chunk = smtp_server_chunk(l->s);
	l->early += ev == SMTP_SERVER_EARLY;
	l->responses += ev == SMTP_SERVER_AUTH_RESPONSE;
	l->commands += ev == SMTP_SERVER_COMMAND;
	if (ev == SMTP_SERVER_BODY) {
		l->chunks++;
		buf_add(&l->body, chunk.p, chunk.len);
	} else if (ev == SMTP_SERVER_BODY_END) {
		l->messages++;
		l->odd |= smtp_server_body_odd(l->s);
		assert_int_equal(smtp_server_body_bytes(l->s), buf_waiting(&l->body) - l->before);
		l->before = buf_waiting(&l->body);
	}
	if (ev == SMTP_SERVER_COMMAND)
		l->unknown += smtp_server_request(l->s)->verb == SMTP_VERB_UNKNOWN;
	if (smtp_server_waits(l->s) && ev != SMTP_SERVER_EARLY)
		smtp_server_default_reply(l->s);
}

void server_lab_feed(struct server_lab *l, struct str in)
{
	size_t used;
	enum smtp_server_event ev;
	do {
		ev = smtp_server_feed(l->s, in.p, in.len, &used, 0);
		in = str_cut(in, used, in.len);
		on_event(l, ev);
		written(l);
	} while (ev != SMTP_SERVER_NONE);
	assert_int_equal(in.len, 0);
}

void server_lab_feed_cut(struct server_lab *l, struct str in, size_t cut)
{
	server_lab_feed(l, str_cut(in, 0, cut));
	server_lab_feed(l, str_cut(in, cut, in.len));
}

void server_lab_greet(struct server_lab *l)
{
	smtp_server_default_reply(l->s);
	written(l);
}

enum smtp_server_event server_lab_give(struct smtp_server *s, const char *line)
{
	size_t used;
	enum smtp_server_event ev = smtp_server_feed(s, line, strlen(line), &used, 0);
	assert_int_equal(used, strlen(line));
	return ev;
}

enum smtp_server_event server_lab_sent_all(struct smtp_server *s)
{
	return smtp_server_sent(s, smtp_server_output(s).len, 0);
}
