/* SPDX-License-Identifier: Apache-2.0 */
/* Login at the page, and what it knows of who is there.
 *
 *     POST /api/v1/session {"user", "password"} -> a cookie, and what GET tells
 *     GET /api/v1/session -> {"user", "role", "account", "csrf", "logins"}
 *     DELETE /api/v1/session */
#include <jansson.h>
#include <string.h>

#include "net/watch.h"
#include "relay/guests.h"
#include "relay/passwords.h"
#include "web/endpoints.h"
#include "web/login.h"
#include "web/sessions.h"
#include "web/web_inner.h"

enum { PASSWORD_MAX = 1024 };

struct login_try {
	const char *user, *hash; /* hash NULL: no such user */
	char *password;
	bool asked, right;
	json_t *body;
};

/* FNV-1a: tells hashes of passwords apart, no secret by itself. */
uint64_t login_stamp(const char *password_hash)
{
	uint64_t h = 0xcbf29ce484222325u;
	for (const char *p = password_hash; *p; p++)
		h = (h ^ (unsigned char)*p) * 0x100000001b3u;
	return h;
}

/* A name with __Host- is taken by browsers only with Secure, from this very host, for all paths. */
const char *login_cookie_name(const struct web_call *c)
{
	return c->secure ? "__Host-postrider" : "postrider";
}

static void set_cookie(struct web_call *c, const char *value, long age_s)
{
	const char *text = arena_printf(c->arena, "%s=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%ld%s",
					login_cookie_name(c), value, age_s, c->secure ? "; Secure" : "");
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
	sessions_end(c->web->sessions, web_cookie(c, login_cookie_name(c)));
	set_cookie(c, "", 0);
	web_answer_empty(c, 204);
}

/* ---- coming in ---- */

static void forget(struct web_call *c)
{
	struct login_try *t = c->state;
	if (t->password)
		mem_wipe(t->password, strlen(t->password));
	json_decref(t->body);
}

static uint64_t barred_ms(struct web_call *c)
{
	struct ipaddr a;
	if (!ipaddr_read(str_of(c->peer), &a))
		return 0;
	pthread_mutex_lock(&c->web->guests_lock);
	uint64_t ms = guests_barred_ms(c->web->guests, &a, net_loop_now_ms(c->web->loop));
	pthread_mutex_unlock(&c->web->guests_lock);
	return ms;
}

static void count_try(struct web_call *c, bool right)
{
	struct ipaddr a;
	if (!ipaddr_read(str_of(c->peer), &a))
		return;
	pthread_mutex_lock(&c->web->guests_lock);
	if (right)
		guests_trusted(c->web->guests, &a);
	else
		guests_failed(c->web->guests, &a, net_loop_now_ms(c->web->loop));
	guests_tidy(c->web->guests, net_loop_now_ms(c->web->loop));
	pthread_mutex_unlock(&c->web->guests_lock);
}

static void finish(struct web_call *c)
{
	struct login_try *t = c->state;
	char secret[SESSION_SECRET_BYTES];
	struct session_view v;
	if (!t->asked) {
		web_add_header(c, "Retry-After", "5");
		web_problem(c, 503, "Not now", "Too many log in at once: try again in a moment.");
		return;
	}
	count_try(c, t->right);
	if (!t->right) {
		web_problem(c, 401, "This is not right",
			    "Name or password are not right; ten wrong ones lock this place out for a "
			    "quarter of an hour.");
		return;
	}
	if (!sessions_begin(c->web->sessions, t->user, login_stamp(t->hash), relay_now_ms(), secret) ||
	    !sessions_find(c->web->sessions, secret, relay_now_ms(), &v)) {
		web_problem(c, 503, "Not now", "No session could be begun.");
		return;
	}
	set_cookie(c, secret, SESSION_MS / 1000);
	mem_wipe(secret, sizeof(secret));
	web_gate_is(c, &v);
	tell(c, v.csrf);
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
	struct login_try *t = c->state;
	t->asked = true;
	if (passwords_ask(c->web->relay->passwords, t->hash, t->password, on_compared, c))
		return;
	t->asked = false;
	web_wake(c);
}

static const char *hash_of(struct web_call *c, const char *user)
{
	const char *hash = NULL;
	pthread_rwlock_rdlock(&c->web->lock);
	const struct relay_http *h = &c->web->access.settings->http;
	for (size_t i = 0; i < h->nusers; i++)
		if (!strcmp(h->users[i].name, user))
			hash = arena_strdup(c->arena, h->users[i].password_hash);
	pthread_rwlock_unlock(&c->web->lock);
	return hash;
}

void session_begin(struct web_call *c)
{
	struct login_try *t = arena_alloc(c->arena, sizeof(*t));
	uint64_t barred = barred_ms(c);
	c->state = t;
	c->forget = forget;
	if (barred) {
		web_add_header(c, "Retry-After",
			       arena_printf(c->arena, "%llu", (unsigned long long)(barred / 1000 + 1)));
		web_problem(c, 429, "Too many wrong passwords", "Try again in %llu minutes.",
			    (unsigned long long)(barred / 60000 + 1));
		return;
	}
	if (!web_body_json(c, &t->body))
		return;
	const char *user = json_string_value(json_object_get(t->body, "user"));
	const char *password = json_string_value(json_object_get(t->body, "password"));
	if (!user || !password || strlen(password) > PASSWORD_MAX) {
		web_problem(c, 400, "The body cannot be so",
			    "Send {\"user\": \"...\", \"password\": \"...\"}.");
		return;
	}
	t->user = user;
	t->hash = hash_of(c, user);
	t->password = arena_strdup(c->arena, password);
	web_defer(c, finish);
	net_post(c->web->loop, compare, c);
}
