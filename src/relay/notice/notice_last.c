/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/notice/notice_last.h"

#include "relay/copies.h"
#include "relay/notice/notice_text.h"
#include "relay/relay_inner.h"

/* What its last mark alone does not tell: who answered before a person ended it, and what went out before
 * and was never answered. */
static bool has_a_past(const struct store_mark *k)
{
	return k->state == STORE_EXPIRED || (k->state == STORE_REFUSED && k->tries > 1);
}

static bool any_past(const struct notice_about *x)
{
	for (size_t i = 0; i < x->n; i++)
		if (has_a_past(x->marks[i]))
			return true;
	return false;
}

const struct store_event *notice_last_answer(const struct store_trail *t, uint32_t rcpt)
{
	for (size_t i = t->nevents; i; i--)
		if (t->events[i - 1].rcpt == rcpt && t->events[i - 1].code)
			return &t->events[i - 1];
	return NULL;
}

static const struct store_mark *filled(const struct store_mark *k, const struct store_trail *t,
				       struct arena *a)
{
	const struct store_event *said = notice_is_given_up(k) ? notice_last_answer(t, k->rcpt) : NULL;
	if (!said)
		return k;
	struct store_mark *own = arena_alloc(a, sizeof(*own));
	*own = *k;
	own->code = said->code;
	own->host = said->host;
	own->address = said->address;
	own->reply = said->reply;
	return own;
}

struct notice_about notice_last_said(const struct notice_about *x, struct relay *r, struct arena *a)
{
	struct notice_about out = *x;
	struct store_trail t;
	struct err e = { 0 };
	if (!any_past(x) || store_trail(r->store, x->m->id, a, &t, &e) != 1)
		return out;
	const struct store_mark **v = arena_alloc(a, x->n * sizeof(*v));
	unsigned *copies = arena_alloc(a, x->n * sizeof(*copies));
	for (size_t i = 0; i < x->n; i++) {
		v[i] = filled(x->marks[i], &t, a);
		copies[i] = copies_with(&t, x->marks[i]);
	}
	out.marks = v;
	out.copies = copies;
	return out;
}
