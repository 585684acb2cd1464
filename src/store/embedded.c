/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "store/embedded_inner.h"
#include "store/fault.h"

#define DAYS_MS (INT64_C(24) * 3600 * 1000)
enum { TRAIL_DAYS = 30, KEY_DAYS = 7 };

/* ---- open and close ---- */

static void init(struct embedded *s, const struct store_options *o)
{
	s->base.ops = &store_embedded;
	s->o = *o;
	s->path = mem_strdup(o->path);
	s->o.path = s->path;
	s->o.segment_bytes = room_segment(o);
	s->o.trail_keep_ms = o->trail_keep_ms ? o->trail_keep_ms : TRAIL_DAYS * DAYS_MS;
	s->o.key_keep_ms = o->key_keep_ms ? o->key_keep_ms : KEY_DAYS * DAYS_MS;
	s->now_ms = o->now_ms;
	s->dir = s->bodies_dir = s->lock_fd = -1;
	pthread_condattr_t clock;
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_mutex_init(&s->live_lock, NULL);
	pthread_mutex_init(&s->lock, NULL);
	pthread_mutex_init(&s->index_lock, NULL);
	pthread_mutex_init(&s->ask_lock, NULL);
	pthread_cond_init(&s->work, &clock);
	pthread_cond_init(&s->idle, &clock);
	pthread_cond_init(&s->index_work, &clock);
	pthread_cond_init(&s->index_idle, &clock);
	pthread_condattr_destroy(&clock);
	queue_init(&s->waiting);
	queue_init(&s->to_index);
	outcomes_init(&s->outcomes);
	s->keys = keys_new();
	s->changed = keys_new();
}

/* The folder's own name, too, must survive a power cut; it may not be ours to open, then its maker saw to it.
 */
static bool name_durable(struct embedded *s, struct err *e)
{
	CLEANUP(close_fd) int parent = openat(s->dir, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return parent < 0 || !fsync(parent) || errno == EROFS ||
	       store_fault(e, errno, "sync the folder above", s->path);
}

static bool open_folder(struct embedded *s, struct err *e)
{
	if (s->o.mode == STORE_OWN && mkdir(s->path, 0700) && errno != EEXIST)
		return store_fault(e, errno, "make", s->path);
	s->dir = open(s->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dir < 0)
		return store_fault(e, errno, "open the store", s->path);
	return s->o.mode == STORE_READ || name_durable(s, e);
}

enum { PID_TEXT = 24 };

/* For whoever wants the folder meanwhile; where the disk has no room for it, nobody is named. */
static void note_owner(int fd)
{
	char text[PID_TEXT];
	int n = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	if (!ftruncate(fd, 0))
		(void)!pwrite(fd, text, (size_t)n, 0);
}

static bool is_owned(int fd, const char *path, struct err *e)
{
	char text[PID_TEXT] = "", who[PID_TEXT + 16] = "";
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
	long pid = n > 0 ? strtol(text, NULL, 10) : 0;
	if (pid > 0)
		snprintf(who, sizeof(who), " (process %ld)", pid);
	ERR_FILL(e, ERR_SYS, EWOULDBLOCK, "own the store", "%s", path);
	if (e)
		e->detail[0] = '\0';
	return err_detail(e, "another postrider%s has it: stop that one first (systemctl stop postrider)",
			  who);
}

static bool lock_folder(struct embedded *s, struct err *e)
{
	s->lock_fd = openat(s->dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (s->lock_fd < 0)
		return store_fault(e, errno, "open the lock of", s->path);
	if (flock(s->lock_fd, LOCK_EX | LOCK_NB))
		return is_owned(s->lock_fd, s->path, e);
	note_owner(s->lock_fd);
	return true;
}

static void clear(struct embedded *s)
{
	writer_stop(s);
	indexer_stop(s);
	index_close(&s->lookup);
	index_close(&s->next_lookup);
	index_close(&s->ask);
	index_close(&s->index);
	live_free(&s->live);
	fresh_clear(&s->fresh);
	keys_free(&s->keys);
	keys_free(&s->changed);
	suppressed_free(&s->suppressed);
	if (s->bodies_dir >= 0)
		segments_close(&s->segments);
	outcomes_clear(&s->outcomes);
	close_fd(&s->lock_fd);
	close_fd(&s->bodies_dir);
	close_fd(&s->dir);
	pthread_mutex_destroy(&s->live_lock);
	pthread_mutex_destroy(&s->lock);
	pthread_mutex_destroy(&s->index_lock);
	pthread_mutex_destroy(&s->ask_lock);
	pthread_cond_destroy(&s->work);
	pthread_cond_destroy(&s->idle);
	pthread_cond_destroy(&s->index_work);
	pthread_cond_destroy(&s->index_idle);
	free(s->path);
	free(s);
}

static void do_close(struct store *base)
{
	clear(embedded_of(base));
}

static void do_idle(struct store *base, size_t company)
{
	struct embedded *s = embedded_of(base);
	pthread_mutex_lock(&s->lock);
	bool few = company < COMPANY_LEAST || s->urgent >= company - company / COMPANY_REST;
	s->quiet = true;
	bool wake = s->urgent && !s->alone && few;
	s->alone = s->alone || wake;
	pthread_mutex_unlock(&s->lock);
	if (wake)
		pthread_cond_signal(&s->work);
}

static size_t do_behind(struct store *base)
{
	struct embedded *s = embedded_of(base);
	pthread_mutex_lock(&s->lock);
	size_t n = s->waiting.n;
	pthread_mutex_unlock(&s->lock);
	pthread_mutex_lock(&s->index_lock);
	n = s->index_err.kind == ERR_NONE ? n + s->index_pending : 0;
	pthread_mutex_unlock(&s->index_lock);
	return n;
}

static void do_settle(struct store *base)
{
	struct embedded *s = embedded_of(base);
	/* Keeping house may submit changes of its own. */
	for (bool more = true; more;) {
		pthread_mutex_lock(&s->lock);
		while (s->writer_runs && (s->waiting.head || s->writing))
			pthread_cond_wait(&s->idle, &s->lock);
		pthread_mutex_unlock(&s->lock);
		indexer_flush(s);
		pthread_mutex_lock(&s->lock);
		more = s->writer_runs && (s->waiting.head || s->writing);
		pthread_mutex_unlock(&s->lock);
	}
}

static bool start(struct embedded *s, struct err *e)
{
	mode_t old = umask(077);
	bool ok = open_folder(s, e) && (s->o.mode == STORE_READ || lock_folder(s, e)) && recover(s, e);
	umask(old);
	if (!ok || s->o.mode == STORE_READ)
		return ok;
	/* A full disk is no reason not to start: what is stored can still be sent. */
	struct err why = { 0 };
	if (!segments_rotate(&s->segments, s->o.now_ms, &why))
		trouble_report(s, &why);
	if (!indexer_start(s, e) || !writer_start(s, e))
		return false;
	room_check(s);
	if (!recover_unfinished(s, e))
		return false;
	do_settle(&s->base);
	return true;
}

static bool do_open(const struct store_options *o, struct store **out, struct err *e)
{
	struct embedded *s = mem_alloc(sizeof(*s));
	init(s, o);
	if (!start(s, e)) {
		clear(s);
		return false;
	}
	*out = &s->base;
	return true;
}

/* ---- outcomes ---- */

static int do_wake_fd(const struct store *base)
{
	return embedded_of(base)->outcomes.fd;
}

static size_t do_take_done(struct store *base, struct store_done *out, size_t max)
{
	return outcomes_take(&embedded_of(base)->outcomes, out, max);
}

/* ---- keeping house ---- */

static void do_tidy(struct store *base, int64_t now_ms)
{
	struct embedded *s = embedded_of(base);
	pthread_mutex_lock(&s->lock);
	time_given(s, now_ms);
	pthread_mutex_unlock(&s->lock);
	room_check(s);
	pthread_mutex_lock(&s->index_lock);
	s->tidy = true;
	s->index_pending++; /* settle waits for it, too */
	s->tidies++;
	pthread_cond_signal(&s->index_work);
	pthread_mutex_unlock(&s->index_lock);
}

static void do_health(struct store *base, struct store_health *out)
{
	struct embedded *s = embedded_of(base);
	struct statvfs v;
	*out = (struct store_health){ 0 };
	pthread_mutex_lock(&s->lock);
	out->accepting = !s->refusing;
	out->err = s->refusal;
	pthread_mutex_unlock(&s->lock);
	pthread_mutex_lock(&s->index_lock);
	out->unsearchable = s->index_pending;
	out->index_err = s->index_err;
	pthread_mutex_unlock(&s->index_lock);
	pthread_mutex_lock(&s->live_lock);
	out->live = s->live ? live_count(s->live) : 0;
	pthread_mutex_unlock(&s->live_lock);
	uint64_t standing_by = segments_standing_by(&s->segments);
	out->used_bytes = segments_bytes(&s->segments) + standing_by +
			  __atomic_load_n(&s->index_used, __ATOMIC_RELAXED);
	out->reusable_bytes = __atomic_load_n(&s->index_reusable, __ATOMIC_RELAXED) + standing_by;
	bool seen = !fstatvfs(s->dir, &v);
	out->free_bytes = seen ? (uint64_t)v.f_bavail * v.f_frsize : 0;
	out->reserve_bytes = seen ? room_reserve(s, &v) : s->o.reserve_bytes;
	out->messages_taken = __atomic_load_n(&s->messages, __ATOMIC_RELAXED);
	out->marks_taken = __atomic_load_n(&s->marks, __ATOMIC_RELAXED);
	out->groups = __atomic_load_n(&s->groups, __ATOMIC_RELAXED);
	out->syncs = __atomic_load_n(&s->segments.syncs, __ATOMIC_RELAXED);
	out->skipped = __atomic_load_n(&s->skipped, __ATOMIC_RELAXED);
	out->suppressed = suppressed_count(s->suppressed);
	out->moved = __atomic_load_n(&s->moved, __ATOMIC_RELAXED);
	out->segments = segments_count(&s->segments);
}

static bool do_catch_up(struct store *base, int ms)
{
	return indexer_catch_up(embedded_of(base), ms);
}

const struct store_ops store_embedded = {
	.name = "embedded",
	.open = do_open,
	.close = do_close,
	.body_begin = body_begin,
	.body_append = body_append,
	.body_prepend = body_prepend,
	.body_size = body_size,
	.body_id = body_id,
	.body_take_id = body_take_id,
	.body_free = body_free,
	.body_look = body_look,
	.body_open = body_open,
	.reader_next = reader_next,
	.reader_free = reader_free,
	.accept = submit_message,
	.mark = submit_marks,
	.wake_fd = do_wake_fd,
	.take_done = do_take_done,
	.idle = do_idle,
	.behind = do_behind,
	.settle = do_settle,
	.catch_up = do_catch_up,
	.claim = claim_lane,
	.claim_message = claim_message,
	.claim_renew = claim_renew,
	.claim_release = claim_release,
	.claims_expire = claims_expire,
	.under_way = claim_under_way,
	.sending = claim_sending,
	.lane_next = lane_next_due,
	.lane_account = lane_account_next,
	.turn = lane_turn_of,
	.each_live = look_each_live,
	.fetch = look_fetch,
	.fetch_open = look_fetch_open,
	.trail = look_trail,
	.hold = look_hold,
	.let_go = look_let_go,
	.find = look_find,
	.lanes = look_lanes,
	.suppress = submit_suppression,
	.is_suppressed = look_is_suppressed,
	.each_suppressed = look_each_suppressed,
	.place = look_place,
	.changes = look_changes,
	.tidy = do_tidy,
	.health = do_health,
};
