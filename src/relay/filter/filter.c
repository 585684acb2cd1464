/* SPDX-License-Identifier: Apache-2.0 */
/* One message told to each filter in turn, and what comes of it. */
#include "relay/filter/filter.h"

#include <stdio.h>
#include <string.h>

#include "mail/header.h"
#include "net/stream.h"
#include "relay/filter/filter_apply.h"

/* A conversation with one filter. */
struct talk {
	struct net_loop *loop;
	struct stream *stream;
	struct milter *milter;
	uint64_t until_ms;
	const char *name; /* the filter's */
	const char *rcpt; /* told last; NULL: not that far, or farther */
	struct err err;
};

static void talk_end(struct talk *t)
{
	stream_free(&t->stream);
	milter_free(&t->milter);
}

static bool say(struct talk *t)
{
	struct str out = milter_output(t->milter);
	bool said = stream_write(t->stream, out, t->until_ms, &t->err);
	milter_sent(t->milter, out.len);
	return said;
}

static bool hear(struct talk *t)
{
	struct str bytes = { "", 0 };
	enum milter_event ev = milter_feed(t->milter, bytes, &t->err);
	while (ev == MILTER_NONE) {
		int got = stream_read(t->stream, &bytes, t->until_ms, &t->err);
		if (got == 0)
			ERR_FILL(&t->err, ERR_PROTOCOL, 0, "hear the filter", "it hung up");
		if (got <= 0)
			return false;
		ev = milter_feed(t->milter, bytes, &t->err);
	}
	return ev == MILTER_ANSWER;
}

/* After a step that waits for its answer, or not.  True: go on with the next one. */
static bool go_on(struct talk *t, bool waits)
{
	if (!waits)
		return milter_output(t->milter).len < STREAM_PIECE_BYTES || say(t);
	return say(t) && hear(t) && milter_verdict(t->milter) == MILTER_CONTINUE;
}

static void macros(struct milter *m, const char *const (*v)[2], size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (*v[i][1])
			milter_macro(m, v[i][0], v[i][1]);
}

static bool tell_client(struct talk *t, const struct filter_case *c)
{
	const char *const at_connect[][2] = { { "j", c->hostname },
					      { "{daemon_name}", c->hostname },
					      { "v", "Postrider" },
					      { "{client_addr}", c->address },
					      { "{client_name}", "unknown" } };
	const char *const at_helo[][2] = { { "{tls_version}", c->tls_version }, { "{cipher}", c->cipher } };
	char name[80];
	snprintf(name, sizeof(name), "[%s]", c->address);
	macros(t->milter, at_connect, ARRAY_LEN(at_connect));
	if (!go_on(t, milter_connect(t->milter, name, c->address, c->port)))
		return false;
	macros(t->milter, at_helo, ARRAY_LEN(at_helo));
	return go_on(t, milter_helo(t->milter, c->helo));
}

/* For good, and only this recipient: the others go on, as with other servers. */
static bool is_refused_alone(const struct talk *t)
{
	enum milter_verdict x = milter_verdict(t->milter);
	return t->err.kind == ERR_NONE &&
	       (x == MILTER_REJECT || (x == MILTER_REPLY && milter_code(t->milter) >= 500));
}

static void refuse_rcpt(const struct talk *t, struct filter_envelope *v, struct arena *a)
{
	v->refused[v->nrefused++] =
		(struct filter_refusal){ t->rcpt, t->name, filter_refusal_answer(t->name, t->milter, a) };
}

static bool tell_rcpts(struct talk *t, struct filter_envelope *v, struct arena *a)
{
	struct filter_refusal *room = arena_alloc(a, (v->nrefused + v->rcpts.n + 1) * sizeof(*room));
	if (v->nrefused)
		memcpy(room, v->refused, v->nrefused * sizeof(*room));
	v->refused = room;
	for (size_t i = 0; i < v->rcpts.n; i++) {
		t->rcpt = v->rcpts.v[i];
		milter_macro(t->milter, "{rcpt_addr}", t->rcpt);
		if (go_on(t, milter_rcpt(t->milter, str_of(t->rcpt), NULL)))
			continue;
		if (!is_refused_alone(t))
			return false;
		refuse_rcpt(t, v, a);
		milter_forgive(t->milter);
	}
	t->rcpt = NULL;
	return true;
}

static bool tell_envelope(struct talk *t, const struct filter_case *c, struct filter_envelope *v,
			  struct arena *a)
{
	const char *const at_mail[][2] = { { "i", c->id },
					   { "{auth_authen}", c->account },
					   { "{mail_addr}", arena_str(a, v->sender).p } };
	macros(t->milter, at_mail, ARRAY_LEN(at_mail));
	if (!go_on(t, milter_mail(t->milter, v->sender, NULL)))
		return false;
	size_t refused = v->nrefused;
	if (!tell_rcpts(t, v, a) || v->nrefused - refused == v->rcpts.n)
		return false;
	milter_macro(t->milter, "i", c->id);
	return go_on(t, milter_data(t->milter));
}

static bool tell_header(struct talk *t, struct str head, struct arena *a)
{
	struct header h;
	header_read(a, head, &h);
	for (size_t i = 0; i < h.n; i++)
		if (!go_on(t, milter_field(t->milter, h.v[i].name, h.v[i].value)))
			return false;
	return go_on(t, milter_end_of_header(t->milter));
}

static bool tell_body(struct talk *t, struct store_body *body, size_t head_bytes)
{
	struct store_reader *r = store_body_look(body);
	struct str piece;
	bool well = true;
	int got;
	for (size_t skip = head_bytes; well && (got = store_reader_next(r, &piece, &t->err)) != 0;) {
		size_t n = skip < piece.len ? skip : piece.len;
		skip -= n;
		piece = str_cut(piece, n, piece.len);
		well = got > 0;
		for (size_t at = 0; well && at < piece.len && milter_wants_body(t->milter);
		     at += MILTER_CHUNK_BYTES)
			well = go_on(t, milter_body(t->milter, str_cut(piece, at, at + MILTER_CHUNK_BYTES)));
	}
	store_reader_free(&r);
	return well;
}

static void tell_all(struct talk *t, const struct filter_case *c, struct filter_envelope *v,
		     struct store_body *body, struct arena *a)
{
	struct str head;
	if (!filter_head(body, a, &head, &t->err) || !go_on(t, milter_hello(t->milter)) ||
	    !tell_client(t, c) || !tell_envelope(t, c, v, a) || !tell_header(t, head, a) ||
	    !tell_body(t, body, head.len))
		return;
	milter_macro(t->milter, "i", c->id);
	(void)go_on(t, milter_end(t->milter));
}

static const char *where_of(const struct relay_filter *f, struct arena *a)
{
	if (!f->port)
		return arena_printf(a, "unix:%s", f->host);
	return arena_printf(a, strchr(f->host, ':') ? "[%s]:%u" : "%s:%u", f->host, f->port);
}

/* For the log: which filter, what happened, and the mend. */
static void name_filter(const struct relay_filter *f, struct err *e, struct arena *a)
{
	if (e->kind != ERR_PROTOCOL)
		return;
	const char *happened = arena_strdup(a, e->what);
	snprintf(e->what, sizeof(e->what), "\"%s\" at %s", f->name, where_of(f, a));
	snprintf(e->detail, sizeof(e->detail), "%s; look at that filter's own log, and restart or mend it",
		 happened);
}

/* What becomes of the message where the filter gave no answer. */
static void on_trouble(const struct relay_filter *f, const struct err *e, struct arena *a,
		       struct filter_outcome *out)
{
	struct err *kept = arena_alloc(a, sizeof(*kept));
	*kept = *e;
	name_filter(f, kept, a);
	out->trouble = kept;
	if (f->on_failure == RELAY_FAILURE_ACCEPT)
		return;
	bool later = f->on_failure == RELAY_FAILURE_DELAY;
	out->word = FILTER_REFUSE;
	out->answer = (struct smtp_answer){
		later ? 451 : 554, later ? "4.7.1" : "5.7.1",
		arena_printf(a, "The filter \"%s\" cannot be asked now%s", f->name,
			     later ? ": try again later" : ", and nothing passes without it")
	};
}

/* Whom it refused is no recipient any more.  False: nobody is left, the last refusal is the answer. */
static bool leave_refused(struct filter_envelope *v, struct arena *a, struct filter_outcome *out)
{
	struct strlist kept = { 0 };
	for (size_t i = 0, k; i < v->rcpts.n; i++) {
		for (k = 0; k < v->nrefused && !z_eq(v->refused[k].rcpt, v->rcpts.v[i]); k++)
			continue;
		if (k == v->nrefused)
			strlist_add(&kept, a, v->rcpts.v[i]);
	}
	v->rcpts = kept;
	if (kept.n || !v->nrefused)
		return true;
	const struct filter_refusal *last = &v->refused[v->nrefused - 1];
	out->word = FILTER_REFUSE;
	out->answer = last->answer;
	if (v->nrefused > 1)
		out->answer.text = arena_printf(a, "all recipients were refused, the last, <%s>: %s",
						last->rcpt, last->answer.text);
	return false;
}

/* It is asked when the client is no longer at RCPT, so one recipient for whom it is not now stands for all:
 * the client comes again. */
static void name_rcpt(const struct talk *t, const struct filter_envelope *v, struct arena *a,
		      struct filter_outcome *out)
{
	if (t->rcpt && v->rcpts.n > 1 && out->word == FILTER_REFUSE)
		out->answer.text = arena_printf(a, "because of <%s>, for all: %s", t->rcpt, out->answer.text);
}

static void ask(struct net_loop *l, struct store *s, const struct relay_filter *f,
		const struct filter_case *c, struct filter_envelope *v, struct store_body **body,
		struct arena *a, struct filter_outcome *out)
{
	uint64_t now = net_loop_now_ms(l);
	struct talk t = { .loop = l, .name = f->name, .until_ms = now + (uint64_t)f->timeout_s * 1000 };
	t.stream = stream_open(l, where_of(f, a), now + FILTER_CONNECT_MS, &t.err);
	t.milter = milter_new((size_t)store_body_size(*body) + RELAY_SIZE_MAX);
	if (t.stream)
		tell_all(&t, c, v, *body, a);
	bool some = leave_refused(v, a, out);
	if (t.err.kind == ERR_NONE && some) {
		filter_apply(s, f->name, t.milter, v, body, a, out, &t.err);
		name_rcpt(&t, v, a, out);
	}
	if (t.err.kind != ERR_NONE)
		on_trouble(f, &t.err, a, out);
	talk_end(&t);
}

void filter_message(struct net_loop *l, struct store *s, const struct relay_settings *settings,
		    const struct filter_case *c, struct filter_envelope *v, struct store_body **body,
		    struct arena *a, struct filter_outcome *out)
{
	*out = (struct filter_outcome){ .word = FILTER_TAKE, .why = "" };
	for (size_t i = 0; i < settings->nfilters; i++) {
		ask(l, s, &settings->filters[i], c, v, body, a, out);
		if (out->word == FILTER_REFUSE || out->word == FILTER_DISCARD)
			return;
	}
}
