/* SPDX-License-Identifier: Apache-2.0 */
#include "web/news.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/thread_name.h"
#include "web/call.h"

enum { LINGER_MS = 60000, OUT_MAX = 64 * 1024 };

struct watcher {
	struct news *news;
	struct web_stream *stream;
	unsigned long long next; /* number of the line it wants next */
	atomic_ullong seen;      /* the same, for the thread that wakes */
	int64_t begun_ms;
	_Atomic int64_t alive_ms;
	struct buf out;
	struct watcher *before, *after;
};

/* The loop takes `lock` only, and nobody holds that for long: who wakes ten thousand holds the other one. */
struct news {
	pthread_mutex_t lock; /* guards the next four */
	pthread_cond_t fresh;
	char *lines[NEWS_RING];
	unsigned long long next; /* number of the next line; the first is 1 */
	pthread_t thread;
	unsigned long long told; /* up to there all were woken; the thread's */
	unsigned long long epoch;
	pthread_mutex_t watching; /* guards the next three; taken before a stream's */
	struct watcher *watchers;
	struct watcher *turn; /* whom the thread wakes next; NULL: the round is over */
	int64_t wanted_ms;    /* somebody was there */
	atomic_size_t n;
	atomic_bool wanted, ending;
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
	bool over = atomic_load(&n->ending) || now - w->begun_ms > NEWS_STREAM_MS;
	if (!buf_waiting(&w->out) && !over)
		gather(w);
	if (!buf_waiting(&w->out) && !over && now - atomic_load(&w->alive_ms) >= NEWS_ALIVE_MS)
		buf_adds(&w->out, ":\n\n");
	if (buf_waiting(&w->out))
		atomic_store(&w->alive_ms, now);
	atomic_store(&w->seen, w->next);
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
	pthread_mutex_lock(&n->watching);
	if (n->turn == w)
		n->turn = w->after;
	if (w->before)
		w->before->after = w->after;
	else
		n->watchers = w->after;
	if (w->after)
		w->after->before = w->before;
	n->wanted_ms = steady_ms();
	pthread_mutex_unlock(&n->watching);
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
	w->begun_ms = steady_ms();
	atomic_init(&w->alive_ms, w->begun_ms);
	buf_adds(&w->out, "retry: 2000\n\n"); /* it is there: headers go out with it */
	pthread_mutex_lock(&n->lock);
	w->next = wanted_next(n, web_header(c, "Last-Event-ID"));
	pthread_mutex_unlock(&n->lock);
	atomic_init(&w->seen, w->next);
	w->stream = web_answer_stream(c, "text/event-stream", more, leave, w);
	pthread_mutex_lock(&n->watching);
	w->after = n->watchers;
	if (w->after)
		w->after->before = w;
	n->watchers = w;
	atomic_store(&n->wanted, true);
	pthread_mutex_unlock(&n->watching);
	atomic_fetch_add(&n->n, 1);
}

/* ---- the thread ---- */

static void pause_ms(long ms)
{
	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

/* Waits for a line, a second at most.  Returns the number of the next one. */
static unsigned long long wait_fresh(struct news *n)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_sec++;
	pthread_mutex_lock(&n->lock);
	if (n->told == n->next && !atomic_load(&n->ending))
		pthread_cond_timedwait(&n->fresh, &n->lock, &t);
	unsigned long long next = n->next;
	pthread_mutex_unlock(&n->lock);
	return next;
}

/* Who has seen all is woken only for a sign of life. */
static bool wants_waking(const struct watcher *w, unsigned long long next, int64_t now)
{
	return atomic_load(&w->seen) != next || now - atomic_load(&w->alive_ms) >= NEWS_ALIVE_MS;
}

/* True: some are left. */
static bool wake_some(struct news *n, unsigned long long next)
{
	int64_t now = steady_ms();
	pthread_mutex_lock(&n->watching);
	struct watcher *w = n->turn;
	for (size_t woken = 0; w && woken < NEWS_AT_ONCE; w = w->after)
		if (wants_waking(w, next, now)) {
			web_stream_wake(w->stream);
			woken++;
		}
	n->turn = w;
	pthread_mutex_unlock(&n->watching);
	return w;
}

static void begin_round(struct news *n)
{
	pthread_mutex_lock(&n->watching);
	n->turn = n->watchers;
	if (!n->watchers && steady_ms() - n->wanted_ms > LINGER_MS)
		atomic_store(&n->wanted, false);
	pthread_mutex_unlock(&n->watching);
}

/* The threads that answer get a few at a time: what else they are asked goes between. */
static void *tell_all(void *ctx)
{
	struct news *n = ctx;
	thread_name("pr-news");
	while (!atomic_load(&n->ending)) {
		unsigned long long next = wait_fresh(n);
		n->told = next;
		begin_round(n);
		while (wake_some(n, next) && !atomic_load(&n->ending))
			pause_ms(NEWS_AT_ONCE / NEWS_WATCHERS_A_MS);
		pause_ms(NEWS_LAG_MS); /* many changes are told at once */
	}
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
	pthread_mutex_init(&n->watching, NULL);
	pthread_cond_init(&n->fresh, NULL);
	if (pthread_create(&n->thread, NULL, tell_all, n))
		mem_out();
	return n;
}

void news_end(struct news *n)
{
	pthread_mutex_lock(&n->lock);
	atomic_store(&n->ending, true);
	pthread_cond_signal(&n->fresh);
	pthread_mutex_unlock(&n->lock);
	pthread_mutex_lock(&n->watching);
	for (struct watcher *w = n->watchers; w; w = w->after)
		web_stream_wake(w->stream);
	pthread_mutex_unlock(&n->watching);
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
	pthread_mutex_destroy(&n->watching);
	mem_free(np);
}
