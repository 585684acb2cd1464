/* SPDX-License-Identifier: Apache-2.0 */
/* The http block of postrider.conf: where the API and the page are, and for whom. */
#include <string.h>

#include "cli/config_relay_inner.h"
#include "relay/door/passwords.h"
#include "store/state.h"

enum { WEBHOOK_NAME_MAX = 80 };

static enum relay_role role_of(cfg_t *block, const char *option)
{
	enum relay_role role = RELAY_ROLE_NONE;
	(void)relay_role_of(str_of(config_value(block, option)), &role); /* the grammar has looked */
	return role;
}

static bool judge_user(const struct config_reading *r, const struct relay_login_user *u)
{
	const char *its = arena_printf(r->s->arena, "login|%s|", u->name);
	if (!*u->password_hash || !passwords_is_hash(u->password_hash))
		return config_mistake(
			r, "http", "", arena_printf(r->s->arena, "%spassword-hash", its),
			"%s needs password-hash = \"$y$...\", as mkpasswd -m yescrypt prints it", u->name);
	if (u->role == RELAY_ROLE_NONE)
		return config_mistake(r, "http", "", its,
				      "say what %s may do: role = \"read\", \"operate\" or \"admin\"",
				      u->name);
	if (*u->account && !relay_account_find(r->s, u->account))
		return config_mistake(
			r, "http", "", arena_printf(r->s->arena, "%saccount", its),
			"there is no account \"%s\": add account \"%s\" { ... }, or leave it out", u->account,
			u->account);
	return true;
}

static bool read_users(const struct config_reading *r, cfg_t *block)
{
	struct relay_http *h = &r->s->http;
	h->nusers = cfg_size(block, "login");
	h->users = arena_alloc(r->s->arena, (h->nusers + 1) * sizeof(*h->users));
	for (unsigned i = 0; i < h->nusers; i++) {
		cfg_t *b = cfg_getnsec(block, "login", i);
		h->users[i] = (struct relay_login_user){
			.name = arena_strdup(r->s->arena, cfg_title(b)),
			.password_hash = config_copy(r, b, "password-hash"),
			.role = role_of(b, "role"),
			.account = config_copy(r, b, "account"),
		};
		if (!judge_user(r, &h->users[i]))
			return false;
	}
	return true;
}

static bool is_loopback(const char *where)
{
	return z_istarts(where, "127.") || z_istarts(where, "[::1]:");
}

/* Passwords and mail must not cross a network in clear, and nobody may be let in by mistake. */
static bool judge(const struct config_reading *r)
{
	const struct relay_http *h = &r->s->http;
	bool near = is_loopback(h->listen);
	if (h->tls && !*r->s->cert_file)
		return config_mistake(r, "http", "", "security",
				      "TLS needs a certificate: certificate { file = ... key = ... }");
	if (!near && !h->tls && !h->behind_proxy)
		return config_mistake(r, "http", "", "listen",
				      "others reach %s: add security = \"tls\", or behind-proxy = true where "
				      "a proxy does that, or listen at 127.0.0.1",
				      h->listen);
	if (h->open && (!near || h->behind_proxy))
		return config_mistake(r, "http", "", "open",
				      "whoever reaches %s%s would need no token: leave open out", h->listen,
				      near ? " through the proxy" : "");
	if (!h->open && !*h->token_file && !h->nusers)
		return config_mistake(
			r, "http", "", "",
			"nobody could use it: add token-file = \"...\", login \"NAME\" { ... } or "
			"open = \"read\"");
	return true;
}

static unsigned states_of(cfg_t *block)
{
	unsigned bits = 0;
	for (unsigned i = 0; i < cfg_size(block, "states"); i++)
		bits |= 1u << store_state_of(str_of(cfg_getnstr(block, "states", i)));
	return bits;
}

static bool read_webhooks(const struct config_reading *r)
{
	struct relay_settings *s = r->s;
	s->nwebhooks = cfg_size(r->c->cfg, "webhook");
	s->webhooks = arena_alloc(s->arena, (s->nwebhooks + 1) * sizeof(*s->webhooks));
	for (unsigned i = 0; i < s->nwebhooks; i++) {
		cfg_t *b = cfg_getnsec(r->c->cfg, "webhook", i);
		struct relay_webhook *w = &s->webhooks[i];
		*w = (struct relay_webhook){
			.name = arena_strdup(s->arena, cfg_title(b)),
			.url = config_copy(r, b, "url"),
			.secret_file = config_copy_file(r, b, "secret-file"),
			.states = states_of(b),
		};
		if (!*w->url)
			return config_mistake(r, "webhook", w->name, "",
					      "say who is told: url = \"https://...\"");
		if (!*w->name || *w->name == '.' || strchr(w->name, '/') ||
		    strlen(w->name) > WEBHOOK_NAME_MAX)
			return config_mistake(r, "webhook", w->name, "",
					      "its name is a file's too: without / and not longer than 80");
	}
	return true;
}

bool config_read_http(const struct config_reading *r)
{
	cfg_t *b = cfg_getsec(r->c->cfg, "http");
	struct relay_http *h = &r->s->http;
	*h = (struct relay_http){
		.listen = config_copy(r, b, "listen"),
		.token_file = config_copy_file(r, b, "token-file"),
		.open = role_of(b, "open"),
		.names = config_copy_list(r, b, "names"),
		.tls = !strcmp(config_value(b, "security"), "tls"),
		.behind_proxy = cfg_getbool(b, "behind-proxy"),
	};
	h->ncheck_allow = cfg_size(b, "check-allow");
	h->check_allow = arena_alloc(r->s->arena, (h->ncheck_allow + 1) * sizeof(*h->check_allow));
	for (unsigned i = 0; i < h->ncheck_allow; i++)
		config_network(cfg_getnstr(b, "check-allow", i), &h->check_allow[i]);
	return read_webhooks(r) && read_users(r, b) && (!*h->listen || judge(r));
}
