/* SPDX-License-Identifier: Apache-2.0 */
/* lab/forward.c - a box on the way: takes keywords out of EHLO's answer or masks
 * them, and may open TLS with a certificate of its own. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "lab/address.h"
#include "lab/server.h"

enum side { CLIENT, SERVER, SIDES };
enum line_place { LINE_INNER, LINE_LAST };

struct forward {
	struct lab_server *srv;
	struct wire *wire[SIDES];
	struct buf pending[SIDES];   /* for that side, which is not ready yet */
	struct buf lines;            /* of the server, when they are looked at */
	struct buf held;             /* an EHLO line that may turn out to be the last one */
	bool ready[SIDES], starttls; /* the client asked for it; the answer decides */
	bool opaque;                 /* TLS passes through: bytes are not looked at any more */
};

static void forward_end(struct forward *f)
{
	for (int i = 0; i < SIDES; i++) {
		if (f->wire[i])
			wire_close(f->wire[i]);
		buf_clear(&f->pending[i]);
	}
	buf_clear(&f->lines);
	buf_clear(&f->held);
	free(f);
}

static void on_gone(struct forward *f, enum side side)
{
	f->wire[side] = NULL;
	forward_end(f);
}

static void pass(struct forward *f, enum side to, struct str bytes)
{
	if (f->ready[to])
		wire_write(f->wire[to], bytes);
	else
		buf_add(&f->pending[to], bytes.p, bytes.len);
}

static void ready(struct forward *f, enum side side)
{
	f->ready[side] = true;
	wire_write(f->wire[side], buf_str(&f->pending[side]));
	buf_clear(&f->pending[side]);
}

/* ---- the server's lines */

static bool named(const struct strlist *l, struct str keyword)
{
	for (size_t i = 0; l && i < l->n; i++)
		if (str_istarts(keyword, l->v[i]))
			return true;
	return false;
}

static void release_held(struct forward *f, enum line_place place)
{
	if (place == LINE_LAST && buf_waiting(&f->held) > 3)
		f->held.data[f->held.start + 3] = ' ';
	pass(f, CLIENT, buf_str(&f->held));
	buf_clear(&f->held);
}

/* One line of an answer to EHLO, stripped or masked. */
static void pass_keyword(struct forward *f, struct str line)
{
	struct str keyword = str_trim(str_cut(line, 4, line.len));
	bool last = line.p[3] == ' ';
	if (named(spec_list(f->srv->s, "strip"), keyword)) {
		if (last)
			release_held(f, LINE_LAST);
		return;
	}
	release_held(f, LINE_INNER);
	buf_add(&f->held, line.p, line.len);
	if (named(spec_list(f->srv->s, "mask"), keyword))
		memset(f->held.data + f->held.start + 4, 'X', keyword.len);
	if (last)
		release_held(f, LINE_LAST);
}

/* The server agreed to STARTTLS: both sides get TLS of ours, or it passes through. */
static void begin_tls(struct forward *f)
{
	if (!spec_text(f->srv->s, "resign", NULL)) {
		f->opaque = true;
		return;
	}
	f->ready[CLIENT] = f->ready[SERVER] = false;
	wire_tls(f->wire[CLIENT], f->srv->tls, WIRE_SERVER, NULL);
	wire_tls(f->wire[SERVER], f->srv->upstream, WIRE_CLIENT, f->srv->name);
}

static void pass_lines(struct forward *f)
{
	struct str in = buf_str(&f->lines);
	size_t taken = 0;
	const char *lf;
	while (taken < in.len && (lf = memchr(in.p + taken, '\n', in.len - taken)) != NULL) {
		struct str line = str_cut(in, taken, (size_t)(lf - in.p) + 1);
		taken += line.len;
		if (str_istarts(line, "250-") || str_istarts(line, "250 ")) {
			pass_keyword(f, line);
		} else {
			release_held(f, LINE_INNER);
			pass(f, CLIENT, line);
		}
		if (f->starttls && str_istarts(line, "220"))
			begin_tls(f);
		f->starttls = false;
	}
	if (taken)
		buf_take(&f->lines, taken);
}

static void server_input(void *user, struct str bytes)
{
	struct forward *f = user;
	if (f->opaque) {
		pass(f, CLIENT, bytes);
		return;
	}
	buf_add(&f->lines, bytes.p, bytes.len);
	pass_lines(f);
}

static void server_up(void *user)
{
	struct forward *f = user;
	if (f->srv->mode == MODE_TLS)
		wire_tls(f->wire[SERVER], f->srv->upstream, WIRE_CLIENT, f->srv->name);
	else
		ready(f, SERVER);
}

static void server_tls_ended(void *user, bool ok)
{
	struct forward *f = user;
	if (ok)
		ready(f, SERVER);
	else
		forward_end(f);
}

static void server_gone(void *user)
{
	on_gone(user, SERVER);
}

/* ---- the client's bytes */

static void client_input(void *user, struct str bytes)
{
	struct forward *f = user;
	f->starttls = f->starttls || (!f->opaque && str_istarts(bytes, "STARTTLS"));
	pass(f, SERVER, bytes);
}

static void client_tls_ended(void *user, bool ok)
{
	struct forward *f = user;
	if (ok)
		ready(f, CLIENT);
	else
		forward_end(f);
}

static void client_gone(void *user)
{
	on_gone(user, CLIENT);
}

void forward_accept(struct lab_server *s, uv_stream_t *listener)
{
	static const struct wire_events to_client = { .input = client_input,
						      .tls_ended = client_tls_ended,
						      .gone = client_gone };
	static const struct wire_events to_server = {
		.up = server_up, .input = server_input, .tls_ended = server_tls_ended, .gone = server_gone
	};
	struct sockaddr_storage ss = { 0 };
	struct forward *f = mem_alloc(sizeof(*f));
	f->srv = s;
	f->wire[CLIENT] = wire_accept(listener, &to_client, f);
	if (!f->wire[CLIENT]) {
		free(f);
		return;
	}
	if (address_socket(s->w, spec_text(s->s, "to", ""), &ss))
		f->wire[SERVER] = wire_connect(&s->w->loop, (struct sockaddr *)&ss, &to_server, f);
	if (!f->wire[SERVER]) {
		forward_end(f);
		return;
	}
	if (s->mode == MODE_TLS)
		wire_tls(f->wire[CLIENT], s->tls, WIRE_SERVER, NULL);
	else
		f->ready[CLIENT] = true;
}
