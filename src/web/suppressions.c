/* SPDX-License-Identifier: Apache-2.0 */
/* The addresses that get no mail, as `postrider suppression` shows and changes them.
 *
 *     GET    /api/v1/suppressions?q=&all=&limit=&cursor=      newest first
 *     POST   /api/v1/suppressions  {"address", "reason", "until"}
 *     DELETE /api/v1/suppressions?address=
 *
 * An address (or @domain) of one letter's case is the same as of another. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/when.h"
#include "net/watch.h"
#include "show/suppression_json.h"
#include "web/endpoints.h"
#include "web/web_inner.h"

enum { LIMIT = 100, LIMIT_MAX = 1000, REASON_MAX = 300 };

/* ---- the list ---- */

struct entry {
	char *text; /* address, why and proof */
	struct store_suppressed v;
};

struct listing {
	const char *word;
	bool all;
	int64_t now_ms;
	size_t limit;
	int64_t after_ms; /* of the last entry of the answer before, with its address; INT64_MAX: none */
	struct str after;
	struct entry *v; /* up to twice as many as are wanted; the newest are kept */
	size_t n, total;
};

/* Newest first, then by address. */
static int order(int64_t x_ms, struct str x, int64_t y_ms, struct str y)
{
	size_t n = x.len < y.len ? x.len : y.len;
	if (x_ms != y_ms)
		return x_ms > y_ms ? -1 : 1;
	int c = memcmp(x.p, y.p, n);
	return c ? c : x.len < y.len ? -1 : x.len > y.len;
}

static int compare(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	return order(x->v.since_ms, x->v.address, y->v.since_ms, y->v.address);
}

static struct entry entry_of(const struct store_suppressed *v)
{
	struct str *texts[] = { NULL, NULL, NULL };
	struct entry x = { mem_grow(NULL, v->address.len + v->why.len + v->proof.len + 1, 1), *v };
	char *at = x.text;
	texts[0] = &x.v.address;
	texts[1] = &x.v.why;
	texts[2] = &x.v.proof;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		memcpy(at, texts[i]->p, texts[i]->len);
		texts[i]->p = at;
		at += texts[i]->len;
	}
	return x;
}

/* One more than is wanted says that there is more. */
static void cut(struct listing *l)
{
	qsort(l->v, l->n, sizeof(*l->v), compare);
	while (l->n > l->limit + 1)
		free(l->v[--l->n].text);
}

static bool collect(void *user, const struct store_suppressed *v)
{
	struct listing *l = user;
	if ((!l->all && v->until_ms <= l->now_ms) ||
	    (*l->word && str_ifind(v->address, l->word) >= v->address.len))
		return true;
	l->total++;
	if (l->after_ms != INT64_MAX && order(v->since_ms, v->address, l->after_ms, l->after) <= 0)
		return true;
	if (l->n == 2 * (l->limit + 1))
		cut(l);
	l->v[l->n++] = entry_of(v);
	return true;
}

static bool wrong(struct web_call *c, const char *name, const char *mend)
{
	web_problem(c, 400, "A value cannot be so", "\"%s\": give %s.", name, mend);
	return false;
}

/* "MS.ADDRESS" */
static bool read_cursor(struct web_call *c, struct listing *l)
{
	const char *v = web_parameter(c, "cursor");
	const char *dot = v ? strchr(v, '.') : NULL;
	unsigned long ms;
	l->after_ms = INT64_MAX;
	if (!v || !*v)
		return true;
	if (!dot || !dot[1] || !str_number((struct str){ v, (size_t)(dot - v) }, INT64_MAX - 1, &ms))
		return wrong(c, "cursor", "the cursor of the answer before");
	l->after_ms = (int64_t)ms;
	l->after = str_of(dot + 1);
	return true;
}

static bool read_listing(struct web_call *c, struct listing *l)
{
	const char *word = web_parameter(c, "q"), *all = web_parameter(c, "all");
	const char *limit = web_parameter(c, "limit");
	unsigned long n = LIMIT;
	if (limit && *limit && (!str_number(str_of(limit), LIMIT_MAX, &n) || !n))
		return wrong(c, "limit", "a number from 1 to 1000");
	*l = (struct listing){ .word = word ? word : "",
			       .all = all && !strcmp(all, "true"),
			       .now_ms = relay_now_ms(),
			       .limit = n };
	return read_cursor(c, l);
}

static void answer_list(struct web_call *c, struct listing *l)
{
	json_t *o = json_object(), *list = json_array();
	cut(l);
	bool more = l->n > l->limit;
	for (size_t i = 0; i < l->n && i < l->limit; i++)
		json_array_append_new(list, suppression_json(&l->v[i].v, l->now_ms));
	const struct store_suppressed *last = more ? &l->v[l->limit - 1].v : NULL;
	json_object_set_new(o, "schema", json_integer(1));
	json_object_set_new(o, "total", json_integer((json_int_t)l->total));
	json_object_set_new(o, "suppressions", list);
	json_object_set_new(o, "cursor",
			    last ? json_string(arena_printf(c->arena, "%lld." STR_FMT,
							    (long long)last->since_ms,
							    STR_ARG(last->address)))
				 : json_null());
	web_answer_json(c, 200, o);
}

void suppressions_list(struct web_call *c)
{
	struct listing l;
	if (!read_listing(c, &l))
		return;
	l.v = mem_grow(NULL, 2 * (l.limit + 1), sizeof(*l.v));
	store_each_suppressed(c->web->relay->store, collect, &l);
	answer_list(c, &l);
	while (l.n)
		free(l.v[--l.n].text);
	free(l.v);
}

/* ---- changing it ---- */

struct change {
	struct relay_ticket ticket; /* first */
	struct web_call *c;
	struct store_suppressed v; /* texts in the call's arena */
	struct err err;
};

static void answer_change(struct web_call *c)
{
	const struct change *x = c->state;
	if (x->err.kind != ERR_NONE)
		web_problem_err(c, &x->err);
	else if (x->v.until_ms <= x->v.since_ms)
		web_answer_empty(c, 204);
	else
		web_answer_json(c, 200, suppression_json(&x->v, relay_now_ms()));
}

static void on_stored(struct relay_ticket *t, const struct store_done *d)
{
	struct change *x = (struct change *)t;
	struct web_call *c = x->c;
	if (web_gone(c))
		return;
	if (d->verdict != STORE_DONE)
		x->err = d->err;
	web_wake(c);
}

/* In the loop. */
static void store_it(void *ctx)
{
	struct web_call *c = ctx;
	if (web_gone(c))
		return;
	struct change *x = c->state;
	if (!store_suppress(c->web->relay->store, &x->v, &x->ticket, &x->err))
		web_wake(c);
}

static void change(struct web_call *c, const struct store_suppressed *v)
{
	struct change *x = arena_alloc(c->arena, sizeof(*x));
	*x = (struct change){ .ticket = { .done = on_stored }, .c = c, .v = *v };
	c->state = x;
	web_defer(c, answer_change);
	net_post(c->web->loop, store_it, c);
}

static bool text_of(struct web_call *c, const json_t *o, const char *name, const char **out)
{
	const json_t *v = json_object_get(o, name);
	*out = "";
	if (!v || json_is_null(v))
		return true;
	if (!json_is_string(v) || json_string_length(v) > WEB_TEXT_MAX)
		return wrong(c, name, "a text");
	*out = text_printable(c->arena, (struct str){ json_string_value(v), json_string_length(v) });
	return true;
}

static bool read_until(struct web_call *c, const char *text, int64_t now_ms, int64_t *out)
{
	const struct when_base base = { now_ms / 1000, 0, true };
	long long s;
	*out = STORE_NEVER;
	if (!*text)
		return true;
	if (!when_read(str_of(text), &base, &s) || s * 1000 <= now_ms)
		return wrong(c, "until",
			     "a time to come, such as 2027-01-31; without it the entry stays until it is "
			     "removed");
	*out = s * 1000;
	return true;
}

static bool judge_address(struct web_call *c, const char *address)
{
	if (!suppression_is_address(str_of(address)) || strlen(address) > STORE_ADDRESS_MAX)
		return wrong(c, "address", "an address such as you@example.com, or @example.com");
	if (*address != '@' || c->who.role >= RELAY_ROLE_ADMIN)
		return true;
	web_problem(c, 403, "This is not yours to do", "A whole domain wants the role \"admin\".");
	return false;
}

/* As the list shows it. */
static struct str small(struct web_call *c, const char *address)
{
	char *s = arena_strdup(c->arena, address);
	for (char *p = s; *p; p++)
		*p = *p >= 'A' && *p <= 'Z' ? (char)(*p - 'A' + 'a') : *p;
	return str_of(s);
}

static bool read_change(struct web_call *c, const json_t *o, struct store_suppressed *v)
{
	const char *address, *reason, *until;
	const char *by = *c->who.name ? c->who.name : "the API";
	int64_t now = relay_now_ms();
	if (!text_of(c, o, "address", &address) || !text_of(c, o, "reason", &reason) ||
	    !text_of(c, o, "until", &until) || !judge_address(c, address) ||
	    !read_until(c, until, now, &v->until_ms))
		return false;
	v->address = small(c, address);
	v->why = *reason ? str_cut(str_of(reason), 0, REASON_MAX) : STR_LIT("put there by hand");
	v->proof = str_of(arena_printf(c->arena, "asked for by %s", by));
	v->since_ms = now;
	return true;
}

void suppressions_add(struct web_call *c)
{
	struct store_suppressed v = { .since_ms = 0 };
	json_t *o;
	if (!web_body_json(c, &o))
		return;
	bool ok = read_change(c, o, &v);
	json_decref(o);
	if (ok)
		change(c, &v);
}

static bool is_there(void *user, const struct store_suppressed *v)
{
	struct store_suppressed *wanted = user;
	bool same = v->address.len == wanted->address.len && !str_ifind(v->address, wanted->address.p);
	wanted->until_ms = same ? v->until_ms : wanted->until_ms;
	return !same;
}

void suppressions_remove(struct web_call *c)
{
	const char *address = web_parameter(c, "address");
	struct store_suppressed v = { .address = str_of(address ? address : "") };
	if (!judge_address(c, v.address.p))
		return;
	store_each_suppressed(c->web->relay->store, is_there, &v);
	if (!v.until_ms) {
		web_problem(c, 404, "This address is not on the list",
			    "It gets mail; GET /api/v1/suppressions tells who "
			    "does not.");
		return;
	}
	v = (struct store_suppressed){ .address = str_of(arena_strdup(c->arena, address)),
				       .since_ms = relay_now_ms() };
	v.until_ms = v.since_ms;
	change(c, &v);
}
