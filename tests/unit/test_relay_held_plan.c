/* SPDX-License-Identifier: Apache-2.0 */
/* relay/lane/held_plan: what is held for a limit goes when there is room by the settings of now, a message at
 * a time. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "relay/lane/lanes_inner.h"
#include "relay/mark.h"

#define LIMIT "the configuration allows 2 recipients a day (route box)"
#define HOUR  INT64_C(3600000)

static const struct relay_route route = { .name = "box" };
static struct relay relay;
static struct lanes lanes;
static int64_t tomorrow;

static struct place {
	size_t messages;
	uint32_t rcpts;         /* of each */
	enum store_state state; /* as they are counted; held for the limit */
	enum store_state now;   /* when their turn comes; 0: the same */
	unsigned tries;
	const char *event;      /* what the trail says last; NULL: the limit */
	const char *today;      /* lane; NULL: the same */
	int64_t own_ms, all_ms; /* from now on, as the plans of the account and of all accounts have it */
	bool reload;            /* while the first one is written */
	bool leap;              /* of the clock, then */
	bool fails;             /* to be written */
	bool part;              /* not all of a message go together */
	size_t late;            /* messages whose outcome comes with the loop's next turns */
} place;

static struct {
	size_t walks, fetches, trails, calls, marks, turns, paces, tells;
	size_t most;            /* marks in one call */
	size_t room;            /* that the greatest one took */
	struct store_mark mark; /* the last */
	char lane[64], planned[64];
} seen;

void __wrap_store_each_live(struct store *s, bool (*fn)(void *user, const struct store_live *row),
			    void *user);
void __wrap_store_each_live(struct store *s, bool (*fn)(void *user, const struct store_live *row), void *user)
{
	(void)s;
	seen.walks++;
	for (size_t m = 0; m < place.messages; m++)
		for (uint32_t i = 0; i < place.rcpts; i++) {
			const struct store_live row = { .id = { .seq = m + 1 },
							.rcpt = i,
							.state = place.state,
							.next_ms = tomorrow,
							.lane = "box",
							.account = "desk" };
			assert_true(fn(user, &row));
		}
}

bool __wrap_store_fetch(struct store *s, struct store_id id, struct arena *a, struct store_message *out,
			struct err *e);
bool __wrap_store_fetch(struct store *s, struct store_id id, struct arena *a, struct store_message *out,
			struct err *e)
{
	(void)s, (void)e;
	seen.fetches++;
	*out = (struct store_message){ .id = id, .account = STR_LIT("desk"), .nrcpts = place.rcpts };
	out->rcpts = arena_alloc(a, out->nrcpts * sizeof(*out->rcpts));
	for (size_t i = 0; i < out->nrcpts; i++)
		out->rcpts[i] = (struct store_rcpt){ .address = STR_LIT("b@example.net"),
						     .lane = STR_LIT("box"),
						     .state = place.now ? place.now : place.state,
						     .next_ms = tomorrow,
						     .tries = place.tries };
	return true;
}

int __wrap_store_trail(struct store *s, struct store_id id, struct arena *a, struct store_trail *out,
		       struct err *e);
int __wrap_store_trail(struct store *s, struct store_id id, struct arena *a, struct store_trail *out,
		       struct err *e)
{
	(void)s, (void)id, (void)e;
	seen.trails++;
	*out = (struct store_trail){ .nevents = place.rcpts };
	out->events = arena_alloc(a, out->nevents * sizeof(*out->events));
	for (uint32_t i = 0; i < out->nevents; i++)
		out->events[i] = (struct store_event){ .rcpt = i,
						       .state = place.state,
						       .why = str_of(place.event ? place.event : LIMIT) };
	return 1;
}

/* Outcomes that come later. */
static struct {
	struct one_late {
		void (*done)(void *ctx, const struct store_done *d);
		void *ctx;
	} v[1000];
	size_t n, most;
	struct net_timer *timer;
} late;

static void on_late(void *ctx)
{
	const struct store_done d = { .verdict = place.fails ? STORE_FAILED : STORE_LOST };
	(void)ctx;
	late.most = late.n > late.most ? late.n : late.most;
	while (late.n) {
		const struct one_late x = late.v[--late.n];
		x.done(x.ctx, &d);
	}
}

void __wrap_relay_mark(struct relay *r, const struct store_message *m, const struct store_mark *marks,
		       size_t n, void (*done)(void *ctx, const struct store_done *d), void *ctx);
void __wrap_relay_mark(struct relay *r, const struct store_message *m, const struct store_mark *marks,
		       size_t n, void (*done)(void *ctx, const struct store_done *d), void *ctx)
{
	const struct store_done d = { .verdict = place.fails ? STORE_FAILED : STORE_LOST };
	(void)r, (void)m;
	seen.calls++;
	seen.marks += n;
	seen.most = n > seen.most ? n : seen.most;
	seen.mark = marks[n - 1];
	assert_true(marks[n - 1].lane.len < sizeof(seen.lane));
	memcpy(seen.lane, marks[n - 1].lane.p, marks[n - 1].lane.len);
	if (place.reload)
		lanes_plan_held(&lanes);
	if (place.leap)
		lanes_shift(&lanes, HOUR, relay_now_ms());
	place.reload = place.leap = false;
	if (seen.calls > place.late) {
		done(ctx, &d);
		return;
	}
	late.v[late.n++] = (struct one_late){ done, ctx };
	net_timer_set(late.timer, 0);
}

bool __wrap_store_lanes(struct store *s, struct arena *a, struct store_lanes *out, struct err *e);
bool __wrap_store_lanes(struct store *s, struct arena *a, struct store_lanes *out, struct err *e)
{
	(void)s, (void)a, (void)out, (void)e;
	return false;
}

void __wrap_relay_tell(struct relay *r, const struct err *e);
void __wrap_relay_tell(struct relay *r, const struct err *e)
{
	(void)r, (void)e;
	seen.tells++;
}

const char *__wrap_lane_today(const struct relay_settings *s, struct str lane, struct relay_sender sender,
			      struct str recipient, struct arena *a);
const char *__wrap_lane_today(const struct relay_settings *s, struct str lane, struct relay_sender sender,
			      struct str recipient, struct arena *a)
{
	(void)s, (void)lane, (void)sender, (void)recipient;
	seen.room = arena_used(a) > seen.room ? arena_used(a) : seen.room;
	return place.today ? place.today : "box";
}

void __wrap_lane_caps_of_mail(struct lanes *l, struct str lane, struct str account, struct lane_caps *out);
void __wrap_lane_caps_of_mail(struct lanes *l, struct str lane, struct str account, struct lane_caps *out)
{
	(void)l, (void)account;
	snprintf(seen.planned, sizeof(seen.planned), STR_FMT, STR_ARG(lane));
	*out = (struct lane_caps){ .route = str_eq(lane, LANE_NONE) ? NULL : &route };
}

struct lane_wait __wrap_lane_caps_turn(struct lanes *l, const struct lane_caps *c, struct str account,
				       unsigned recipients, int64_t now_ms);
struct lane_wait __wrap_lane_caps_turn(struct lanes *l, const struct lane_caps *c, struct str account,
				       unsigned recipients, int64_t now_ms)
{
	(void)l, (void)c;
	seen.turns++;
	if (!place.part)
		assert_int_equal(recipients, place.rcpts);
	return (struct lane_wait){ .at_ms =
					   now_ms + (str_eq(account, "desk") ? place.own_ms : place.all_ms) };
}

const char *__wrap_lane_caps_reason(const struct lane_caps *c, const struct lane_wait *w, struct arena *a);
const char *__wrap_lane_caps_reason(const struct lane_caps *c, const struct lane_wait *w, struct arena *a)
{
	(void)c, (void)w, (void)a;
	return "less is allowed";
}

bool __wrap_lanes_pace(struct lanes *l);
bool __wrap_lanes_pace(struct lanes *l)
{
	seen.paces++;
	return !l->draining;
}

static bool is_over(void *ctx)
{
	(void)ctx;
	return !lanes.planning;
}

static void begin(const struct place *at)
{
	memset(&seen, 0, sizeof(seen));
	lanes = (struct lanes){ .relay = &relay };
	tomorrow = relay_now_ms() + CAPS_DAY_MS;
	place = *at;
	relay.lanes = &lanes;
	relay.loop = net_loop_new();
	late.timer = net_timer_new(relay.loop, on_late, NULL);
	late.n = late.most = 0;
	lanes_plan_held(&lanes);
	assert_int_equal(seen.walks, 0); /* not in the turn of who asks for it */
}

static void end(void)
{
	assert_true(net_loop_wait(relay.loop, is_over, NULL, UINT64_MAX));
	assert_int_equal(lanes.moving, 0);
	net_timer_free(&late.timer);
	net_loop_free(&relay.loop);
}

static void plan(const struct place *at)
{
	begin(at);
	end();
}

static const struct plan_case {
	const char *name;
	struct place at;
	size_t trails, turns, calls;
	enum store_state state; /* of the marks */
	int64_t in_ms;          /* their time, from now on */
	const char *lane;       /* "" unchanged */
} cases[] = {
	{ "there is room", { 1, 3, .state = STORE_HELD }, 1, 2, 1, STORE_QUEUED, 0, "" },
	{ "it had been tried", { 1, 3, .state = STORE_HELD, .tries = 1 }, 1, 2, 1, STORE_DELAYED, 0, "" },
	{ "sooner", { 1, 3, .state = STORE_HELD, .own_ms = HOUR }, 1, 1, 1, STORE_HELD, HOUR, "" },
	{ "room for its account, not for all of them",
	  { 1, 3, .state = STORE_HELD, .all_ms = HOUR },
	  1,
	  2,
	  1,
	  STORE_HELD,
	  HOUR,
	  "" },
	{ "no sooner", { 1, 3, .state = STORE_HELD, .own_ms = 24 * HOUR }, 0, 1, 0, 0, 0, "" },
	{ "a person holds it", { 1, 3, .state = STORE_HELD, .event = "held by anna" }, 1, 2, 0, 0, 0, "" },
	{ "a doubt", { 1, 3, .state = STORE_IN_DOUBT, .tries = 1 }, 1, 2, 1, STORE_IN_DOUBT, 0, "" },
	{ "a doubt that waits for its next try",
	  { 1, 3, .state = STORE_IN_DOUBT, .event = "cut" },
	  1,
	  0,
	  0,
	  0,
	  0,
	  "" },
	{ "another route", { 1, 3, .state = STORE_HELD, .today = "new" }, 1, 2, 1, STORE_QUEUED, 0, "new" },
	{ "no route", { 1, 3, .state = STORE_HELD, .today = LANE_NONE }, 0, 0, 0, 0, 0, "" },
	{ "gone meanwhile", { 1, 3, .state = STORE_HELD, .now = STORE_CANCELLED }, 0, 0, 0, 0, 0, "" },
};

static void check(const struct plan_case *x)
{
	plan(&x->at);
	if (seen.trails != x->trails || seen.turns != x->turns || seen.calls != x->calls)
		fail_msg("%s: %zu trails, %zu turns, %zu marked", x->name, seen.trails, seen.turns,
			 seen.calls);
	if (!x->calls)
		return;
	int64_t over = seen.mark.next_ms - relay_now_ms() - x->in_ms;
	assert_int_equal(seen.marks, x->at.rcpts);
	if (seen.mark.state != x->state || strcmp(seen.lane, x->lane) != 0 || over > 0 || over < -HOUR / 2)
		fail_msg("%s: state %d, lane %s, %lld ms late", x->name, seen.mark.state, seen.lane,
			 (long long)over);
	assert_string_equal(seen.planned, x->at.today ? x->at.today : "box");
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check(&cases[i]);
}

/* However many there are: each message is read and marked once, and others have their turn between two. */
static void test_very_many(void **state)
{
	(void)state;
	plan(&(struct place){ .messages = 1000, .rcpts = 100, .state = STORE_HELD });
	assert_int_equal(seen.fetches, 1000);
	assert_int_equal(seen.trails, 1000);
	assert_int_equal(seen.calls, 1000);
	assert_int_equal(seen.marks, 100000);
	assert_true(seen.paces >= 1000);
	assert_true(seen.room < 200 * 1000); /* each takes what it needs, not what all of them do */
}

static void test_more_than_one_call_takes(void **state)
{
	(void)state;
	plan(&(struct place){
		.messages = 2, .rcpts = STORE_MARKS_MAX + 2000, .state = STORE_HELD, .part = true });
	assert_int_equal(seen.calls, 4);
	assert_int_equal(seen.marks, 2 * (STORE_MARKS_MAX + 2000));
	assert_int_equal(seen.most, STORE_MARKS_MAX);
}

/* A person has held one of them, and the disk does not have it yet. */
static void test_one_changes_meanwhile(void **state)
{
	(void)state;
	const struct store_mark hold[] = {
		{ .id = { .seq = 1 }, .rcpt = 1, .state = STORE_HELD, .next_ms = STORE_NEVER }
	};
	const struct store_mark others[] = { { .id = { .seq = 9 }, .rcpt = 0, .state = STORE_HELD } };
	struct pending first = { .marks = hold, .n = 1 }, second = { .marks = others, .n = 1 };
	pending_put(&relay.pending, &first);
	pending_put(&relay.pending, &second);
	plan(&(struct place){ .messages = 2, .rcpts = 3, .state = STORE_HELD, .part = true });
	relay.pending = NULL;
	assert_int_equal(seen.calls, 2);
	assert_int_equal(seen.marks, 2 + 3);
}

/* The store is not left behind, and a plan begins anew only when it has answered. */
static void test_outcomes_come_later(void **state)
{
	(void)state;
	plan(&(struct place){
		.messages = 1000, .rcpts = 1, .state = STORE_HELD, .reload = true, .late = 1000 });
	assert_int_equal(seen.walks, 2);
	assert_int_equal(seen.calls, 1 + 1000);
	assert_true(late.most > 1 && late.most <= 256);
}

/* By settings that came in the midst of it all is planned anew, and once at a time. */
static void test_a_reload_meanwhile(void **state)
{
	(void)state;
	plan(&(struct place){ .messages = 3, .rcpts = 1, .state = STORE_HELD, .reload = true });
	assert_int_equal(seen.walks, 2);
	assert_int_equal(seen.calls, 1 + 3);
}

/* What was planned is forgotten then: so all are planned anew. */
static void test_a_leap_meanwhile(void **state)
{
	(void)state;
	plan(&(struct place){ .messages = 3, .rcpts = 1, .state = STORE_HELD, .leap = true });
	assert_int_equal(seen.walks, 2);
	assert_int_equal(seen.calls, 1 + 3);
}

/* A full disk: told once, and tried again later, or by the next settings at once. */
static void test_not_stored(void **state)
{
	(void)state;
	begin(&(struct place){ .messages = 3, .rcpts = 1, .state = STORE_HELD, .fails = true, .late = 3 });
	assert_false(net_loop_wait(relay.loop, is_over, NULL, net_loop_now_ms(relay.loop) + 50));
	assert_int_equal(seen.calls, 3);
	assert_int_equal(seen.tells, 1);
	place.fails = false;
	lanes_plan_held(&lanes);
	net_timer_set(late.timer,
		      0); /* in the relay that comes by an event, behind which the fibers look again */
	end();
	assert_int_equal(seen.walks, 2);
	assert_int_equal(seen.calls, 3 + 3);
	assert_int_equal(seen.tells, 1);
}

/* What the store would never take keeps nothing else back. */
static void test_refused(void **state)
{
	(void)state;
	plan(&(struct place){ .messages = 3, .rcpts = 1, .state = STORE_HELD, .fails = true });
	assert_int_equal(seen.walks, 1);
	assert_int_equal(seen.calls, 3);
	assert_int_equal(seen.tells, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_very_many),
		cmocka_unit_test(test_more_than_one_call_takes),
		cmocka_unit_test(test_one_changes_meanwhile),
		cmocka_unit_test(test_outcomes_come_later),
		cmocka_unit_test(test_a_reload_meanwhile),
		cmocka_unit_test(test_a_leap_meanwhile),
		cmocka_unit_test(test_not_stored),
		cmocka_unit_test(test_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
