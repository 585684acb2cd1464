/* SPDX-License-Identifier: Apache-2.0 */
/* The routes of postrider.conf: who carries what. */
#include <string.h>

#include "cli/config_relay_inner.h"
#include "relay/profile_head.h"
#include "smtp/host.h"

enum { PORT_TLS = 465, PORT_SUBMISSION = 587, PORT_SMTP = 25, PORT_HTTPS = 443 };

/* Where nothing is said: encrypted as the port wants it; with a login always. */
static void choose_security(struct relay_route *w, const char *security)
{
	bool open = !*security || !strcmp(security, "auto");
	if (!strcmp(security, "tls") || !strcmp(security, "ssl") || (open && w->port == PORT_TLS))
		w->security = RELAY_SECURITY_TLS;
	else
		w->security = !strcmp(security, "none") ? RELAY_SECURITY_NONE : RELAY_SECURITY_STARTTLS;
	if (!w->mx)
		w->tls_required = w->tls_required || !open || *w->user;
	if (!w->port)
		w->port = w->security == RELAY_SECURITY_TLS ? PORT_TLS
			  : *w->user                        ? PORT_SUBMISSION
							    : PORT_SMTP;
}

static bool judge_login(const struct config_reading *r, const struct relay_route *w)
{
	bool secret = *w->password_file || w->oauth.given;
	if (*w->user && !secret)
		return config_mistake(r, "route", w->name, "user",
				      "%s logs in: add password-file = \"FILE\", or an oauth block", w->name);
	if (!*w->user && secret)
		return config_mistake(r, "route", w->name, w->oauth.given ? "oauth" : "password-file",
				      "it logs in as nobody: add user = \"you@example.com\"");
	if (*w->user && w->security == RELAY_SECURITY_NONE && !smtp_host_is_loopback(w->smarthost))
		return config_mistake(r, "route", w->name, "security",
				      "a password never goes out in clear: use security = \"starttls\" or "
				      "\"tls\"");
	return true;
}

static const struct {
	const char *via;
	enum relay_api api;
	const char *url;
} apis[] = { { "microsoft-graph", RELAY_API_GRAPH, "https://graph.microsoft.com/v1.0" },
	     { "gmail-api", RELAY_API_GMAIL, "https://gmail.googleapis.com" } };

static void choose_api(const struct config_reading *r, cfg_t *block, struct relay_route *w)
{
	const char *via = config_value(block, "via"), *url = config_value(block, "url");
	w->url = "";
	for (size_t i = 0; i < ARRAY_LEN(apis); i++)
		if (!strcmp(via, apis[i].via)) {
			w->api = apis[i].api;
			w->url = *url ? arena_strdup(r->s->arena, url) : apis[i].url;
		}
}

/* The API's host takes the smarthost's place. */
static bool read_api_host(const struct config_reading *r, struct relay_route *w)
{
	const char *host = w->url + strlen("https://");
	w->mx = false;
	w->port = PORT_HTTPS;
	if (!z_istarts(w->url, "https://") ||
	    !config_host(r, arena_dup(r->s->arena, host, strcspn(host, "/")), &w->smarthost, &w->port))
		return config_mistake(r, "route", w->name, "url",
				      "give an address that begins with https://");
	if (!w->port)
		w->port = PORT_HTTPS;
	return true;
}

static bool read_api(const struct config_reading *r, cfg_t *block, struct relay_route *w)
{
	choose_api(r, block, w);
	if (w->api == RELAY_API_NONE)
		return !*config_value(block, "url") ||
		       config_mistake(
			       r, "route", w->name, "url",
			       "this belongs to via = \"microsoft-graph\" or \"gmail-api\": remove it, or "
			       "say smarthost = \"HOST:PORT\"");
	if (!read_api_host(r, w))
		return false;
	bool by_token = *w->user && w->oauth.given && !*w->password_file;
	return (by_token && !*config_value(block, "smarthost")) ||
	       config_mistake(
		       r, "route", w->name, "via",
		       "a mail API wants user = \"app@example.com\" and an oauth block, and no smarthost "
		       "or password-file");
}

static bool judge_way(const struct config_reading *r, const struct relay_route *w, cfg_t *block)
{
	const char *via = config_value(block, "via"), *to = config_value(block, "smarthost");
	if (*to && !strcmp(via, "mx"))
		return config_mistake(r, "route", w->name, "via",
				      "%s goes to a smarthost or to each recipient's MX: remove one of "
				      "smarthost and via",
				      w->name);
	if (!*to && (!strcmp(via, "smarthost") || *w->user))
		return config_mistake(r, "route", w->name, *via ? "via" : "user",
				      "add smarthost = \"smtp.example.com:587\"");
	return true;
}

/* What its block says, but for the host it goes to and how. */
static struct relay_route route_of(const struct config_reading *r, cfg_t *block)
{
	struct relay_route w = {
		.name = arena_strdup(r->s->arena, cfg_title(block)),
		.senders = config_copy_list(r, block, "senders"),
		.recipients = config_copy_list(r, block, "recipients"),
		.accounts = config_copy_list(r, block, "accounts"),
		.mx = !*config_value(block, "smarthost"),
		.smarthost = "",
		.tls_required = !strcmp(config_value(block, "tls"), "required"),
		.user = config_copy(r, block, "user"),
		.auth = config_copy(r, block, "auth"),
		.password_file = config_copy_file(r, block, "password-file"),
		.oauth = config_oauth(r, cfg_getsec(block, "oauth")),
		.port = (unsigned)cfg_getint(block, "port"),
		.connections = (unsigned)cfg_getint(block, "connections"),
		.caps = config_caps(block),
		.proven = cfg_getbool(block, "proven"),
		.return_path = config_return_path(r, config_value(block, "return-path")),
		.hold_in_doubt = cfg_getbool(block, "hold-in-doubt"),
		.next = config_copy(r, block, "next"),
		.from = config_copy(r, block, "from"),
	};
	config_rate(config_value(block, "rate"), &w.rate, &w.rate_s);
	return w;
}

static bool read_route(const struct config_reading *r, cfg_t *block, struct relay_route *w)
{
	const char *to = config_value(block, "smarthost");
	*w = route_of(r, block);
	if (*to && !config_host(r, to, &w->smarthost, &w->port))
		return config_mistake(r, "route", w->name, "smarthost",
				      "smarthost = \"%s\" cannot be; give a name and maybe a port, such as "
				      "smtp.example.com:587",
				      to);
	if (!read_api(r, block, w))
		return false;
	w->provider = w->mx ? NULL : provider_by_host(w->smarthost);
	if (w->api != RELAY_API_NONE) {
		w->security = RELAY_SECURITY_TLS;
		return config_judge_return_path(r, "route", w->name, w->return_path);
	}
	choose_security(w, config_value(block, "security"));
	return judge_way(r, w, block) && judge_login(r, w) &&
	       config_judge_return_path(r, "route", w->name, w->return_path);
}

static bool judge_accounts(const struct config_reading *r, const struct relay_route *w)
{
	for (size_t i = 0; i < w->accounts.n; i++)
		if (!relay_account_find(r->s, w->accounts.v[i]))
			return config_mistake(r, "route", w->name, "accounts",
					      "there is no account \"%s\": add it, or name another",
					      w->accounts.v[i]);
	return true;
}

/* It must be there, and never lead back. */
static bool judge_next(const struct config_reading *r, const struct relay_route *w)
{
	const struct relay_route *at = w;
	for (size_t i = 0; *at->next; i++) {
		const struct relay_route *next = relay_route_named(r->s, at->next);
		if (!next)
			return config_mistake(r, "route", at->name, "next",
					      "there is no route \"%s\": add it, or name another", at->next);
		if (next == w || i > r->s->nroutes)
			return config_mistake(r, "route", w->name, "next",
					      "%s leads back to itself: the last one has no next", w->name);
		at = next;
	}
	return !*w->from || *profile_address(r->s->arena, w->from) ||
	       config_mistake(r, "route", w->name, "from",
			      "from = \"%s\" cannot be; give an address such as office@example.com", w->from);
}

/* As a mail server without a relayhost does. */
static struct relay_route direct_route(const struct config_reading *r)
{
	return (struct relay_route){
		.name = "direct",
		.mx = true,
		.smarthost = "",
		.port = PORT_SMTP,
		.security = RELAY_SECURITY_STARTTLS,
		.user = "",
		.auth = "",
		.password_file = "",
		.oauth = { false, "", "", "", "", "", "" },
		.return_path = config_return_path(r, ""),
		.next = "",
		.from = "",
		.url = "",
	};
}

bool config_read_routes(const struct config_reading *r)
{
	unsigned n = cfg_size(r->c->cfg, "route");
	r->s->routes = arena_alloc(r->s->arena, (n + 1) * sizeof(*r->s->routes));
	for (unsigned i = 0; i < n; i++)
		if (!read_route(r, cfg_getnsec(r->c->cfg, "route", i), &r->s->routes[i]))
			return false;
	if (!n)
		r->s->routes[n++] = direct_route(r);
	r->s->nroutes = n;
	for (size_t i = 0; i < n; i++)
		if (!judge_accounts(r, &r->s->routes[i]) || !judge_next(r, &r->s->routes[i]))
			return false;
	return true;
}
