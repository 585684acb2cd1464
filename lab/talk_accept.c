/* SPDX-License-Identifier: Apache-2.0 */
/* lab/talk_accept.c - what moves a talk on: its connection, its input, TLS that is up, a pause that is over.
 */
#include <stdlib.h>
#include <string.h>

#include "lab/leak.h"
#include "lab/talk.h"

/* Goes on as far as possible: pending actions first, then what the speaker takes. */
static bool blocked(const struct talk *t)
{
	return t->sleeping || t->shaking || t->silent || t->over;
}

static void pump(struct talk *t)
{
	if (t->pumping)
		return;
	t->pumping = true;
	while (!blocked(t)) {
		if (t->at < t->nqueue) {
			if (!talk_carry_out(t))
				break;
		} else {
			t->at = t->nqueue = 0;
			if (!t->srv->speaker->take(t))
				break;
		}
	}
	talk_flush(t);
	if (t->silent)
		buf_clear(&t->in);
	t->pumping = false;
}

static void on_input(void *user, struct str bytes)
{
	struct talk *t = user;
	leak_watch(t, bytes);
	if (t->silent)
		return;
	if (buf_waiting(&t->in) + bytes.len > TALK_INPUT_BYTES_MAX) {
		talk_end(t, ACT_CLOSE);
		return;
	}
	buf_add(&t->in, bytes.p, bytes.len);
	if (t->at < t->nqueue && t->srv->speaker->early)
		t->srv->speaker->early(t);
	pump(t);
}

static void on_rested(uv_timer_t *timer)
{
	struct talk *t = timer->data;
	t->sleeping = false;
	pump(t);
}

static void on_tls_ended(void *user, bool ok)
{
	struct talk *t = user;
	t->shaking = false;
	talk_tracef(t, "* TLS %s", ok ? "is up" : "failed");
	if (!ok) {
		talk_end(t, ACT_CLOSE);
		return;
	}
	if (t->srv->speaker->tls_ended)
		t->srv->speaker->tls_ended(t);
	pump(t);
}

static void on_gone(void *user)
{
	struct talk *t = user;
	t->wire = NULL;
	talk_end(t, ACT_CLOSE);
}

static bool too_many(const struct lab_server *s, const char *client)
{
	long most = spec_number(s->s, "concurrent", 0), same = spec_number(s->s, "concurrent-per-client", 0);
	long n = 0, k = 0;
	for (const struct talk *t = s->open; t; t = t->next) {
		n++;
		k += !strcmp(t->m.client, client);
	}
	return (most && n > most) || (same && k > same);
}

/* NULL: nobody is there any more. */
static struct talk *talk_new(struct lab_server *s, uv_stream_t *listener)
{
	static const struct wire_events events = { .input = on_input,
						   .tls_ended = on_tls_ended,
						   .gone = on_gone };
	struct talk *t = mem_alloc(sizeof(*t));
	t->wire = wire_accept(listener, &events, t);
	if (!t->wire) {
		free(t);
		return NULL;
	}
	t->srv = s;
	t->arena = arena_new();
	uv_timer_init(&s->w->loop, &t->timer);
	t->timer.data = t;
	t->rested = on_rested;
	t->next = s->open;
	if (t->next)
		t->next->prev = t;
	s->open = t;
	s->connections++;
	t->m.client = arena_strdup(t->arena, wire_peer(t->wire));
	return t;
}

void talk_accept(struct lab_server *s, uv_stream_t *listener)
{
	struct talk *t = talk_new(s, listener);
	if (!t)
		return;
	talk_tracef(t, "* connection from %s", t->m.client);
	if (s->mode == MODE_TLS)
		talk_queue(t, ACT_TLS, NULL);
	if (too_many(s, t->m.client)) {
		talk_answer(t, RULES_TOO_MANY, "421 4.7.0 {name} Too many connections");
		talk_queue(t, ACT_CLOSE, NULL);
	} else {
		s->speaker->open(t);
	}
	pump(t);
}
