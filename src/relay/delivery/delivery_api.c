/* SPDX-License-Identifier: Apache-2.0 */
/* A message by a provider's mail API, where login by SMTP is switched off: the same job, the same marks; what
 * is posted counts as the dot. */
#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "net/http.h"
#include "relay/delivery/api_message.h"
#include "relay/delivery/api_verdict.h"
#include "relay/delivery/delivery.h"
#include "relay/delivery/delivery_head.h"
#include "relay/delivery/outgoing.h"
#include "relay/delivery/tokens.h"

enum {
	API_BYTES_MAX = 35 << 20, /* Gmail's; Microsoft says 413 from 4 MB on */
	API_WAIT_MS = 120000
};

/* One message on its way. */
struct posting {
	struct delivery *d;
	struct job *j;
	struct buf token, body, message; /* token: secret */
	const char *url;
};

static bool failed(struct posting *p, const struct failure *f)
{
	struct failure own = *f;
	job_fail(p->d, p->j, &own);
	return own.judged.scope != TROUBLE_DESTINATION && own.judged.scope != TROUBLE_HOST;
}

static bool refuse(struct posting *p, const char *finding, const char *why)
{
	struct failure f = *delivery_broke(p->d, TROUBLE_MAIL, finding, why);
	f.judged = (struct trouble){ .scope = TROUBLE_MESSAGE, .for_good = true };
	return failed(p, &f);
}

static bool ours(struct posting *p, const struct err *e)
{
	char text[400];
	return failed(p, delivery_broke(p->d, TROUBLE_HERE, "", err_text(e, text, sizeof(text))));
}

/* ---- the message ---- */

static bool read_rest(struct posting *p, struct outgoing *o, struct err *e)
{
	struct str piece;
	int got;
	while ((got = outgoing_next(o, &piece, e)) > 0)
		if (!buf_add(&p->message, piece.p, piece.len))
			return false;
	return got == 0;
}

static void strlist_of_rcpts(const struct job *j, struct strlist *out)
{
	for (size_t i = 0; i < j->n; i++)
		if (j->v[i].fate == FATE_OPEN)
			strlist_add(out, j->arena, arena_str(j->arena, j->v[i].rcpt->address).p);
}

/* Its header as it is to go; NULL, or why it cannot. */
static const char *write_header(struct posting *p, struct str header, struct str rest)
{
	struct strlist rcpts = { 0 };
	CLEANUP(buf_clear) struct buf renamed = { 0 };
	const char *bcc;
	strlist_of_rcpts(p->j, &rcpts);
	const char *why = api_message_fit(header, &rcpts, p->j->arena, &bcc);
	if (why)
		return why;
	if (delivery_renames(p->d)) {
		delivery_rename(p->d, header, &renamed);
		header = buf_str(&renamed);
	}
	api_message_header(header, bcc, &p->message);
	return buf_add(&p->message, rest.p, rest.len) ? NULL : "it is longer than 35 MB";
}

/* False: it has its fate. */
static bool read_message(struct posting *p)
{
	struct err e = { 0 };
	CLEANUP(buf_clear) struct buf head = { 0 };
	struct str rest = { "", 0 };
	CLEANUP(outgoing_clear) struct outgoing o;
	if (!outgoing_open(&o, p->d, p->j, &e)) {
		(void)ours(p, &e);
		return false;
	}
	bool has_head = outgoing_head(&o, &head, &rest, &e);
	struct str all = buf_str(&head);
	const char *why = has_head ? write_header(p, str_cut(all, 0, all.len - rest.len), rest)
				   : "its header has no end that a mail API could read";
	bool read = e.kind == ERR_NONE && !why && read_rest(p, &o, &e);
	if (e.kind != ERR_NONE) {
		(void)ours(p, &e);
		return false;
	}
	if (!why && !read)
		why = "it is longer than 35 MB";
	if (!why && memchr(buf_str(&p->message).p, 0, buf_waiting(&p->message)))
		why = "it holds a NUL, which no mail API takes";
	if (why)
		(void)refuse(p, "", why);
	return !why;
}

/* ---- where to ---- */

static const char *coded(struct arena *a, const char *s)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	for (; *s; s++)
		if (strchr("?#%/\\ \"<>&+", *s) || (unsigned char)*s >= 0x7f || (unsigned char)*s < ' ')
			buf_addf(&b, "%%%02X", (unsigned char)*s);
		else
			buf_add(&b, s, 1);
	return arena_str(a, buf_str(&b)).p;
}

static void prepare(struct posting *p)
{
	const struct relay_route *r = p->d->route;
	struct arena *a = p->j->arena;
	struct str message = buf_str(&p->message);
	if (r->api == RELAY_API_GRAPH) {
		p->url = arena_printf(a, "%s/users/%s/sendMail", r->url, coded(a, r->user));
		base64_encode(&p->body, message);
	} else {
		p->url =
			arena_printf(a, "%s/upload/gmail/v1/users/me/messages/send?uploadType=media", r->url);
		buf_add(&p->body, message.p, message.len);
	}
	buf_add(&p->body, "", 1);
	buf_clear(&p->message);
}

/* ---- the post ---- */

static void log_line(struct posting *p, char dir, const char *text)
{
	const struct relay_log_peer peer = { p->d->name, p->d->host, p->d->address, p->d->route->port };
	if (p->d->relay->log)
		relay_log_line(p->d->relay->log, relay_now_ms(), &peer, dir, str_of(text));
}

static struct http_request *start(struct posting *p, struct dns *dns)
{
	const struct delivery *d = p->d;
	const char *ca = d->settings->ca_file;
	CLEANUP(buf_wipe) struct buf login = { 0 };
	buf_addf(&login, "Authorization: Bearer %s", buf_str(&p->token).p);
	buf_add(&login, "", 1);
	const char *const headers[] = { buf_str(&login).p,
					d->route->api == RELAY_API_GRAPH ? "Content-Type: text/plain"
									 : "Content-Type: message/rfc822",
					"Expect:", NULL };
	const struct http_options o = { .url = p->url,
					.form = buf_str(&p->body).p,
					.headers = headers,
					.ca_file = *ca ? ca : NULL,
					.no_redirects = true,
					.timeout_ms = API_WAIT_MS };
	log_line(p, '>',
		 arena_printf(p->j->arena, "POST %s [Bearer hidden] [message, %zu bytes]", p->url,
			      buf_waiting(&p->body) - 1));
	return http_start(d->relay->loop, dns, &o);
}

static void each_taken(struct posting *p, void (*fn)(struct posting *p, struct job_rcpt *r, const void *ctx),
		       const void *ctx)
{
	for (size_t i = 0; i < p->j->n; i++)
		if (p->j->v[i].fate == FATE_TAKEN)
			fn(p, &p->j->v[i], ctx);
}

static void doubt(struct posting *p, struct job_rcpt *r, const void *f)
{
	job_in_doubt(p->d, p->j, r, f);
}

static void hand_over(struct posting *p, struct job_rcpt *r, const void *ctx)
{
	const struct api_verdict *v = ctx;
	struct store_mark *m = job_mark(p->d, p->j, r, STORE_HANDED_OVER);
	m->reply = str_of(v->text);
	m->remote_id = str_of(v->id);
	m->why = str_of(delivery_renamed(p->d, p->j, p->j->arena));
}

static void give_back(struct posting *p, struct job_rcpt *r, const void *ctx)
{
	(void)ctx;
	job_give_back(p->j, r);
}

/* It never went out: as a server that cannot be reached. */
static bool not_sent(struct posting *p, const struct http_answer *x)
{
	const char *finding = !x                              ? ""
			      : x->result == HTTP_DNS         ? "server-name-not-found"
			      : x->result == HTTP_CERTIFICATE ? "tls-cert-untrusted"
							      : "server-down";
	const char *text = arena_printf(p->j->arena, "cannot reach %s: %s%s%s", p->d->host,
					x ? http_result_name(x->result) : "no answer",
					x && *x->error ? ", " : "", x ? x->error : "");
	struct failure f = *delivery_broke(p->d, TROUBLE_CONNECT, finding, text);
	f.judged.next_host = false;
	f.judged.next_route = !x || x->result != HTTP_CERTIFICATE;
	return failed(p, &f);
}

static bool obey(struct posting *p, const struct api_verdict *v)
{
	struct failure *f = &p->d->failure;
	*f = (struct failure){ .seen = { .at = TROUBLE_DOT, .smarthost = true, .text = str_of(v->text) },
			       .judged = v->judged,
			       .finding = v->finding,
			       .why = "",
			       .host = p->d->host,
			       .address = p->d->address };
	if (v->outcome == API_TAKEN)
		each_taken(p, hand_over, v);
	else if (v->outcome == API_IN_DOUBT)
		each_taken(p, doubt, f);
	else
		return failed(p, f);
	return true;
}

/* False: no answer came, and that has its fate. */
static bool post_once(struct posting *p, struct dns *dns, struct api_verdict *out, bool *well)
{
	CLEANUP(http_free) struct http_request *q = start(p, dns);
	const struct http_answer *x = http_wait(q, net_loop_now_ms(p->d->relay->loop) + API_WAIT_MS);
	bool spoke = x && x->result == HTTP_OK && x->status;
	if (!spoke && x && !x->sent) {
		*well = not_sent(p, x);
		return false;
	}
	p->d->tls = "TLS";
	p->d->proof = STORE_PROOF_CERTIFICATE;
	if (!spoke) {
		delivery_broke(p->d, TROUBLE_DOT, "dialogue-cut", "it was posted, and no answer came");
		each_taken(p, doubt, &p->d->failure);
		*well = true;
		return false;
	}
	const struct api_answer said = { x->status, x->body, x->retry_after, x->request_id };
	api_judge(&said, p->j->arena, out);
	log_line(p, '<', out->text);
	return true;
}

/* True: another one may be taken, as this had served before; its time was over early. */
static bool token_was_kept(struct posting *p, const struct api_verdict *v)
{
	struct tokens *all = p->d->lanes->tokens;
	if (v->token)
		return tokens_refused(all, p->d->route, buf_str(&p->token));
	tokens_served(all, p->d->route, buf_str(&p->token));
	return false;
}

/* Where its token was not taken, neither was the mail: once more with a fresh one, as at a login by SMTP. */
static bool post_and_obey(struct posting *p, struct dns *dns)
{
	struct api_verdict v;
	const char *finding, *why;
	bool well = false;
	for (bool anew = false; post_once(p, dns, &v, &well); anew = true) {
		bool again = token_was_kept(p, &v) && !anew && !p->d->hurry;
		if (again)
			buf_wipe(&p->token);
		if (!again || !tokens_get(p->d->relay, p->d->lanes->tokens, p->d->route, p->j->arena,
					  &p->token, &finding, &why))
			return obey(p, &v);
	}
	return well;
}

static bool post(struct posting *p)
{
	struct err e = { 0 };
	const char *resolver = p->d->settings->resolver;
	const struct dns_options o = { .resolver = *resolver ? resolver : NULL };
	CLEANUP(dns_free) struct dns *dns = dns_new(p->d->relay->loop, &o, &e);
	if (!dns)
		return ours(p, &e);
	for (size_t i = 0; i < p->j->n; i++)
		if (p->j->v[i].fate == FATE_OPEN)
			p->j->v[i].fate = FATE_TAKEN;
	enum store_verdict v = job_mark_dot(p->d, p->j, &e);
	if (v == STORE_LOST) { /* somebody else has it now */
		each_taken(p, give_back, NULL);
		return true;
	}
	if (v != STORE_DONE)
		return ours(p, &e);
	p->j->cost.said = true;
	return post_and_obey(p, dns);
}

static bool get_token(struct posting *p)
{
	const char *finding = "", *why = "";
	if (tokens_get(p->d->relay, p->d->lanes->tokens, p->d->route, p->j->arena, &p->token, &finding, &why))
		return true;
	(void)failed(p, delivery_broke(p->d, TROUBLE_AUTH, finding, why));
	return false;
}

static bool send(struct posting *p)
{
	if (p->j->message.flags & STORE_REQUIRETLS)
		return refuse(
			p, "rcpt-requiretls-unmet",
			"the sender wants encryption all the way (REQUIRETLS), which no mail API promises");
	if (!get_token(p))
		return false;
	if (!read_message(p))
		return true;
	prepare(p);
	return post(p);
}

bool delivery_api(struct delivery *d, struct job *j)
{
	struct posting p = { .d = d, .j = j, .message = { .max = API_BYTES_MAX } };
	d->host = d->route->smarthost;
	d->address = "";
	d->tls = "";
	d->proof = STORE_PROOF_UNKNOWN;
	d->mailing = true;
	bool well = send(&p);
	d->mailing = false;
	buf_wipe(&p.token);
	buf_clear(&p.body);
	buf_clear(&p.message);
	return well;
}
