/* SPDX-License-Identifier: Apache-2.0 */
#include "web/news.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "web/call.h"

enum { LINGER_MS = 60000, OUT_MAX = 64 * 1024, EPOCH_BYTES = 20 };

struct watcher {
	struct news *news;
	struct web_stream *stream;
	unsigned long long next; /* number of the line it wants next */
	int64_t begun_ms, alive_ms;
	struct buf out;
	struct watcher *before, *after;
};

struct news {
	pthread_mutex_t lock; /* guards all but the atomics */
	pthread_cond_t fresh;
	pthread_t thread;
	char *lines[NEWS_RING];
	unsigned long long next; /* number of the next line; the first is 1 */
	unsigned long long told; /* up to there all were woken */
	unsigned long long epoch;
	struct watcher *watchers;
	int64_t wanted_ms; /* somebody was there */
	atomic_size_t n;
	atomic_bool wanted;
	bool ending;
};

static int64_t steady_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- the loop's side ---- */

bool news_wanted(void *news)
{
	struct news *n = news;
	return atomic_load_explicit(&n->wanted, memory_order_relaxed);
}

void news_add(void *news, struct str line)
{
	struct news *n = news;
	if (line.len > NEWS_LINE_MAX)
		return;
	char *own = mem_dup(line.p, line.len);
	pthread_mutex_lock(&n->lock);
	char **place = &n->lines[n->next++ % NEWS_RING];
	char *old = *place;
	*place = own;
	pthread_cond_signal(&n->fresh);
	pthread_mutex_unlock(&n->lock);
	free(old);
}

/* ---- those who watch ---- */

static void put_gap(struct watcher *w)
{
	buf_addf(&w->out, "id: %llx-%llu\nevent: gap\ndata: {\"missed\":true}\n\n", w->news->epoch,
		 w->next - 1);
}

static void put_line(struct watcher *w, unsigned long long number)
{
	struct news *n = w->news;
	buf_addf(&w->out, "id: %llx-%llu\nevent: state\ndata: ", n->epoch, number);
	buf_adds(&w->out, n->lines[number % NEWS_RING]);
	buf_adds(&w->out, "\n\n");
}

/* Under the lock. */
static void gather(struct watcher *w)
{
	struct news *n = w->news;
	unsigned long long oldest = n->next > NEWS_RING ? n->next - NEWS_RING : 1;
	if (w->next < oldest || w->next > n->next) {
		w->next = w->next > n->next ? n->next : oldest;
		put_gap(w);
	}
	while (w->next < n->next && buf_waiting(&w->out) < OUT_MAX)
		put_line(w, w->next++);
}

static long more(void *ctx, char *out, size_t room)
{
	struct watcher *w = ctx;
	struct news *n = w->news;
	int64_t now = steady_ms();
	pthread_mutex_lock(&n->lock);
	bool over = n->ending || now - w->begun_ms > NEWS_STREAM_MS;
	if (!buf_waiting(&w->out) && !over)
		gather(w);
	if (!buf_waiting(&w->out) && !over && now - w->alive_ms >= NEWS_ALIVE_MS)
		buf_adds(&w->out, ":\n\n");
	if (buf_waiting(&w->out))
		w->alive_ms = now; /* the thread that wakes looks at it */
	pthread_mutex_unlock(&n->lock);
	struct str s = str_cut(buf_str(&w->out), 0, room);
	if (!s.len)
		return over ? -1 : 0;
	memcpy(out, s.p, s.len);
	buf_take(&w->out, s.len);
	if (!buf_waiting(&w->out))
		buf_clear(&w->out); /* ten thousand idle ones hold nothing */
	return (long)s.len;
}

static void leave(void *ctx)
{
	struct watcher *w = ctx;
	struct news *n = w->news;
	pthread_mutex_lock(&n->lock);
	if (w->before)
		w->before->after = w->after;
	else
		n->watchers = w->after;
	if (w->after)
		w->after->before = w->before;
	n->wanted_ms = steady_ms();
	pthread_mutex_unlock(&n->lock);
	atomic_fetch_sub(&n->n, 1);
	buf_clear(&w->out);
	mem_free(&w);
}

/* "EPOCH-NUMBER" of the last one seen: the next is wanted; of another run: all that is here, and a gap. */
static unsigned long long wanted_next(const struct news *n, const char *last)
{
	char *end = NULL;
	unsigned long long epoch = strtoull(last, &end, 16);
	if (!*last)
		return n->next;
	if (epoch != n->epoch || *end != '-')
		return 0;
	return strtoull(end + 1, NULL, 10) + 1;
}

void news_watch(struct news *n, struct web_call *c)
{
	struct watcher *w = mem_alloc(sizeof(*w));
	w->news = n;
	w->begun_ms = w->alive_ms = steady_ms();
	buf_adds(&w->out, "retry: 2000\n\n"); /* it is there: headers go out with it */
	pthread_mutex_lock(&n->lock);
	w->next = wanted_next(n, web_header(c, "Last-Event-ID"));
	w->stream = web_answer_stream(c, "text/event-stream", more, leave, w);
	w->after = n->watchers;
	if (w->after)
		w->after->before = w;
	n->watchers = w;
	atomic_store(&n->wanted, true);
	pthread_mutex_unlock(&n->lock);
	atomic_fetch_add(&n->n, 1);
}

size_t news_watchers(struct news *n)
{
	return atomic_load(&n->n);
}

/* ---- the thread ---- */

/* Who has nothing new is woken only for a sign of life. */
static void wake(struct news *n, bool all)
{
	int64_t now = steady_ms();
	for (struct watcher *w = n->watchers; w; w = w->after)
		if (all || now - w->alive_ms >= NEWS_ALIVE_MS)
			web_stream_wake(w->stream);
	if (!n->watchers && now - n->wanted_ms > LINGER_MS)
		atomic_store(&n->wanted, false);
}

static void pause_ms(long ms)
{
	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

/* Under the lock: waits for a line, a second at most. */
static void wait_fresh(struct news *n)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_sec++;
	if (n->told == n->next && !n->ending)
		pthread_cond_timedwait(&n->fresh, &n->lock, &t);
}

static void *tell_all(void *ctx)
{
	struct news *n = ctx;
	pthread_mutex_lock(&n->lock);
	while (!n->ending) {
		wait_fresh(n);
		bool all = n->told != n->next || n->ending;
		n->told = n->next;
		wake(n, all);
		long pause = NEWS_LAG_MS + (long)(atomic_load(&n->n) / NEWS_WATCHERS_A_MS);
		pthread_mutex_unlock(&n->lock);
		pause_ms(pause); /* many changes are told at once */
		pthread_mutex_lock(&n->lock);
	}
	wake(n, true);
	pthread_mutex_unlock(&n->lock);
	return NULL;
}

struct news *news_new(void)
{
	struct news *n = mem_alloc(sizeof(*n));
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	n->epoch = (unsigned long long)t.tv_sec * 1000 + (unsigned long long)t.tv_nsec / 1000000;
	n->next = n->told = 1;
	pthread_mutex_init(&n->lock, NULL);
	pthread_cond_init(&n->fresh, NULL);
	if (pthread_create(&n->thread, NULL, tell_all, n))
		mem_out();
	return n;
}

void news_end(struct news *n)
{
	pthread_mutex_lock(&n->lock);
	n->ending = true;
	pthread_cond_signal(&n->fresh);
	for (struct watcher *w = n->watchers; w; w = w->after)
		web_stream_wake(w->stream);
	pthread_mutex_unlock(&n->lock);
}

void news_free(struct news **np)
{
	struct news *n = *np;
	if (!n)
		return;
	news_end(n);
	pthread_join(n->thread, NULL);
	for (size_t i = 0; i < NEWS_RING; i++)
		free(n->lines[i]);
	pthread_cond_destroy(&n->fresh);
	pthread_mutex_destroy(&n->lock);
	mem_free(np);
}
