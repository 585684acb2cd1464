/* SPDX-License-Identifier: Apache-2.0 */
/* A sending service's events, one JSON document a line (explain/notice.h). */
#include "explain/notice.h"

#include "explain/log/track.h"

static enum log_state state_of(const struct dsn_recipient *r)
{
	return r->action == DSN_DELAYED  ? LOG_DELAYED
	       : r->action == DSN_FAILED ? LOG_REFUSED
					 : LOG_HANDED_OVER;
}

static void give(struct log_context *x, const struct dsn *d, const struct dsn_recipient *r)
{
	struct str id = str_of(d->envelope_id);
	struct log_event e = log_event_of(x, state_of(r), d->dialect);
	e.to = str_of(r->address);
	e.from = str_of(d->original.from);
	e.message_id = str_of(d->original.message_id);
	e.relay = str_of(r->remote);
	e.relay_ip = str_of(r->remote_ip);
	e.reply = str_of(r->reply);
	e.enhanced = str_of(r->status);
	if (id.len) {
		log_fate(x, log_message_open(x, id), &e);
		return;
	}
	e.tries = 1;
	(void)log_give(x, &e);
}

bool log_notice_is(const struct log_line *l)
{
	return notice_may_be(l->text);
}

bool log_notice(struct log_context *x, const struct log_line *l)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct dsn d;
	if (!notice_read(a, l->text, &d))
		return false;
	struct log_line timed = *l;
	long long t;
	if (*d.arrival && log_time_any(&x->clock, str_of(d.arrival), &t))
		timed.time_s = t;
	x->line = &timed;
	for (size_t i = 0; d.kind == DSN_REPORT && i < d.n; i++)
		give(x, &d, &d.v[i]);
	x->line = l;
	return true; /* complaints and answering machines are no fates */
}
