/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/thread_name.h"
#include "store/fault.h"

enum {
	FILES_MAX = 8,
	RETRY_MS = 1000,
	EARLY_BYTES = 64 * 1024 /* written at once, while it is in the cache */
};

struct one {
	struct log_out out; /* the thread's own */
	int stale;          /* errno: could not be opened again, and the old one goes on; under the lock */
	int unmoved;        /* errno: could not be put by, and it goes on past its bound; the same */
	uint64_t most;      /* 0: whatever; more: the file is put by */
	struct buf front;   /* filled by the relay; under the lock */
	unsigned long long lost;
	bool gap; /* some were, since it was opened */
};

struct log_files {
	char *dir;
	const char *const *names;
	size_t n, room;
	unsigned lag_ms;
	struct one v[FILES_MAX];
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t work, written;
	bool waiting; /* the thread sleeps until there is something */
	bool hurry, reopen, end;
	bool stale_again;         /* those alone that could not be opened, or put by */
	unsigned long long turns; /* whole ones: taken, then written */
	bool turning;
	char note[LOG_NOTE_BYTES]; /* to be written; "": none is */
	int note_fd;
};

static int open_one(struct log_files *f, size_t i)
{
	CLEANUP(mem_free) char *path = mem_printf("%s/%s", f->dir, f->names[i]);
	return log_out_open(&f->v[i].out, path);
}

/* Under the lock but for the opening itself. */
static void open_again(struct log_files *f, size_t i)
{
	pthread_mutex_unlock(&f->lock);
	int code = open_one(f, i); /* where it fails the old one goes on */
	pthread_mutex_lock(&f->lock);
	f->v[i].stale = code;
}

/* Under the lock but for the renaming: over what was put by before.  Where that fails it goes on, for as much
 * again as is written until the next try or until somebody looks; one that somebody moved away has no name
 * here any more, and a new one begins. */
static void put_by(struct log_files *f, size_t i)
{
	CLEANUP(mem_free) char *path = mem_printf("%s/%s", f->dir, f->names[i]);
	CLEANUP(mem_free) char *old = mem_printf("%s%s", path, LOG_FILE_OLD);
	pthread_mutex_unlock(&f->lock);
	int code = rename(path, old) && errno != ENOENT ? errno : 0;
	pthread_mutex_lock(&f->lock);
	f->v[i].unmoved = code;
	if (!code)
		open_again(f, i);
	else
		f->v[i].out.bytes = 0;
}

static void sleep_for(struct log_files *f, unsigned ms)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_nsec += (long)(ms % 1000) * 1000000;
	t.tv_sec += (time_t)(ms / 1000) + t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	while (!f->hurry && !f->end && pthread_cond_timedwait(&f->work, &f->lock, &t) == 0)
		;
}

static bool has_work(const struct log_files *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (buf_waiting(&f->v[i].front) || buf_waiting(&f->v[i].out.back))
			return true;
	return f->reopen || f->stale_again || f->hurry || *f->note;
}

/* Under the lock.  False: what was taken before waits still. */
static bool take_front(struct one *x)
{
	if (buf_waiting(&x->out.back))
		return false;
	struct buf empty = x->out.back;
	x->out.back = x->front;
	x->front = empty;
	return true;
}

/* The note last, and empty once it is written. */
static bool write_all(struct log_files *f, char *note)
{
	bool well = true;
	for (size_t i = 0; i < f->n; i++)
		well = log_out_write(&f->v[i].out) && well;
	well = well && (!*note || log_out_note(f->note_fd, note));
	if (well)
		*note = '\0';
	return well;
}

/* Under the lock but for the writing itself.  False: some file cannot be written now. */
static bool turn(struct log_files *f)
{
	bool all = f->reopen, stale = f->stale_again, whole = true;
	char note[LOG_NOTE_BYTES] = "";
	f->reopen = f->stale_again = f->hurry = false;
	f->turning = true;
	for (size_t i = 0; i < f->n; i++)
		whole = take_front(&f->v[i]) && whole;
	if (whole) {
		memcpy(note, f->note, sizeof(note));
		*f->note = '\0';
	}
	for (size_t i = 0; i < f->n; i++)
		if (all || (stale && f->v[i].stale))
			open_again(f, i);
	pthread_mutex_unlock(&f->lock);
	bool well = write_all(f, note);
	pthread_mutex_lock(&f->lock);
	if (*note && !*f->note) /* not yet */
		memcpy(f->note, note, sizeof(note));
	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].most && (f->v[i].out.bytes >= f->v[i].most || (stale && f->v[i].unmoved)))
			put_by(f, i);
	f->turning = false;
	f->turns++;
	pthread_cond_broadcast(&f->written);
	return well;
}

static void *writer(void *ctx)
{
	struct log_files *f = ctx;
	thread_name("pr-log");
	pthread_mutex_lock(&f->lock);
	for (;;) {
		while (!has_work(f) && !f->end) {
			f->waiting = true;
			pthread_cond_wait(&f->work, &f->lock);
			f->waiting = false;
		}
		if (!f->end)
			sleep_for(f, f->lag_ms); /* so that many lines share a write */
		bool well = turn(f);
		if (f->end && (!well || !has_work(f)))
			break;
		if (!well)
			sleep_for(f, RETRY_MS);
	}
	pthread_mutex_unlock(&f->lock);
	return NULL;
}

static bool open_all(struct log_files *f, struct err *e)
{
	if (mkdir(f->dir, 0700) && errno != EEXIST)
		return store_fault(e, errno, "make folder", f->dir);
	for (size_t i = 0; f->names[i] && i < FILES_MAX; i++) {
		f->v[i].out.fd = -1;
		int code = open_one(f, i);
		if (code) {
			CLEANUP(mem_free) char *path = mem_printf("%s/%s", f->dir, f->names[i]);
			return store_fault(e, code, "open log", path);
		}
		f->n++;
	}
	CLEANUP(mem_free) char *note = mem_printf("%s/%s", f->dir, LOG_FILE_NOTE);
	f->note_fd = open(note, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	return f->note_fd >= 0 || store_fault(e, errno, "open", note);
}

static void dispose(struct log_files *f)
{
	for (size_t i = 0; i < f->n; i++) {
		log_out_close(&f->v[i].out);
		buf_clear(&f->v[i].front);
	}
	if (f->note_fd >= 0)
		close(f->note_fd);
	pthread_cond_destroy(&f->work);
	pthread_cond_destroy(&f->written);
	pthread_mutex_destroy(&f->lock);
	free(f->dir);
	free(f);
}

struct log_files *log_files_open(const char *dir, const char *const *names, size_t room, unsigned lag_ms,
				 struct err *e)
{
	struct log_files *f = mem_alloc(sizeof(*f));
	pthread_condattr_t monotonic;
	f->dir = mem_strdup(dir);
	f->names = names;
	f->room = room;
	f->lag_ms = lag_ms;
	f->note_fd = -1;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&f->work, &monotonic);
	pthread_cond_init(&f->written, NULL);
	pthread_mutex_init(&f->lock, NULL);
	pthread_condattr_destroy(&monotonic);
	bool ok = open_all(f, e);
	int number = ok ? pthread_create(&f->thread, NULL, writer, f) : 0;
	if (number)
		ok = ERR_FILL(e, ERR_SYS, number, "start a thread for", "%s", dir);
	if (ok)
		return f;
	dispose(f);
	return NULL;
}

void log_files_close(struct log_files **fp)
{
	struct log_files *f = *fp;
	*fp = NULL;
	if (!f)
		return;
	pthread_mutex_lock(&f->lock);
	f->end = true;
	pthread_cond_signal(&f->work);
	pthread_mutex_unlock(&f->lock);
	pthread_join(f->thread, NULL);
	dispose(f);
}

void log_files_bound(struct log_files *f, size_t i, uint64_t most)
{
	pthread_mutex_lock(&f->lock);
	f->v[i].most = most;
	f->hurry = true; /* it may be past that already */
	pthread_cond_signal(&f->work);
	pthread_mutex_unlock(&f->lock);
}

struct buf *log_files_take(struct log_files *f, size_t i, unsigned long long *lost)
{
	struct one *x = &f->v[i];
	pthread_mutex_lock(&f->lock);
	if (buf_waiting(&x->front) < f->room) {
		*lost = x->lost;
		x->lost = 0;
		return &x->front;
	}
	x->lost++;
	x->gap = true;
	pthread_mutex_unlock(&f->lock);
	return NULL;
}

void log_files_put(struct log_files *f, size_t i)
{
	bool much = !f->hurry && buf_waiting(&f->v[i].front) >= EARLY_BYTES;
	bool wake = f->waiting || much;
	f->hurry = f->hurry || much;
	f->waiting = false;
	pthread_mutex_unlock(&f->lock);
	if (wake)
		pthread_cond_signal(&f->work);
}

void log_files_note(struct log_files *f, size_t first, const char *text)
{
	bool whole = true;
	pthread_mutex_lock(&f->lock);
	for (size_t i = first; i < f->n; i++)
		whole = whole && !f->v[i].gap;
	if (whole)
		snprintf(f->note, sizeof(f->note), "%s", text);
	pthread_cond_signal(&f->work);
	pthread_mutex_unlock(&f->lock);
}

const char *log_files_dir(const struct log_files *f)
{
	return f->dir;
}

void log_files_reopen(struct log_files *f)
{
	pthread_mutex_lock(&f->lock);
	f->reopen = f->hurry = true;
	pthread_cond_signal(&f->work);
	pthread_mutex_unlock(&f->lock);
}

static bool tell_stale(const struct log_files *f, size_t i, int stale, int unmoved, struct err *e)
{
	if (stale) {
		ERR_FILL(e, ERR_SYS, stale, "open again the log", "%s/%s", f->dir, f->names[i]);
		err_detail(e, "its lines go on into the file that had its name; give this one to the user it "
			      "runs as, or move it away: it is tried again");
	} else if (unmoved) {
		ERR_FILL(e, ERR_SYS, unmoved, "rename to " LOG_FILE_OLD " the log", "%s/%s", f->dir,
			 f->names[i]);
		err_detail(e, "it grows past its bound; let the user it runs as write into its folder: it is "
			      "tried again");
	}
	return stale || unmoved;
}

bool log_files_stale(struct log_files *f, struct err *e)
{
	size_t i = 0;
	pthread_mutex_lock(&f->lock);
	while (i < f->n && !f->v[i].stale && !f->v[i].unmoved)
		i++;
	int stale = i < f->n ? f->v[i].stale : 0, unmoved = i < f->n ? f->v[i].unmoved : 0;
	f->stale_again = stale || unmoved;
	if (f->stale_again)
		pthread_cond_signal(&f->work);
	pthread_mutex_unlock(&f->lock);
	return tell_stale(f, i, stale, unmoved, e);
}

void log_files_flush(struct log_files *f)
{
	pthread_mutex_lock(&f->lock);
	unsigned long long until = f->turns + 1 + f->turning;
	while (f->turns < until) {
		f->hurry = true;
		pthread_cond_signal(&f->work);
		pthread_cond_wait(&f->written, &f->lock);
	}
	pthread_mutex_unlock(&f->lock);
}
