/* SPDX-License-Identifier: Apache-2.0 */
/* Who may come in: the host that is asked for, the token, the role. */
#include <string.h>

#include "mail/ipaddr.h"
#include "web/route.h"
#include "web/sessions.h"
#include "web/tokens.h"
#include "web/web_inner.h"

/* ---- the host ---- */

/* "name", "name:port", "1.2.3.4:port", "[v6]:port" -> the name or address */
static struct str host_of(const char *value)
{
	struct str s = str_trim(str_of(value));
	const char *close = memchr(s.p, ']', s.len);
	if (s.len && *s.p == '[' && close)
		return (struct str){ s.p + 1, (size_t)(close - s.p) - 1 };
	const char *colon = memchr(s.p, ':', s.len);
	return colon ? str_cut(s, 0, (size_t)(colon - s.p)) : s;
}

/* A page elsewhere may have its own name point to us (DNS rebinding); it cannot have one of ours, and
 * an address is no name. */
static bool is_ours(struct web *w, struct str host)
{
	struct ipaddr ip;
	if (!host.len || ipaddr_read(host, &ip) || str_ieq(host, "localhost"))
		return host.len;
	pthread_rwlock_rdlock(&w->lock);
	const struct relay_settings *s = w->access.settings;
	bool ours = str_ieq(host, s->hostname);
	for (size_t i = 0; i < s->http.names.n; i++)
		ours = ours || str_ieq(host, s->http.names.v[i]);
	pthread_rwlock_unlock(&w->lock);
	return ours;
}

bool web_gate_host(struct web_call *c)
{
	struct str host = host_of(web_header(c, "Host"));
	if (is_ours(c->web, host))
		return true;
	web_problem(c, 421, "This name is not served here",
		    "\"%.*s\" is no name of this server; if it should be, list it: http { names = { ... } }.",
		    (int)(host.len < 253 ? host.len : 253), host.p);
	return false;
}

/* ---- who asks ---- */

static bool is_loopback(const char *address)
{
	static const struct ipaddr v4 = { 4, { 127 } }, v6 = { 6, { [15] = 1 } };
	struct ipaddr a;
	if (!ipaddr_read(str_of(address), &a))
		return false;
	a = ipaddr_unmapped(a);
	return ipaddr_in(&a, &v4, 8) || ipaddr_in(&a, &v6, 128);
}

static void know(struct web_call *c, const struct web_token *t)
{
	c->who = (struct web_who){ t->role, arena_strdup(c->arena, t->name),
				   arena_strdup(c->arena, t->account), false };
}

static bool by_token(struct web_call *c, const char *secret)
{
	struct web *w = c->web;
	pthread_rwlock_rdlock(&w->lock);
	const struct web_token *t = web_tokens_find(w->access.tokens, secret);
	if (t)
		know(c, t);
	pthread_rwlock_unlock(&w->lock);
	return t;
}

static void by_place(struct web_call *c)
{
	struct web *w = c->web;
	pthread_rwlock_rdlock(&w->lock);
	enum relay_role open = w->access.settings->http.open;
	pthread_rwlock_unlock(&w->lock);
	c->who = (struct web_who){ is_loopback(c->peer) ? open : RELAY_ROLE_NONE, "", "", false };
}

bool web_gate_is(struct web_call *c, const struct session_view *v)
{
	struct web *w = c->web;
	pthread_rwlock_rdlock(&w->lock);
	const struct relay_http *h = &w->access.settings->http;
	const struct relay_login_user *u = NULL;
	for (size_t i = 0; i < h->nusers; i++)
		if (!strcmp(h->users[i].name, v->name) &&
		    sessions_stamp(h->users[i].password_hash) == v->stamp)
			u = &h->users[i];
	if (u)
		c->who = (struct web_who){ u->role, arena_strdup(c->arena, u->name),
					   arena_strdup(c->arena, u->account), true };
	pthread_rwlock_unlock(&w->lock);
	return u;
}

bool web_gate_know(struct web_call *c, struct session_view *v)
{
	const char *said = web_header(c, "Authorization"),
		   *cookie = web_cookie(c, sessions_cookie(c->secure));
	c->who = (struct web_who){ RELAY_ROLE_NONE, "", "", false };
	if (*said)
		return z_istarts(said, "Bearer ") && by_token(c, said + strlen("Bearer "));
	bool known =
		*cookie && sessions_find(c->web->sessions, cookie, relay_now_ms(), v) && web_gate_is(c, v);
	if (!known)
		by_place(c);
	return known || !*cookie || c->who.role;
}

/* ---- a browser must have been told to by our own page ---- */

static bool is_same_origin(const struct web_call *c)
{
	const char *site = web_header(c, "Sec-Fetch-Site"), *origin = web_header(c, "Origin");
	const char *host = strstr(origin, "://");
	if (*site && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0)
		return false;
	return !*origin || (host && str_ieq(str_of(host + 3), web_header(c, "Host")));
}

static bool judge_origin(struct web_call *c, const struct session_view *v)
{
	if (!strcmp(c->method, "GET") || !strcmp(c->method, "HEAD"))
		return true;
	bool same = is_same_origin(c);
	if (same && (!c->who.session || secret_same(web_header(c, "X-CSRF-Token"), v->csrf)))
		return true;
	web_problem(c, 403, same ? "The session's token is missing" : "Another page sent this",
		    same ? "Send X-CSRF-Token as GET /api/v1/session tells it."
			 : "Only this server's own page, or a program with a token, may ask that.");
	return false;
}

static bool refuse_nobody(struct web_call *c, const char *detail)
{
	web_add_header(c, "WWW-Authenticate", "Bearer realm=\"postrider\"");
	web_problem(c, 401, "Say who you are", "%s", detail);
	return false;
}

static bool judge_role(struct web_call *c)
{
	if (c->who.role >= c->route->role)
		return true;
	web_problem(c, 403, "This is not yours to do", "It wants the role \"%s\"; %s has \"%s\".",
		    relay_role_name(c->route->role), *c->who.name ? c->who.name : "this machine",
		    relay_role_name(c->who.role));
	return false;
}

bool web_gate(struct web_call *c)
{
	struct session_view v = { .csrf = "" };
	bool known = c->route->role == RELAY_ROLE_NONE || web_gate_know(c, &v);
	if (!known && *web_header(c, "Authorization"))
		return refuse_nobody(c, "This token is not known: look into the file that token-file names.");
	if (c->route->role && !c->who.role)
		return refuse_nobody(c, "Send a token: Authorization: Bearer TOKEN; or log in at the page.");
	return judge_origin(c, &v) && judge_role(c);
}

/* ---- through a proxy ---- */

/* The last one is whom the proxy itself saw; what stands before it, and in fields before its own, anybody
 * may have written. */
void web_gate_peer(struct web_call *c)
{
	const char *list = web_header_last(c, "X-Forwarded-For");
	const char *comma = strrchr(list, ',');
	struct str last = str_trim(str_of(comma ? comma + 1 : list));
	struct ipaddr a;
	pthread_rwlock_rdlock(&c->web->lock);
	bool proxied = c->web->access.settings->http.behind_proxy;
	pthread_rwlock_unlock(&c->web->lock);
	c->secure = c->web->tls || (proxied && !strcmp(web_header_last(c, "X-Forwarded-Proto"), "https"));
	if (proxied && ipaddr_read(last, &a))
		c->peer = arena_str(c->arena, last).p;
}
