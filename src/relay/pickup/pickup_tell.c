/* SPDX-License-Identifier: Apache-2.0 */
/* What became of picked up mails, told beside their files: one at a time, in a thread. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "relay/pickup/pickup_inner.h"

struct telling {
	struct pickups *all;
	struct arena *arena; /* this is in it */
	struct pickup_note note;
	struct pickup_result result;
	bool if_other;
	struct err err;
};

/* ---- one result ---- */

static bool is_told(const struct telling *t)
{
	static const char *const suffixes[PICKUP_STATES] = { "waiting", "sent", "failed" };
	CLEANUP(mem_free)
	char *path = mem_printf("%s/%s.%s", t->note.folder, t->note.name, suffixes[t->result.state]);
	return access(path, F_OK) == 0;
}

static void write_result(void *ctx)
{
	struct telling *t = ctx;
	if (!t->if_other || !is_told(t))
		(void)pickup_result_write(&t->note, &t->result, &t->err);
}

static void on_written(void *ctx)
{
	struct telling *t = ctx;
	struct pickups *p = t->all;
	struct arena *a = t->arena;
	p->telling = false;
	p->working--;
	if (t->err.kind != ERR_NONE)
		relay_tell(p->relay, &t->err);
	arena_free(&a);
	pickup_tell_next(p);
}

static bool knows(const struct store_trail *t, int64_t at_ms)
{
	for (size_t i = 0; i < t->nevents; i++)
		if (t->events[i].at_ms >= at_ms)
			return true;
	return !at_ms;
}

/* NULL: nothing is to be told, or not yet (*again). */
static struct telling *telling_of(struct pickups *p, const struct pickup_dirty *d, bool *again)
{
	struct arena *a = arena_new();
	struct telling *t = arena_alloc(a, sizeof(*t));
	struct store_trail trail;
	struct err e = { 0 };
	const struct relay_settings *s = p->relay->settings;
	*t = (struct telling){ .all = p, .arena = a, .if_other = d->if_other };
	bool ours = pickup_note_load(s->data, d->id, a, &t->note);
	int got = ours ? store_trail(p->relay->store, d->id, a, &trail, &e) : 0;
	*again = ours && d->tries < PICKUP_TELL_TRIES && (got == 0 || (got == 1 && !knows(&trail, d->at_ms)));
	if (got == 1 && !*again) {
		pickup_result_of(&t->note, &trail, s->hostname, relay_now_ms(), a, &t->result);
		return t;
	}
	arena_free(&a);
	return NULL;
}

static struct pickup_dirty take_first(struct pickups *p)
{
	struct pickup_dirty d = p->dirty[0];
	memmove(p->dirty, p->dirty + 1, --p->ndirty * sizeof(*p->dirty));
	return d;
}

static void push(struct pickups *p, const struct pickup_dirty *d)
{
	for (size_t i = 0; i < p->ndirty; i++)
		if (store_id_same(p->dirty[i].id, d->id)) {
			p->dirty[i].at_ms = d->at_ms > p->dirty[i].at_ms ? d->at_ms : p->dirty[i].at_ms;
			p->dirty[i].if_other = p->dirty[i].if_other && d->if_other;
			return;
		}
	if (p->ndirty == p->room) {
		p->room = p->room ? p->room * 2 : 16;
		p->dirty = mem_grow(p->dirty, p->room, sizeof(*p->dirty));
	}
	p->dirty[p->ndirty++] = *d;
}

void pickup_tell_next(struct pickups *p)
{
	struct telling *t = NULL;
	size_t look = p->ndirty; /* each once: those that are not known yet come again later */
	while (!p->telling && !p->ended && !t && look--) {
		struct pickup_dirty d = take_first(p);
		bool again;
		t = telling_of(p, &d, &again);
		d.tries++;
		if (again)
			push(p, &d);
	}
	if (t) {
		p->telling = true;
		p->working++;
		net_work_start(p->relay->loop, write_result, on_written, t);
	} else if (!p->telling && p->ndirty) {
		net_timer_set(p->timer, net_loop_now_ms(p->relay->loop) + PICKUP_TELL_MS);
	}
}

void pickup_tell(struct pickups *p, struct store_id id, int64_t at_ms, bool if_other)
{
	const struct pickup_dirty d = { id, at_ms, 0, if_other };
	push(p, &d);
	if (!p->telling)
		net_timer_set(p->timer, net_loop_now_ms(p->relay->loop) + PICKUP_TELL_MS);
}

/* ---- after a crash ---- */

struct recovering {
	struct pickups *all;
	char *folder;
	long long keep_s;
	struct store_id *v;
	size_t n, room;
};

static bool is_open(const char *folder, const char *name, struct arena *a)
{
	struct pickup_note n;
	struct store_id id;
	const char *data = arena_str(a, str_cut(str_of(folder), 0, strlen(folder) - strlen("/pickup"))).p;
	if (!store_id_read(str_of(name), &id) || !pickup_note_load(data, id, a, &n))
		return false;
	const char *waiting = arena_printf(a, "%s/%s.waiting", n.folder, n.name);
	const char *sent = arena_printf(a, "%s/%s.sent", n.folder, n.name);
	return access(waiting, F_OK) == 0 || access(sent, F_OK) == 0;
}

static void look_at_note(struct recovering *r, const char *name)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(mem_free) char *path = mem_printf("%s/%s", r->folder, name);
	struct stat st;
	if (*name == '.' || stat(path, &st))
		return;
	if (st.st_mtime < time(NULL) - r->keep_s) { /* its trail is gone */
		unlink(path);
		return;
	}
	if (!is_open(r->folder, name, a))
		return;
	if (r->n == r->room) {
		r->room = r->room ? r->room * 2 : 64;
		r->v = mem_grow(r->v, r->room, sizeof(*r->v));
	}
	(void)!store_id_read(str_of(name), &r->v[r->n++]);
}

static void read_notes(void *ctx)
{
	struct recovering *r = ctx;
	DIR *d = opendir(r->folder);
	for (struct dirent *x; d && (x = readdir(d));)
		look_at_note(r, x->d_name);
	if (d)
		closedir(d);
}

static void on_read(void *ctx)
{
	struct recovering *r = ctx;
	r->all->working--;
	for (size_t i = 0; i < r->n && !r->all->stopped; i++)
		pickup_tell(r->all, r->v[i], 0, true);
	free(r->folder);
	free(r->v);
	free(r);
}

void pickup_tell_recover(struct pickups *p)
{
	const struct relay_settings *s = p->relay->settings;
	struct recovering *r = mem_alloc(sizeof(*r));
	*r = (struct recovering){ .all = p,
				  .folder = mem_printf("%s/pickup", s->data),
				  .keep_s = s->keep.trails_s };
	p->working++;
	net_work_start(p->relay->loop, read_notes, on_read, r);
}
