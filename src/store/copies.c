/* SPDX-License-Identifier: Apache-2.0 */
#include "store/copies.h"

bool copies_refuses(unsigned code)
{
	return code >= 400 && code < 600;
}

/* What came behind a dot: neither a refusal nor 2xx.  One that was recorded and then never went out (421
 * before it) looks the same where its time is over: rather asked in vain than sent twice. */
static bool is_doubt(enum store_state s, unsigned code)
{
	return s == STORE_IN_DOUBT || (s == STORE_EXPIRED && !copies_refuses(code));
}

static unsigned count(const struct store_trail *t, uint32_t rcpt, bool *open)
{
	unsigned n = 0;
	bool any = false;
	*open = false;
	for (size_t i = 0; i < t->nevents; i++) {
		const struct store_event *v = &t->events[i];
		if (v->rcpt != rcpt)
			continue;
		any = any || v->state == STORE_IN_DOUBT;
		n += *open && !v->dot && is_doubt(v->state, v->code);
		*open = v->dot;
	}
	return n ? n : any;
}

unsigned copies_in_doubt(const struct store_trail *t, uint32_t rcpt)
{
	bool open;
	return count(t, rcpt, &open);
}

unsigned copies_with(const struct store_trail *t, const struct store_mark *last)
{
	bool open;
	unsigned n = count(t, last->rcpt, &open);
	return n + (open && is_doubt(last->state, last->code));
}

const bool *copies_of_all(const struct store_trail *t, struct arena *a)
{
	const size_t nrcpts = t->message.nrcpts;
	bool *any = arena_alloc(a, nrcpts + 1), *open = arena_alloc(a, nrcpts + 1);
	for (size_t i = 0; i < t->nevents; i++) {
		const struct store_event *v = &t->events[i];
		if (v->rcpt >= nrcpts)
			continue;
		bool unanswered = open[v->rcpt] && !v->dot && is_doubt(v->state, v->code);
		any[v->rcpt] = any[v->rcpt] || v->state == STORE_IN_DOUBT || unanswered;
		open[v->rcpt] = v->dot;
	}
	return any;
}

unsigned copies_code(const struct store_trail *t, uint32_t rcpt)
{
	unsigned code = 0;
	for (size_t i = 0; i < t->nevents; i++) {
		const struct store_event *v = &t->events[i];
		if (v->rcpt == rcpt && v->code && is_doubt(v->state, v->code))
			code = v->code;
	}
	return code;
}
