/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/notice_place.h"

#include "relay/mark.h"
#include "relay/notice/notice_rule.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

/* What the running relay has: here they note. */
int64_t clock_ms = NOW;
uint64_t loop_behind_ms;
char woken[100];
unsigned taken, troubles, trails_read, held;

int64_t relay_now_ms(void)
{
	return clock_ms;
}

int __real_store_trail(struct store *s, struct store_id id, struct arena *a, struct store_trail *out,
		       struct err *e);
int __wrap_store_trail(struct store *s, struct store_id id, struct arena *a, struct store_trail *out,
		       struct err *e);

int __wrap_store_trail(struct store *s, struct store_id id, struct arena *a, struct store_trail *out,
		       struct err *e)
{
	trails_read++;
	return __real_store_trail(s, id, a, out, e);
}

uint64_t __real_net_loop_now_ms(const struct net_loop *l);
uint64_t __wrap_net_loop_now_ms(const struct net_loop *l);

uint64_t __wrap_net_loop_now_ms(const struct net_loop *l)
{
	return __real_net_loop_now_ms(l) - loop_behind_ms;
}

const char *__wrap_lane_of(const struct relay_settings *s, struct str sender, struct str recipient,
			   struct arena *a);

const char *__wrap_lane_of(const struct relay_settings *s, struct str sender, struct str recipient,
			   struct arena *a)
{
	(void)s;
	assert_int_equal(sender.len, 0);
	return arena_printf(a, "to " STR_FMT, STR_ARG(recipient));
}

void lanes_wake(struct lanes *l, struct str name)
{
	(void)l;
	snprintf(woken, sizeof(woken), STR_FMT, STR_ARG(name));
}

void relay_log_taken(struct relay_log *l, const struct store_message *m, struct store_id id)
{
	(void)l;
	(void)m;
	(void)id;
	taken++;
}

void relay_log_trouble(struct relay_log *l, int64_t now_ms, const struct err *e)
{
	(void)l;
	(void)now_ms;
	(void)e;
	troubles++;
}

void relay_mark(struct relay *r, const struct store_message *m, const struct store_mark *marks, size_t n,
		void (*done)(void *ctx, const struct store_done *d), void *ctx)
{
	const struct store_done ok = { .verdict = STORE_DONE };
	struct store_mark k = marks[0];
	struct err e = { 0 };
	assert_int_equal(n, 1);
	assert_true(store_id_same(m->id, k.id));
	assert_int_equal(k.state, STORE_HELD);
	k.at_ms = clock_ms;
	held++;
	assert_true(store_mark(r->store, &k, 1, NULL, &e));
	done(ctx, &ok);
}

/* A message and its marks, as the relay has them. */
struct store_rcpt rcpts[NOTICE_RCPTS] = {
	{ .address = { "nobody@example.com", 18 }, .orcpt = { "rfc822;no+2Bbody@example.com", 28 } },
	{ .address = { "full@example.net", 16 }, .expires_ms = NOW + 100 * HOUR },
	{ .address = { "nothere@example.com", 19 } },
};

struct store_message message(void)
{
	return (struct store_message){ .id = { 1, 1 },
				       .arrived_ms = NOW - 5 * HOUR,
				       .reverse_path = STR_LIT("me@example.org"),
				       .envid = STR_LIT("QQ314159"),
				       .message_id = STR_LIT("<7@example.org>"),
				       .subject = STR_LIT("Invoice 7"),
				       .from = STR_LIT("me@example.org"),
				       .rcpts = rcpts,
				       .nrcpts = ARRAY_LEN(rcpts) };
}

struct store_mark mark(uint32_t rcpt, enum store_state s, unsigned code, const char *reply,
		       const char *finding)
{
	return (struct store_mark){ .id = { 1, 1 },
				    .rcpt = rcpt,
				    .state = s,
				    .at_ms = NOW,
				    .tries = NOTICE_DELAY_TRIES,
				    .code = code,
				    .host = code ? STR_LIT("mx.example.com") : STR_LIT(""),
				    .address = code ? STR_LIT("192.0.2.7") : STR_LIT(""),
				    .reply = str_of(reply),
				    .finding = str_of(finding) };
}

static int drop(const char *path, const struct stat *st, int type, struct FTW *f)
{
	(void)st;
	(void)type;
	(void)f;
	return remove(path);
}

int begin(void **state)
{
	struct place *p = mem_alloc(sizeof(*p));
	struct err e = { 0 };
	snprintf(p->path, sizeof(p->path), "/tmp/notice-XXXXXX");
	assert_non_null(mkdtemp(p->path));
	struct store_options o = {
		.path = p->path, .now_ms = NOW, .segment_bytes = 1 << 20, .reserve_bytes = 1
	};
	assert_true(store_open(&o, &p->relay.store, &e));
	p->settings = (struct relay_settings){ .hostname = "relay.example.org",
					       .data = p->path,
					       .retry = { .expire_s = 432000,
							  .delay_warning_s = RELAY_DELAY_WARNING_S } };
	p->relay.settings = &p->settings;
	p->relay.loop = net_loop_new();
	p->relay.nonce = 77;
	p->relay.log = (struct relay_log *)p; /* only passed on */
	p->relay.notices = notices_new(&p->relay);
	clock_ms = NOW;
	loop_behind_ms = 0;
	for (size_t i = 0; i < NOTICE_RCPTS; i++)
		rcpts[i].notify = 0;
	taken = troubles = trails_read = held = 0;
	woken[0] = 0;
	*state = p;
	return 0;
}

void settle_store(struct place *p)
{
	struct store_done d[16];
	store_settle(p->relay.store);
	for (size_t n; (n = store_take_done(p->relay.store, d, ARRAY_LEN(d)));)
		for (size_t i = 0; i < n; i++)
			if (d[i].user)
				((struct relay_ticket *)d[i].user)->done(d[i].user, &d[i]);
			else
				p->m.id = d[i].verdict == STORE_DONE && !p->m.id.seq ? d[i].id : p->m.id;
}

/* And what waits for others is told. */
void settle(struct place *p)
{
	settle_store(p);
	notices_hurry(p->relay.notices);
	settle_store(p);
}

int end(void **state)
{
	struct place *p = *state;
	settle(p);
	notices_free(&p->relay.notices);
	store_close(&p->relay.store);
	net_loop_free(&p->relay.loop);
	nftw(p->path, drop, 16, FTW_DEPTH | FTW_PHYS);
	free(p);
	return 0;
}

void take_message(struct place *p)
{
	struct err e = { 0 };
	struct store_body *b = store_body_begin(p->relay.store);
	static const char text[] = "Received: from x\r\nMessage-ID: <7@example.org>\r\nSubject: Invoice 7\r\n"
				   "From: me@example.org\r\n\r\nSecret sum: 42\r\n";
	p->m.id.seq = 0;
	for (size_t i = 0; i < p->m.nrcpts; i++) {
		p->m.rcpts[i].lane = STR_LIT("direct");
		p->m.rcpts[i].state = STORE_QUEUED;
		p->m.rcpts[i].next_ms = NOW;
		p->m.rcpts[i].expires_ms = NOW + 100 * HOUR;
	}
	assert_true(store_body_append(b, STR_LIT(text), &e));
	assert_true(store_accept(p->relay.store, &b, &p->m, NULL, &e));
	settle(p);
	p->m.size = sizeof(text) - 1;
	assert_true(p->m.id.seq);
}

void take_original(struct place *p, unsigned flags)
{
	p->m = message();
	p->m.flags = flags;
	take_message(p);
}

/* The text of the only message waiting in the lane of the notices; "" when there is none. */
struct str notice_text(struct place *p, struct arena *a, struct store_message *m)
{
	struct store_claim c[4];
	struct err e = { 0 };
	struct str piece;
	CLEANUP(buf_clear) struct buf all = { 0 };
	settle(p);
	size_t n = store_claim(p->relay.store, STR_LIT("to me@example.org"), 1, NOW + 10 * HOUR, 1000, c, 4);
	if (!n)
		return STR_LIT("");
	assert_int_equal(n, 1);
	assert_true(store_fetch(p->relay.store, c[0].id, a, m, &e));
	struct store_reader *r = store_body_open(p->relay.store, c[0].id, &e);
	assert_non_null(r);
	while (store_reader_next(r, &piece, &e) == 1)
		buf_add(&all, piece.p, piece.len);
	store_reader_free(&r);
	store_claim_release(p->relay.store, &c[0], NOW);
	return arena_str(a, buf_str(&all));
}

static bool no_fiber(void *ctx)
{
	return !net_fibers(ctx);
}

static void nothing(void *ctx)
{
	(void)ctx;
}

static void turn(struct place *p)
{
	assert_true(net_loop_wait(p->relay.loop, no_fiber, p->relay.loop,
				  net_loop_now_ms(p->relay.loop) + 20000));
}

void look_again(struct place *p)
{
	loop_behind_ms = 0;
	net_fiber_start(p->relay.loop, nothing, NULL);
	turn(p);
	settle_store(p);
}

void start_after_crash(struct place *p)
{
	p->relay.opened_ms = NOW + HOUR;
	notices_start(p->relay.notices);
	turn(p);
	settle(p);
}

struct store_mark marked(struct place *p, uint32_t rcpt, enum store_state s, int64_t at_ms)
{
	struct err e = { 0 };
	struct store_mark k = mark(rcpt, s, 550, "5.1.1 No such user", "");
	k.id = p->m.id;
	k.at_ms = at_ms;
	k.next_ms = STORE_NEVER;
	assert_true(store_mark(p->relay.store, &k, 1, NULL, &e));
	settle_store(p);
	return k;
}

size_t told_in(struct place *p, const char *address)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_hits hits;
	struct err e = { 0 };
	struct store_query q = { .recipient = STR_LIT("me@example.org"), .limit = 100 };
	size_t n = 0;
	assert_true(store_find(p->relay.store, &q, a, &hits, &e));
	for (size_t i = 0; i < hits.n; i++) {
		CLEANUP(buf_clear) struct buf all = { 0 };
		struct str piece;
		struct store_reader *r = store_body_open(p->relay.store, hits.v[i].id, &e);
		assert_non_null(r);
		while (store_reader_next(r, &piece, &e) == 1)
			buf_add(&all, piece.p, piece.len);
		store_reader_free(&r);
		n += str_ifind(buf_str(&all), arena_printf(a, "Final-Recipient: rfc822; %s", address)) <
		     buf_waiting(&all);
	}
	return n;
}

void has(const char *wrapped, const char *words)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct strlist all = { 0 };
	struct str rest = str_of(wrapped), word;
	while (str_next(&rest, " \n", &word))
		strlist_add(&all, a, arena_str(a, word).p);
	const char *text = strlist_join(&all, a, " ");
	if (!strstr(text, words))
		fail_msg("\"%s\" is not in:\n%s", words, text);
}
