/* SPDX-License-Identifier: Apache-2.0 */
/* What works and should be mended all the same: secrets that others on this machine may read, a certificate
 * that runs out soon, a user who is not here. */
#include <libgen.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/text_time.h"
#include "cli/config_place.h"
#include "cli/config_relay.h"
#include "cli/config_relay_inner.h"
#include "net/tls_identity.h"

enum { SOON_S = 14 * 86400 };

struct doubts {
	const struct config *c;
	struct strlist *out;
	struct arena *arena;
};

static void add(const struct doubts *d, const char *block, const char *title, const char *option,
		const char *words)
{
	unsigned line = config_place(d->c->text, block, title, option);
	strlist_add(d->out, d->arena, arena_printf(d->arena, "%s:%u: %s", d->c->path, line, words));
}

/* Whoever cannot enter one of the folders above it cannot read the file. */
static bool is_open(const char *file)
{
	struct stat st;
	if (stat(file, &st) || !(st.st_mode & S_IROTH))
		return false;
	CLEANUP(mem_free) char *path = realpath(file, NULL);
	if (!path)
		return false;
	for (char *folder = dirname(path); *folder == '/' && folder[1]; folder = dirname(folder))
		if (stat(folder, &st) || !(st.st_mode & S_IXOTH))
			return false;
	return true;
}

static void look(const struct doubts *d, const char *block, const char *title, const char *option,
		 const char *file)
{
	if (*file && is_open(file))
		add(d, block, title, option,
		    arena_printf(d->arena,
				 "everybody on this machine can read %s: give it to the user that the relay "
				 "runs as, and chmod 600 it",
				 file));
}

static void look_oauth(const struct doubts *d, const char *block, const char *title,
		       const struct relay_oauth *o)
{
	look(d, block, title, "oauth||client-secret-file", o->client_secret_file);
	look(d, block, title, "oauth||refresh-token-file", o->refresh_token_file);
}

static void look_ways(const struct doubts *d, const struct relay_settings *s)
{
	for (size_t i = 0; i < s->nroutes; i++) {
		look(d, "route", s->routes[i].name, "password-file", s->routes[i].password_file);
		look_oauth(d, "route", s->routes[i].name, &s->routes[i].oauth);
	}
	for (size_t i = 0; i < s->nmailboxes; i++) {
		look(d, "mailbox", s->mailboxes[i].name, "password-file", s->mailboxes[i].password_file);
		look_oauth(d, "mailbox", s->mailboxes[i].name, &s->mailboxes[i].oauth);
	}
	for (size_t i = 0; i < s->nsigns; i++)
		look(d, "sign", s->signs[i].name, "key", s->signs[i].key_file);
}

static void look_doors(const struct doubts *d, const struct relay_settings *s)
{
	look(d, "certificate", "", strcmp(s->key_file, s->cert_file) != 0 ? "key" : "file", s->key_file);
	look(d, "identity-provider", "", "client-secret-file", s->identity_provider.client_secret_file);
	look(d, "http", "", "token-file", s->http.token_file);
	for (size_t i = 0; i < s->naccounts; i++)
		look(d, "account", s->accounts[i].name, "password-file", s->accounts[i].password_file);
	for (size_t i = 0; i < s->nwebhooks; i++)
		look(d, "webhook", s->webhooks[i].name, "secret-file", s->webhooks[i].secret_file);
}

static void look_profiles(const struct doubts *d)
{
	const struct config_profile *p;
	for (size_t i = 0; (p = config_profile_at(d->c, i)); i++) {
		look(d, "profile", p->name, "password-file", p->password_file);
		look(d, "profile", p->name, "oauth||client-secret-file", p->oauth.client_secret_file);
		look(d, "profile", p->name, "oauth||refresh-token-file", p->oauth.refresh_token_file);
		if (strcmp(p->mailbox.password_file, p->password_file) != 0) /* else it is that one */
			look(d, "profile", p->name, "mailbox||password-file", p->mailbox.password_file);
	}
}

static void look_certificate(const struct doubts *d, const struct relay_settings *s)
{
	struct err e = { 0 };
	char day[TEXT_TIME_BYTES];
	CLEANUP(tls_identity_free)
	struct tls_identity *i = *s->cert_file ? tls_identity_load(s->cert_file, s->key_file, 0, &e) : NULL;
	long long end = i ? tls_identity_cert(i)->not_after : 0;
	if (i && end < (long long)time(NULL) + SOON_S)
		add(d, "certificate", "", "file",
		    arena_printf(d->arena, "%s runs out at %s: renew it", s->cert_file, text_time(end, day)));
}

/* Perhaps it is checked here and runs elsewhere. */
static void look_user(const struct doubts *d, const struct relay_settings *s)
{
	if (*s->user && !getpwnam(s->user))
		add(d, "", "", "user",
		    arena_printf(
			    d->arena,
			    "there is no user %s on this machine, and the relay would not start: adduser "
			    "--system --group %s",
			    s->user, s->user));
}

struct strlist config_doubts(const struct config *c, const struct relay_settings *s, struct arena *a)
{
	struct strlist out = { 0 };
	const struct doubts d = { c, &out, a };
	look_user(&d, s);
	look_certificate(&d, s);
	look_doors(&d, s);
	look_ways(&d, s);
	look_profiles(&d);
	return out;
}
