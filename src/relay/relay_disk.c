/* SPDX-License-Identifier: Apache-2.0 */
/* What of the running relay is on its disk: opened together, and where there is no room, again later. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "relay/bounce/return_path.h"
#include "relay/control.h"
#include "relay/door/usage.h"
#include "relay/lane/ledger.h"
#include "relay/lane/schedule.h"
#include "relay/log_missed.h"
#include "relay/relay_inner.h"

enum { SECOND_MS = 1000 };

static void on_store_trouble(void *user, const struct err *e)
{
	relay_tell(user, e);
}

static bool on_disk(void *user, const struct store_done *d)
{
	struct relay_ticket *t = d->user;
	(void)user;
	return t && t->at_once && t->at_once(t, d);
}

static bool make_folder(const char *path, struct err *e)
{
	if (mkdir(path, 0700) == 0 || errno == EEXIST)
		return true;
	ERR_FILL(e, ERR_SYS, errno, "make folder", "%s", path);
	return err_detail(e, "%s: make it, or name another as data = \"...\"", strerror(errno));
}

/* With room for how pauses are spread, and for what a server may ask for.  What waits longer was put off by a
 * clock that was ahead. */
static int64_t wait_max_ms(const struct relay_retry *r)
{
	int64_t most_s = r->most_s > r->first_s ? r->most_s : r->first_s;
	return 2 * SECOND_MS * (most_s > SCHEDULE_HINT_MOST_S ? most_s : SCHEDULE_HINT_MOST_S);
}

static bool open_store(struct relay *r, struct err *e)
{
	const struct store_options o = { .path = r->settings->data,
					 .mode = STORE_OWN,
					 .now_ms = relay_now_ms(),
					 .budget_bytes = (uint64_t)r->settings->keep.budget,
					 .body_keep_ms = r->settings->keep.bodies_s * SECOND_MS,
					 .trail_keep_ms = r->settings->keep.trails_s * SECOND_MS,
					 .wait_max_ms = wait_max_ms(&r->settings->retry),
					 .key_keep_ms = r->settings->keep.keys_s * SECOND_MS,
					 .done = on_disk,
					 .report = on_store_trouble,
					 .report_user = r };
	return store_open(&o, &r->store, e);
}

static bool open_log(struct relay *r, struct err *e)
{
	CLEANUP(mem_free) char *path = mem_printf("%s/log", r->settings->data);
	r->log = relay_log_open(path, e);
	if (r->log)
		relay_log_bound(r->log, (uint64_t)r->settings->keep.conversation);
	return r->log;
}

static bool open_ledger(struct relay *r, struct err *e)
{
	CLEANUP(mem_free) char *path = mem_printf("%s/ledger", r->settings->data);
	return ledger_open(path, relay_now_ms(), &r->ledger, e);
}

/* The log stays: it says the same trouble once only. */
static void disk_close(struct relay *r)
{
	control_free(&r->control);
	ledger_close(&r->ledger);
	store_close(&r->store);
}

static bool open_parts(struct relay *r, struct err *e)
{
	if (!make_folder(r->settings->data, e) || (!r->log && !open_log(r, e)) || !open_store(r, e))
		return false;
	store_settle(r->store);
	log_missed_tell(r);
	if (!return_path_key(r->settings->data, &r->return_key, e) ||
	    !usage_count(r->usage, r->store, r->settings, relay_now_ms(), e) || !open_ledger(r, e))
		return false;
	r->control = control_new(r, e);
	return r->control;
}

bool disk_open(struct relay *r, struct err *e)
{
	if (open_parts(r, e))
		return true;
	disk_close(r);
	return false;
}

bool relay_wants_room(const struct err *e)
{
	return e->kind == ERR_SYS && (e->code == ENOSPC || e->code == EDQUOT);
}

bool relay_has_room(const struct relay *r)
{
	struct statvfs v;
	if (statvfs(r->settings->data, &v))
		return true; /* opening says what is wrong */

	bool files = !v.f_files || v.f_favail; /* some file systems count none */
	return files && (uint64_t)v.f_bavail * v.f_frsize >= RELAY_ROOM_MIB * 1024ull * 1024;
}
