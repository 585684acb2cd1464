/* SPDX-License-Identifier: Apache-2.0 */
#include "store/segment.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/ahead.h"
#include "store/fault.h"
#include "store/segment_file.h"
#include "store/spare.h"

static int by_number(const void *a, const void *b)
{
	const struct segment *const *x = a, *const *y = b;
	return (*x)->no < (*y)->no ? -1 : (*x)->no > (*y)->no;
}

static void add(struct segments *s, struct segment *g)
{
	if (s->n == s->room) {
		s->room = s->room ? s->room * 2 : 16;
		s->v = mem_grow(s->v, s->room, sizeof(struct segment *));
	}
	s->v[s->n++] = g;
	if (g->no > s->last_no)
		s->last_no = g->no;
}

/* It may be a damaged segment: its number is not used again. */
static void leave(struct segments *s, uint32_t no)
{
	s->damaged++;
	if (no > s->damaged_no)
		s->damaged_no = no;
	if (no > s->last_no)
		s->last_no = no;
}

/* A file without a good header was being made when the power went, or stood ready; or the disk changed it. */
static bool take_file(struct segments *s, const char *name, struct err *e)
{
	unsigned no;
	char again[SEGMENT_NAME_BYTES];
	if (sscanf(name, "%10u.seg", &no) != 1 || strcmp(segment_name(no, again), name) != 0) {
		if (!spare_found(s, name))
			ahead_found(s, name);
		return true;
	}
	struct err why = { 0 };
	struct segment *g = segment_load(s, no, &why);
	if (why.kind) {
		if (e)
			*e = why;
		return false;
	}
	if (g)
		add(s, g);
	else if (segment_blank(s, no))
		spare_put_back(s, name);
	else
		leave(s, no);
	return true;
}

static bool read_folder(struct segments *s, struct err *e)
{
	int fd = openat(s->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	if (!d) {
		int code = errno;
		close_fd(&fd);
		return store_fault(e, code, "list", "the folder of bodies");
	}
	bool ok = true;
	for (struct dirent *f; ok && (f = readdir(d));)
		ok = take_file(s, f->d_name, e);
	closedir(d);
	if (s->n)
		qsort(s->v, s->n, sizeof(struct segment *), by_number);
	return ok;
}

bool segments_open(struct segments *s, int dir, bool own, uint64_t plan, struct err *e)
{
	*s = (struct segments){ .dir = dir, .own = own, .plan = plan ? plan : SEGMENT_BYTES };
	if (s->plan < SEGMENT_BYTES_MIN)
		s->plan = SEGMENT_BYTES_MIN;
	pthread_mutex_init(&s->lock, NULL);
	return !own || read_folder(s, e);
}

void segments_close(struct segments *s)
{
	for (size_t i = 0; i < s->n; i++) {
		close_fd(&s->v[i]->fd);
		free(s->v[i]);
	}
	free(s->v);
	pthread_mutex_destroy(&s->lock);
	*s = (struct segments){ .dir = -1 };
}

static void close_clean(struct segments *s)
{
	for (size_t i = 0; i < s->n; i++) {
		struct segment *g = s->v[i];
		if (g->fd < 0 || g == s->current || (g->dirty && !g->bad) || g->writing || g->pins)
			continue;
		close(g->fd);
		g->fd = -1;
	}
}

/* A long queue is written now and read much later: its bytes would push out of the system's memory what is
 * read meanwhile, and each page they take anew costs more than writing to one that was used just now. */
static void cool(struct segments *s)
{
	uint32_t no = 0;
	pthread_mutex_lock(&s->lock);
	if (s->n > SEGMENTS_WARM + 1)
		no = s->v[s->n - SEGMENTS_WARM - 2]->no;
	pthread_mutex_unlock(&s->lock);
	CLEANUP(close_fd) int fd = no ? segment_open(s, no, NULL) : -1;
	if (fd >= 0)
		(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
}

bool segments_rotate(struct segments *s, int64_t now_ms, struct err *e)
{
	pthread_mutex_lock(&s->lock);
	/* Others may go on appending pieces to the old one: those are found by reference, not by reading on.
	 */
	struct segment *old = s->n ? s->v[s->n - 1] : NULL;
	uint64_t before = !old ? 0 : old->bad ? old->synced : old->end;
	pthread_mutex_unlock(&s->lock);
	struct segment *g = segment_make(s, before, now_ms, e);
	if (!g)
		return false;
	pthread_mutex_lock(&s->lock);
	add(s, g);
	s->current = g;
	close_clean(s);
	pthread_mutex_unlock(&s->lock);
	cool(s);
	return true;
}

static struct segment *find(struct segments *s, uint32_t no)
{
	size_t low = 0, high = s->n;
	while (low < high) {
		size_t mid = (low + high) / 2;
		if (s->v[mid]->no < no)
			low = mid + 1;
		else
			high = mid;
	}
	return low < s->n && s->v[low]->no == no ? s->v[low] : NULL;
}

bool segments_after(struct segments *s, uint32_t no, struct segment *out, uint64_t *until)
{
	size_t i = 0;
	pthread_mutex_lock(&s->lock);
	while (i < s->n && s->v[i]->no <= no)
		i++;
	bool any = i < s->n;
	if (any) {
		const struct segment *g = s->v[i], *next = i + 1 < s->n ? s->v[i + 1] : NULL;
		bool known = next && next->no == g->no + 1 && next->before;
		*out = *g;
		*until = known ? next->before : g == s->current || g->bad ? g->synced : g->end;
	}
	pthread_mutex_unlock(&s->lock);
	return any;
}

bool segments_settle(struct segments *s, uint32_t no, struct err *e)
{
	CLEANUP(close_fd) int fd = segment_open(s, no, e);
	char name[SEGMENT_NAME_BYTES];
	return fd >= 0 && (!fdatasync(fd) || store_fault(e, errno, "sync bodies", segment_name(no, name)));
}

/* They go oldest first. */
bool segments_dropped(struct segments *s, uint32_t no)
{
	pthread_mutex_lock(&s->lock);
	bool dropped = s->n && no < s->v[0]->no;
	pthread_mutex_unlock(&s->lock);
	return dropped;
}

bool segments_look(struct segments *s, uint32_t no, struct segment *out)
{
	pthread_mutex_lock(&s->lock);
	struct segment *g = find(s, no);
	if (!g && !s->own && (g = segment_load(s, no, NULL))) {
		add(s, g);
		qsort(s->v, s->n, sizeof(struct segment *), by_number);
	}
	if (g)
		*out = *g;
	pthread_mutex_unlock(&s->lock);
	return g;
}

bool segments_know(struct segments *s, struct segment *g, struct err *e)
{
	if (!g->headless)
		return true;
	CLEANUP(mem_free) struct segment *now = segment_load(s, g->no, e);
	if (!now || now->headless)
		return segment_head_fault(g->no, e);
	pthread_mutex_lock(&s->lock);
	struct segment *known = find(s, g->no);
	if (known && known->headless) {
		known->salt = now->salt;
		known->before = now->before;
		known->made_ms = now->made_ms;
		known->bytes = now->bytes;
		known->headless = false;
	}
	pthread_mutex_unlock(&s->lock);
	g->salt = now->salt;
	g->headless = false;
	return true;
}

int segments_hold(struct segments *s, uint32_t no, struct segment *out, struct err *e)
{
	if (!(segments_look(s, no, out) || segment_missing_fault(s, no, e)) || !segments_know(s, out, e))
		return -1;
	pthread_mutex_lock(&s->lock);
	struct segment *g = find(s, no);
	out->fd = g ? g->fd : -1;
	out->pins = g ? ++g->pins : 0; /* its file is not used again meanwhile */
	pthread_mutex_unlock(&s->lock);
	int fd = out->fd >= 0 ? out->fd : segment_open(s, no, e);
	if (fd < 0 && out->pins)
		segments_pin(s, no, -1);
	return fd;
}

void segments_release(struct segments *s, const struct segment *held, int fd)
{
	if (held->fd < 0)
		close_fd(&fd);
	if (held->pins)
		segments_pin(s, held->no, -1);
}

void segments_pin(struct segments *s, uint32_t no, int by)
{
	pthread_mutex_lock(&s->lock);
	struct segment *g = find(s, no);
	if (g)
		g->pins += (unsigned)by;
	pthread_mutex_unlock(&s->lock);
}

void segments_live(struct segments *s, uint32_t no, int by)
{
	pthread_mutex_lock(&s->lock);
	struct segment *g = find(s, no);
	if (g)
		g->live += (uint32_t)by;
	pthread_mutex_unlock(&s->lock);
}

void segments_unread(struct segments *s, uint32_t no, bool unread)
{
	pthread_mutex_lock(&s->lock);
	struct segment *g = find(s, no);
	if (g)
		g->unread = unread;
	pthread_mutex_unlock(&s->lock);
}

/* The first one, out of the set; NULL: there is none, or somebody began to read it. */
static struct segment *take_first(struct segments *s)
{
	pthread_mutex_lock(&s->lock);
	struct segment *g = s->n ? s->v[0] : NULL;
	if (g && (g == s->current || g->pins || g->live))
		g = NULL;
	if (g)
		memmove(s->v, s->v + 1, --s->n * sizeof(struct segment *));
	pthread_mutex_unlock(&s->lock);
	return g;
}

/* Whose file is still there counts: were later ones dropped before it, a start could find its messages and
 * not what became of them. */
static void put_back(struct segments *s, struct segment *g)
{
	pthread_mutex_lock(&s->lock);
	add(s, g);
	memmove(s->v + 1, s->v, (s->n - 1) * sizeof(struct segment *));
	s->v[0] = g;
	pthread_mutex_unlock(&s->lock);
}

bool segments_drop_first(struct segments *s, struct err *e)
{
	struct segment *g = take_first(s);
	if (!g)
		return true;
	char name[SEGMENT_NAME_BYTES];
	segment_name(g->no, name);
	if ((g->bad || !spare_keep(s, name)) && unlinkat(s->dir, name, 0) && errno != ENOENT) {
		store_fault(e, errno, "drop bodies", name);
		put_back(s, g);
		return false;
	}
	close_fd(&g->fd);
	free(g);
	return true;
}

uint64_t segments_bytes(struct segments *s)
{
	uint64_t n = 0;
	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < s->n; i++)
		n += s->v[i]->bytes;
	pthread_mutex_unlock(&s->lock);
	return n;
}

uint64_t segments_standing_by(struct segments *s)
{
	pthread_mutex_lock(&s->lock);
	uint64_t n = (s->next ? s->plan : 0) + (s->making ? s->plan : 0);
	pthread_mutex_unlock(&s->lock);
	return n + spares_bytes(s);
}

size_t segments_count(struct segments *s)
{
	pthread_mutex_lock(&s->lock);
	size_t n = s->n;
	pthread_mutex_unlock(&s->lock);
	return n;
}
