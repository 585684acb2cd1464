/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "tests/unit/held_place.h"

#include "relay/mark.h"

struct held_place held_place;
struct held_seen held_seen;
struct relay held_relay;
struct lanes held_lanes;
static const struct relay_route route = { .name = "box" };
static int64_t tomorrow;

void __wrap_store_each_live(struct store *s, bool (*fn)(void *user, const struct store_live *row),
			    void *user);
void __wrap_store_each_live(struct store *s, bool (*fn)(void *user, const struct store_live *row), void *user)
{
	(void)s;
	held_seen.walks++;
	for (size_t m = 0; m < held_place.messages; m++)
		for (uint32_t i = 0; i < held_place.rcpts; i++) {
			const struct store_live row = { .id = { .seq = m + 1 },
							.rcpt = i,
							.state = held_place.state,
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
	held_seen.fetches++;
	*out = (struct store_message){ .id = id, .account = STR_LIT("desk"), .nrcpts = held_place.rcpts };
	out->rcpts = arena_alloc(a, out->nrcpts * sizeof(*out->rcpts));
	for (size_t i = 0; i < out->nrcpts; i++)
		out->rcpts[i] =
			(struct store_rcpt){ .address = STR_LIT("b@example.net"),
					     .lane = STR_LIT("box"),
					     .state = held_place.now ? held_place.now : held_place.state,
					     .next_ms = tomorrow,
					     .tries = held_place.tries };
	return true;
}

int __wrap_store_trail(struct store *s, struct store_id id, struct arena *a, struct store_trail *out,
		       struct err *e);
int __wrap_store_trail(struct store *s, struct store_id id, struct arena *a, struct store_trail *out,
		       struct err *e)
{
	(void)s, (void)id, (void)e;
	held_seen.trails++;
	*out = (struct store_trail){ .nevents = held_place.rcpts };
	out->events = arena_alloc(a, out->nevents * sizeof(*out->events));
	for (uint32_t i = 0; i < out->nevents; i++)
		out->events[i] = (struct store_event){ .rcpt = i,
						       .state = held_place.state,
						       .why = str_of(held_place.event ? held_place.event
										      : HELD_LIMIT) };
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
	const struct store_done d = { .verdict = held_place.fails ? STORE_FAILED : STORE_LOST };
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
	const struct store_done d = { .verdict = held_place.fails ? STORE_FAILED : STORE_LOST };
	(void)r, (void)m;
	held_seen.calls++;
	held_seen.marks += n;
	held_seen.most = n > held_seen.most ? n : held_seen.most;
	held_seen.mark = marks[n - 1];
	assert_true(marks[n - 1].lane.len < sizeof(held_seen.lane));
	memcpy(held_seen.lane, marks[n - 1].lane.p, marks[n - 1].lane.len);
	if (held_place.reload)
		lanes_plan_held(&held_lanes);
	if (held_place.leap)
		lanes_shift(&held_lanes, HOUR, relay_now_ms());
	held_place.reload = held_place.leap = false;
	if (held_seen.calls > held_place.late) {
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
	held_seen.tells++;
}

const char *__wrap_lane_today(const struct relay_settings *s, struct str lane, struct relay_sender sender,
			      struct str recipient, struct arena *a);
const char *__wrap_lane_today(const struct relay_settings *s, struct str lane, struct relay_sender sender,
			      struct str recipient, struct arena *a)
{
	(void)s, (void)lane, (void)sender, (void)recipient;
	held_seen.room = arena_used(a) > held_seen.room ? arena_used(a) : held_seen.room;
	return held_place.today ? held_place.today : "box";
}

void __wrap_lane_caps_of_mail(struct lanes *l, struct str lane, struct str account, struct lane_caps *out);
void __wrap_lane_caps_of_mail(struct lanes *l, struct str lane, struct str account, struct lane_caps *out)
{
	(void)l, (void)account;
	snprintf(held_seen.planned, sizeof(held_seen.planned), STR_FMT, STR_ARG(lane));
	*out = (struct lane_caps){ .route = str_eq(lane, LANE_NONE) ? NULL : &route };
}

struct lane_wait __wrap_lane_caps_turn(struct lanes *l, const struct lane_caps *c, struct str account,
				       unsigned recipients, int64_t now_ms);
struct lane_wait __wrap_lane_caps_turn(struct lanes *l, const struct lane_caps *c, struct str account,
				       unsigned recipients, int64_t now_ms)
{
	(void)l, (void)c;
	held_seen.turns++;
	if (!held_place.part)
		assert_int_equal(recipients, held_place.rcpts);
	return (struct lane_wait){ .at_ms = now_ms + (str_eq(account, "desk") ? held_place.own_ms
									      : held_place.all_ms) };
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
	held_seen.paces++;
	return !l->draining;
}

bool held_is_over(void *ctx)
{
	(void)ctx;
	return !held_lanes.planning;
}

void held_begin(const struct held_place *at)
{
	memset(&held_seen, 0, sizeof(held_seen));
	held_lanes = (struct lanes){ .relay = &held_relay };
	tomorrow = relay_now_ms() + CAPS_DAY_MS;
	held_place = *at;
	held_relay.lanes = &held_lanes;
	held_relay.loop = net_loop_new();
	late.timer = net_timer_new(held_relay.loop, on_late, NULL);
	late.n = late.most = 0;
	lanes_plan_held(&held_lanes);
	assert_int_equal(held_seen.walks, 0); /* not in the turn of who asks for it */
}

void held_end(void)
{
	assert_true(net_loop_wait(held_relay.loop, held_is_over, NULL, UINT64_MAX));
	assert_int_equal(held_lanes.moving, 0);
	net_timer_free(&late.timer);
	net_loop_free(&held_relay.loop);
}

void held_plan(const struct held_place *at)
{
	held_begin(at);
	held_end();
}

void held_wake(void)
{
	net_timer_set(late.timer, 0);
}

size_t held_late_most(void)
{
	return late.most;
}
