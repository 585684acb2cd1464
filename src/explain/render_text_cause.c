/* SPDX-License-Identifier: Apache-2.0 */
/* A cause on a terminal: why, what to do, how sure, proof. */
#include <string.h>

#include "catalog/cause_paper.h"
#include "explain/render_text.h"

enum { PROOF_MAX = 600 }; /* bytes of the server's words; --verbose shows all */

static const enum paper_style styles[ANSWER_WORDS] = {
	[ANSWER_WELL] = PAPER_GOOD,  [ANSWER_REFUSED] = PAPER_BAD, [ANSWER_DELAYED] = PAPER_ODD,
	[ANSWER_FAILED] = PAPER_BAD, [ANSWER_UNKNOWN] = PAPER_ODD,
};

enum paper_style explain_text_style(enum answer_word word)
{
	return styles[word];
}

const char *explain_text_clipped(struct arena *a, const char *text, size_t most)
{
	size_t n = strlen(text);
	if (n <= most)
		return text;
	while (most && ((unsigned char)text[most] & 0xc0) == 0x80) /* not within a character */
		most--;
	return arena_printf(a, "%.*s...", (int)most, text);
}

void explain_text_headline(struct paper *p, enum answer_word word, const char *text)
{
	const char *name = explain_word(word);
	struct paper_lead lead = { name, (unsigned)strlen(name) + 2, explain_text_style(word) };
	paper_item(p, 0, lead, text);
}

static void proof(struct explain_renderer *r, struct arena *a, const struct explanation *x)
{
	const char *words = explain_proof(a, x), *by = explain_said_by(a, x);
	if (!*words)
		return;
	cause_paper_section(&r->paper, "Proof");
	paper_text(&r->paper, 2, PAPER_PLAIN,
		   r->show.verbose ? words : explain_text_clipped(a, words, PROOF_MAX));
	if (*by)
		paper_text(&r->paper, 2, PAPER_DIM, by);
}

static void rules(struct explain_renderer *r, struct arena *a, const struct explanation *x)
{
	struct paper_lead bullet = { "-", 2, PAPER_DIM };
	cause_paper_section(&r->paper, "Rules that fit");
	for (size_t i = 0; i < x->n; i++)
		paper_item(&r->paper, 2, bullet,
			   arena_printf(a, "%s (%.2f) %s", x->meanings[i].entry->id,
					x->meanings[i].confidence, x->meanings[i].pattern));
	for (const char *const *ref = x->meanings[0].entry->refs; *ref; ref++)
		paper_item(&r->paper, 2, bullet, *ref);
}

void explain_text_cause(struct explain_renderer *r, struct arena *a, const struct explanation *x,
			const struct cause *c)
{
	struct paper *p = &r->paper;
	cause_paper_why(p, c);
	if (x->refusal || c->actor != ACTOR_NOBODY)
		cause_paper_to_do(p, c);
	else if (c->nfixes) /* "Nobody: wait" is for what failed */
		paper_text(p, 2, PAPER_PLAIN, c->fixes[0].text);
	if (x->refusal) {
		cause_paper_section(p, "Trying again");
		paper_text(p, 2, PAPER_PLAIN, explain_retry_words(x));
	}
	if (x->refusal || r->show.verbose)
		cause_paper_sure(p, a, c);
	if (x->refusal && *x->decide) {
		paper_text(p, 2, PAPER_PLAIN, "This would tell for certain:");
		paper_command(p, 8, x->decide);
	}
	proof(r, a, x);
	if (r->show.verbose)
		rules(r, a, x);
}
