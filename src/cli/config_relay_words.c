/* SPDX-License-Identifier: Apache-2.0 */
/* What the settings mean, in sentences. */
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/config_relay.h"
#include "relay/profile_head.h"

static const char *networks(const struct relay_settings *s, struct arena *a)
{
	struct strlist l = { 0 };
	char text[IPADDR_TEXT_BYTES];
	for (size_t i = 0; i < s->nallow; i++) {
		const struct relay_network *n = &s->allow[i];
		bool whole = n->bits == (n->net.family == 4 ? 32 : 128);
		ipaddr_text(&n->net, text);
		strlist_add(&l, a, whole ? text : arena_printf(a, "%s/%u", text, n->bits));
	}
	return strlist_join(&l, a, ", ");
}

static bool takes_logins(const struct relay_settings *s)
{
	for (size_t i = 0; i < s->nlistens; i++)
		if (s->listens[i].login != RELAY_LOGIN_NEVER)
			return true;
	return false;
}

static bool any_password(const struct relay_settings *s)
{
	for (size_t i = 0; i < s->naccounts; i++)
		if (relay_account_has_password(&s->accounts[i]))
			return true;
	return false;
}

/* Who vouches for those that come with a token. */
static const char *tokens(const struct relay_settings *s, struct arena *a)
{
	const char *url = s->identity_provider.introspection;
	const char *host = strstr(url, "://");
	if (!host)
		return "";
	host += strlen("://");
	return arena_printf(a, " (%san access token that %.*s vouches for)",
			    any_password(s) ? "by password, or by " : "by ", (int)strcspn(host, "/?#"), host);
}

/* ---- mail that comes another way than by SMTP ---- */

/* Who sends at the page after login. */
static const char *people(const struct relay_http *h, struct arena *a)
{
	struct strlist l = { 0 };
	for (size_t i = 0; i < h->nusers; i++)
		if (h->users[i].role >= RELAY_ROLE_OPERATE)
			strlist_add(&l, a,
				    arena_printf(a, "%s (%s)", h->users[i].name,
						 relay_role_name(h->users[i].role)));
	return l.n ? arena_printf(a, "%s at the page", strlist_join(&l, a, ", ")) : "";
}

static const char *by_http(const struct relay_settings *s, struct arena *a)
{
	const struct relay_http *h = &s->http;
	struct strlist l = { 0 };
	if (h->open >= RELAY_ROLE_OPERATE)
		strlist_add(&l, a,
			    arena_printf(a, "everybody on this machine without a token (open = \"%s\")",
					 relay_role_name(h->open)));
	if (*h->token_file)
		strlist_add(&l, a,
			    arena_printf(a, "who has a token of role operate or admin in %s", h->token_file));
	if (*people(h, a))
		strlist_add(&l, a, people(h, a));
	return *h->listen && l.n ? arena_printf(a, "\nBy HTTP at %s it is taken from %s.", h->listen,
						strlist_join(&l, a, ", and from "))
				 : "";
}

/* "root, the group app"; the folder's own rights, whoever may come as far as to it. */
static const char *writers(const char *folder, struct arena *a)
{
	struct stat st;
	if (stat(folder, &st))
		return "who may write there";
	if (st.st_mode & S_IWOTH)
		return "everybody on this machine";
	const struct passwd *owner = getpwuid(st.st_uid);
	const struct group *group = st.st_mode & S_IWGRP ? getgrgid(st.st_gid) : NULL;
	return arena_printf(a, "%s%s%s", owner ? owner->pw_name : "its owner", group ? " and the group " : "",
			    group ? group->gr_name : "");
}

static const char *by_folder(const struct relay_settings *s, struct arena *a)
{
	const char *all = "";
	for (size_t i = 0; i < s->npickups; i++) {
		const struct relay_pickup *p = &s->pickups[i];
		all = arena_printf(a, "%s\nFrom the folder %s it is taken from %s%s%s.", all, p->folder,
				   writers(p->folder, a), *p->account ? ", as " : "", p->account);
	}
	return all;
}

const char *config_relay_who(const struct relay_settings *s, struct arena *a)
{
	struct strlist names = { 0 };
	const size_t shown = 5;
	for (size_t i = 0; takes_logins(s) && i < s->naccounts && i < shown; i++)
		strlist_add(&names, a, s->accounts[i].name);
	const char *more =
		names.n && s->naccounts > shown ? arena_printf(a, " and %zu more", s->naccounts - shown) : "";
	const char *logins = names.n ? arena_printf(a, ", and after login %s%s%s",
						    strlist_join(&names, a, ", "), more, tokens(s, a))
				     : "; nobody can log in";
	return arena_printf(a, "This is no open relay: mail for others is taken from %s%s.%s%s",
			    networks(s, a), logins, by_http(s, a), by_folder(s, a));
}

static const char *goes(const struct relay_route *w, struct arena *a)
{
	if (w->mx)
		return arena_printf(a, "%s (each recipient's mail server%s)", w->name,
				    w->tls_required ? ", only with TLS" : "");
	if (w->api != RELAY_API_NONE)
		return arena_printf(a, "%s (the mail API at %s as %s)", w->name, w->smarthost, w->user);
	return arena_printf(a, "%s (%s port %u%s%s)", w->name, w->smarthost, w->port, *w->user ? " as " : "",
			    w->user);
}

/* What becomes of mail whose route fails, and of what receivers see of it. */
static const char *goes_on(const struct relay_settings *s, const struct relay_route *w, struct arena *a)
{
	const struct relay_route *next = relay_route_named(s, w->next);
	const char *address = next ? profile_address(a, next->from) : "", *at = strrchr(address, '@');
	if (!next)
		return "";
	if (at)
		return arena_printf(
			a,
			"\nWhen %s fails, mail goes on by %s in the name of %s, with the writer in "
			"Reply-To: receivers then judge SPF, DKIM and DMARC by %s.",
			w->name, next->name, address, at + 1);
	return arena_printf(a,
			    "\nWhen %s fails, mail goes on by %s in the same name: the SPF record of each "
			    "sender's domain must allow %s too.",
			    w->name, next->name, next->mx ? "this machine" : next->smarthost);
}

static bool takes_all(const struct relay_route *w)
{
	return (!w->senders.n || strlist_has(&w->senders, "*")) &&
	       (!w->recipients.n || strlist_has(&w->recipients, "*"));
}

const char *config_relay_ways(const struct relay_settings *s, struct arena *a)
{
	struct strlist ways = { 0 };
	bool all = false;
	const char *on = "";
	for (size_t i = 0; i < s->nroutes; i++) {
		strlist_add(&ways, a, goes(&s->routes[i], a));
		on = arena_printf(a, "%s%s", on, goes_on(s, &s->routes[i], a));
		all = all || takes_all(&s->routes[i]);
	}
	return arena_printf(a, "Mail goes by the first route that fits: %s%s.%s",
			    strlist_join(&ways, a, ", "), all ? "" : "; what fits none is refused", on);
}

const char *config_relay_back(const struct relay_settings *s, struct arena *a)
{
	struct strlist places = { 0 }, folders = { 0 };
	for (size_t i = 0; i < s->local_domains.n; i++)
		strlist_add(&places, a, arena_printf(a, "@%s", s->local_domains.v[i]));
	for (size_t i = 0; i < s->nmailboxes; i++)
		strlist_add(&places, a,
			    arena_printf(a, "the mailbox of %s at %s", s->mailboxes[i].user,
					 s->mailboxes[i].host));
	for (size_t i = 0; i < s->npickups; i++)
		strlist_add(&folders, a, s->pickups[i].folder);
	const char *back =
		places.n ? arena_printf(a, "Reports come back to %s.\n", strlist_join(&places, a, ", ")) : "";
	return folders.n ? arena_printf(a, "%sFiles are picked up from %s.\n", back,
					strlist_join(&folders, a, ", "))
			 : back;
}
