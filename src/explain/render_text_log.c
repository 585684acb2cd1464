/* SPDX-License-Identifier: Apache-2.0 */
/* A log on a terminal: what was lost and why, the worst places, and last the one thing to mend first. */
#include <stdint.h>

#include "catalog/cause_paper.h"
#include "explain/render_log.h"
#include "explain/render_text.h"

enum {
	FATES_ALL = 40,    /* fates shown, shared by the causes */
	FATES_MIN = 3,     /* of one cause */
	CAUSES_SHOWN = 12, /* in full; --verbose shows all */
	PLACES_SHOWN = 8,
	REPLY_SHOWN = 140, /* columns of a server's words */
	STATE_ROOM = 15,
	COUNT_ROOM = 9
};

static enum paper_style state_style(enum log_state s)
{
	if (s == LOG_DELAYED || s == LOG_HELD || s == LOG_NOT_TAKEN || s == LOG_LOGIN_FAILED)
		return PAPER_ODD;
	return log_state_is_bad(s) ? PAPER_BAD : PAPER_GOOD;
}

/* time  queue-id  recipient  at relay */
static const char *fate_line(struct explain_renderer *r, struct arena *a, const struct log_fate *f)
{
	struct strlist l = { 0 };
	const char *time = log_time_words(a, f->time_s, r->show.zone_s);
	if (*time)
		strlist_add(&l, a, time);
	if (*f->queue_id)
		strlist_add(&l, a, f->queue_id);
	if (*f->from && (r->show.verbose || !*f->to))
		strlist_add(&l, a, arena_printf(a, "from %s", f->from));
	if (*f->to)
		strlist_add(&l, a, f->to);
	if (*f->relay)
		strlist_add(&l, a, arena_printf(a, "at %s", f->relay));
	if (f->tries > 1)
		strlist_add(&l, a, arena_printf(a, "%u tries", f->tries));
	return strlist_join(&l, a, "  ");
}

static void fate_reply(struct explain_renderer *r, const char *reply)
{
	if (r->show.verbose)
		paper_item(&r->paper, 4, (struct paper_lead){ "", STATE_ROOM, PAPER_DIM }, reply);
	else
		paper_clip(&r->paper, 4 + STATE_ROOM, r->paper.width - 4 - STATE_ROOM, reply);
}

/* The server's words are told once where the next fate has the same. */
static void fate(struct explain_renderer *r, struct arena *a, const struct log_fate *f,
		 const char *next_reply)
{
	struct paper_lead lead = { log_state_name(f->state), STATE_ROOM, state_style(f->state) };
	paper_item(&r->paper, 4, lead, fate_line(r, a, f));
	if (*f->reply && !z_eq(f->reply, next_reply))
		fate_reply(r, f->reply);
}

static size_t fates_each(size_t ncauses)
{
	size_t n = FATES_ALL / (ncauses ? ncauses : 1);
	return n < FATES_MIN ? FATES_MIN : n > LOG_RECENT_EACH ? LOG_RECENT_EACH : n;
}

static void cause(struct explain_renderer *r, const struct log_report *l, const struct log_cause *c)
{
	struct arena *a = l->arena;
	const struct log_fate *f;
	size_t each = r->show.verbose ? LOG_RECENT_EACH : fates_each(l->digest->ncauses);
	paper_space(&r->paper);
	paper_item(&r->paper, 2,
		   (struct paper_lead){ arena_printf(a, "%llu x", c->hit), COUNT_ROOM, PAPER_BOLD },
		   arena_printf(a, "%s (%s; %s)", explain_log_title(a, c->finding), log_cause_counts(a, c),
				explain_actor(c->finding->actor)));
	if (r->show.all) /* each has been told already */
		return;
	size_t i = 0;
	for (; i < each && (f = log_recent_at(l->recent, c->finding, i)); i++) {
		const struct log_fate *next =
			i + 1 < each ? log_recent_at(l->recent, c->finding, i + 1) : NULL;
		fate(r, a, f, next ? next->reply : "");
	}
	if (c->hit > i && i)
		paper_text(&r->paper, 4, PAPER_DIM,
			   arena_printf(a, "the latest %zu of %llu; --all tells each", i, c->hit));
}

static void causes(struct explain_renderer *r, const struct log_report *l)
{
	size_t n = l->digest->ncauses, most = r->show.verbose ? n : CAUSES_SHOWN;
	if (n)
		cause_paper_section(&r->paper, "What went wrong");
	for (size_t i = 0; i < n && i < most; i++)
		cause(r, l, &l->digest->causes[i]);
	if (n > most) {
		paper_space(&r->paper);
		paper_text(&r->paper, 2, PAPER_DIM,
			   arena_printf(l->arena, "and %zu more causes; --verbose or --json lists all",
					n - most));
	}
}

static void places(struct explain_renderer *r, const struct log_report *l, const char *heading,
		   const struct log_place *v, size_t n)
{
	if (!n)
		return;
	cause_paper_section(&r->paper, heading);
	for (size_t i = 0; i < n && i < PLACES_SHOWN; i++)
		paper_text(&r->paper, 2, PAPER_PLAIN,
			   arena_printf(l->arena, "%s: %s%s%s", v[i].name, log_place_counts(l->arena, &v[i]),
					v[i].finding ? "; last: " : "",
					v[i].finding ? v[i].finding->id : ""));
}

static void counts(struct explain_renderer *r, const struct log_report *l)
{
	const struct log_digest *d = l->digest;
	cause_paper_section(&r->paper, "Counts");
	for (unsigned s = 0; s < LOG_STATES; s++)
		if (d->states[s])
			paper_item(&r->paper, 2,
				   (struct paper_lead){ arena_printf(l->arena, "%llu", d->states[s]),
							COUNT_ROOM, state_style((enum log_state)s) },
				   log_state_words((enum log_state)s));
	if (d->late)
		paper_text(&r->paper, 2 + COUNT_ROOM, PAPER_DIM,
			   arena_printf(l->arena, "%llu of them only after a delay", d->late));
	for (size_t i = 0; i < d->nclasses; i++)
		paper_item(&r->paper, 2,
			   (struct paper_lead){ arena_printf(l->arena, "%llu", d->classes[i].hit), COUNT_ROOM,
						PAPER_PLAIN },
			   arena_printf(l->arena, "%s (%s)", d->classes[i].class->id,
					d->classes[i].class->title));
}

static void read_line(struct explain_renderer *r, const struct log_report *l)
{
	const struct log_totals *t = l->totals;
	const char *span = log_span_words(l->arena, l, r->show.zone_s);
	struct strlist parts = { 0 };
	if (*l->name)
		strlist_add(&parts, l->arena, l->name);
	if (t->format && *t->format)
		strlist_add(&parts, l->arena, t->format);
	strlist_add(&parts, l->arena, arena_printf(l->arena, "%llu lines", t->lines));
	if (*span)
		strlist_add(&parts, l->arena, span);
	paper_text(&r->paper, 0, PAPER_DIM, strlist_join(&parts, l->arena, ", "));
}

static void mend_first(struct explain_renderer *r, const struct log_report *l)
{
	if (!l->first)
		return;
	struct cause c = answer_cause(l->arena, l->first);
	paper_space(&r->paper);
	paper_item(&r->paper, 0, (struct paper_lead){ "MEND FIRST", 12, PAPER_BAD }, c.title);
	explain_text_cause(r, l->arena, l->first, &c);
}

/* Two lines at most: what it comes to, and the one thing to mend first. */
static void brief(struct explain_renderer *r, const struct log_report *l)
{
	paper_clip(&r->paper, 0, UINT32_MAX,
		   arena_printf(l->arena, "%s%s%s%s", l->name, *l->name ? ": " : "",
				log_sentence(l->arena, l), l->partial ? " (not read to the end)" : ""));
	if (!l->first)
		return;
	const struct cause c = answer_cause(l->arena, l->first);
	paper_clip(&r->paper, 0, UINT32_MAX,
		   arena_printf(l->arena, "mend first: %s (%s; %s)", c.title,
				log_cause_counts(l->arena, l->digest->first),
				explain_who(l->first, c.actor)));
}

void explain_text_log(struct explain_renderer *r, const struct log_report *l)
{
	if (r->show.brief) {
		brief(r, l);
		return;
	}
	if (r->show.all && r->begun)
		paper_space(&r->paper);
	read_line(r, l);
	explain_text_headline(&r->paper, log_word(l), log_sentence(l->arena, l));
	if (l->partial)
		paper_text(&r->paper, 0, PAPER_ODD,
			   "The log was not read to its end: what stands here is of the part that was.");
	causes(r, l);
	places(r, l, "Worst destinations", l->digest->domains, l->digest->ndomains);
	places(r, l, "Turned away at the door most", l->digest->clients, l->digest->nclients);
	counts(r, l);
	mend_first(r, l);
}

/* --all: each fate as it is found. */
void explain_text_event(struct explain_renderer *r, const struct log_event *e)
{
	if (!r->show.all || r->show.brief)
		return;
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct paper_lead lead = { log_state_name(e->state), STATE_ROOM, state_style(e->state) };
	struct strlist l = { 0 };
	const char *time = log_time_words(a, e->time_s, r->show.zone_s);
	const struct str parts[] = { str_of(time), e->queue_id, e->from, e->to,
				     e->relay.len ? e->relay : e->client };
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (parts[i].len)
			strlist_add(&l, a, arena_dup(a, parts[i].p, parts[i].len));
	paper_item(&r->paper, 0, lead, strlist_join(&l, a, "  "));
	if (e->nmeanings)
		paper_item(&r->paper, 0, (struct paper_lead){ "", STATE_ROOM, PAPER_PLAIN },
			   e->meanings[0].entry->title);
	if (e->reply.len && e->nmeanings)
		paper_clip(&r->paper, STATE_ROOM, REPLY_SHOWN, arena_dup(a, e->reply.p, e->reply.len));
	r->begun = true;
}
