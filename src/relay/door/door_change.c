/* SPDX-License-Identifier: Apache-2.0 */
/* What filters and our signatures make of a whole message before it is stored. */
#include <stdlib.h>

#include "base/text.h"
#include "mail/header.h"
#include "mail/mailbox.h"
#include "net/watch.h"
#include "relay/door/door_accept_inner.h"
#include "relay/filter/filter_apply.h"
#include "relay/filter/filter_lane.h"
#include "relay/filter/signing.h"

enum { SIGN_AT_ONCE_BYTES = 64 * 1024 /* what is longer is signed in a thread */ };

/* ---- filters ---- */

/* Who wants to hear of nobody hears of nobody put in for them either, as with an alias (RFC 3461, 5.2.7);
 * else a failure is told: the one put in may stand for one taken away. */
static unsigned notify_of_added(const struct door_accept *w)
{
	for (size_t k = 0; k < w->mail->n; k++)
		if (w->mail->v[k].notify != STORE_NOTIFY_NEVER)
			return 0;
	return STORE_NOTIFY_NEVER;
}

static struct store_rcpt rcpt_of(const struct door_accept *w, const char *address)
{
	for (size_t k = 0; k < w->mail->n; k++)
		if (str_eq(w->mail->v[k].address, address))
			return w->mail->v[k];
	return (struct store_rcpt){ .address = str_of(address), .notify = notify_of_added(w) };
}

/* Those refused and those removed stay in its trail. */
static void change_rcpts(struct door_accept *w, const struct filter_envelope *now)
{
	size_t n = 0;
	struct store_rcpt *v = mem_grow(NULL, now->rcpts.n + now->nrefused + now->nremoved + 1, sizeof(*v));
	for (size_t i = 0; i < now->rcpts.n; i++)
		v[n++] = rcpt_of(w, now->rcpts.v[i]);
	for (size_t i = 0; i < now->nrefused; i++)
		v[n++] = rcpt_of(w, now->refused[i].rcpt);
	for (size_t i = 0; i < now->nremoved; i++)
		v[n++] = rcpt_of(w, now->removed[i].rcpt);
	free(w->mail->v);
	w->mail->v = w->message.rcpts = v;
	w->mail->n = w->message.nrcpts = n;
}

/* The client's own stays known: by that one its mail is looked for. */
static void change_sender(struct door_accept *w, const struct filter_envelope *now)
{
	struct store_message *m = &w->message;
	if (!now->sender_why || str_equal(m->reverse_path, now->sender))
		return;
	m->sender_given = m->reverse_path;
	m->sender_why = filter_lane_cut(str_of(now->sender_why), STORE_REPLY_MAX);
	m->reverse_path = now->sender;
}

/* An address that no client of ours gave: whoever is to have it must take UTF-8. */
static bool is_all_ascii(const struct filter_envelope *v)
{
	bool all = text_is_ascii(v->sender);
	for (size_t i = 0; i < v->rcpts.n; i++)
		all = all && text_is_ascii(str_of(v->rcpts.v[i]));
	return all;
}

/* Who signs, and whether TLS may be done without, is decided by the header that goes out. */
static void read_again(struct door_accept *w)
{
	struct arena *a = w->mail->arena;
	struct err e = { 0 };
	struct header h = { 0 };
	struct str head;
	bool have = filter_head(w->body, a, &head, &e);
	if (have)
		header_read(a, head, &h);
	if (w->from_address)
		w->from_address = have ? mailbox_author(a, header_get(a, &h, "From")) : "";
	w->message.flags &= ~(unsigned)STORE_TLS_WAIVED;
	w->message.flags |= have && intake_waives_tls(&h, a) ? STORE_TLS_WAIVED : 0;
}

static bool obey(struct door_accept *w, const struct filter_outcome *o, const struct filter_envelope *v)
{
	if (o->trouble)
		relay_tell(w->relay, o->trouble);
	if (o->word == FILTER_REFUSE) {
		door_accept_answer(w, o->answer.code, o->answer.enhanced, o->answer.text);
		return false;
	}
	bool none = o->envelope_changed && !v->rcpts.n;
	if (o->text_changed)
		read_again(w);
	if (o->envelope_changed && !is_all_ascii(v))
		w->message.flags |= STORE_SMTPUTF8;
	if (o->envelope_changed) {
		change_sender(w, v);
		change_rcpts(w, v);
	}
	w->refused = v->refused;
	w->nrefused = v->nrefused;
	w->removed = v->removed;
	w->nremoved = v->nremoved;
	if (none)
		w->why = "a filter took all its recipients away";
	else if (o->word == FILTER_DISCARD || o->word == FILTER_HOLD)
		w->why = o->why;
	w->discard = none || o->word == FILTER_DISCARD;
	return true;
}

/* False: it has been answered. */
static bool ask_filters(struct door_accept *w)
{
	char id[STORE_ID_TEXT];
	struct arena *a = w->mail->arena;
	const struct filter_case c = {
		.hostname = w->settings->hostname,
		.id = store_id_text(store_body_id(w->body, w->message.arrived_ms), id),
		.helo = w->helo,
		.address = w->message.client.p,
		.tls_version = w->tls_version,
		.cipher = w->cipher,
		.port = w->port,
		.account = w->account ? w->account : "",
	};
	struct filter_envelope v = { .sender = w->message.reverse_path };
	struct filter_outcome o = { 0 };
	for (size_t i = 0; i < w->message.nrcpts; i++)
		strlist_add(&v.rcpts, a, w->message.rcpts[i].address.p);
	filter_message(w->relay->loop, w->relay->store, w->settings, &c, &v, &w->body, a, &o);
	return obey(w, &o, &v);
}

/* ---- signatures ---- */

/* Only in the name of who may use it: an account signs for its own senders. */
static bool is_to_sign(const struct door_accept *w)
{
	const struct relay_account *who = w->account ? relay_account_find(w->settings, w->account) : NULL;
	bool own = !who || !who->senders.n || relay_fits(&who->senders, str_of(w->from_address));
	return w->from_address && own && signing_have(w->relay->signing, w->from_address);
}

static void put_signature(void *ctx)
{
	struct door_accept *w = ctx;
	w->is_signed =
		signing_sign(w->signing, w->from_address, w->body, w->message.arrived_ms / 1000, &w->err);
}

static void on_signed(void *ctx)
{
	struct door_accept *w = ctx;
	signing_free(&w->signing);
	if (w->is_signed)
		door_accept_submit(w);
	else
		door_accept_refuse(w, &w->err);
}

static void sign_and_submit(struct door_accept *w)
{
	if (!is_to_sign(w)) {
		door_accept_submit(w);
		return;
	}
	w->signing = signing_hold(w->relay->signing);
	if (store_body_size(w->body) <= SIGN_AT_ONCE_BYTES) {
		put_signature(w);
		on_signed(w);
	} else {
		w->later = true;
		net_work_start(w->relay->loop, put_signature, on_signed, w);
	}
}

/* ---- one after the other ---- */

static void filter_and_go_on(void *ctx)
{
	struct door_accept *w = ctx;
	if (ask_filters(w))
		sign_and_submit(w);
}

void door_accept_plain(struct door_accept *w)
{
	atomic_fetch_add(&w->relay->accepts, 1);
	door_accept_submit(w);
}

void door_accept_start(struct door_accept *w)
{
	w->relay->accepts++;
	door_accept_count(w);
	if (!w->settings->nfilters) {
		sign_and_submit(w);
		return;
	}
	w->later = true;
	net_fiber_start(w->relay->loop, filter_and_go_on, w);
}
