/* SPDX-License-Identifier: Apache-2.0 */
/* What filters said of a message that is in the store all the same: kept as held, then marked with their
 * words. */
#include "relay/door/door_accept_inner.h"
#include "relay/mark.h"

const struct filter_refusal *door_accept_refusal(const struct door_accept *w, struct str rcpt)
{
	for (size_t i = 0; i < w->nrefused; i++)
		if (str_eq(rcpt, w->refused[i].rcpt))
			return &w->refused[i];
	return NULL;
}

/* One recipient was refused, as at RCPT with other servers; it is told by a report. */
static void mark_refused(struct door_accept *w, const struct filter_refusal *no, struct store_mark *m)
{
	struct arena *a = w->mail->arena;
	m->state = STORE_REFUSED;
	m->code = no->answer.code;
	m->reply = str_of(arena_printf(a, "%s %s", no->answer.enhanced, no->answer.text));
	m->why = str_of(arena_printf(a, "the filter \"%s\" refused this recipient", no->filter));
}

/* Held or thrown away: which and why. */
static void mark_why(struct door_accept *w, struct store_mark *m)
{
	m->state = w->discard ? STORE_CANCELLED : STORE_HELD;
	m->why = str_of(w->why);
}

struct told {
	struct door_accept *w;
	void (*then)(struct door_accept *w);
};

/* Held all the same, with nothing in the trail that says why: nobody may be told that it was refused. */
static void leave_held(struct door_accept *w)
{
	char id[STORE_ID_TEXT];
	struct err e = { 0 };
	ERR_FILL(&e, ERR_LIMIT, 0, "write what a filter said of", "%s", store_id_text(w->message.id, id));
	err_detail(&e, "it stays held until a person releases or cancels it (postrider queue)");
	relay_tell(w->relay, &e);
	w->nrefused = 0;
}

static void on_told(void *ctx, const struct store_done *x)
{
	const struct told t = *(struct told *)ctx; /* in w's arena */
	if (x->verdict != STORE_DONE)
		leave_held(t.w);
	t.then(t.w);
}

void door_accept_tell_filters(struct door_accept *w, void (*then)(struct door_accept *w))
{
	const struct store_message *m = &w->message;
	struct store_mark *marks = arena_alloc(w->mail->arena, (m->nrcpts + 1) * sizeof(*marks));
	struct told *t = arena_alloc(w->mail->arena, sizeof(*t));
	*t = (struct told){ w, then };
	size_t n = 0;
	for (size_t i = 0; i < m->nrcpts; i++) {
		const struct filter_refusal *no = door_accept_refusal(w, m->rcpts[i].address);
		if (m->rcpts[i].state != STORE_HELD || (!no && !w->why))
			continue;
		marks[n] = (struct store_mark){ .id = m->id, .rcpt = (uint32_t)i, .next_ms = STORE_NEVER };
		if (no)
			mark_refused(w, no, &marks[n++]);
		else
			mark_why(w, &marks[n++]);
	}
	if (n)
		relay_mark(w->relay, m, marks, n, on_told, t);
	else
		then(w);
}
