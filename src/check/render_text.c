/* SPDX-License-Identifier: Apache-2.0 */
/* The answer on a terminal, or in a mail to the help desk: the verdict first,
 * then where it breaks, why, what to do, and what it rests on. */
#include <string.h>

#include "base/paper.h"
#include "base/text_time.h"
#include "base/write.h"
#include "catalog/cause_paper.h"
#include "check/render_inner.h"

enum {
	MARK_ROOM = 2,
	STEP_ROOM = 14,
	SAYS_MAX = 200,  /* columns of what one step says */
	PROOF_MAX = 240, /* columns of one line of proof; --verbose shows all */
	FURTHER_MAX = 6  /* further findings shown, of those the first */
};

struct page {
	const struct verdict *v;
	const struct render_options *o;
	struct paper paper;
};

static const struct {
	const char *nice, *plain;
	enum paper_style style;
} marks[] = {
	[STEP_NOT_REACHED] = { "·", ".", PAPER_DIM }, [STEP_SKIPPED] = { "–", "-", PAPER_DIM },
	[STEP_PASS] = { "✓", "+", PAPER_GOOD },       [STEP_WARN] = { "!", "!", PAPER_ODD },
	[STEP_FAIL] = { "✗", "X", PAPER_BAD },
};

static const enum paper_style word_styles[] = { PAPER_GOOD, PAPER_ODD, PAPER_BAD, PAPER_ODD };

static void headline(struct page *g)
{
	const char *word = render_word(g->v->word);
	struct paper_lead lead = { word, (unsigned)strlen(word) + 2, word_styles[g->v->word] };
	const char *target = render_target(g->v);
	if (*target && !g->o->brief)
		paper_text(&g->paper, 0, PAPER_DIM, target);
	paper_item(&g->paper, 0, lead, g->v->summary);
}

static const char *clipped(const struct page *g, const char *text, size_t most)
{
	size_t n = strlen(text);
	if (n <= most || g->o->transcript)
		return text;
	while (most && ((unsigned char)text[most] & 0xc0) == 0x80) /* not within a character */
		most--;
	return arena_printf(g->v->arena, "%.*s...", (int)most, text);
}

static void step_line(struct page *g, enum step s)
{
	const struct step_result *r = &g->v->steps[s];
	const char *mark = g->paper.ascii ? marks[r->status].plain : marks[r->status].nice;
	const char *name = words_step(s);
	const char *text = arena_printf(g->v->arena, "%s", clipped(g, r->says, SAYS_MAX));
	struct paper_lead lead = { arena_printf(g->v->arena, "%s %s", mark, name), MARK_ROOM + STEP_ROOM,
				   marks[r->status].style };
	paper_item(&g->paper, 2, lead, text);
}

/* A chain that did not break ended where it was asked to. */
static void rest_of_chain(struct page *g, const char *steps)
{
	struct paper_lead lead = { arena_printf(g->v->arena, "%s %s",
						g->paper.ascii ? marks[STEP_NOT_REACHED].plain
							       : marks[STEP_NOT_REACHED].nice,
						render_rest_word(g->v)),
				   MARK_ROOM + STEP_ROOM, PAPER_DIM };
	paper_item(&g->paper, 2, lead, steps);
}

static void chain(struct page *g)
{
	paper_space(&g->paper);
	for (enum step s = 0; s < STEP_COUNT; s++)
		if (render_has_line(g->v, s))
			step_line(g, s);
	const char *rest = render_not_reached(g->v);
	if (*rest)
		rest_of_chain(g, rest);
}

static void section(struct page *g, const char *heading)
{
	paper_space(&g->paper);
	paper_head(&g->paper, 0, heading);
}

static void recipients(struct page *g)
{
	bool taken;
	const char *text;
	for (size_t i = 0; (text = render_recipient(g->v, i, &taken)); i++) {
		struct paper_lead lead = { taken ? "accepted" : "refused", 10,
					   taken ? PAPER_GOOD : PAPER_BAD };
		if (!i)
			section(g, "Recipients");
		paper_item(&g->paper, 2, lead, clipped(g, text, PROOF_MAX));
	}
}

static void proof(struct page *g, const struct finding *f)
{
	if (f->nfacts)
		section(g, "Proof");
	for (size_t i = 0; i < f->nfacts; i++) {
		const struct fact *fact = f->facts[i];
		struct paper_lead lead = { arena_printf(g->v->arena, "#%u", fact->n), 5, PAPER_DIM };
		paper_item(&g->paper, 2, lead, clipped(g, render_fact(g->v, fact), PROOF_MAX));
	}
}

static void root_cause(struct page *g, const struct finding *f)
{
	const struct cause c = render_cause(g->v, f);
	cause_paper_why(&g->paper, &c);
	cause_paper_to_do(&g->paper, &c);
	cause_paper_sure(&g->paper, g->v->arena, &c);
	proof(g, f);
}

static void further(struct page *g, const struct finding *root)
{
	size_t from = root ? 1 : 0, left = g->v->n - from;
	if (left)
		section(g, root ? "Found besides" : "Good to know");
	for (size_t i = from; i < g->v->n && i < from + FURTHER_MAX; i++) {
		const struct finding *f = &g->v->findings[i];
		struct paper_lead lead = { severity_name(f->severity), 9,
					   f->severity == SEVERITY_FAILURE   ? PAPER_BAD
					   : f->severity == SEVERITY_WARNING ? PAPER_ODD
									     : PAPER_DIM };
		const struct finding_fix *x = words_fix(f->entry, 0);
		const char *title = finding_fill(g->v, f, f->entry->title);
		paper_item(&g->paper, 2, lead,
			   x ? arena_printf(g->v->arena, "%s. %s: %s", title, words_actor(x->actor),
					    finding_fill(g->v, f, x->text))
			     : title);
	}
	if (left > FURTHER_MAX)
		paper_text(&g->paper, 2, PAPER_DIM,
			   arena_printf(g->v->arena, "and %zu more; --json lists all", left - FURTHER_MAX));
}

static void experiments(struct page *g)
{
	struct paper_lead bullet = { "-", MARK_ROOM, PAPER_PLAIN };
	if (evidence_next(g->v->ev, FACT_EXPERIMENT, NULL))
		section(g, "Tried");
	for (const struct fact *f = NULL; (f = evidence_next(g->v->ev, FACT_EXPERIMENT, f));) {
		const char *text = render_experiment(g->v, f);
		if (text)
			paper_item(&g->paper, 2, bullet, text);
	}
}

static void transcript(struct page *g)
{
	section(g, "Dialogue (> this side, < the server, * what happened)");
	for (size_t i = 0; i < g->v->ev->nlines; i++) {
		const struct transcript_line *l = &g->v->ev->lines[i];
		struct paper_lead lead = {
			arena_printf(g->v->arena, "%6ld ms %u %c", l->t_ms, l->session, l->dir), 15, PAPER_DIM
		};
		paper_item(&g->paper, 0, lead, l->text);
	}
}

static void foot(struct page *g, const struct finding *root)
{
	char when[TEXT_TIME_BYTES];
	paper_space(&g->paper);
	if (root)
		paper_text(&g->paper, 0, PAPER_DIM,
			   arena_printf(g->v->arena, "Finding %s, class %s", root->entry->id,
					root->entry->class));
	paper_text(&g->paper, 0, PAPER_DIM,
		   arena_printf(g->v->arena, "Checked %s in %ld.%01ld s by postrider " POSTRIDER_VERSION,
				text_time(g->v->ev->started_s, when), g->v->ev->elapsed_ms / 1000,
				g->v->ev->elapsed_ms % 1000 / 100));
}

static void brief(struct page *g, const struct finding *root)
{
	const struct finding_fix *x = root ? words_fix(root->entry, 0) : NULL;
	if (root)
		paper_text(&g->paper, 2, PAPER_PLAIN, finding_fill(g->v, root, root->entry->why));
	if (x)
		paper_text(&g->paper, 2, PAPER_PLAIN,
			   arena_printf(g->v->arena, "%s: %s", words_actor(x->actor),
					finding_fill(g->v, root, x->text)));
}

bool render_text(const struct verdict *v, const struct render_options *o, FILE *out, struct err *e)
{
	struct page g = { v, o, paper_of(out, o->width, o->color, o->ascii) };
	const struct finding *root = render_root(v);
	headline(&g);
	if (o->brief) {
		brief(&g, root);
	} else {
		chain(&g);
		recipients(&g);
		if (root)
			root_cause(&g, root);
		further(&g, root);
		experiments(&g);
		if (o->transcript)
			transcript(&g);
		foot(&g, root);
	}
	return write_end(out, "the answer", e);
}
