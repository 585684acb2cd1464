/* SPDX-License-Identifier: Apache-2.0 */
/* What the settings mean, in sentences; and the files they name. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/config_place.h"
#include "cli/config_relay.h"
#include "cli/config_relay_inner.h"
#include "net/tls_identity.h"
#include "relay/filter/sign.h"
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
	return arena_printf(a, "This is no open relay: mail for others is taken from %s%s.", networks(s, a),
			    logins);
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

/* No permission is no mistake in the file; always false. */
static bool unreadable(const struct config_reading *r, const char *block, const char *title,
		       const char *option, const char *path, int no)
{
	if (no != EACCES)
		return config_mistake(r, block, title, option, "%s cannot be read: %s", path, strerror(no));
	ERR_FILL(r->e, ERR_SYS, no, "read", "%s", path);
	return err_detail(r->e, "%s:%u names it: become root, or who runs the relay (sudo -u postrider ...)",
			  r->c->path, config_place(r->c->text, block, title, option));
}

static bool judge_folder(const struct config_reading *r, const char *title, const char *option,
			 const char *folder)
{
	if (!*folder || access(folder, R_OK) == 0)
		return true;
	return unreadable(r, "pickup", title, option, folder, errno);
}

static bool judge_file(const struct config_reading *r, const char *block, const char *title,
		       const char *option, const char *file)
{
	struct stat about;
	bool there = *file && !stat(file, &about);
	if (there && S_ISDIR(about.st_mode))
		return config_mistake(r, block, title, option, "%s is a folder: name the file in it", file);
	if (there && !strcmp(option, "password-file") && !about.st_size && S_ISREG(about.st_mode))
		return config_mistake(r, block, title, option,
				      "%s is empty: put the password into its first line", file);
	if (!*file || access(file, R_OK) == 0)
		return true;
	return unreadable(r, block, title, option, file, errno);
}

static bool route_files(const struct config_reading *r, const struct relay_route *w)
{
	return judge_file(r, "route", w->name, "password-file", w->password_file) &&
	       judge_file(r, "route", w->name, "oauth||client-secret-file", w->oauth.client_secret_file) &&
	       judge_file(r, "route", w->name, "oauth||refresh-token-file", w->oauth.refresh_token_file);
}

static bool mailbox_files(const struct config_reading *r, const struct relay_mailbox *m)
{
	return judge_file(r, "mailbox", m->name, "password-file", m->password_file) &&
	       judge_file(r, "mailbox", m->name, "oauth||client-secret-file", m->oauth.client_secret_file) &&
	       judge_file(r, "mailbox", m->name, "oauth||refresh-token-file", m->oauth.refresh_token_file);
}

/* The relay would not start with it. */
static bool judge_certificate(const struct config_reading *r, const struct relay_settings *s)
{
	struct err e = { 0 };
	char text[400];
	if (!*s->cert_file)
		return true;
	CLEANUP(tls_identity_free)
	struct tls_identity *i = tls_identity_load(s->cert_file, s->key_file, (long long)time(NULL), &e);
	bool key = strcmp(s->key_file, s->cert_file) != 0 && !strcmp(e.what, s->key_file);
	return i || config_mistake(r, "certificate", "", key ? "key" : "file", "%s",
				   err_text(&e, text, sizeof(text)));
}

/* Nor with a key that cannot sign. */
static bool judge_sign(const struct config_reading *r, struct relay_sign *x)
{
	struct err e = { 0 };
	char text[400];
	const struct relay_settings one = { .signs = x, .nsigns = 1 };
	if (!judge_file(r, "sign", x->name, "key", x->key_file))
		return false;
	CLEANUP(signers_free) struct signers *signers = signers_new(&one, &e);
	return signers || config_mistake(r, "sign", x->name, "key", "%s: %s", x->key_file,
					 err_text(&e, text, sizeof(text)));
}

bool config_relay_files(const struct config *c, const struct relay_settings *s, struct err *e)
{
	const struct config_reading r = { c, NULL, e };
	bool ok = judge_file(&r, "", "", "ca-file", s->ca_file) &&
		  judge_file(&r, "certificate", "", "file", s->cert_file) &&
		  judge_file(&r, "certificate", "", "key", s->key_file) && judge_certificate(&r, s) &&
		  judge_file(&r, "identity-provider", "", "client-secret-file",
			     s->identity_provider.client_secret_file) &&
		  judge_file(&r, "http", "", "token-file", s->http.token_file);
	for (size_t i = 0; ok && i < s->nwebhooks; i++)
		ok = judge_file(&r, "webhook", s->webhooks[i].name, "secret-file",
				s->webhooks[i].secret_file);
	for (size_t i = 0; ok && i < s->nroutes; i++)
		ok = route_files(&r, &s->routes[i]);
	for (size_t i = 0; ok && i < s->naccounts; i++)
		ok = judge_file(&r, "account", s->accounts[i].name, "password-file",
				s->accounts[i].password_file);
	for (size_t i = 0; ok && i < s->nmailboxes; i++)
		ok = mailbox_files(&r, &s->mailboxes[i]);
	for (size_t i = 0; ok && i < s->npickups; i++)
		ok = judge_folder(&r, s->pickups[i].title, "", s->pickups[i].folder) &&
		     judge_folder(&r, s->pickups[i].title, "archive", s->pickups[i].archive) &&
		     judge_folder(&r, s->pickups[i].title, "attachments", s->pickups[i].attachments);
	for (size_t i = 0; ok && i < s->nsigns; i++)
		ok = judge_sign(&r, &s->signs[i]);
	return ok;
}
