/* SPDX-License-Identifier: Apache-2.0 */
/* Login at the page, and what it knows of who is there.
 *
 *     POST /api/v1/session {"user", "password"} -> a cookie, and what GET tells
 *     GET /api/v1/session -> {"user", "role", "account", "csrf", "logins"}
 *     DELETE /api/v1/session */
#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "net/watch.h"
#include "relay/door/passwords.h"
#include "web/endpoints.h"
#include "web/sessions.h"
#include "web/tries.h"
#include "web/web_inner.h"

enum { PASSWORD_MAX = 1024 };

struct login_try {
	const char *user, *hash;
	char *password;
	struct tries_ticket ticket;
	bool nobody;                /* no such user: the hash is another's */
	bool counted, asked, right; /* counted: the try is to be ended */
	json_t *body;
};

static void set_cookie(struct web_call *c, const char *value, long age_s)
{
	const char *text =
		arena_printf(c->arena, "%s=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%ld%s",
			     sessions_cookie(c->secure), value, age_s, c->secure ? "; Secure" : "");
	web_add_header(c, "Set-Cookie", text);
}

/* ---- who is there ---- */

static bool has_logins(struct web *w)
{
	pthread_rwlock_rdlock(&w->lock);
	bool some = w->access.settings->http.nusers;
	pthread_rwlock_unlock(&w->lock);
	return some;
}

static void tell(struct web_call *c, const char *csrf)
{
	const struct web_who *who = &c->who;
	json_t *o = json_object();
	json_object_set_new(o, "schema", json_integer(1));
	json_object_set_new(o, "user", *who->name ? json_string(who->name) : json_null());
	json_object_set_new(o, "role", who->role ? json_string(relay_role_name(who->role)) : json_null());
	json_object_set_new(o, "account", *who->account ? json_string(who->account) : json_null());
	json_object_set_new(o, "csrf", *csrf ? json_string(csrf) : json_null());
	json_object_set_new(o, "logins", json_boolean(has_logins(c->web)));
	web_answer_json(c, 200, o);
}

void session_show(struct web_call *c)
{
	struct session_view v = { .csrf = "" };
	web_gate_know(c, &v);
	tell(c, v.csrf);
}

void session_end(struct web_call *c)
{
	sessions_end(c->web->sessions, web_cookie(c, sessions_cookie(c->secure)));
	set_cookie(c, "", 0);
	web_answer_empty(c, 204);
}

/* ---- coming in ---- */

static bool end_try(struct web_call *c, enum tries_end how)
{
	struct login_try *t = c->state;
	t->counted = false;
	return tries_end(c->web->tries, &t->ticket, how, net_loop_now_ms(c->web->loop));
}

static void forget(struct web_call *c)
{
	struct login_try *t = c->state;
	if (t->password)
		mem_wipe(t->password, strlen(t->password));
	json_decref(t->body);
	if (t->counted && !atomic_load(&c->abandoned))
		end_try(c, TRIES_WRONG); /* nobody waited for the answer */
}

static void bar(struct web_call *c, uint64_t ms)
{
	web_add_header(c, "Retry-After", arena_printf(c->arena, "%" PRIu64, ms / 1000 + 1));
	uint64_t minutes = (ms + 59999) / 60000;
	web_problem(c, 429, "Too many wrong passwords", "Try again in %" PRIu64 " %s.", minutes,
		    minutes == 1 ? "minute" : "minutes");
}

static bool begin_try(struct web_call *c, const char *user)
{
	struct login_try *t = c->state;
	uint64_t ms = tries_begin(c->web->tries, c->peer, user, net_loop_now_ms(c->web->loop), &t->ticket);
	t->counted = !ms;
	if (ms)
		bar(c, ms);
	return t->counted;
}

static void begin_session(struct web_call *c, const struct login_try *t)
{
	char secret[SESSION_SECRET_BYTES];
	struct session_view v;
	if (!sessions_begin(c->web->sessions, t->user, sessions_stamp(t->hash), relay_now_ms(), secret) ||
	    !sessions_find(c->web->sessions, secret, relay_now_ms(), &v)) {
		web_problem(c, 503, "Not now", "No session could be begun.");
		return;
	}
	set_cookie(c, secret, SESSION_MS / 1000);
	mem_wipe(secret, sizeof(secret));
	web_gate_is(c, &v);
	tell(c, v.csrf);
}

static void finish(struct web_call *c)
{
	struct login_try *t = c->state;
	if (!t->asked) {
		end_try(c, TRIES_UNTRIED);
		web_add_header(c, "Retry-After", "5");
		web_problem(c, 503, "Not now", "Too many log in at once: try again in a moment.");
		return;
	}
	bool open = end_try(c, t->right ? TRIES_RIGHT : TRIES_WRONG);
	if (!t->right) {
		web_problem(c, 401, "Name or password is wrong",
			    "Type both again. After ten wrong tries nobody can sign in from your address for "
			    "a quarter of an hour.");
		return;
	}
	if (open)
		begin_session(c, t);
	else
		bar(c, TRIES_BARRED_MS);
}

static void on_compared(void *ctx, bool right)
{
	struct web_call *c = ctx;
	struct login_try *t = c->state;
	t->right = right;
	web_wake(c);
}

/* In the loop. */
static void compare(void *ctx)
{
	struct web_call *c = ctx;
	if (web_gone(c))
		return;
	struct login_try *t = c->state;
	t->asked = true;
	const struct passwords_question q = { t->hash, t->nobody, t->password };
	if (passwords_ask(c->web->relay->passwords, &q, on_compared, c))
		return;
	t->asked = false;
	web_wake(c);
}

/* Of a user, or of another one whom an unknown one is to be like. */
static void find_hash(struct web_call *c, struct login_try *t)
{
	const struct relay_login_user *u = NULL;
	pthread_rwlock_rdlock(&c->web->lock);
	const struct relay_http *h = &c->web->access.settings->http;
	for (size_t i = 0; i < h->nusers; i++)
		if (!strcmp(h->users[i].name, t->user))
			u = &h->users[i];
	t->nobody = !u;
	if (!u && h->nusers)
		u = &h->users[passwords_pick(c->web->relay->passwords, t->user, h->nusers)];
	t->hash = u ? arena_strdup(c->arena, u->password_hash) : "";
	pthread_rwlock_unlock(&c->web->lock);
}

void session_begin(struct web_call *c)
{
	struct login_try *t = arena_alloc(c->arena, sizeof(*t));
	c->state = t;
	c->forget = forget;
	if (!web_body_json(c, &t->body))
		return;
	const char *user = json_string_value(json_object_get(t->body, "user"));
	const char *password = json_string_value(json_object_get(t->body, "password"));
	if (!begin_try(c, user ? user : ""))
		return;
	if (!user || !password || strlen(password) > PASSWORD_MAX) {
		end_try(c, TRIES_WRONG);
		web_problem(c, 400, "The body cannot be so",
			    "Send {\"user\": \"...\", \"password\": \"...\"}.");
		return;
	}
	t->user = user;
	find_hash(c, t);
	t->password = arena_strdup(c->arena, password);
	web_defer(c, finish);
	net_post(c->web->loop, compare, c);
}
