/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/notice/notice_recover.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

static bool is_told(const struct store_event *ev)
{
	return ev->rcpt != UINT32_MAX && (ev->state == STORE_REFUSED || ev->state == STORE_EXPIRED ||
					  (ev->state == STORE_IN_DOUBT && ev->next_ms == STORE_NEVER));
}

/* A note (an answer of the recipient's, say) stands in the state that was told already. */
static bool is_news(const struct store_trail *t, size_t at)
{
	const struct store_event *ev = &t->events[at], *before = NULL;
	if (!is_told(ev))
		return false;
	for (size_t i = 0; i < at; i++)
		if (t->events[i].rcpt == ev->rcpt)
			before = &t->events[i];
	return !before || before->state != ev->state || !is_told(before);
}

static struct store_mark mark_of(const struct store_trail *t, const struct store_event *ev)
{
	return (struct store_mark){ .id = t->message.id,
				    .rcpt = ev->rcpt,
				    .state = ev->state,
				    .at_ms = ev->at_ms,
				    .next_ms = ev->next_ms,
				    .tries = ev->tries,
				    .host = ev->host,
				    .address = ev->address,
				    .tls = ev->tls,
				    .code = ev->code,
				    .reply = ev->reply,
				    .finding = ev->finding,
				    .remote_id = ev->remote_id,
				    .why = ev->why };
}

/* Marks of one call are of one moment: together they were one report. */
static void tell_again(const struct notice_telling *x, struct store_id id, int64_t since_ms)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_trail t;
	struct err e = { 0 };
	if (store_trail(x->relay->store, id, a, &t, &e) != 1)
		return;
	struct store_mark *marks = arena_alloc(a, (t.nevents + 1) * sizeof(*marks));
	bool *done = arena_alloc(a, (t.nevents + 1) * sizeof(*done));
	for (size_t i = 0; i < t.nevents; i++) {
		size_t found = 0;
		for (size_t k = i; k < t.nevents; k++)
			if (!done[k] && t.events[k].at_ms >= since_ms &&
			    t.events[k].at_ms == t.events[i].at_ms && is_news(&t, k)) {
				done[k] = true;
				marks[found++] = mark_of(&t, &t.events[k]);
			}
		if (found)
			x->tell(x->to, &t.message, marks, found);
	}
}

/* One page; *cursor is the caller's, NULL at the end. */
static bool page(const struct notice_telling *x, struct store_query *q, int64_t since_ms, char **cursor)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_hits hits;
	struct err e = { 0 };
	struct store_id last = { 0 };
	q->cursor = str_of(*cursor ? *cursor : "");
	if (!store_find(x->relay->store, q, a, &hits, &e))
		return false;
	for (size_t i = 0; i < hits.n; i++)
		if (hits.v[i].changed_ms >= since_ms && hits.v[i].reverse_path.len &&
		    !store_id_same(hits.v[i].id, last)) {
			last = hits.v[i].id;
			tell_again(x, last, since_ms);
		}
	mem_free(cursor);
	*cursor = hits.cursor ? mem_strdup(hits.cursor) : NULL;
	return true;
}

static bool each_in(const struct notice_telling *x, enum store_state state, int64_t since_ms)
{
	struct relay *r = x->relay;
	CLEANUP(mem_free) char *cursor = NULL;
	struct store_query q = { .state = state,
				 .since_ms =
					 since_ms - r->settings->retry.expire_s * 1000LL - 24 * 3600 * 1000LL,
				 .limit = NOTICE_PAGE };
	do {
		if (r->draining || !page(x, &q, since_ms, &cursor))
			return false;
		net_loop_sleep(r->loop, net_loop_now_ms(r->loop) + 1);
	} while (cursor);
	return true;
}

bool notice_recover(const struct notice_telling *x, int64_t since_ms)
{
	return each_in(x, STORE_REFUSED, since_ms) && each_in(x, STORE_EXPIRED, since_ms) &&
	       each_in(x, STORE_IN_DOUBT, since_ms);
}
