/* SPDX-License-Identifier: Apache-2.0 */
#include "store/suppressed.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/crc.h"
#include "store/fault.h"
#include "store/names.h"
#include "store/pack.h"
#include "store/record.h"
#include "store/words.h"

#define NAME     "suppressed"
#define NAME_NEW "suppressed.new"
static const char magic[4] = "PRSU";
/* magic 4, length 4, crc 4, and so many bytes */
enum {
	HEAD = 12,
	AT_LEN = 4,
	AT_CRC = 8,
	ENTRY_MAX = 64 * 1024,
	KEY_MAX = 1024,
	FREE_BYTES = 1 << 20,
	FORGET_MS = 3600000
};

struct entry {
	struct named named; /* the address in small letters */
	char *why, *proof;
	int64_t since_ms, until_ms;
	size_t bytes; /* in the file */
};

struct suppressed {
	pthread_mutex_t lock; /* guards the table */
	struct names table;
	uint64_t live;     /* bytes of what counts */
	int64_t forgot_ms; /* up to that time */
	/* the writer's own */
	int dir, fd;
	uint64_t end;
	bool stale; /* the file can't be trusted, or is mostly past: write it anew */
};

/* ---- the table ---- */

static struct str key_of(struct str address, char key[KEY_MAX])
{
	return (struct str){ key, words_lower(address, key, KEY_MAX) };
}

static void drop_entry(struct suppressed *l, struct entry *x)
{
	l->live -= x->bytes;
	free(x->why);
	free(x->proof);
	x->named.users = 1;
	if (names_leave(&l->table, &x->named))
		names_free(&x->named);
}

static bool unpack_entry(struct str packed, struct store_suppressed *v)
{
	struct unpack u = { .left = packed };
	v->address = unpack_s(&u);
	v->why = unpack_s(&u);
	v->proof = unpack_s(&u);
	v->since_ms = unpack_i(&u);
	v->until_ms = unpack_i(&u);
	return !u.bad && !u.left.len && v->address.len && v->address.len <= KEY_MAX;
}

static void apply(struct suppressed *l, struct str packed)
{
	char key[KEY_MAX];
	struct store_suppressed v;
	if (!unpack_entry(packed, &v))
		return;
	struct str name = key_of(v.address, key);
	struct entry *x = (struct entry *)names_find(&l->table, name);
	if (x)
		drop_entry(l, x);
	if (v.until_ms <= v.since_ms)
		return;
	x = names_use(&l->table, name, sizeof(*x));
	x->why = mem_dup(v.why.p, v.why.len);
	x->proof = mem_dup(v.proof.p, v.proof.len);
	x->since_ms = v.since_ms;
	x->until_ms = v.until_ms;
	x->bytes = HEAD + packed.len;
	l->live += x->bytes;
}

static struct store_suppressed shown(const struct entry *x)
{
	return (struct store_suppressed){ .address = { x->named.name, x->named.len },
					  .why = str_of(x->why),
					  .proof = str_of(x->proof),
					  .since_ms = x->since_ms,
					  .until_ms = x->until_ms };
}

static const struct entry *find(struct suppressed *l, struct str key, int64_t now_ms)
{
	const struct entry *x = (const struct entry *)names_find(&l->table, key);
	return x && x->until_ms > now_ms ? x : NULL;
}

bool suppressed_find(struct suppressed *l, struct str address, int64_t now_ms, struct arena *a,
		     struct store_suppressed *out)
{
	char bytes[KEY_MAX];
	struct str key = key_of(address, bytes);
	const char *at = key.len ? memrchr(key.p, '@', key.len) : NULL;
	pthread_mutex_lock(&l->lock);
	const struct entry *x = find(l, key, now_ms);
	if (!x && at)
		x = find(l, str_cut(key, (size_t)(at - key.p), key.len), now_ms);
	if (x) {
		*out = shown(x);
		out->address = arena_str(a, out->address);
		out->why = arena_str(a, out->why);
		out->proof = arena_str(a, out->proof);
	}
	pthread_mutex_unlock(&l->lock);
	return x;
}

void suppressed_each(struct suppressed *l, bool (*fn)(void *user, const struct store_suppressed *v),
		     void *user)
{
	bool more = true;
	pthread_mutex_lock(&l->lock);
	for (size_t i = 0; more && i < l->table.room; i++)
		if (l->table.v[i]) {
			struct store_suppressed v = shown((const struct entry *)l->table.v[i]);
			more = fn(user, &v);
		}
	pthread_mutex_unlock(&l->lock);
}

size_t suppressed_count(struct suppressed *l)
{
	pthread_mutex_lock(&l->lock);
	size_t n = l->table.n;
	pthread_mutex_unlock(&l->lock);
	return n;
}

void suppressed_forget(struct suppressed *l, int64_t before_ms)
{
	pthread_mutex_lock(&l->lock);
	if (before_ms >= l->forgot_ms + FORGET_MS) {
		l->forgot_ms = before_ms;
		for (size_t i = 0; i < l->table.room;) {
			struct entry *x = (struct entry *)l->table.v[i];
			if (x && x->until_ms < before_ms)
				drop_entry(l, x); /* another may stand in its slot now */
			else
				i++;
		}
	}
	pthread_mutex_unlock(&l->lock);
}

/* ---- the file ---- */

void suppressed_pack(struct buf *out, const struct store_suppressed *v)
{
	pack_s(out, v->address);
	pack_s(out, v->why);
	pack_s(out, v->proof);
	pack_i(out, v->since_ms);
	pack_i(out, v->until_ms);
}

static void add_entry(struct buf *b, struct str packed)
{
	unsigned char head[HEAD];
	memcpy(head, magic, sizeof(magic));
	put_le32(head + AT_LEN, (uint32_t)packed.len);
	put_le32(head + AT_CRC, store_crc(0, packed.p, packed.len));
	buf_add(b, head, sizeof(head));
	buf_add(b, packed.p, packed.len);
}

/* The entry at the front, or none. */
static bool entry_at(struct str rest, struct str *packed)
{
	const unsigned char *p = (const unsigned char *)rest.p;
	if (rest.len < HEAD || memcmp(p, magic, sizeof(magic)) != 0)
		return false;
	size_t len = get_le32(p + AT_LEN);
	if (len > ENTRY_MAX || len > rest.len - HEAD || store_crc(0, p + HEAD, len) != get_le32(p + AT_CRC))
		return false;
	*packed = str_cut(rest, HEAD, HEAD + len);
	return true;
}

static bool write_at(int fd, struct str bytes, uint64_t at)
{
	while (bytes.len) {
		ssize_t n = pwrite(fd, bytes.p, bytes.len, (off_t)at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		bytes = str_cut(bytes, (size_t)n, bytes.len);
		at += (uint64_t)n;
	}
	return fdatasync(fd) == 0;
}

static void pack_table(struct suppressed *l, struct buf *all)
{
	CLEANUP(buf_clear) struct buf one = { 0 };
	pthread_mutex_lock(&l->lock);
	for (size_t i = 0; i < l->table.room; i++)
		if (l->table.v[i]) {
			struct store_suppressed v = shown((const struct entry *)l->table.v[i]);
			one.start = one.len = 0;
			suppressed_pack(&one, &v);
			add_entry(all, buf_str(&one));
		}
	pthread_mutex_unlock(&l->lock);
}

static bool write_anew(struct suppressed *l, struct str more, struct err *e)
{
	CLEANUP(buf_clear) struct buf all = { 0 };
	CLEANUP(close_fd) int fd = openat(l->dir, NAME_NEW, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return store_fault(e, errno, "make the list of suppressed addresses", NAME_NEW);
	pack_table(l, &all);
	buf_add(&all, more.p, more.len);
	if (!write_at(fd, buf_str(&all), 0) || renameat(l->dir, NAME_NEW, l->dir, NAME) || fsync(l->dir))
		return store_fault(e, errno ? errno : ENOSPC, "write the list of suppressed addresses",
				   NAME_NEW);
	close_fd(&l->fd);
	l->fd = fd;
	fd = -1; /* NOLINT(clang-analyzer-deadcode.DeadStores): the cleanup reads it */
	l->end = buf_waiting(&all);
	return true;
}

static bool append(struct suppressed *l, struct str more, struct err *e)
{
	if (!write_at(l->fd, more, l->end))
		return store_fault(e, errno ? errno : ENOSPC, "write the list of suppressed addresses", NAME);
	l->end += more.len;
	return true;
}

bool suppressed_write(struct suppressed *l, const struct str *packed, size_t n, struct err *e)
{
	CLEANUP(buf_clear) struct buf more = { 0 };
	for (size_t i = 0; i < n; i++)
		add_entry(&more, packed[i]);
	/* A write that failed leaves a file of unknown contents: the next one makes it anew. */
	bool anew = l->stale || l->fd < 0;
	l->stale = true;
	if (anew ? !write_anew(l, buf_str(&more), e) : !append(l, buf_str(&more), e))
		return false;
	pthread_mutex_lock(&l->lock);
	for (size_t i = 0; i < n; i++)
		apply(l, packed[i]);
	l->stale = l->end > 2 * l->live + FREE_BYTES;
	pthread_mutex_unlock(&l->lock);
	return true;
}

/* ---- the start ---- */

static bool read_file(int fd, struct buf *all, struct err *e)
{
	char piece[64 * 1024];
	for (ssize_t n; (n = pread(fd, piece, sizeof(piece), (off_t)buf_waiting(all)));) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return store_fault(e, errno, "read the list of suppressed addresses", NAME);
		buf_add(all, piece, (size_t)n);
	}
	return true;
}

static void load(struct suppressed *l, struct str all, uint64_t *skipped)
{
	struct str packed;
	size_t at = 0, gap = 0;
	while (at < all.len) {
		if (!entry_at(str_cut(all, at, all.len), &packed)) {
			const char *next = memmem(all.p + at + 1, all.len - at - 1, magic, sizeof(magic));
			at = next ? (size_t)(next - all.p) : all.len;
			continue;
		}
		*skipped += at - gap;
		apply(l, packed);
		at = gap = at + HEAD + packed.len;
	}
	l->end = gap;
	/* What was never acknowledged may stand behind. */
	l->stale = *skipped || gap < all.len;
}

bool suppressed_open(int dir, bool own, struct suppressed **out, uint64_t *skipped, struct err *e)
{
	CLEANUP(suppressed_free) struct suppressed *l = mem_alloc(sizeof(*l));
	CLEANUP(buf_clear) struct buf all = { 0 };
	pthread_mutex_init(&l->lock, NULL);
	l->dir = dir;
	l->fd = openat(dir, NAME, (own ? O_RDWR : O_RDONLY) | O_CLOEXEC);
	*skipped = 0;
	if (l->fd < 0 && errno != ENOENT)
		return store_fault(e, errno, "open the list of suppressed addresses", NAME);
	if (l->fd >= 0 && !read_file(l->fd, &all, e))
		return false;
	load(l, buf_str(&all), skipped);
	*out = STEAL(l);
	return true;
}

static void entry_clear(struct named *named)
{
	struct entry *x = (struct entry *)named;
	free(x->why);
	free(x->proof);
}

void suppressed_free(struct suppressed **lp)
{
	struct suppressed *l = *lp;
	if (!l)
		return;
	names_drop(&l->table, entry_clear);
	close_fd(&l->fd);
	pthread_mutex_destroy(&l->lock);
	mem_free(lp);
}
