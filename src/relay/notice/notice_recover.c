/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/notice/notice_recover.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "relay/notice/notice_told.h"
#include "relay/own_route.h"

#define DAY_MS INT64_C(86400000)
enum { BOUNCE_LATE_DAYS = 30 /* after the hand-over: the next servers' patience */ };

static char *path_of(const char *data)
{
	return mem_printf("%s/alive", data);
}

int64_t notice_alive_read(const char *data)
{
	CLEANUP(mem_free) char *path = path_of(data);
	CLEANUP(close_file) FILE *f = fopen(path, "re");
	long long ms = 0;
	return f && fscanf(f, "%lld", &ms) == 1 && ms > 0 ? ms : 0;
}

void notice_alive_write(const char *data, int64_t now_ms)
{
	CLEANUP(mem_free) char *path = path_of(data);
	char text[32];
	int n = snprintf(text, sizeof(text), "%lld\n", (long long)now_ms);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return;
	/* Digits stay as many for two hundred years: never shorter, never empty. */
	if (pwrite(fd, text, (size_t)n, 0) != n)
		(void)unlink(path);
	close(fd);
}

void notice_alive_remove(const char *data)
{
	CLEANUP(mem_free) char *path = path_of(data);
	(void)unlink(path);
}

/* Each is searched for in turn, and a message is told with the first of these that it has.  Mails handed over
 * are too many to look at all: those whose success is owed are found by that. */
static const struct told {
	enum store_state state;
	enum notice_kind kind;
	struct store_query find;
} told[] = {
	{ STORE_REFUSED, NOTICE_FAILED, { .state = STORE_REFUSED } },
	{ STORE_EXPIRED, NOTICE_FAILED, { .state = STORE_EXPIRED } },
	{ STORE_BOUNCED, NOTICE_FAILED, { .state = STORE_BOUNCED } },
	{ STORE_HANDED_OVER, NOTICE_RELAYED, { .owed = true } },
	{ STORE_IN_DOUBT, NOTICE_DOUBT, { .state = STORE_IN_DOUBT } },
	{ STORE_DELAYED, NOTICE_DELAYED, { .state = STORE_DELAYED } },
};

struct looking {
	const struct notice_telling *x;
	size_t turn; /* in told[] */
	int64_t since_ms;
	struct store_id last;   /* message */
	struct notice_told *by; /* of the last sender */
};

/* Its place in told[]; ARRAY_LEN(told): it is not told. */
static size_t turn_of(long late_s, const struct store_message *m, const struct store_event *ev)
{
	size_t i = 0;
	while (i < ARRAY_LEN(told) && ev->state != told[i].state)
		i++;
	bool ours = (ev->state != STORE_HANDED_OVER && ev->state != STORE_BOUNCED) || ev->owed;
	bool asks = ev->state != STORE_IN_DOUBT || ev->next_ms == STORE_NEVER;
	bool late = ev->state != STORE_DELAYED || notice_is_late(late_s, m->arrived_ms, ev->at_ms, ev->tries);
	return ev->rcpt < m->nrcpts && ours && asks && late ? i : ARRAY_LEN(told);
}

/* That it arrived, as a report said meanwhile, takes nothing back; that it bounced he hears, or has heard. */
static bool still_holds(const struct store_message *m, const struct store_event *ev)
{
	enum store_state now = m->rcpts[ev->rcpt].state;
	return now == ev->state || (ev->state == STORE_HANDED_OVER && now == STORE_CONFIRMED);
}

/* A note (an answer of the recipient's, say) stands in the state that was told already. */
static bool is_news(long late_s, const struct store_message *m, const struct store_event *ev,
		    const struct store_event *before)
{
	return turn_of(late_s, m, ev) < ARRAY_LEN(told) && still_holds(m, ev) &&
	       (!before || before->state != ev->state || turn_of(late_s, m, before) == ARRAY_LEN(told));
}

/* Not long before the crash, and not of this run, which tells its own: a time to come is none of it. */
static bool is_doubted(const struct looking *k, int64_t at_ms)
{
	return at_ms >= k->since_ms && (at_ms < k->x->opened_ms || at_ms > relay_now_ms());
}

static struct store_mark mark_of(const struct store_trail *t, const struct store_event *ev)
{
	return (struct store_mark){ .id = t->message.id,
				    .rcpt = ev->rcpt,
				    .owed = ev->owed,
				    .returned = ev->owed && ev->state == STORE_BOUNCED,
				    .state = ev->state,
				    .at_ms = ev->at_ms,
				    .next_ms = ev->next_ms,
				    .tries = ev->tries,
				    .host = ev->host,
				    .address = ev->address,
				    .tls = ev->tls,
				    .proof = ev->proof,
				    .code = ev->code,
				    .reply = ev->reply,
				    .finding = ev->finding,
				    .remote_id = ev->remote_id,
				    .why = ev->why };
}

/* What is to be told of a trail and was not; none where an earlier turn told it all. */
static size_t untold(const struct looking *k, const struct store_trail *t, struct arena *a,
		     struct store_mark *out)
{
	const struct store_event **newest = arena_alloc(a, t->message.nrcpts * sizeof(*newest));
	const long late_s = k->x->relay->settings->retry.delay_warning_s;
	size_t n = 0;
	for (size_t i = 0; i < t->nevents; i++) {
		const struct store_event *ev = &t->events[i], *before = NULL;
		if (ev->rcpt < t->message.nrcpts) {
			before = newest[ev->rcpt];
			newest[ev->rcpt] = ev;
		}
		if (!is_doubted(k, ev->at_ms) || !is_news(late_s, &t->message, ev, before))
			continue;
		size_t turn = turn_of(late_s, &t->message, ev);
		if (turn < k->turn)
			return 0;
		const struct notice_place place = { ev->at_ms, ev->rcpt };
		if (notice_told_has(k->by, t->message.id, told[turn].kind, place))
			continue;
		t->message.rcpts[ev->rcpt].lane = own_route_lane(t, ev->rcpt, ev);
		out[n++] = mark_of(t, ev);
	}
	return n;
}

/* A report tells all between its first change and its last: none may reach over a clock that was put back. */
static void tell_runs(const struct looking *k, const struct store_message *m, const struct store_mark *marks,
		      size_t n)
{
	for (size_t from = 0, at = 1; from < n; from = at++) {
		while (at < n && marks[at].at_ms >= marks[at - 1].at_ms)
			at++;
		k->x->tell(k->x->to, m, marks + from, at - from);
	}
}

static bool tell_again(const struct looking *k)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_trail t;
	struct err e = { 0 };
	net_loop_breathe(k->x->relay->loop);
	if (store_trail(k->x->relay->store, k->last, a, &t, &e) != 1)
		return true;
	if (!notice_told_find(k->by, k->x->relay, t.message.reverse_path, k->since_ms - NOTICE_OVERLAP_MS,
			      &e))
		return false;
	struct store_mark *marks = arena_alloc(a, (t.nevents + 1) * sizeof(*marks));
	tell_runs(k, &t.message, marks, untold(k, &t, a, marks));
	return true;
}

/* One page; *cursor is the caller's, NULL at the end. */
static bool page(struct looking *k, struct store_query *q, char **cursor)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_hits hits;
	struct err e = { 0 };
	q->cursor = str_of(*cursor);
	if (!store_find(k->x->relay->store, q, a, &hits, &e))
		return false;
	for (size_t i = 0; i < hits.n; i++)
		if (hits.v[i].changed_ms >= k->since_ms && hits.v[i].reverse_path.len &&
		    !store_id_same(hits.v[i].id, k->last)) {
			k->last = hits.v[i].id;
			if (!tell_again(k))
				return false;
		}
	mem_free(cursor);
	*cursor = hits.cursor ? mem_strdup(hits.cursor) : NULL;
	return true;
}

static bool each_in(const struct notice_telling *x, size_t turn, int64_t since_ms)
{
	struct relay *r = x->relay;
	CLEANUP(mem_free) char *cursor = NULL;
	CLEANUP(notice_told_clear) struct notice_told by = { 0 };
	struct looking k = { .x = x, .turn = turn, .since_ms = since_ms, .by = &by };
	struct store_query q = told[turn].find;
	q.since_ms = since_ms - r->settings->retry.expire_s * 1000LL - DAY_MS;
	if (q.state == STORE_BOUNCED)
		q.since_ms -= BOUNCE_LATE_DAYS * DAY_MS;
	q.limit = NOTICE_PAGE;
	do {
		if (r->draining || !page(&k, &q, &cursor))
			return false;
		net_loop_sleep(r->loop, net_loop_now_ms(r->loop) + 1);
	} while (cursor);
	return true;
}

bool notice_recover(const struct notice_telling *x, int64_t since_ms)
{
	bool ok = true;
	for (size_t turn = 0; turn < ARRAY_LEN(told) && ok; turn++)
		ok = each_in(x, turn, since_ms);
	return ok;
}
