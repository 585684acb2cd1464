/* SPDX-License-Identifier: Apache-2.0 */
/* Lanes whose destination has not shown that it answers: their seats, and the lines of those that wait for
 * one, first come first served. */
#include "relay/delivery/delivery.h"
#include "relay/lane/lanes_inner.h"

static struct str name_of(const struct named *x)
{
	return (struct str){ x->name, x->len };
}

/* Who is first looks as soon as there is a seat, at the place that its time of waiting gives it; while there
 * is none, the first of the new ones looks who is too slow. */
static void call_first(struct lanes *l)
{
	for (enum seat k = SEAT_NEW; k < SEATS; k++) {
		struct lane *x = l->seat_lines[k].first;
		if (x && seats_have_room(&l->seats, k))
			lane_wait(l, x, x->seat_ms);
		else if (x && k == SEAT_NEW)
			lane_wait(l, x, relay_now_ms() + LANE_PART_MS);
	}
}

static void leave_line(struct lanes *l, struct lane *x)
{
	struct seat_line *line = &l->seat_lines[x->seat_line];
	if (line->early == x)
		line->early = x->prev_seat;
	*(x->prev_seat ? &x->prev_seat->next_seat : &line->first) = x->next_seat;
	*(x->next_seat ? &x->next_seat->prev_seat : &line->end) = x->prev_seat;
	x->prev_seat = x->next_seat = NULL;
	x->seat_line = SEAT_PROVEN;
	x->group->in_line--;
	line->n--;
}

/* Of the silent ones those come first that are well most of the time: they wait for no seat behind all that
 * have never answered. */
static void join_line(struct lanes *l, struct lane *x, enum seat kind)
{
	struct seat_line *line = &l->seat_lines[kind];
	bool early = kind == SEAT_SILENT && x->seat_early;
	x->prev_seat = early ? line->early : line->end;
	x->next_seat = !early ? NULL : line->early ? line->early->next_seat : line->first;
	*(x->prev_seat ? &x->prev_seat->next_seat : &line->first) = x;
	*(x->next_seat ? &x->next_seat->prev_seat : &line->end) = x;
	if (early)
		line->early = x;
	x->seat_line = kind;
	x->seat_ms = relay_now_ms();
	x->group->in_line++;
	line->n++;
}

/* First tries do not wait for minutes because others are silent so long. */
static void press(struct lanes *l, const struct lane *x)
{
	const struct seat_line *line = &l->seat_lines[SEAT_NEW];
	if (line->first == x)
		delivery_press(l, line->n);
}

bool lane_seat_room(struct lanes *l, struct lane *x)
{
	enum seat kind = lane_seat(l, x);
	const struct lane *first = l->seat_lines[kind].first;
	if (seats_have_room(&l->seats, kind) && (kind == SEAT_PROVEN || !first || first == x))
		return true;
	if (x->seat_line != kind) {
		lane_seat_pass(l, x);
		join_line(l, x, kind);
	}
	x->wants_seat = true;
	press(l, x);
	call_first(l);
	return false;
}

void lane_seat_pass(struct lanes *l, struct lane *x)
{
	if (x->seat_line == SEAT_PROVEN)
		return;
	leave_line(l, x);
	call_first(l);
}

static void change_seat(struct lanes *l, struct delivery *d, enum seat kind)
{
	seats_give(&l->seats, d->seat);
	d->seat = kind;
	seats_take(&l->seats, kind);
	call_first(l);
}

void lane_seat_give(struct lanes *l, struct delivery *d)
{
	seats_give(&l->seats, d->seat);
	call_first(l);
}

void lane_seat_settle(struct lanes *l, struct delivery *d)
{
	if (d->seat == SEAT_NEW && lane_seat(l, d->lane) == SEAT_PROVEN)
		change_seat(l, d, SEAT_PROVEN);
}

/* By what is over with the first answer: its line, or the few sessions that its hosts get before. */
static bool was_kept_back(const struct lanes *l, const struct lane *x)
{
	return !lane_answers(l, x) &&
	       (x->seat_line != SEAT_PROVEN || x->group->sessions >= RELAY_CONNECTIONS);
}

/* Those of other domains to the same hosts, as soon as these have answered one: they need no seat now.  The
 * lines may be long, and few of them, or none, stand there. */
static void call_from_lines(struct lanes *l, const struct lane_group *g)
{
	int64_t now = relay_now_ms();
	size_t left = g->in_line;
	for (enum seat k = SEAT_NEW; k < SEATS; k++)
		for (struct lane *x = l->seat_lines[k].first; x && left; x = x->next_seat) {
			if (x->group != g)
				continue;
			left--;
			if (lane_seat(l, x) == SEAT_PROVEN)
				lane_wait(l, x, now);
		}
}

static void hosts_have_answered(struct lanes *l, const struct lane_group *g)
{
	bool before = known_has(l->known, name_of(&g->named));
	known_add(l->known, name_of(&g->named));
	if (!before && g->named.users > 1)
		call_from_lines(l, g);
}

void lane_has_answered(struct lanes *l, struct delivery *d)
{
	struct lane *x = d->lane;
	bool kept_back = was_kept_back(l, x);
	x->silent = x->hosts_silent = x->seat_early = false;
	known_add(l->known, name_of(&x->named));
	hosts_have_answered(l, x->group);
	if (d->seat != SEAT_PROVEN)
		change_seat(l, d, SEAT_PROVEN);
	if (!kept_back)
		return;
	lane_wait(l, x, relay_now_ms());
	lane_group_idle(l, x); /* and the others of its hosts */
}

/* Where a look-up failed, or one of a provider's many hosts, that says nothing of the others of its group. */
void lane_is_silent(struct lanes *l, struct lane *x, bool hosts)
{
	bool still = x->seat_early && x->fails < 2; /* its sessions fail together, and each tells */
	x->seat_early = still || known_has(l->known, name_of(&x->named)) || lane_is_set_up(l, x);
	x->silent = true;
	x->hosts_silent = hosts;
	known_drop(l->known, name_of(&x->named));
	if (hosts)
		known_drop(l->known, name_of(&x->group->named));
}

size_t lane_seats_before(const struct lane *x)
{
	size_t n = 0;
	for (const struct lane *w = x->prev_seat; w; w = w->prev_seat)
		n++;
	return n;
}
