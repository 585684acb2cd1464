/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "store/embedded_inner.h"
#include "store/fault.h"

#define DAYS_MS (INT64_C(24) * 3600 * 1000)
enum { RESERVE_BYTES = 64 * 1024 * 1024, TRAIL_DAYS = 30, KEY_DAYS = 7 };

/* ---- open and close ---- */

static void init(struct embedded *s, const struct store_options *o)
{
	s->base.ops = &store_embedded;
	s->o = *o;
	s->path = mem_strdup(o->path);
	s->o.path = s->path;
	s->o.reserve_bytes = o->reserve_bytes ? o->reserve_bytes : RESERVE_BYTES;
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

static bool lock_folder(struct embedded *s, struct err *e)
{
	s->lock_fd = openat(s->dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (s->lock_fd < 0)
		return store_fault(e, errno, "open the lock of", s->path);
	if (!flock(s->lock_fd, LOCK_EX | LOCK_NB))
		return true;
	ERR_FILL(e, ERR_USAGE, errno, "own the store", "%s", s->path);
	if (e)
		e->detail[0] = '\0';
	return err_detail(e, "another postrider has it: stop that one first (systemctl stop postrider)");
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
	keys_free(&s->keys);
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

/* ---- claims ---- */

/* What was in doubt only in memory is written now. */
static void write_doubt(struct embedded *s, const struct store_claim *c, int64_t now_ms, bool dot)
{
	struct store_mark m = {
		.id = c->id, .rcpt = c->rcpt, .at_ms = now_ms, .next_ms = now_ms, .tries = c->tries
	};
	m.state = dot ? STORE_IN_DOUBT : c->tries ? STORE_DELAYED : STORE_QUEUED;
	m.why = dot ? STR_LIT("the session was given up after the final dot, before the reply")
		    : STR_LIT("the session was given up");
	submit_internal(s, &m);
}

static void give_back(struct embedded *s, const struct store_claim *c, int64_t now_ms)
{
	bool dot = false, written = false;
	pthread_mutex_lock(&s->live_lock);
	bool ours = live_release(s->live, c, now_ms, &dot, &written);
	pthread_mutex_unlock(&s->live_lock);
	if (ours && written)
		write_doubt(s, c, now_ms, dot);
}

static void do_claim_release(struct store *base, const struct store_claim *c, int64_t now_ms)
{
	give_back(embedded_of(base), c, now_ms);
}

static size_t do_claims_expire(struct store *base, int64_t now_ms)
{
	struct embedded *s = embedded_of(base);
	struct store_claim c;
	pthread_mutex_lock(&s->live_lock);
	live_clock(s->live, now_ms);
	pthread_mutex_unlock(&s->live_lock);
	for (size_t n = 0;; n++) {
		pthread_mutex_lock(&s->live_lock);
		bool any = live_expired(s->live, now_ms, &c);
		pthread_mutex_unlock(&s->live_lock);
		if (!any)
			return n;
		give_back(s, &c, now_ms);
	}
}

static size_t do_claim(struct store *base, struct str lane, unsigned owner, int64_t now_ms, int64_t lease_ms,
		       struct store_claim *out, size_t max)
{
	struct embedded *s = embedded_of(base);
	do_claims_expire(base, now_ms);
	pthread_mutex_lock(&s->live_lock);
	size_t n = live_claim(s->live, lane, owner, now_ms, now_ms + lease_ms, out, max);
	pthread_mutex_unlock(&s->live_lock);
	return n;
}

static size_t do_claim_message(struct store *base, struct store_id id, struct str lane, unsigned owner,
			       int64_t now_ms, int64_t lease_ms, struct store_claim *out, size_t max)
{
	struct embedded *s = embedded_of(base);
	pthread_mutex_lock(&s->live_lock);
	size_t n = live_claim_message(s->live, id, lane, owner, now_ms, now_ms + lease_ms, out, max);
	pthread_mutex_unlock(&s->live_lock);
	return n;
}

static bool do_claim_one(struct store *base, struct store_id id, uint32_t rcpt, unsigned owner,
			 int64_t now_ms, int64_t lease_ms, struct store_claim *out)
{
	struct embedded *s = embedded_of(base);
	do_claims_expire(base, now_ms);
	pthread_mutex_lock(&s->live_lock);
	bool ok = live_claim_one(s->live, id, rcpt, owner, now_ms + lease_ms, out);
	pthread_mutex_unlock(&s->live_lock);
	return ok;
}

static bool do_claim_renew(struct store *base, const struct store_claim *c, int64_t until_ms)
{
	struct embedded *s = embedded_of(base);
	pthread_mutex_lock(&s->live_lock);
	bool ok = live_renew(s->live, c, until_ms);
	pthread_mutex_unlock(&s->live_lock);
	return ok;
}

static int64_t do_lane_next(struct store *base, struct str lane, size_t *n)
{
	struct embedded *s = embedded_of(base);
	pthread_mutex_lock(&s->live_lock);
	int64_t next = live_lane_next(s->live, lane, n);
	pthread_mutex_unlock(&s->live_lock);
	return next;
}

/* ---- looking ---- */

static bool with_live(struct embedded *s, struct err *e)
{
	/* A reader fills its own table when it is first asked about the queue. */
	if (s->live)
		return true;
	s->live = live_new(0);
	return index_load(s->ask, s->live, e);
}

static void do_each_live(struct store *base, bool (*fn)(void *user, const struct store_live *row), void *user)
{
	struct embedded *s = embedded_of(base);
	pthread_mutex_lock(&s->live_lock);
	if (with_live(s, NULL))
		live_each(s->live, fn, user);
	pthread_mutex_unlock(&s->live_lock);
}

static void present_states(struct embedded *s, struct store_message *m, struct arena *a)
{
	struct str live = { 0 }, ours = { 0 }; /* the lane's name goes with its last recipient */
	pthread_mutex_lock(&s->live_lock);
	struct live_message *l = live_find(s->live, m->id);
	for (size_t i = 0; i < m->nrcpts; i++) {
		struct store_rcpt *r = &m->rcpts[i];
		struct store_rcpt now = *r;
		if (!l || !live_rcpt(l, (uint32_t)i, &now, NULL)) {
			if (store_state_live(r->state))
				r->state = STORE_NO_STATE; /* has ended: the trail says how */
			continue;
		}
		*r = now;
		if (r->lane.p != live.p) {
			live = r->lane;
			ours = arena_str(a, live);
		}
		r->lane = ours;
	}
	pthread_mutex_unlock(&s->live_lock);
}

static bool is_live(struct embedded *s, struct store_id id, struct err *e)
{
	char text[STORE_ID_TEXT];
	pthread_mutex_lock(&s->live_lock);
	bool live = s->live && live_find(s->live, id);
	pthread_mutex_unlock(&s->live_lock);
	return live || ERR_FILL(e, ERR_USAGE, 0, "find live message", "%s", store_id_text(id, text));
}

static bool read_envelope(struct embedded *s, struct store_id id, struct str meta, struct arena *a,
			  struct store_message *out, struct err *e)
{
	struct body_shape shape;
	char text[STORE_ID_TEXT];
	*out = (struct store_message){ .id = id };
	if (!unpack_message(arena_str(a, meta), a, out, &shape))
		return ERR_FILL(e, ERR_SYNTAX, 0, "read message", "%s", store_id_text(id, text));
	present_states(s, out, a);
	return true;
}

static bool do_fetch(struct store *base, struct store_id id, struct arena *a, struct store_message *out,
		     struct err *e)
{
	struct embedded *s = embedded_of(base);
	struct record_bytes r = { 0 };
	if (!is_live(s, id, e))
		return false;
	bool ok = stored_message(s, id, &r, NULL, e) && read_envelope(s, id, record_meta(&r), a, out, e);
	buf_clear(&r.bytes);
	return ok;
}

static struct store_reader *do_fetch_open(struct store *base, struct store_id id, struct arena *a,
					  struct store_message *out, struct err *e)
{
	struct embedded *s = embedded_of(base);
	struct store_reader *r = is_live(s, id, e) ? body_open(base, id, e) : NULL;
	if (r && !read_envelope(s, id, reader_envelope(r), a, out, e))
		reader_free(r);
	else
		return r;
	return NULL;
}

/* Damage met while looking: the indexer makes the index anew, or the next start does; meanwhile all that
 * needs no index goes on.  ask_lock is held. */
static void look_for_damage(struct embedded *s, const struct err *e)
{
	if (s->o.mode == STORE_READ || s->ask_broken || !index_broken(s->ask))
		return;
	s->ask_broken = true;
	broken_mark(s);
	if (e)
		trouble_report(s, e);
	pthread_mutex_lock(&s->index_lock);
	s->remake_asked = true;
	s->index_pending++; /* settle waits for it */
	pthread_cond_signal(&s->index_work);
	pthread_mutex_unlock(&s->index_lock);
}

static int do_trail(struct store *base, struct store_id id, struct arena *a, struct store_trail *out,
		    struct err *e)
{
	struct embedded *s = embedded_of(base);
	uint32_t segment = 0;
	struct segment g;
	pthread_mutex_lock(&s->ask_lock);
	int found = index_trail(s->ask, id, a, out, &segment, e);
	look_for_damage(s, e);
	pthread_mutex_unlock(&s->ask_lock);
	out->body_here = found > 0 && segments_look(&s->segments, segment, &g);
	return found;
}

static bool do_find(struct store *base, const struct store_query *q, struct arena *a, struct store_hits *out,
		    struct err *e)
{
	struct embedded *s = embedded_of(base);
	pthread_mutex_lock(&s->ask_lock);
	bool ok = index_find(s->ask, q, a, out, e);
	look_for_damage(s, e);
	pthread_mutex_unlock(&s->ask_lock);
	return ok;
}

static bool do_lanes(struct store *base, struct arena *a, struct store_lanes *out, struct err *e)
{
	struct embedded *s = embedded_of(base);
	struct live_lane_view *v = NULL;
	size_t n = 0;
	pthread_mutex_lock(&s->live_lock);
	bool ok = with_live(s, e);
	if (ok)
		n = live_lanes(s->live, a, &v);
	pthread_mutex_unlock(&s->live_lock);
	*out = (struct store_lanes){ arena_alloc(a, (n + 1) * sizeof(*out->v)), n };
	pthread_mutex_lock(&s->ask_lock);
	for (size_t i = 0; i < n && ok; i++) {
		ok = index_reply(s->ask, &v[i], a, e);
		out->v[i] = v[i].row;
	}
	pthread_mutex_unlock(&s->ask_lock);
	return ok;
}

static bool do_is_suppressed(struct store *base, struct str address, int64_t now_ms, struct arena *a,
			     struct store_suppressed *out)
{
	return suppressed_find(embedded_of(base)->suppressed, address, now_ms, a, out);
}

static void do_each_suppressed(struct store *base, bool (*fn)(void *user, const struct store_suppressed *v),
			       void *user)
{
	suppressed_each(embedded_of(base)->suppressed, fn, user);
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
	pthread_mutex_unlock(&s->index_lock);
	pthread_mutex_lock(&s->live_lock);
	out->live = s->live ? live_count(s->live) : 0;
	pthread_mutex_unlock(&s->live_lock);
	out->used_bytes = segments_bytes(&s->segments) + __atomic_load_n(&s->index_used, __ATOMIC_RELAXED);
	out->reusable_bytes = __atomic_load_n(&s->index_reusable, __ATOMIC_RELAXED);
	out->free_bytes = fstatvfs(s->dir, &v) ? 0 : (uint64_t)v.f_bavail * v.f_frsize;
	out->messages_taken = __atomic_load_n(&s->messages, __ATOMIC_RELAXED);
	out->marks_taken = __atomic_load_n(&s->marks, __ATOMIC_RELAXED);
	out->groups = __atomic_load_n(&s->groups, __ATOMIC_RELAXED);
	out->syncs = __atomic_load_n(&s->segments.syncs, __ATOMIC_RELAXED);
	out->skipped = __atomic_load_n(&s->skipped, __ATOMIC_RELAXED);
	out->suppressed = suppressed_count(s->suppressed);
	out->moved = __atomic_load_n(&s->moved, __ATOMIC_RELAXED);
	out->segments = segments_count(&s->segments);
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
	.settle = do_settle,
	.claim = do_claim,
	.claim_message = do_claim_message,
	.claim_one = do_claim_one,
	.claim_renew = do_claim_renew,
	.claim_release = do_claim_release,
	.claims_expire = do_claims_expire,
	.lane_next = do_lane_next,
	.each_live = do_each_live,
	.fetch = do_fetch,
	.fetch_open = do_fetch_open,
	.trail = do_trail,
	.find = do_find,
	.lanes = do_lanes,
	.suppress = submit_suppression,
	.is_suppressed = do_is_suppressed,
	.each_suppressed = do_each_suppressed,
	.tidy = do_tidy,
	.health = do_health,
};
