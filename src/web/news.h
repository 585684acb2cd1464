/* SPDX-License-Identifier: Apache-2.0 */
/* web/news.h - changes of state as they happen, for all who watch.
 *
 * The loop puts a line into a ring and goes on; a thread of its own wakes those who watch, at most
 * every NEWS_LAG_MS, less often when they are many.  Who reads so slowly that the ring has gone round is told
 * that something is missing ("gap") and goes on with what is new: nobody is waited for. */
#ifndef WEB_NEWS_H
#define WEB_NEWS_H

#include "base/str.h"

enum {
	NEWS_RING = 8192, /* lines kept for those who come back */
	NEWS_LINE_MAX = 16 * 1024,
	NEWS_LAG_MS = 100,
	/* So many are woken at a time, and then it rests for a millisecond for each ten of them: ten thousand
	 * are told once a second. */
	NEWS_AT_ONCE = 120,
	NEWS_WATCHERS_A_MS = 10,
	NEWS_ALIVE_MS = 20000,        /* a sign of life, so that dead connections are found */
	NEWS_STREAM_MS = 3600 * 1000, /* then a browser comes anew, and is asked again who it is */
};

struct web;
struct web_call;
struct news;

struct news *news_new(void) MUST_USE;
void news_free(struct news **n); /* no stream is left.  NULL is fine */
/* From the loop.  Nobody is there: it is forgotten at once. */
bool news_wanted(void *news);
void news_add(void *news, struct str line);
void news_end(struct news *n); /* all streams come to their end */

/* Answers c with the stream. */
void news_watch(struct news *n, struct web_call *c);

#endif
