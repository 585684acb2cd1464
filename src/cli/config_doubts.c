/* SPDX-License-Identifier: Apache-2.0 */
/* What works and should be mended all the same: secrets that others on this machine may read, a certificate
 * that runs out soon, a profile's file that is not there, a user who is not here, or who cannot read what the
 * relay will read again. */
#include <errno.h>
#include <grp.h>
#include <libgen.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/text_time.h"
#include "cli/config_files.h"
#include "cli/config_place.h"
#include "cli/config_relay_inner.h"
#include "cli/privilege.h"
#include "net/tls_identity.h"
#include "relay/door/passwords.h"

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

static void look_files(const struct doubts *d, const struct relay_settings *s)
{
	const struct config_files files = config_files(s, d->arena);
	for (size_t i = 0; i < files.n; i++) {
		const struct config_file *f = &files.v[i];
		if (f->kind != CONFIG_FILE_PUBLIC)
			look(d, f->block, f->title, f->option, f->path);
	}
}

/* Whoever puts a file there sends mail, in whatever name. */
static void look_pickups(const struct doubts *d, const struct relay_settings *s)
{
	struct stat st;
	for (size_t i = 0; i < s->npickups; i++)
		if (!stat(s->pickups[i].folder, &st) && st.st_mode & S_IWOTH)
			add(d, "pickup", s->pickups[i].title, "",
			    arena_printf(d->arena,
					 "everybody on this machine can put mail into %s: chmod o-w %s",
					 s->pickups[i].folder, s->pickups[i].folder));
}

static void look_hash(const struct doubts *d, const char *block, const char *title, const char *option,
		      const char *hash)
{
	if (passwords_is_weak(hash))
		add(d, block, title, option,
		    "this hash is of an old, fast method: whoever gets it finds out the password; make "
		    "another with mkpasswd -m yescrypt");
}

static void look_hashes(const struct doubts *d, const struct relay_settings *s)
{
	for (size_t i = 0; i < s->naccounts; i++)
		look_hash(d, "account", s->accounts[i].name, "password-hash", s->accounts[i].password_hash);
	for (size_t i = 0; i < s->http.nusers; i++)
		look_hash(d, "http", "",
			  arena_printf(d->arena, "login|%s|password-hash", s->http.users[i].name),
			  s->http.users[i].password_hash);
}

/* Of a profile, which no relay reads when it starts: it would come out when mail is to go. */
static void look_there(const struct doubts *d, const char *profile, const char *option, const char *file)
{
	look(d, "profile", profile, option, file);
	if (*file && access(file, F_OK) && errno == ENOENT)
		add(d, "profile", profile, option, arena_printf(d->arena, "there is no file %s", file));
}

static void look_profiles(const struct doubts *d)
{
	const struct config_profile *p;
	for (size_t i = 0; (p = config_profile_at(d->c, i)); i++) {
		look_there(d, p->name, "password-file", p->password_file);
		look_there(d, p->name, "oauth||client-secret-file", p->oauth.client_secret_file);
		look_there(d, p->name, "oauth||refresh-token-file", p->oauth.refresh_token_file);
		if (strcmp(p->mailbox.password_file, p->password_file) != 0) /* else it is that one */
			look_there(d, p->name, "mailbox||password-file", p->mailbox.password_file);
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
	if (!*s->user && s->nlistens && geteuid() == 0)
		add(d, "", "", "user",
		    "started by root, it stays root: adduser --system --group postrider, and add user = "
		    "\"postrider\"");
}

/* Who a running relay is: its user, else whoever asks.  Of a copy: the next question overwrites the answer.
 */
struct reader {
	const char *name, *group; /* name NULL: unknown, or root, who reads all */
};

static struct reader reader_of(const struct relay_settings *s, struct arena *a)
{
	const struct passwd *who = geteuid() == 0 ? getpwnam(s->user) : getpwuid(geteuid());
	const struct group *its = who ? getgrgid(who->pw_gid) : NULL;
	if (!who || !who->pw_uid)
		return (struct reader){ 0 };
	const char *name = arena_strdup(a, who->pw_name);
	return (struct reader){ name, its ? arena_strdup(a, its->gr_name) : name };
}

/* What to type, that it may be read, or entered.  A group that may is there for that. */
static const char *open_to(const struct reader *who, const char *bar, struct arena *a)
{
	struct stat st = { 0 };
	bool there = stat(bar, &st) == 0, folder = there && S_ISDIR(st.st_mode);
	const struct group *its =
		there && st.st_gid && st.st_mode & (folder ? S_IXGRP : S_IRGRP) ? getgrgid(st.st_gid) : NULL;
	if (its)
		return arena_printf(a, "adduser %s %s, and start it anew", who->name, its->gr_name);
	return arena_printf(a, "chgrp %s %s && chmod %s %s%s", who->group, bar, folder ? "g+x" : "g+r", bar,
			    folder ? ", and check again" : "");
}

static void look_unreadable(const struct doubts *d, const struct reader *who, const struct config_file *f)
{
	const char *bar = privilege_bar(who->name, f->path, d->arena);
	if (!bar)
		return;
	bool renewed = f->kind == CONFIG_FILE_RENEWED;
	add(d, f->block, f->title, f->option,
	    arena_printf(d->arena, "%s, as whom the relay runs, cannot read %s%s: %s%s", who->name, f->path,
			 renewed ? ": once it is renewed, the former one goes on until it runs out" : "",
			 open_to(who, bar, d->arena),
			 renewed ? "; and the same in the deploy hook of what renews it" : ""));
}

struct strlist config_unreadable(const struct config *c, const struct relay_settings *s, struct arena *a)
{
	struct strlist out = { 0 };
	const struct doubts d = { c, &out, a };
	const struct config_file own = { "", "", "user", c->path, CONFIG_FILE_SECRET };
	const struct config_files files = config_files(s, a);
	const struct reader who = reader_of(s, a);
	if (!s->nlistens || !who.name)
		return out;
	look_unreadable(&d, &who, &own);
	for (size_t i = 0; i < files.n; i++)
		look_unreadable(&d, &who, &files.v[i]);
	return out;
}

struct strlist config_doubts(const struct config *c, const struct relay_settings *s, struct arena *a)
{
	struct strlist out = { 0 };
	const struct doubts d = { c, &out, a };
	look_user(&d, s);
	look_certificate(&d, s);
	look_files(&d, s);
	look_hashes(&d, s);
	look_pickups(&d, s);
	look_profiles(&d);
	const struct strlist unreadable = config_unreadable(c, s, a);
	for (size_t i = 0; i < unreadable.n; i++)
		strlist_add(&out, a, unreadable.v[i]);
	return out;
}
