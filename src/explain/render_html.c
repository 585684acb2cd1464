/* SPDX-License-Identifier: Apache-2.0 */
/* The answer as one file that can be mailed: style within, no scripts, nothing fetched. */

#include "base/page.h"
#include "explain/render_html.h"

static void finding(struct html *h, struct arena *a, const struct cause *c)
{
	html_leaf(h, "p", "dim", arena_printf(a, "Finding %s, class %s", c->entry->id, c->entry->class));
}

static void table_row(struct html *h, const char *name, const char *class, const char *status,
		      const char *text)
{
	html_open(h, "tr");
	html_open(h, "th");
	html_attr(h, "scope", "row");
	html_text(h, name);
	html_close(h);
	if (status)
		html_leaf(h, "td", class, status);
	html_open(h, "td");
	html_leaf(h, "bdi", NULL, text);
	html_close(h);
	html_close(h);
}

static void original(struct html *h, const struct answer *a)
{
	struct explain_row rows[EXPLAIN_ROWS_MAX];
	size_t n = explain_original(a->arena, a->mail, rows);
	html_open(h, "table");
	html_open(h, "tbody");
	for (size_t i = 0; i < n; i++)
		table_row(h, rows[i].lead, NULL, NULL, rows[i].text);
	html_close(h);
	html_close(h);
}

static const char *action_class(enum dsn_action a)
{
	if (a == DSN_FAILED || a == DSN_ACTION_UNKNOWN)
		return "fail";
	return a == DSN_DELAYED ? "warn" : "pass";
}

static void recipients(struct html *h, const struct answer *a)
{
	html_leaf(h, "h2", NULL, "Recipients");
	html_open(h, "table");
	html_open(h, "tbody");
	for (size_t i = 0; i < a->mail->n; i++) {
		const struct dsn_recipient *x = &a->mail->v[i];
		const struct answer_item *item =
			a->item_of && a->item_of[i] < a->n ? &a->items[a->item_of[i]] : NULL;
		table_row(h, *x->address ? x->address : "(not told)", action_class(x->action),
			  explain_action_words(x->action), item ? item->cause.title : x->reply);
	}
	html_close(h);
	html_close(h);
}

static void mail(struct explain_renderer *r, const struct answer *a)
{
	struct html *h = &r->html;
	bool well = explain_mail_word(a) == ANSWER_WELL;
	page_headline(h, explain_word_class(explain_mail_word(a)), explain_word(explain_mail_word(a)),
		      well ? a->items[0].cause.title : explain_bounce_sentence(a->arena, a->mail));
	original(h, a);
	if (a->mail->n)
		recipients(h, a);
	for (size_t i = 0; i < a->n; i++) {
		if (!well)
			html_leaf(h, "h1", NULL, a->items[i].cause.title);
		explain_html_cause(r, a->arena, &a->items[i].x, &a->items[i].cause);
		finding(h, a->arena, &a->items[i].cause);
	}
	if (a->quoted) {
		html_leaf(h, "h1", NULL, "The quoted bounce");
		mail(r, a->quoted);
	}
}

static void also(struct html *h, const struct answer *a)
{
	if (a->n < 2)
		return;
	html_leaf(h, "h2", NULL, "Also said in this text");
	html_open(h, "ul");
	for (size_t i = 1; i < a->n; i++) {
		html_open(h, "li");
		html_text(h, a->items[i].cause.title);
		html_text(h, ": ");
		html_leaf(h, "code", NULL, explain_proof(a->arena, &a->items[i].x));
		html_close(h);
	}
	html_close(h);
}

static void answer(struct explain_renderer *r, const struct answer *a)
{
	const struct answer_item *item = &a->items[0];
	enum answer_word word = answer_word(&item->x);
	explain_html_begin(r, *a->name ? a->name : item->cause.title);
	if (*a->name)
		html_leaf(&r->html, "p", "dim", a->name);
	if (a->mail) {
		mail(r, a);
		return;
	}
	page_headline(&r->html, explain_word_class(word), explain_word(word), item->cause.title);
	explain_html_cause(r, a->arena, &item->x, &item->cause);
	also(&r->html, a);
	finding(&r->html, a->arena, &item->cause);
}

static void end(struct explain_renderer *r)
{
	if (!r->begun)
		explain_html_begin(r, "nothing");
	html_open(&r->html, "footer");
	html_leaf(&r->html, "p", NULL, "Explained by postrider " POSTRIDER_VERSION);
	html_close(&r->html);
	html_end(&r->html);
}

const struct explain_form explain_form_html = { answer, explain_html_event, explain_html_log, end };
