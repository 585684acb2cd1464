/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/door/bearers.h"

#include <stdlib.h>
#include <string.h>

#include "net/http.h"
#include "relay/door/guests.h"
#include "relay/secret_file.h"
#include "smtp/sasl_server.h"

struct waiter {
	struct waiter *next;
	struct ipaddr from;
	bearers_done_fn *done;
	void *ctx;
};

struct question {
	struct bearers *desk;
	struct question *next;
	struct scram_key key;
	const struct relay_settings *settings; /* held */
	char *token;
	uint64_t end_ms;
	bool running;
	struct waiter *first, **last;
};

struct answer {
	struct scram_key key;
	uint64_t until_ms; /* 0: none */
	enum bearer_result result;
	char user[SASL_USER_BYTES_MAX + 1];
};

struct bearers {
	struct relay *relay;
	struct scram_key key; /* of this process */
	struct question *first, **last;
	size_t running, waiting;
	bool ending;
	struct answer *good, *bad; /* BEARERS_KEPT each; made when the first is kept */
};

struct bearers *bearers_new(struct relay *r)
{
	struct bearers *b = mem_alloc(sizeof(*b));
	CLEANUP(buf_wipe) struct buf nonce = { 0 };
	struct err e = { 0 };
	b->relay = r;
	b->last = &b->first;
	if (!scram_nonce_new(&nonce, &e) || !scram_hash(buf_str(&nonce), &b->key))
		abort(); /* no random bytes: nothing here can be trusted */
	return b;
}

/* ---- answers that are known ---- */

static bool digest(const struct bearers *b, const struct relay_settings *s, const char *token,
		   struct scram_key *out)
{
	CLEANUP(buf_wipe) struct buf both = { 0 };
	buf_adds(&both, s->hash); /* other settings may judge otherwise */
	buf_add(&both, "", 1);
	buf_adds(&both, token);
	return scram_hmac(&b->key, buf_str(&both), out);
}

static size_t slot_of(const struct scram_key *k)
{
	return (k->b[0] | (size_t)k->b[1] << 8) % BEARERS_KEPT;
}

static const struct answer *known_in(const struct answer *table, const struct scram_key *k, uint64_t now)
{
	const struct answer *a = table ? &table[slot_of(k)] : NULL;
	return a && a->until_ms > now && scram_same(&a->key, k) ? a : NULL;
}

static void keep(struct bearers *b, const struct scram_key *k, const struct bearer_verdict *v)
{
	struct answer **table = v->result == BEARER_GOOD ? &b->good : &b->bad;
	size_t n = strlen(v->user);
	if (v->keep_ms <= 0 || n > SASL_USER_BYTES_MAX)
		return;
	if (!*table)
		*table = mem_alloc(BEARERS_KEPT * sizeof(**table));
	struct answer *a = &(*table)[slot_of(k)];
	*a = (struct answer){ .key = *k,
			      .until_ms = net_loop_now_ms(b->relay->loop) + (uint64_t)v->keep_ms,
			      .result = v->result };
	memcpy(a->user, v->user, n);
}

/* ---- asking ---- */

static const struct bearer_verdict untested = { .result = BEARER_UNTESTED, .user = "" };

/* The provider's trouble, for the operator; the log says the same thing once. */
static bool tell(struct question *q, const char *what, const char *mend)
{
	struct err e = { 0 };
	if (q->desk->ending)
		return false;
	ERR_FILL(&e, ERR_PROTOCOL, 0, "ask the identity provider", "%s: %s",
		 q->settings->identity_provider.introspection, what);
	err_detail(&e, "%s; until then logins by token are answered 454", mend);
	relay_tell(q->desk->relay, &e);
	return false;
}

static bool tell_err(struct question *q, const struct err *e)
{
	relay_tell(q->desk->relay, e);
	return false;
}

static bool take_answer(struct question *q, const struct http_answer *x, struct arena *a,
			struct introspection *out)
{
	if (!x || x->result != HTTP_OK)
		return tell(q,
			    x ? arena_printf(a, "%s%s%s", http_result_name(x->result), *x->error ? ", " : "",
					     x->error)
			      : "no answer in time",
			    "see that it runs and that its certificate fits ca-file");
	if (x->status == 401 || x->status == 403)
		return tell(q, arena_printf(a, "it answers HTTP %ld to us", x->status),
			    "correct client-id and client-secret-file");
	if (x->status != 200)
		return tell(q, arena_printf(a, "it answers HTTP %ld", x->status),
			    "see that this is its address for introspection (RFC 7662)");
	return introspection_read(x->body, a, out) ||
	       tell(q, "its answer is no JSON with \"active\"",
		    "see that this is its address for introspection (RFC 7662)");
}

/* Everything read by the loop's one thread but the fetch itself. */
static bool fetch(struct question *q, struct arena *a, struct introspection *out)
{
	const struct relay_settings *s = q->settings;
	const struct relay_identity_provider *p = &s->identity_provider;
	struct net_loop *l = q->desk->relay->loop;
	CLEANUP(buf_wipe) struct buf form = { 0 }, secret = { 0 }, who = { 0 };
	const struct dns_options d = { .resolver = *s->resolver ? s->resolver : NULL };
	struct err e = { 0 };
	uint64_t now = net_loop_now_ms(l);
	if (now >= q->end_ms)
		return tell(q, "it answers too slowly", "see how busy it is");
	if (!secret_read(p->client_secret_file, &secret, &e))
		return tell_err(q, &e);
	CLEANUP(dns_free) struct dns *dns = dns_new(l, &d, &e);
	if (!dns)
		return tell_err(q, &e);
	introspection_form(q->token, &form);
	introspection_who(p->client_id, buf_str(&secret).p, &who);
	const char *headers[] = { "Accept: application/json", buf_str(&who).p, NULL };
	const struct http_options h = { .url = p->introspection,
					.form = buf_str(&form).p,
					.headers = headers,
					.ca_file = *s->ca_file ? s->ca_file : NULL,
					.no_redirects = true,
					.allow_http = z_istarts(p->introspection, "http://"),
					.timeout_ms = q->end_ms - now };
	CLEANUP(http_free) struct http_request *x = http_start(l, dns, &h);
	return take_answer(q, http_wait(x, q->end_ms), a, out);
}

static void destroy(struct question *q)
{
	mem_wipe(q->token, strlen(q->token));
	free(q->token);
	relay_settings_drop(&q->settings);
	free(q);
}

/* Tells all who wait, and ends the question. */
static void answer(struct question *q, const struct bearer_verdict *v)
{
	struct bearers *b = q->desk;
	for (struct waiter *w = q->first, *next; w; w = next) {
		next = w->next;
		b->waiting--;
		w->done(w->ctx, v);
		free(w);
	}
	destroy(q);
}

static void take_out(struct bearers *b, struct question *q)
{
	struct question **at = &b->first;
	while (*at != q)
		at = &(*at)->next;
	*at = q->next;
	if (b->last == &q->next)
		b->last = at;
}

static void start_next(struct bearers *b);

/* In a fiber. */
static void work(void *ctx)
{
	struct question *q = ctx;
	struct bearers *b = q->desk;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct introspection i;
	struct bearer_verdict v = untested;
	if (fetch(q, a, &i)) {
		v = bearer_judge(&q->settings->identity_provider, &i, relay_now_ms());
		keep(b, &q->key, &v);
	}
	b->running--;
	take_out(b, q);
	start_next(b);
	answer(q, &v);
}

static void start_next(struct bearers *b)
{
	struct question *q = b->first;
	while (q && q->running)
		q = q->next;
	if (!q || b->running >= BEARERS_AT_ONCE)
		return;
	q->running = true;
	b->running++;
	net_fiber_start(b->relay->loop, work, q);
}

static struct question *question_of(struct bearers *b, const struct relay_settings *s, const char *token,
				    const struct scram_key *k)
{
	for (struct question *q = b->first; q; q = q->next)
		if (scram_same(&q->key, k))
			return q;
	struct question *q = mem_alloc(sizeof(*q));
	*q = (struct question){ .desk = b,
				.key = *k,
				.settings = relay_settings_hold(s),
				.token = mem_strdup(token),
				.end_ms = net_loop_now_ms(b->relay->loop) + BEARER_ASK_MS };
	q->last = &q->first;
	*b->last = q;
	b->last = &q->next;
	return q;
}

bool bearers_known(const struct bearers *b, const struct relay_settings *s, const char *token,
		   struct bearer_verdict *out)
{
	struct scram_key k;
	uint64_t now = net_loop_now_ms(b->relay->loop);
	if (!digest(b, s, token, &k))
		return false;
	const struct answer *a = known_in(b->good, &k, now);
	if (!a)
		a = known_in(b->bad, &k, now);
	if (a)
		*out = (struct bearer_verdict){ .result = a->result, .user = a->user };
	return a;
}

static size_t waiting_of(const struct bearers *b, const struct ipaddr *from)
{
	size_t n = 0;
	for (const struct question *q = b->first; q; q = q->next)
		for (const struct waiter *w = q->first; w; w = w->next)
			n += ipaddr_in(&w->from, from, from->family == 6 ? GUEST_V6_BITS : 32);
	return n;
}

bool bearers_ask(struct bearers *b, const struct relay_settings *s, const char *token,
		 const struct ipaddr *from, bearers_done_fn *done, void *ctx)
{
	struct scram_key k;
	struct ipaddr own = ipaddr_unmapped(*from);
	if (b->ending || b->waiting >= BEARERS_WAITING_MAX || waiting_of(b, &own) >= BEARERS_GUEST_MAX ||
	    !digest(b, s, token, &k))
		return false;
	struct question *q = question_of(b, s, token, &k);
	struct waiter *w = mem_alloc(sizeof(*w));
	*w = (struct waiter){ .from = own, .done = done, .ctx = ctx };
	*q->last = w;
	q->last = &w->next;
	b->waiting++;
	start_next(b);
	return true;
}

static bool waiter_leaves(struct bearers *b, struct question *q, const void *ctx)
{
	struct waiter **at = &q->first;
	while (*at && (*at)->ctx != ctx)
		at = &(*at)->next;
	struct waiter *w = *at;
	if (!w)
		return false;
	*at = w->next;
	if (q->last == &w->next)
		q->last = at;
	free(w);
	b->waiting--;
	return true;
}

bool bearers_leave(struct bearers *b, const void *ctx)
{
	if (b->ending) /* all are told just now */
		return false;
	for (struct question *q = b->first; q; q = q->next) {
		if (q->running || !waiter_leaves(b, q, ctx))
			continue;
		if (!q->first) {
			take_out(b, q);
			destroy(q);
		}
		return true;
	}
	return false;
}

void bearers_end(struct bearers *b)
{
	b->ending = true;
	for (struct question *q = b->first, *next; q; q = next) {
		next = q->next;
		if (q->running) {
			net_fiber_interrupt(b->relay->loop, q);
			continue;
		}
		take_out(b, q);
		answer(q, &untested);
	}
}

void bearers_free(struct bearers **bp)
{
	struct bearers *b = *bp;
	*bp = NULL;
	if (!b)
		return;
	bearers_end(b); /* after net_loop_settle() none is running */
	free(b->good);
	free(b->bad);
	mem_wipe(b, sizeof(*b));
	free(b);
}
