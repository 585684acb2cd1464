/* SPDX-License-Identifier: Apache-2.0 */
/* A cause on the page, and how the page begins. */
#include "base/page.h"
#include "catalog/cause_html.h"
#include "explain/render_html.h"

void explain_html_begin(struct explain_renderer *r, const char *about)
{
	if (!r->begun)
		page_start(&r->html, r->out, "Mail error explained", about);
	else
		html_leaf(&r->html, "hr", NULL, "");
	r->begun = true;
}

static void proof(struct html *h, struct arena *a, const struct explanation *x)
{
	const char *words = explain_proof(a, x), *by = explain_said_by(a, x);
	if (!*words)
		return;
	html_leaf(h, "h2", NULL, "Proof");
	page_command(h, words);
	if (*by)
		html_leaf(h, "p", "dim", by);
}

void explain_html_cause(struct explain_renderer *r, struct arena *a, const struct explanation *x,
			const struct cause *c)
{
	struct html *h = &r->html;
	html_leaf(h, "h2", NULL, "Why");
	html_leaf(h, "p", NULL, c->why);
	cause_html_to_do(h, c);
	if (x->refusal) {
		html_leaf(h, "h2", NULL, "Trying again");
		html_leaf(h, "p", NULL, explain_retry_words(x));
		cause_html_sure(h, a, c);
	}
	if (x->refusal && *x->decide) {
		html_leaf(h, "p", NULL, "This would tell for certain:");
		page_command(h, x->decide);
	}
	proof(h, a, x);
	cause_html_refs(h, c);
}
