/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/copies.h"

static bool refuses(unsigned code)
{
	return code >= 400 && code < 600;
}

/* What came behind a dot: neither a refusal nor 2xx.  One that was recorded and then never went out (421
 * before it) looks the same where its time is over: rather asked in vain than sent twice. */
static bool is_doubt(enum store_state s, unsigned code)
{
	return s == STORE_IN_DOUBT || (s == STORE_EXPIRED && !refuses(code));
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

const char *copies_words(struct arena *a, unsigned n)
{
	return n > 1 ? arena_printf(a, "it may have arrived, perhaps %u times", n) : "it may have arrived";
}

const char *copies_answer(unsigned code)
{
	return code && !refuses(code) ? "no clear answer" : "no answer";
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
