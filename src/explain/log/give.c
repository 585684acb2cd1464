/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "explain/log/field.h"
#include "explain/log/track.h"

struct log_event log_event_of(const struct log_context *x, enum log_state state, const char *format)
{
	const struct str none = { "", 0 };
	return (struct log_event){
		.time_s = x->line->time_s,
		.state = state,
		.queue_id = none,
		.message_id = none,
		.from = none,
		.to = none,
		.relay = none,
		.relay_ip = none,
		.client = none,
		.reply = none,
		.enhanced = none,
		.step = "",
		.format = format,
		.line = x->line->number,
		.final = state != LOG_DELAYED && state != LOG_HELD,
	};
}

static bool in_time(const struct log_options *o, long long t)
{
	if (!o->since_s && !o->until_s)
		return true;
	return t && (!o->since_s || t >= o->since_s) && (!o->until_s || t <= o->until_s);
}

/* "@domain" is the whole domain, with an "@" within the whole address, else any part. */
static bool is_asked(const char *wanted, struct str to)
{
	if (!wanted || !*wanted)
		return true;
	if (wanted[0] == '@')
		return str_iends(to, wanted);
	return strchr(wanted, '@') ? str_ieq(to, wanted) : str_ifind(to, wanted) < to.len;
}

static bool is_good(enum log_state s)
{
	return s == LOG_HANDED_OVER || s == LOG_DELIVERED_HERE;
}

/* What a relay invents for a reply without an enhanced code says nothing. */
static bool says_nothing(struct str enhanced)
{
	return enhanced.len == 5 && !memcmp(enhanced.p + 1, ".0.0", 4);
}

bool log_give(struct log_context *x, struct log_event *e)
{
	if (!in_time(&x->options, e->time_s) || !is_asked(x->options.recipient, e->to))
		return false;
	struct str enhanced;
	unsigned code = log_code(e->reply, &enhanced);
	if (!e->code)
		e->code = code;
	if (enhanced.len || says_nothing(e->enhanced))
		e->enhanced = enhanced;
	if (!is_good(e->state) && e->reply.len)
		log_meanings_find(x->meanings, e);
	x->totals.states[e->state]++;
	x->sink(x->user, e);
	return true;
}
