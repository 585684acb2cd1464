/* SPDX-License-Identifier: Apache-2.0 */
/* Who may come in: the host that is asked for, the token, the role. */
#include <string.h>

#include "mail/ipaddr.h"
#include "web/route.h"
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

static bool refuse_nobody(struct web_call *c, const char *detail)
{
	web_add_header(c, "WWW-Authenticate", "Bearer realm=\"postrider\"");
	web_problem(c, 401, "Say who you are", "%s", detail);
	return false;
}

bool web_gate(struct web_call *c)
{
	const char *said = web_header(c, "Authorization");
	if (c->route->role == RELAY_ROLE_NONE)
		return true;
	if (z_istarts(said, "Bearer ") && !by_token(c, said + strlen("Bearer ")))
		return refuse_nobody(c, "This token is not known: look into the file that token-file names.");
	if (!*said)
		by_place(c);
	if (c->who.role == RELAY_ROLE_NONE)
		return refuse_nobody(c, "Send a token: Authorization: Bearer TOKEN.");
	if (c->who.role >= c->route->role)
		return true;
	web_problem(c, 403, "This is not yours to do", "It wants the role \"%s\"; %s has \"%s\".",
		    relay_role_name(c->route->role), *c->who.name ? c->who.name : "this machine",
		    relay_role_name(c->who.role));
	return false;
}
