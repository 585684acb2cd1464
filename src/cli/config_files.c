/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/config_files.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/config_place.h"
#include "cli/config_relay_inner.h"
#include "cli/who_may.h"
#include "net/tls_identity.h"
#include "relay/filter/sign.h"

/* ---- which ---- */

static void add(struct config_files *l, const char *block, const char *title, const char *option,
		const char *path, enum config_file_kind kind)
{
	if (*path)
		l->v[l->n++] = (struct config_file){ block, title, option, path, kind };
}

static void add_oauth(struct config_files *l, const char *block, const char *title,
		      const struct relay_oauth *o)
{
	add(l, block, title, "oauth||client-secret-file", o->client_secret_file, CONFIG_FILE_SECRET);
	add(l, block, title, "oauth||refresh-token-file", o->refresh_token_file, CONFIG_FILE_SECRET);
}

static void add_doors(struct config_files *l, const struct relay_settings *s)
{
	bool both = !strcmp(s->key_file, s->cert_file);
	add(l, "", "", "ca-file", s->ca_file, CONFIG_FILE_PUBLIC);
	if (!both)
		add(l, "certificate", "", "file", s->cert_file, CONFIG_FILE_PUBLIC);
	add(l, "certificate", "", both ? "file" : "key", s->key_file, CONFIG_FILE_RENEWED);
	add(l, "identity-provider", "", "client-secret-file", s->identity_provider.client_secret_file,
	    CONFIG_FILE_SECRET);
	add(l, "http", "", "token-file", s->http.token_file, CONFIG_FILE_SECRET);
	for (size_t i = 0; i < s->nwebhooks; i++)
		add(l, "webhook", s->webhooks[i].name, "secret-file", s->webhooks[i].secret_file,
		    CONFIG_FILE_SECRET);
	for (size_t i = 0; i < s->naccounts; i++)
		add(l, "account", s->accounts[i].name, "password-file", s->accounts[i].password_file,
		    CONFIG_FILE_SECRET);
}

static void add_ways(struct config_files *l, const struct relay_settings *s)
{
	for (size_t i = 0; i < s->nroutes; i++) {
		const struct relay_route *w = &s->routes[i];
		add(l, "route", w->name, "password-file", w->password_file, CONFIG_FILE_SECRET);
		add_oauth(l, "route", w->name, &w->oauth);
	}
	for (size_t i = 0; i < s->nmailboxes; i++) {
		const struct relay_mailbox *m = &s->mailboxes[i];
		add(l, "mailbox", m->name, "password-file", m->password_file, CONFIG_FILE_SECRET);
		add_oauth(l, "mailbox", m->name, &m->oauth);
	}
	for (size_t i = 0; i < s->nsigns; i++)
		add(l, "sign", s->signs[i].name, "key", s->signs[i].key_file, CONFIG_FILE_SECRET);
}

enum { ONE_EACH = 5, OF_A_WAY = 3 };

struct config_files config_files(const struct relay_settings *s, struct arena *a)
{
	struct config_files l = { 0 };
	size_t most =
		ONE_EACH + s->nwebhooks + s->naccounts + OF_A_WAY * (s->nroutes + s->nmailboxes) + s->nsigns;
	l.v = arena_alloc(a, most * sizeof(*l.v));
	add_doors(&l, s);
	add_ways(&l, s);
	return l;
}

/* ---- whether they can be used ---- */

/* No permission is no mistake in the file; always false. */
static bool unreadable(const struct config_reading *r, const char *block, const char *title,
		       const char *option, const char *path, int no)
{
	if (no != EACCES)
		return config_mistake(r, block, title, option, "%s cannot be read: %s", path, strerror(no));
	ERR_FILL(r->e, ERR_SYS, no, "read", "%s", path);
	CLEANUP(arena_free) struct arena *a = arena_new();
	return err_detail(r->e, "%s:%u names it: %s", r->c->path,
			  config_place(r->c->text, block, title, option), who_may(NULL, a));
}

static bool judge_folder(const struct config_reading *r, const char *title, const char *option,
			 const char *folder)
{
	if (!*folder || access(folder, R_OK) == 0)
		return true;
	return unreadable(r, "pickup", title, option, folder, errno);
}

static bool judge_file(const struct config_reading *r, const struct config_file *f)
{
	struct stat about;
	bool there = !stat(f->path, &about);
	if (there && S_ISDIR(about.st_mode))
		return config_mistake(r, f->block, f->title, f->option, "%s is a folder: name the file in it",
				      f->path);
	if (there && !strcmp(f->option, "password-file") && !about.st_size && S_ISREG(about.st_mode))
		return config_mistake(r, f->block, f->title, f->option,
				      "%s is empty: put the password into its first line", f->path);
	return access(f->path, R_OK) == 0 || unreadable(r, f->block, f->title, f->option, f->path, errno);
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
	CLEANUP(signers_free) struct signers *signers = signers_new(&one, &e);
	return signers || config_mistake(r, "sign", x->name, "key", "%s: %s", x->key_file,
					 err_text(&e, text, sizeof(text)));
}

bool config_relay_files(const struct config *c, const struct relay_settings *s, struct err *e)
{
	const struct config_reading r = { c, NULL, e };
	const struct config_files files = config_files(s, s->arena);
	bool ok = true;
	for (size_t i = 0; ok && i < files.n; i++)
		ok = judge_file(&r, &files.v[i]);
	ok = ok && judge_certificate(&r, s);
	for (size_t i = 0; ok && i < s->npickups; i++)
		ok = judge_folder(&r, s->pickups[i].title, "", s->pickups[i].folder) &&
		     judge_folder(&r, s->pickups[i].title, "archive", s->pickups[i].archive) &&
		     judge_folder(&r, s->pickups[i].title, "attachments", s->pickups[i].attachments);
	for (size_t i = 0; ok && i < s->nsigns; i++)
		ok = judge_sign(&r, &s->signs[i]);
	return ok;
}
