/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/store_place.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"

struct store_options options(struct place *p)
{
	return (struct store_options){ .path = p->path,
				       .now_ms = p->now,
				       .segment_bytes = 1 << 20,
				       .reserve_bytes = 1,
				       .wait_max_ms = p->wait_max_ms };
}

void open_store(struct place *p)
{
	struct err e = { 0 };
	char text[512];
	struct store_options o = options(p);
	if (!store_open(&o, &p->s, &e))
		fail_msg("%s", err_text(&e, text, sizeof(text)));
}

void reopen(struct place *p)
{
	store_close(&p->s);
	open_store(p);
}

int begin(void **state)
{
	struct place *p = mem_alloc(sizeof(*p));
	p->now = NOW;
	snprintf(p->path, sizeof(p->path), "/tmp/store-XXXXXX");
	assert_non_null(mkdtemp(p->path));
	open_store(p);
	*state = p;
	return 0;
}

static int drop(const char *path, const struct stat *st, int type, struct FTW *f)
{
	(void)st;
	(void)type;
	(void)f;
	return remove(path);
}

int end(void **state)
{
	struct place *p = *state;
	store_close(&p->s);
	nftw(p->path, drop, 16, FTW_DEPTH | FTW_PHYS);
	free(p);
	return 0;
}

struct store_rcpt rcpt(const char *address, const char *lane)
{
	return (struct store_rcpt){ .address = str_of(address),
				    .lane = str_of(lane),
				    .state = STORE_QUEUED,
				    .next_ms = NOW,
				    .expires_ms = NOW + 1000000 };
}

struct store_done take_one(struct place *p)
{
	struct store_done d = { 0 };
	store_settle(p->s);
	assert_int_equal(store_take_done(p->s, &d, 1), 1);
	return d;
}

struct store_done accept_message(struct place *p, struct store_message *m, const char *text)
{
	struct err e = { 0 };
	struct store_body *b = store_body_begin(p->s);
	assert_true(store_body_append(b, str_of(text), &e));
	m->arrived_ms = p->now;
	assert_true(store_accept(p->s, &b, m, p, &e));
	assert_null(b);
	struct store_done d = take_one(p);
	assert_ptr_equal(d.user, p);
	return d;
}

struct store_id accept_one(struct place *p, const char *address, const char *subject)
{
	struct store_rcpt r = rcpt(address, "lane");
	struct store_message m = { .reverse_path = STR_LIT("me@example.com"),
				   .account = STR_LIT("app"),
				   .message_id = STR_LIT("<1@example.com>"),
				   .subject = str_of(subject),
				   .rcpts = &r,
				   .nrcpts = 1 };
	struct store_done d = accept_message(p, &m, "Subject: x\r\n\r\nHello\r\n");
	assert_int_equal(d.verdict, STORE_DONE);
	return d.id;
}

void expect_body(struct store_reader *r, struct str want)
{
	struct buf got = { 0 };
	struct str piece;
	struct err e = { 0 };
	int rc;
	assert_non_null(r);
	while ((rc = store_reader_next(r, &piece, &e)) == 1)
		buf_add(&got, piece.p, piece.len);
	assert_int_equal(rc, 0);
	assert_int_equal(buf_waiting(&got), want.len);
	assert_memory_equal(buf_str(&got).p, want.p, want.len);
	buf_clear(&got);
	store_reader_free(&r);
}

bool claim_of(struct place *p, struct store_id id, unsigned owner, int64_t now_ms, int64_t lease_ms,
	      struct store_claim *out)
{
	return store_claim_message(p->s, id, STR_LIT("lane"), owner, now_ms, lease_ms, out, 1) == 1;
}

enum store_verdict mark(struct place *p, struct store_mark m)
{
	struct err e = { 0 };
	m.at_ms = p->now;
	assert_true(store_mark(p->s, &m, 1, NULL, &e));
	return take_one(p).verdict;
}

enum store_state state_of(struct place *p, struct store_id id, uint32_t n)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_trail t;
	struct err e = { 0 };
	store_settle(p->s);
	assert_int_equal(store_trail(p->s, id, a, &t, &e), 1);
	return t.message.rcpts[n].state;
}

size_t found(struct place *p, struct store_query q)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_hits h;
	struct err e = { 0 };
	assert_true(store_find(p->s, &q, a, &h, &e));
	return h.n;
}

void drop_index(struct place *p)
{
	static const char *const names[] = { "index.db", "index.db-wal", "index.db-shm" };
	char path[128];
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", p->path, names[i]);
		unlink(path);
	}
}

void place_close_without_index(struct place *p)
{
	store_close(&p->s);
	drop_index(p);
}

size_t place_known(struct place *p, const char *address)
{
	return found(p, (struct store_query){ .recipient = str_of(address), .limit = 999 });
}

static bool count_one(void *user, const struct store_live *row)
{
	(void)row;
	++*(size_t *)user;
	return true;
}

size_t place_live(struct place *p)
{
	size_t n = 0;
	store_each_live(p->s, count_one, &n);
	return n;
}

bool place_has(struct place *p, const char *name)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/%s", p->path, name);
	return !access(path, F_OK);
}

void place_meet_damage(struct place *p, struct store_id id)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_trail t;
	struct err e = { 0 };
	if (store_trail(p->s, id, a, &t, &e) < 0)
		store_settle(p->s);
}

struct store_done place_accept_long(struct place *p)
{
	CLEANUP(mem_free) char *text = made_text(1200 * 1000, 7);
	struct store_rcpt r = rcpt("long@example.net", "lane");
	struct store_message m = { .key = STR_LIT("long"), .rcpts = &r, .nrcpts = 1 };
	return accept_message(p, &m, text);
}

char *made_text(size_t n, unsigned seed)
{
	char *text = mem_alloc(n + 1);
	for (size_t i = 0; i < n; i++)
		text[i] = (char)('a' + (i * 2654435761u + seed) % 26);
	return text;
}

void pass_through(struct place *p, size_t n, const char *text)
{
	struct store_rcpt r = rcpt("a@example.net", "lane");
	struct store_message m = { .rcpts = &r, .nrcpts = 1 };
	for (size_t i = 0; i < n; i++) {
		struct store_mark done = { .state = STORE_CANCELLED };
		done.id = accept_message(p, &m, text).id;
		assert_int_equal(mark(p, done), STORE_DONE);
	}
}

void tidy(struct place *p)
{
	store_tidy(p->s, p->now);
	store_settle(p->s);
}

struct store_health place_health(struct place *p)
{
	struct store_health h;
	store_health(p->s, &h);
	return h;
}

void open_short_memory(struct place *p)
{
	struct store_options o = options(p);
	struct err e = { 0 };
	store_close(&p->s);
	o.trail_keep_ms = 2 * DAY_MS;
	assert_true(store_open(&o, &p->s, &e));
}

int store_reports;

static void count_report(void *user, const struct err *e)
{
	(void)user;
	__atomic_add_fetch(&store_reports, e->kind != ERR_NONE, __ATOMIC_SEQ_CST);
}

void reopen_reporting(struct place *p)
{
	struct store_options o = options(p);
	struct err e = { 0 };
	char text[512];
	o.report = count_report;
	store_close(&p->s);
	if (!store_open(&o, &p->s, &e))
		fail_msg("%s", err_text(&e, text, sizeof(text)));
}
