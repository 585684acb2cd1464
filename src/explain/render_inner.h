/* SPDX-License-Identifier: Apache-2.0 */
/* explain/render_inner.h - what the renderers share: the same things in the same words. */
#ifndef EXPLAIN_RENDER_INNER_H
#define EXPLAIN_RENDER_INNER_H

#include "base/html.h"
#include "base/paper.h"
#include "catalog/words.h"
#include "explain/render.h"

struct explain_renderer {
	const struct explain_form *form;
	struct explain_show show;
	FILE *out;
	struct paper paper;
	struct html html;
	size_t answers; /* rendered so far */
	bool begun;
};

struct explain_form {
	void (*answer)(struct explain_renderer *r, const struct answer *a);
	void (*event)(struct explain_renderer *r, const struct log_event *e);
	void (*log)(struct explain_renderer *r, const struct log_report *l);
	void (*end)(struct explain_renderer *r);
};

extern const struct explain_form explain_form_text, explain_form_json, explain_form_html,
	explain_form_markdown;

/* The word people see first: "REFUSED". */
const char *explain_word(enum answer_word w);
/* For pages: a class of base/page's style. */
const char *explain_word_class(enum answer_word w);
/* "Trying again ..." in one sentence. */
const char *explain_retry_words(const struct explanation *x);
/* Who must act, first letter small: "the recipient", "nobody: wait". */
const char *explain_actor(enum finding_actor a);
const char *explain_who(const struct explanation *x, enum finding_actor now); /* now: as things stand */
/* "550 5.1.1 no such user", as it was said; "" nothing was. */
const char *explain_proof(struct arena *a, const struct explanation *x);
/* "said at the login, by Microsoft 365 (smtp.office365.com)"; "" unknown. */
const char *explain_said_by(struct arena *a, const struct explanation *x);

/* What became of one recipient, for people: "failed", "delayed", "arrived". */
const char *explain_action_words(enum dsn_action a);
enum { EXPLAIN_ROWS_MAX = 6 };
/* The mail a report is about: lines of a lead ("Subject") and its text; NULL past the end. */
struct explain_row {
	const char *lead, *text;
};
size_t explain_original(struct arena *a, const struct dsn *d, struct explain_row out[EXPLAIN_ROWS_MAX]);
/* One sentence: "Of 3 recipients: 2 did not get the mail, 1 taken.". */
const char *explain_bounce_sentence(struct arena *a, const struct dsn *d);
/* The word of a whole mail. */
enum answer_word explain_mail_word(const struct answer *a);

#endif
