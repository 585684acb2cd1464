/* SPDX-License-Identifier: Apache-2.0 */
/* What filters said of a message that is in the store all the same: kept as held, in a lane that says it too
 * (filter_lane.h), then marked with their words. */
#include "relay/door/door_accept_inner.h"
#include "relay/filter/filter_lane.h"
#include "relay/mark.h"

const struct filter_refusal *door_accept_refusal(const struct door_accept *w, struct str rcpt)
{
	for (size_t i = 0; i < w->nrefused; i++)
		if (str_eq(rcpt, w->refused[i].rcpt))
			return &w->refused[i];
	return NULL;
}

const struct filter_removal *door_accept_removal(const struct door_accept *w, struct str rcpt)
{
	for (size_t i = 0; i < w->nremoved; i++)
		if (str_eq(rcpt, w->removed[i].rcpt))
			return &w->removed[i];
	return NULL;
}

/* One recipient was taken away.  Or refused, as at RCPT with other servers; that is told by a report.  Or all
 * of it is held or thrown away: which and why. */
static struct store_mark word_of(const struct door_accept *w, const struct filter_refusal *no,
				 const struct filter_removal *gone)
{
	struct arena *a = w->mail->arena;
	if (gone)
		return (struct store_mark){ .state = STORE_CANCELLED,
					    .reply = STR_LIT(""),
					    .why = str_of(gone->why) };
	if (!no)
		return (struct store_mark){ .state = w->discard ? STORE_CANCELLED : STORE_HELD,
					    .reply = STR_LIT(""),
					    .why = str_of(w->why) };
	return (struct store_mark){
		.state = STORE_REFUSED,
		.code = no->answer.code,
		.reply = str_of(arena_printf(a, "%s %s", no->answer.enhanced, no->answer.text)),
		.why = str_of(arena_printf(a, "the filter \"%s\" refused this recipient", no->filter))
	};
}

struct str door_accept_filter_lane(const struct door_accept *w, struct str rcpt, struct str lane)
{
	const struct filter_refusal *no = door_accept_refusal(w, rcpt);
	const struct filter_removal *gone = door_accept_removal(w, rcpt);
	if (!no && !gone && !w->why)
		return lane;
	const struct store_mark word = word_of(w, no, gone);
	return filter_lane_of(&word, lane, w->mail->arena);
}

/* For more recipients than that they may be too long for one call (STORE_META_MAX). */
enum { SAY_WHOLE_MAX = STORE_META_MAX / (3 * STORE_REPLY_MAX) };

void door_accept_say_whole(const struct door_accept *w, struct store_mark *marks, size_t n)
{
	for (size_t i = 0; i < n && n <= SAY_WHOLE_MAX; i++) {
		struct str rcpt = w->message.rcpts[marks[i].rcpt].address;
		const struct filter_refusal *no = door_accept_refusal(w, rcpt);
		const struct filter_removal *gone = door_accept_removal(w, rcpt);
		if (!no && !gone && !w->why)
			continue;
		const struct store_mark word = word_of(w, no, gone);
		marks[i].reply = filter_lane_cut(word.reply, STORE_REPLY_MAX);
		marks[i].why = filter_lane_cut(word.why, STORE_REPLY_MAX);
	}
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
	err_detail(&e, "it stays held until the relay's next start, which writes it, or until a person "
		       "releases or cancels it (postrider queue)");
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

void door_accept_tell_filters(struct door_accept *w, const struct store_mark *marks, size_t n,
			      void (*then)(struct door_accept *w))
{
	struct told *t = arena_alloc(w->mail->arena, sizeof(*t));
	*t = (struct told){ w, then };
	if (n)
		relay_mark(w->relay, &w->message, marks, n, on_told, t);
	else
		then(w);
}
