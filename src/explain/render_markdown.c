/* SPDX-License-Identifier: Apache-2.0 */
/* The answer in Markdown, for tickets and chats. */

#include "explain/render_markdown.h"

static void original(FILE *out, const struct answer *a)
{
	struct explain_row rows[EXPLAIN_ROWS_MAX];
	size_t n = explain_original(a->arena, a->mail, rows);
	for (size_t i = 0; i < n; i++) {
		fprintf(out, "- %s: ", rows[i].lead);
		markdown_span(out, rows[i].text);
		fputc('\n', out);
	}
	if (n)
		fputc('\n', out);
}

static void recipients(FILE *out, const struct answer *a)
{
	fputs("| Recipient | What became of it | Cause |\n|---|---|---|\n", out);
	for (size_t i = 0; i < a->mail->n; i++) {
		const struct dsn_recipient *x = &a->mail->v[i];
		const struct answer_item *item =
			a->item_of && a->item_of[i] < a->n ? &a->items[a->item_of[i]] : NULL;
		fputs("| ", out);
		markdown_prose(out, *x->address ? x->address : "(not told)");
		fprintf(out, " | %s | ", explain_action_words(x->action));
		markdown_prose(out, item ? item->cause.title : "");
		fputs(" |\n", out);
	}
	fputc('\n', out);
}

static void mail(struct explain_renderer *r, const struct answer *a)
{
	bool well = explain_mail_word(a) == ANSWER_WELL;
	explain_markdown_headline(r->out, explain_mail_word(a),
				  well ? a->items[0].cause.title
				       : explain_bounce_sentence(a->arena, a->mail));
	original(r->out, a);
	if (a->mail->n)
		recipients(r->out, a);
	for (size_t i = 0; i < a->n; i++) {
		if (!well)
			markdown_heading(r->out, "#", a->items[i].cause.title);
		explain_markdown_cause(r, a->arena, &a->items[i].x, &a->items[i].cause);
	}
	if (a->quoted) {
		markdown_heading(r->out, "#", "The quoted bounce");
		mail(r, a->quoted);
	}
}

static void also(FILE *out, const struct answer *a)
{
	if (a->n > 1)
		markdown_heading(out, "##", "Also said in this text");
	for (size_t i = 1; i < a->n; i++) {
		fputs("- ", out);
		markdown_prose(out, a->items[i].cause.title);
		fputs(": ", out);
		markdown_span(out, explain_proof(a->arena, &a->items[i].x));
		fputs(i + 1 == a->n ? "\n\n" : "\n", out);
	}
}

static void answer(struct explain_renderer *r, const struct answer *a)
{
	const struct answer_item *item = &a->items[0];
	if (r->answers)
		fputs("---\n\n", r->out);
	if (*a->name) {
		markdown_span(r->out, a->name);
		fputs("\n\n", r->out);
	}
	if (a->mail) {
		mail(r, a);
		return;
	}
	explain_markdown_headline(r->out, answer_word(&item->x), item->cause.title);
	explain_markdown_cause(r, a->arena, &item->x, &item->cause);
	also(r->out, a);
}

static void end(struct explain_renderer *r)
{
	fputs("Explained by postrider " POSTRIDER_VERSION "\n", r->out);
}

const struct explain_form explain_form_markdown = { answer, explain_markdown_event, explain_markdown_log,
						    end };
