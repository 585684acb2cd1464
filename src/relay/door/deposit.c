/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/door/deposit.h"

#include <limits.h>
#include <time.h>

#include "net/watch.h"
#include "relay/door/door_accept_inner.h"
#include "relay/door/usage.h"
#include "smtp/path.h"

/* In the loop. */
struct depositing {
	struct relay *relay;
	struct deposit *d;
};

static const struct smtp_answer ending = { 421, "4.3.2", "The relay is ending: try again in a moment" };
static const struct smtp_answer nobody = { 554, "5.5.1", "No recipient was named" };
static const struct smtp_answer some_refused = { 550, "5.5.0",
						 "Nothing was taken: some recipients cannot be" };
static const struct smtp_answer too_big = { 552, "5.3.4", "The message is too big" };
static const struct smtp_answer no_account = { 550, "5.7.1",
					       "The account it would be sent under is not known any more" };
static const struct smtp_answer bad_address = { 553, "5.1.3", "This is no mail address" };
static const struct smtp_answer bad_sender = { 553, "5.1.7", "The sender is no mail address" };

static void tell(struct deposit *d, const struct smtp_answer *x)
{
	d->answer = *x;
	d->told(d->ctx);
}

/* ---- may it come in? ---- */

static struct access_client client_of(const struct relay *r, const struct relay_settings *s,
				      const struct deposit *d)
{
	static const struct relay_listen here = { .where = "http" };
	struct access_client c = { .listen = &here, .tls = true, .trusted = true, .rate_room = LONG_MAX };
	if (!ipaddr_read(str_of(d->client), &c.address))
		c.address = (struct ipaddr){ 4, { 127, 0, 0, 1 } };
	c.account = *d->account ? relay_account_find(s, d->account) : NULL;
	if (c.account) {
		c.sent_today = usage_today(r->usage, c.account->name, relay_now_ms());
		c.rate_room = usage_room(r->usage, c.account, relay_now_ms(), &c.rate_wait_s);
	}
	return c;
}

static bool is_address(struct str s)
{
	struct smtp_mailbox m;
	struct smtp_path_problem why;
	return smtp_mailbox_read(s, SMTP_PATH_UTF8, &m, &why);
}

/* Else no later time has room for that many at once. */
static bool fits_later(const struct relay_account *who, size_t n)
{
	return n <= ACCESS_RCPTS_MAX && (!who || !who->daily_cap || n <= (size_t)who->daily_cap) &&
	       (!who || !who->rate || n <= who->rate);
}

/* Why the message waits, where none of its recipients is refused for good. */
static const struct smtp_answer *answer_of(const struct deposit *d, const struct relay_account *who)
{
	const struct smtp_answer *first = NULL;
	bool later = fits_later(who, d->nrcpts);
	for (size_t i = 0; i < d->nrcpts; i++) {
		const struct smtp_answer *no = d->rcpts[i].no;
		first = first ? first : no;
		later = later && (!no || no->code / 100 == 4);
	}
	return !first || later || d->nrcpts == 1 ? first : &some_refused;
}

static const struct smtp_answer *judge_rcpts(const struct relay_settings *s, const struct access_client *who,
					     struct deposit *d, struct arena *a)
{
	for (size_t i = 0; i < d->nrcpts; i++) {
		struct smtp_request q = { .verb = SMTP_VERB_RCPT,
					  .size = -1,
					  .path.address = d->rcpts[i].address };
		d->rcpts[i].no = is_address(d->rcpts[i].address)
					 ? access_rcpt(s, who, d->sender, &q, (unsigned)i, a)
					 : &bad_address;
	}
	return d->nrcpts ? answer_of(d, who->account) : &nobody;
}

static const struct smtp_answer *judge(const struct relay *r, const struct relay_settings *s,
				       const struct access_client *who, struct deposit *d, struct arena *a)
{
	const struct smtp_request q = { .verb = SMTP_VERB_MAIL, .size = -1, .path.address = d->sender };
	if (r->draining)
		return &ending;
	if (*d->account && !who->account)
		return &no_account;
	if ((long long)d->size > access_size_max(s, who))
		return &too_big;
	if (d->sender.len && !is_address(d->sender))
		return &bad_sender;
	const struct smtp_answer *no = access_mail(s, who, &q, a);
	return no ? no : judge_rcpts(s, who, d, a);
}

/* ---- taking it ---- */

static struct door_transaction *transaction_of(const struct deposit *d)
{
	struct arena *a = arena_new();
	struct door_transaction *m = arena_alloc(a, sizeof(*m));
	*m = (struct door_transaction){ .arena = a,
					.sender = arena_str(a, d->sender),
					.size = (long)d->size,
					.flags = d->flags,
					.envid = arena_str(a, d->envid) };
	m->v = mem_grow(NULL, d->nrcpts + 1, sizeof(*m->v));
	for (size_t i = 0; i < d->nrcpts; i++)
		if (!door_transaction_has(m, d->rcpts[i].address))
			m->v[m->n++] = (struct store_rcpt){ .address = arena_str(a, d->rcpts[i].address),
							    .notify = d->notify };
	m->room = d->nrcpts + 1;
	return m;
}

static struct intake_origin origin_of(struct relay *r, const struct relay_settings *s,
				      const struct deposit *d, const struct door_transaction *m)
{
	return (struct intake_origin){ .hostname = s->hostname,
				       .helo = d->by,
				       .address = d->client,
				       .protocol = d->protocol ? d->protocol : "HTTP",
				       .tls = "",
				       .recipient = m->n == 1 ? m->v[0].address.p : "",
				       .submission = true,
				       .sender = m->sender,
				       .now_ms = relay_now_ms(),
				       .nonce = r->nonce++,
				       .settings = s,
				       .account = *d->account ? relay_account_find(s, d->account) : NULL };
}

static void on_told(void *ctx, const struct door_accept *w, const struct smtp_answer *x)
{
	struct deposit *d = ctx;
	d->id = w->message.id;
	d->known = w->known;
	d->spent = w->spent;
	d->duplicates = w->duplicates;
	tell(d, x);
}

static struct store_message message_of(const struct relay_settings *s, const struct deposit *d,
				       const struct door_transaction *m, struct intake_facts *f)
{
	struct arena *a = m->arena;
	if (d->key.len)
		f->key = arena_str(a, d->key).p;
	return (struct store_message){
		.arrived_ms = relay_now_ms(),
		.reverse_path = door_accept_sender(m->sender, f),
		.envid = m->envid,
		.flags = m->flags | (f->tls_waived ? STORE_TLS_WAIVED : 0),
		.account = str_of(arena_strdup(a, d->account)),
		.listener = str_of(arena_strdup(a, d->way)),
		.client = str_of(arena_strdup(a, d->client)),
		.message_id = str_of(f->message_id),
		.subject = str_of(f->subject),
		.from = str_of(f->from),
		.key = door_accept_key(a, m->sender, f),
		.key_renews = door_accept_key_renews(f),
		.config = str_of(s->hash),
		.rcpts = m->v,
		.nrcpts = m->n,
	};
}

static bool on_disk(void *ctx, struct store_id id)
{
	struct deposit *d = ctx;
	if (!d->told_at_once)
		return false;
	d->id = id;
	d->answer = (struct smtp_answer){ 250, "2.0.0", "" };
	return d->told_at_once(d->ctx);
}

static void take(struct relay *r, const struct relay_settings *s, struct deposit *d,
		 struct door_transaction *m, struct intake_facts *f, struct store_body *body, bool plain)
{
	struct arena *a = m->arena;
	struct door_accept *w = arena_alloc(a, sizeof(*w));
	const char *account = *d->account ? arena_strdup(a, d->account) : NULL;
	*w = (struct door_accept){ .ticket = { door_accept_stored, door_accept_on_disk },
				   .relay = r,
				   .told = on_told,
				   .told_at_once = on_disk,
				   .told_ctx = d,
				   .mail = m,
				   .settings = relay_settings_hold(s),
				   .body = body,
				   .message = message_of(s, d, m, f),
				   .as = door_accept_as(f),
				   .from_address = f->from_address,
				   .account = account,
				   .helo = arena_strdup(a, d->by),
				   .tls_version = "",
				   .cipher = "" };
	if (plain)
		door_accept_plain(w);
	else
		door_accept_start(w);
}

/* From any thread; the log is the loop's. */
struct unkept {
	struct relay *relay;
	struct err err;
};

static void on_unkept(void *ctx)
{
	CLEANUP(mem_free) struct unkept *u = ctx;
	door_tell_unkept(u->relay, &u->err);
}

static void tell_unkept(struct relay *r, const struct err *e)
{
	struct unkept *u = mem_alloc(sizeof(*u));
	*u = (struct unkept){ r, *e };
	net_post(r->loop, on_unkept, u);
}

/* NULL: it is on its way, and d perhaps told already. */
static const struct smtp_answer *receive(struct relay *r, const struct relay_settings *s, struct deposit *d,
					 bool plain, struct door_transaction **mail)
{
	struct intake_facts facts = { .trouble = NULL };
	struct store_body *body = NULL;
	struct access_client who = client_of(r, s, d);
	struct door_transaction *m = *mail = transaction_of(d);
	const struct smtp_answer *no = judge(r, s, &who, d, m->arena);
	d->limited = no && access_message(&who, (unsigned)d->nrcpts, m->arena);
	if (!no) {
		struct intake_origin o = origin_of(r, s, d, m);
		no = intake_finish(d->intake, &o, m->arena, &facts, &body);
	}
	if (facts.trouble)
		tell_unkept(r, facts.trouble);
	intake_free(&d->intake);
	if (!no)
		take(r, s, d, m, &facts, body, plain);
	return no;
}

static void on_posted(void *ctx)
{
	CLEANUP(mem_free) struct depositing *x = ctx;
	struct door_transaction *m;
	const struct smtp_answer *no = receive(x->relay, x->relay->settings, x->d, false, &m);
	if (!no)
		return;
	x->relay->counts.refused++;
	tell(x->d, no);
	door_transaction_free(&m);
}

void deposit_post(struct relay *r, struct deposit *d)
{
	struct depositing *x = mem_alloc(sizeof(*x));
	*x = (struct depositing){ r, d };
	net_post(r->loop, on_posted, x);
}

/* ---- without the loop ---- */

static void count_refused(void *ctx)
{
	struct relay *r = ctx;
	r->counts.refused++;
}

/* The web keeps its settings where a reload failed for it alone: then the loop judges, by its own. */
static bool is_plain(const struct relay *r, const struct relay_settings *s, const struct deposit *d)
{
	if ((uintptr_t)s != atomic_load(&r->present))
		return false;
	if (*d->account || s->nfilters || s->nsigns)
		return false;
	for (size_t i = 0; i < d->nrcpts; i++)
		if (relay_is_local(s, d->rcpts[i].address))
			return false;
	return true;
}

bool deposit_hand(struct relay *r, const struct relay_settings *s, struct deposit *d)
{
	struct door_transaction *m;
	if (!is_plain(r, s, d)) {
		deposit_post(r, d);
		return false;
	}
	const struct smtp_answer *no = receive(r, s, d, true, &m);
	if (!no)
		return true;
	net_post(r->loop, count_refused, r);
	tell(d, no);
	door_transaction_free(&m);
	return true;
}

void deposit_settle(struct relay *r)
{
	while (atomic_load(&r->telling))
		nanosleep(&(struct timespec){ 0, 1000000 }, NULL);
}
