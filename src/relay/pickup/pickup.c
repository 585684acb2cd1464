/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/pickup/pickup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "relay/pickup/pickup_inner.h"

/* One look into a folder: names in a thread, then each file read there. */
struct look {
	struct pickup_folder *folder;
	const struct relay_settings *settings;
	const struct relay_pickup *p;
	struct arena *arena; /* this is in it */
	struct strlist closed, busy, taken;
	uint64_t now_ms;
	struct pickup_hand *v[PICKUP_AT_ONCE];
	size_t n;
	bool waiting, more, ok;
	struct err err;
};

static const struct relay_pickup *settings_of(const struct relay_settings *s, const char *path)
{
	for (size_t i = 0; i < s->npickups; i++)
		if (!strcmp(s->pickups[i].folder, path))
			return &s->pickups[i];
	return NULL;
}

/* ---- files ---- */

static void hand_free(struct pickup_hand *h)
{
	struct arena *a = h->arena; /* h is in it */
	buf_clear(&h->mail.bytes);
	intake_free(&h->deposit.intake);
	relay_settings_drop(&h->settings);
	arena_free(&a);
}

static void hand_over(struct pickup_hand *h)
{
	struct pickup_folder *f = h->folder;
	struct pickup_hand **at = &f->hands;
	uint64_t pause = h->end == PICKUP_END_LATER ? PICKUP_LOOK_MS : PICKUP_SOON_MS;
	while (*at != h)
		at = &(*at)->next;
	*at = h->next;
	f->nhands--;
	hand_free(h);
	if (!f->nhands && !f->looking)
		net_timer_set(f->timer, net_loop_now_ms(f->all->relay->loop) + pause);
}

static size_t size_most(const struct relay_settings *s, const struct relay_pickup *p)
{
	const struct relay_account *a = *p->account ? relay_account_find(s, p->account) : NULL;
	return (size_t)(a && a->max_size ? a->max_size : s->max_size);
}

/* In the thread; its settings are held once it is back. */
static struct pickup_hand *read_file(const struct look *k, const char *name)
{
	struct arena *a = arena_new();
	struct pickup_hand *h = arena_alloc(a, sizeof(*h));
	const struct pickup_rules rules = { .folder = k->p->folder,
					    .attachments = k->p->attachments,
					    .sender = k->p->sender,
					    .hostname = k->settings->hostname,
					    .size_max = size_most(k->settings, k->p) };
	*h = (struct pickup_hand){
		.folder = k->folder, .p = k->p, .arena = a, .name = arena_strdup(a, name)
	};
	if (!pickup_read(&rules, name, a, &h->mail, &h->err) && h->err.kind == ERR_NONE)
		ERR_FILL(&h->err, ERR_SYS, errno, "read", "%s", name);
	return h;
}

static void work(void *ctx)
{
	struct look *k = ctx;
	k->ok = pickup_scan(&k->folder->scan, k->p->folder, &k->closed, k->now_ms, k->arena, &k->taken,
			    &k->waiting, &k->err);
	for (size_t i = 0; k->ok && i < k->taken.n; i++) {
		bool busy = false;
		for (size_t b = 0; b < k->busy.n && !busy; b++)
			busy = !strcmp(k->busy.v[b], k->taken.v[i]);
		if (busy)
			continue;
		if (k->busy.n + k->n >= PICKUP_AT_ONCE) {
			k->more = true;
			return;
		}
		k->v[k->n++] = read_file(k, k->taken.v[i]);
	}
}

static void on_looked(void *ctx)
{
	struct look *k = ctx;
	struct pickup_folder *f = k->folder;
	struct arena *a = k->arena;
	f->all->working--;
	f->looking = false;
	if (!k->ok && !f->all->stopped)
		relay_tell(f->all->relay, &k->err);
	for (size_t i = 0; i < k->n; i++) {
		struct pickup_hand *h = k->v[i];
		h->settings = relay_settings_hold(k->settings);
		h->next = f->hands;
		f->hands = h;
		f->nhands++;
	}
	bool soon = k->waiting || f->again || (k->more && !f->nhands);
	if (!f->nhands || soon)
		net_timer_set(f->timer, net_loop_now_ms(f->all->relay->loop) +
						(soon ? PICKUP_SOON_MS : PICKUP_LOOK_MS));
	for (size_t i = 0; i < k->n && !f->all->ended; i++)
		pickup_hand_start(k->v[i]);
	relay_settings_drop(&k->settings);
	arena_free(&a); /* k is in it */
}

static void copy_names(struct look *k)
{
	struct pickup_folder *f = k->folder;
	for (size_t i = 0; i < f->closed.n; i++)
		strlist_add(&k->closed, k->arena, f->closed.v[i]);
	for (const struct pickup_hand *h = f->hands; h; h = h->next)
		strlist_add(&k->busy, k->arena, h->name);
	arena_free(&f->closed_arena);
	f->closed_arena = arena_new();
	f->closed = (struct strlist){ 0 };
}

static void on_time(void *ctx)
{
	struct pickup_folder *f = ctx;
	struct relay *r = f->all->relay;
	const struct relay_pickup *p = settings_of(r->settings, f->path);
	f->again = f->looking;
	if (f->looking || f->all->stopped || !p)
		return;
	struct arena *a = arena_new();
	struct look *k = arena_alloc(a, sizeof(*k));
	*k = (struct look){ .folder = f,
			    .settings = relay_settings_hold(r->settings),
			    .p = p,
			    .arena = a,
			    .now_ms = net_loop_now_ms(r->loop) };
	copy_names(k);
	f->looking = true;
	f->all->working++;
	net_work_start(r->loop, work, on_looked, k);
}

/* ---- who tells of new files ---- */

static void on_event(void *ctx, unsigned what)
{
	struct pickup_folder *f = ctx;
	char buffer[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t n = read(f->inotify, buffer, sizeof(buffer));
	(void)what;
	for (ssize_t at = 0; at < n;) {
		const struct inotify_event *v = (const struct inotify_event *)(const void *)(buffer + at);
		if (v->len && pickup_name_kind(v->name) && f->closed.n < PICKUP_NAMES_MAX)
			strlist_add(&f->closed, f->closed_arena, v->name);
		at += (ssize_t)(sizeof(*v) + v->len);
	}
	f->again = true;
	if (!f->looking && f->closed.n)
		net_timer_set(f->timer, net_loop_now_ms(f->all->relay->loop) + PICKUP_SOON_MS / 4);
}

static void listen_to(struct pickup_folder *f)
{
	if (f->inotify < 0)
		f->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (f->inotify < 0)
		return;
	/* Again is fine, and mends what was made anew meanwhile. */
	(void)inotify_add_watch(f->inotify, f->path, IN_CLOSE_WRITE | IN_MOVED_TO | IN_ONLYDIR);
	if (!f->watch) {
		f->watch = net_watch_new(f->all->relay->loop, f->inotify, on_event, f);
		net_watch_set(f->watch, NET_READ);
	}
}

/* ---- folders ---- */

static struct pickup_folder *folder_of(struct pickups *all, const char *path)
{
	struct pickup_folder *f = all->list;
	while (f && strcmp(f->path, path) != 0)
		f = f->next;
	if (f)
		return f;
	f = mem_alloc(sizeof(*f));
	*f = (struct pickup_folder){ .all = all, .next = all->list, .path = mem_strdup(path), .inotify = -1 };
	f->closed_arena = arena_new();
	f->timer = net_timer_new(all->relay->loop, on_time, f);
	return all->list = f;
}

void pickups_adopt(struct pickups *all)
{
	const struct relay_settings *s = all->relay->settings;
	for (size_t i = 0; i < s->npickups; i++) {
		struct pickup_folder *f = folder_of(all, s->pickups[i].folder);
		listen_to(f);
		f->again = f->looking;
		if (!f->looking)
			net_timer_set(f->timer, net_loop_now_ms(all->relay->loop) + PICKUP_SOON_MS);
	}
}

static void on_tell(void *ctx)
{
	pickup_tell_next(ctx);
}

struct pickups *pickups_new(struct relay *r)
{
	struct pickups *all = mem_alloc(sizeof(*all));
	all->relay = r;
	all->over = hand_over;
	all->timer = net_timer_new(r->loop, on_tell, all);
	pickups_adopt(all);
	pickup_tell_recover(all);
	return all;
}

void pickups_marked(struct pickups *p, const struct store_message *m, const struct store_mark *marks,
		    size_t n)
{
	if (n && str_eq(m->listener, PICKUP_LISTENER))
		pickup_tell(p, m->id, marks[n - 1].at_ms, false);
}

void pickups_stop(struct pickups *p)
{
	p->stopped = true;
}

void pickups_end(struct pickups *p)
{
	if (p)
		p->stopped = p->ended = true;
}

size_t pickups_under_way(const struct pickups *p)
{
	size_t n = p->working + p->ndirty;
	for (const struct pickup_folder *f = p->list; f; f = f->next)
		n += f->nhands;
	return n;
}

static void folder_free(struct pickup_folder *f)
{
	while (f->hands) {
		struct pickup_hand *h = f->hands;
		f->hands = h->next;
		hand_free(h);
	}
	net_timer_free(&f->timer);
	net_watch_free(&f->watch);
	if (f->inotify >= 0)
		close(f->inotify);
	arena_free(&f->closed_arena);
	pickup_scan_clear(&f->scan);
	free(f->path);
	free(f);
}

void pickups_free(struct pickups **ap)
{
	struct pickups *all = *ap;
	if (!all)
		return;
	while (all->list) {
		struct pickup_folder *f = all->list;
		all->list = f->next;
		folder_free(f);
	}
	net_timer_free(&all->timer);
	free(all->dirty);
	mem_free(ap);
}
