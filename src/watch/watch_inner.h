/* SPDX-License-Identifier: Apache-2.0 */
/* watch/watch_inner.h - what watch*.c share.  All in the runner's thread but where a member says otherwise.
 */
#ifndef WATCH_WATCH_INNER_H
#define WATCH_WATCH_INNER_H

#include <pthread.h>

#include "net/watch.h"
#include "watch/alert.h"
#include "watch/gather.h"
#include "watch/harvest.h"
#include "watch/watch.h"

enum {
	WATCH_TICK_MS = 3600000, /* age, things that run out */
	WATCH_REPORT_COLUMNS = 76,
};

/* One monitor, as it stands. */
struct watched {
	const struct watch_monitor *m; /* of the present settings */
	struct course course;
	struct gather_one gather; /* its course is the above */
	bool running, hurried;    /* hurried: it runs as soon as it can */
	double share;             /* its chance in the schedule */
	int64_t next_ms;
	char *title, *summary, *report, *finding; /* of the last run; "" none */
};

struct watch {
	struct runner *runner;
	struct net_loop *loop; /* the runner's */
	struct relay *relay;
	struct net_loop *relay_loop;
	struct herald *herald;
	struct history *history;
	struct net_timer *timer;
	struct watched *v;
	size_t n;
	struct gather gather;
	int64_t ticked_ms;
	struct relay_counts counted;
	int64_t sampled_ms;
	bool stopping;

	pthread_mutex_t lock;            /* of the next two */
	struct watch_settings *settings; /* changed in the runner's thread, under the lock */
	struct history *reader;          /* for who asks from other threads */

	bool ended; /* the relay's thread's alone: the runner may be gone */
};

/* watch_due.c */
int64_t watch_now_ms(void); /* Unix time */
/* Something of our own that an operator should know. */
void watch_trouble(struct watch *w, const struct err *e);
struct watched *watch_find(struct watch *w, const char *monitor);
void watch_set_timer(struct watch *w);
int64_t watch_pause_ms(const struct watch *w); /* how long news wait for others */

/* watch_run.c */
void watch_run_begin(struct watch *w, struct watched *x);
void watched_clear(struct watched *x);

/* watch_news.c: after every look and when time has passed. */
void watch_news(struct watch *w);
void watch_expiries(struct watch *w, int64_t now_ms);

/* watch_deliver.c: to all ways of one alert; x is borrowed. */
void watch_deliver(struct watch *w, const struct watch_alert *to, const struct alert *x);

#endif
