/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/folder.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/config_relay.h"
#include "cli/who_may.h"

enum {
	FRESH_MS = 5000, /* an id given that lately may not be searchable yet */
	PATIENCE_MS = 2000,
	LOOK_MS = 20
};

static const char folder_default[] = "/var/lib/postrider";

int64_t folder_now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

const char *folder_find(const char *config, const char *data, struct arena *a,
			struct relay_settings **settings, struct err *e)
{
	CLEANUP(config_free) struct config *c = NULL;
	const char *path = config ? config : config_default_path();
	*settings = NULL;
	if (data && !config)
		return data;
	if (!path)
		return folder_default;
	if (!config_load(path, &c, e) || !config_relay(c, settings, e))
		return NULL;
	return data ? data : arena_strdup(a, (*settings)->data);
}

bool folder_become_owner(const char *path, struct err *e)
{
	struct stat st;
	if (geteuid() != 0 || stat(path, &st) || !st.st_uid)
		return true;
	const struct passwd *p = getpwuid(st.st_uid);
	gid_t group = p ? p->pw_gid : st.st_gid;
	if (setgroups(0, NULL) == 0 && setgid(group) == 0 && setuid(st.st_uid) == 0)
		return true;
	return ERR_FILL(e, ERR_SYS, errno, "become the owner of", "%s", path);
}

/* A folder in which no relay has run yet is not broken. */
static bool has_store(const char *path)
{
	CLEANUP(mem_free) char *bodies = mem_printf("%s/bodies", path);
	return access(bodies, F_OK) == 0;
}

enum made { OPEN_ONLY, OPEN_NEW };

/* It is the reader who is another, not the folder: what the store would mend is in order. */
static bool forbidden(const char *path, struct err *e)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	*e = (struct err){ 0 };
	ERR_FILL(e, ERR_SYS, EACCES, "look into", "%s", path);
	return err_detail(e, "mail of others is kept there: %s", who_may(path, a));
}

static bool open_store(const struct store_options *o, const struct stat *st, struct store **out,
		       struct err *e)
{
	if (store_open(o, out, e))
		return true;
	bool others = e->kind == ERR_SYS && e->code == EACCES && st->st_uid != geteuid();
	return others && forbidden(o->path, e);
}

static bool open_in(const char *path, enum store_mode mode, enum made made, struct store **out, struct err *e)
{
	const struct store_options o = { .path = path, .mode = mode, .now_ms = folder_now_ms() };
	if (!folder_become_owner(path, e))
		return false;
	struct stat st = { 0 };
	if (stat(path, &st) == 0 && !S_ISDIR(st.st_mode)) {
		ERR_FILL(e, ERR_USAGE, 0, "look into", "%s", path);
		return err_detail(e,
				  "it is a file; name the relay's folder: --data DIR, or its configuration: "
				  "--config FILE");
	}
	int need = mode == STORE_OWN ? R_OK | W_OK | X_OK : R_OK | X_OK;
	if (access(path, need) == 0 && (made == OPEN_NEW || has_store(path)))
		return open_store(&o, &st, out, e);
	if (errno == EACCES)
		return forbidden(path, e);
	ERR_FILL(e, errno == ENOENT ? ERR_USAGE : ERR_SYS, errno, "look into", "%s", path);
	return err_detail(e, "%s",
			  errno == ENOENT
				  ? "no relay has kept mail there; name its folder: --data DIR, or its "
				    "configuration: --config FILE"
				  : strerror(errno));
}

bool folder_open(const char *path, enum store_mode mode, struct store **out, struct err *e)
{
	return open_in(path, mode, OPEN_ONLY, out, e);
}

bool folder_open_new(const char *path, struct store **out, struct err *e)
{
	return open_in(path, STORE_OWN, OPEN_NEW, out, e);
}

static bool was_just_given(struct store_id id, int64_t now_ms)
{
	return id.seq >= store_id_floor(now_ms - FRESH_MS);
}

int folder_trail(struct store *s, struct store_id id, struct arena *a, struct store_trail *out, struct err *e)
{
	int64_t begun = folder_now_ms();
	for (;;) {
		int r = store_trail(s, id, a, out, e);
		int64_t now = folder_now_ms();
		if (r || !was_just_given(id, now) || now > begun + PATIENCE_MS)
			return r;
		nanosleep(&(struct timespec){ 0, LOOK_MS * 1000000L }, NULL);
	}
}
