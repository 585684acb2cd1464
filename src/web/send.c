/* SPDX-License-Identifier: Apache-2.0 */
/* POST /api/v1/messages: a message to be sent, as it is (RFC 5322) or in JSON parts.
 *
 * Answered 202 when it is on disk, as the 250 of SMTP. */
#include <jansson.h>
#include <string.h>
#include <sys/random.h>

#include "base/json_line.h"
#include "base/text.h"
#include "mail/handin.h"
#include "mail/header.h"
#include "mail/mailbox.h"
#include "net/plain_address.h"
#include "relay/door/deposit.h"
#include "relay/door/hands.h"
#include "web/endpoints.h"
#include "web/parts.h"
#include "web/send_key.h"
#include "web/web_inner.h"

struct sending {
	struct deposit d;
	struct parts parts;
	const char *hostname;
	struct str content; /* what was sent, of one form whatever its spaces; "" no key came */
	struct hands hands; /* its relay: the web may be gone before it is told */
};

static void forget(struct web_call *c)
{
	struct sending *x = c->state;
	hands_forget(&x->hands);
	intake_free(&x->d.intake);
	buf_clear(&x->parts.message);
}

static bool wrong(struct web_call *c, const char *what, const char *mend)
{
	web_problem(c, 400, "The message cannot be taken so", "%s: %s.", what, mend);
	return false;
}

/* ---- as it is ---- */

struct rcpt_list {
	struct web_call *c;
	struct strlist *to;
	bool bad;
};

/* As every server takes it; what has no such form is judged as it came. */
static const char *plain_of(struct web_call *c, const char *address)
{
	const char *why, *plain = plain_address(c->arena, address, &why);
	return plain ? plain : address;
}

/* Parameters given several times: recipient=a&recipient=b */
static void add_rcpt(void *ctx, const char *value)
{
	struct rcpt_list *l = ctx;
	if (l->to->n > PARTS_RCPTS_MAX)
		l->bad = true;
	else
		strlist_add(l->to, l->c->arena, plain_of(l->c, value));
}

/* The address of From, where no sender was named. */
static const char *sender_of(struct web_call *c, struct str message)
{
	struct header h;
	struct mailbox_list all = { 0 };
	header_read(c->arena, message, &h);
	bool one = mailbox_parse(c->arena, header_get(c->arena, &h, "From"), &all) && all.n;
	return one ? all.v[0].address : NULL;
}

/* Who sends it to whom, by the parameters; NULL: a problem was told. */
static const char *read_envelope(struct web_call *c, struct strlist *rcpts, struct str raw)
{
	struct rcpt_list l = { c, rcpts, false };
	const char *sender = web_parameter(c, "sender");
	web_each_parameter(c, "recipient", add_rcpt, &l);
	if (!sender)
		sender = sender_of(c, raw);
	if (!sender)
		(void)wrong(c, "The sender is not known", "give ?sender=ADDRESS, or a From field");
	else if (l.bad)
		(void)wrong(c, "Too many recipients", "at most 1000 in one message");
	return l.bad || !sender ? NULL : plain_of(c, sender);
}

/* Recipients that no parameter names are those of the header. */
static bool read_message(struct web_call *c, struct parts *to, struct str raw, const char *sender)
{
	struct sending *x = c->state;
	struct err e = { 0 };
	struct strlist in_header = { 0 };
	const struct handin_options o = {
		.recipients = !to->rcpts.n,
		.home = x->hostname,
		.sender = sender,
		.name = "",
		.plain = plain_address,
		.rcpts_max = PARTS_RCPTS_MAX,
	};
	if (!handin_read(c->arena, raw, &o, &to->message, &in_header, &e)) {
		web_problem_err(c, &e);
		return false;
	}
	if (!to->rcpts.n)
		to->rcpts = in_header;
	return true;
}

static bool read_whole(struct web_call *c)
{
	struct sending *x = c->state;
	struct str raw = buf_str(&c->body);
	if (!raw.len)
		return wrong(c, "The body is empty",
			     "send the message as message/rfc822, or parts as application/json");
	if (memchr(raw.p, 0, raw.len))
		return wrong(c, "There is a NUL in it", "mail cannot carry one outside of an encoded part");
	const char *sender = read_envelope(c, &x->parts.rcpts, raw);
	if (!sender || !read_message(c, &x->parts, raw, sender))
		return false;
	x->parts.sender =
		strcmp(sender, "<>") != 0 ? arena_strdup(c->arena, sender) : ""; /* outlives the connection */
	x->parts.envid = "";
	x->content = raw;
	return true;
}

/* ---- in parts ---- */

static bool read_parts(struct web_call *c)
{
	struct sending *x = c->state;
	struct err e = { 0 };
	json_t *o;
	struct parts_place at = { .now_s = relay_now_ms() / 1000, .hostname = x->hostname };
	if (!web_body_json(c, &o))
		return false;
	x->content = send_key_of_json(c, o);
	(void)!getrandom(at.nonce, sizeof(at.nonce), 0);
	bool ok = parts_read(o, &at, c->arena, &x->parts, &e);
	if (!ok)
		e.kind = e.kind == ERR_SYNTAX ? ERR_USAGE : e.kind;
	if (!ok)
		web_problem_err(c, &e);
	json_decref(o);
	return ok;
}

/* ---- handing in ---- */

static const char *problem_of(const struct deposit *d)
{
	unsigned code = d->answer.code;
	if (d->spent)
		return "The Idempotency-Key came with another message";
	return code == 552 ? "The message is too big" : code >= 500 ? "The message was refused" : "Not now";
}

/* SMTP's answer as HTTP's: what may be sent again later, what not. */
static unsigned status_of(const struct deposit *d)
{
	const struct smtp_answer *x = &d->answer;
	if (x->code >= 500)
		return x->code == 552 ? 413 : !strcmp(x->enhanced, "5.7.1") ? 403 : 422;
	return d->limited ? 429 : 503;
}

static json_t *refused_json(const struct deposit *d, struct arena *a)
{
	json_t *list = json_array();
	for (size_t i = 0; i < d->nrcpts; i++) {
		const struct smtp_answer *no = d->rcpts[i].no;
		if (no)
			json_array_append_new(list, json_pack("{s:s,s:i,s:s,s:s}", "recipient",
							      text_printable(a, d->rcpts[i].address), "code",
							      (int)no->code, "enhanced", no->enhanced, "says",
							      text_printable(a, str_of(no->text))));
	}
	return list;
}

static void refuse(struct web_call *c)
{
	const struct deposit *d = &((struct sending *)c->state)->d;
	const struct smtp_answer *x = &d->answer;
	unsigned status = status_of(d);
	json_t *o = web_problem_json(c, status, problem_of(d), text_printable(c->arena, str_of(x->text)));
	json_object_set_new(o, "code", json_integer(x->code));
	json_object_set_new(o, "enhanced", json_string(x->enhanced));
	json_object_set_new(o, "recipients", refused_json(d, c->arena));
	if (d->spent)
		send_key_explain(o, d->id);
	if (status == 429 || status == 503)
		web_add_header(c, "Retry-After", "60");
	web_answer_problem(c, status, o);
}

/* The texts of the answer end with the call of told(). */
static void on_told(void *ctx)
{
	struct web_call *c = ctx;
	struct sending *x = c->state;
	struct deposit *d = &x->d;
	d->answer.text = arena_strdup(c->arena, d->answer.text);
	d->answer.enhanced = arena_strdup(c->arena, d->answer.enhanced);
	for (size_t i = 0; i < d->nrcpts; i++)
		if (d->rcpts[i].no) {
			struct smtp_answer *own = arena_alloc(c->arena, sizeof(*own));
			*own = (struct smtp_answer){ d->rcpts[i].no->code,
						     arena_strdup(c->arena, d->rcpts[i].no->enhanced),
						     arena_strdup(c->arena, d->rcpts[i].no->text) };
			d->rcpts[i].no = own;
		}
	hands_begin(&x->hands);
	web_wake(c);
}

static bool on_disk(void *ctx)
{
	struct web_call *c = ctx;
	struct sending *x = c->state;
	hands_begin(&x->hands);
	return web_wake_at_once(c);
}

/* Told at once it comes without words. */
static const char *says_of(const struct deposit *d, const char *id, struct arena *a)
{
	return *d->answer.text ? d->answer.text : arena_printf(a, "queued as %s (durable)", id);
}

/* By hand: there are many of these. */
static struct str taken_json(const struct deposit *d, const char *id, struct arena *a)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	json_line_begin(&b);
	json_line_number(&b, "schema", 1);
	json_line_text(&b, "id", str_of(id));
	json_line_bool(&b, "known", d->known);
	json_line_number(&b, "duplicates", d->duplicates);
	json_line_text(&b, "says", str_of(says_of(d, id, a)));
	json_line_end(&b);
	return str_trim(arena_str(a, buf_str(&b)));
}

static void answer(struct web_call *c)
{
	struct sending *x = c->state;
	const struct deposit *d = &x->d;
	char id[STORE_ID_TEXT];
	(void)hands_end(&x->hands);
	if (d->answer.code >= 300) {
		refuse(c);
		return;
	}
	store_id_text(d->id, id);
	web_add_header(c, "Location", arena_printf(c->arena, "/api/v1/messages/%s", id));
	web_answer(c, 202, "application/json", taken_json(d, id, c->arena));
}

static void fill(struct web_call *c)
{
	struct sending *x = c->state;
	struct deposit *d = &x->d;
	struct str bytes = buf_str(&x->parts.message);
	bool utf8 = !text_is_ascii(str_of(x->parts.sender));
	d->sender = str_of(x->parts.sender);
	d->nrcpts = x->parts.rcpts.n;
	d->rcpts = arena_alloc(c->arena, (d->nrcpts + 1) * sizeof(*d->rcpts));
	for (size_t i = 0; i < d->nrcpts; i++) {
		d->rcpts[i].address = str_of(x->parts.rcpts.v[i]);
		utf8 = utf8 || !text_is_ascii(d->rcpts[i].address);
	}
	d->flags = (text_is_ascii(bytes) ? 0 : STORE_8BITMIME) | (utf8 ? STORE_SMTPUTF8 : 0);
	d->notify = x->parts.notify;
	d->envid = str_of(x->parts.envid);
	d->account = c->who.account;
	d->way = "http";
	d->by = *c->who.name ? c->who.name : "http";
	d->client = c->peer;
	d->key = send_key(c, &x->parts, x->content);
	d->size = bytes.len;
	d->told = on_told;
	d->told_at_once = on_disk;
	d->ctx = c;
}

static void hand_over(struct web_call *c)
{
	struct sending *x = c->state;
	struct relay *r = x->hands.relay;
	pthread_rwlock_rdlock(&c->web->lock);
	const struct relay_settings *s = relay_settings_hold(c->web->access.settings);
	pthread_rwlock_unlock(&c->web->lock);
	bool here = deposit_hand(r, s, &x->d);
	relay_settings_drop(&s);
	bool last = hands_end(&x->hands);
	if (here && last) /* the loop, which tells it usually, sleeps */
		store_idle(r->store, atomic_load(&r->company));
}

void messages_send(struct web_call *c)
{
	struct sending *x = arena_alloc(c->arena, sizeof(*x));
	const char *type = web_header(c, "Content-Type");
	x->hands.relay = c->web->relay;
	c->state = x;
	c->forget = forget;
	hands_begin(&x->hands);
	x->hostname = web_hostname(c);
	if (!send_key_judge(c))
		return;
	if (z_istarts(type, "application/json") ? !read_parts(c) : !read_whole(c))
		return;
	fill(c);
	x->d.intake = intake_new(c->web->relay->store);
	(void)intake_add(x->d.intake, buf_str(&x->parts.message)); /* a failure is told at its end */
	buf_clear(&x->parts.message);
	web_defer(c, answer);
	hand_over(c);
}
