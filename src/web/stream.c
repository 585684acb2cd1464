/* SPDX-License-Identifier: Apache-2.0 */
/* An answer that goes on.  While there is nothing to say its connection is asleep: it costs memory and
 * a descriptor, no time.  Who reads slowly is asked for more only when he has read what there was. */
#include "web/mhd_side_inner.h"

enum { PIECE_BYTES = 4096 };

struct web_stream {
	struct web *web;
	struct MHD_Connection *conn;
	web_stream_fn *more;
	void (*end)(void *ctx);
	void *ctx;
	pthread_mutex_t lock; /* guards the next two */
	bool asleep, fresh;   /* fresh: woken since more() was asked */
};

static ssize_t on_more(void *ctx, uint64_t at, char *out, size_t room)
{
	struct web_stream *s = ctx;
	(void)at;
	for (;;) {
		pthread_mutex_lock(&s->lock);
		s->fresh = false;
		pthread_mutex_unlock(&s->lock);
		long n = s->more(s->ctx, out, room);
		if (n)
			return n < 0 ? MHD_CONTENT_READER_END_OF_STREAM : n;
		pthread_mutex_lock(&s->lock);
		if (!s->fresh) {
			s->asleep = true;
			MHD_suspend_connection(s->conn);
			pthread_mutex_unlock(&s->lock);
			return 0;
		}
		pthread_mutex_unlock(&s->lock);
	}
}

static void on_free(void *ctx)
{
	struct web_stream *s = ctx;
	s->end(s->ctx);
	pthread_mutex_destroy(&s->lock);
	mem_free(&s);
}

struct web_stream *web_answer_stream(struct web_call *c, const char *type, web_stream_fn *more,
				     void (*end)(void *ctx), void *ctx)
{
	struct web_stream *s = mem_alloc(sizeof(*s));
	*s = (struct web_stream){
		.web = c->web, .conn = c->side->conn, .more = more, .end = end, .ctx = ctx
	};
	pthread_mutex_init(&s->lock, NULL);
	struct MHD_Response *r =
		MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, PIECE_BYTES, on_more, s, on_free);
	if (!r)
		mem_out();
	mhd_answer(c, 200, type, r);
	return s;
}

void web_stream_wake(struct web_stream *s)
{
	pthread_mutex_lock(&s->lock);
	s->fresh = true;
	if (s->asleep)
		MHD_resume_connection(s->conn);
	s->asleep = false;
	pthread_mutex_unlock(&s->lock);
}
