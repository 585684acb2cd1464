/* SPDX-License-Identifier: Apache-2.0 */
/* report/report_inner.h - a report while it is made; shared by report_*.c, checklist.c, question.c. */
#ifndef REPORT_REPORT_INNER_H
#define REPORT_REPORT_INNER_H

#include "check/discovery.h"
#include "check/verdict.h"
#include "explain/explain.h"
#include "report/redact.h"
#include "report/report.h"

struct making {
	struct report *r;
	struct redactor redactor;
	const struct report_options *o;
};

/* A new report; its texts go through m from now on. */
void making_begin(struct making *m, const struct report_options *o);

/* Texts are redacted and copied; an empty one adds nothing. */
void making_line(struct making *m, struct report_lines *to, const char *name, const char *text);
void making_point(struct making *m, const char *question, enum report_mark mark, const char *says);
void making_say(struct making *m, struct strlist *to, const char *text);
void making_write(struct making *m, const char *text); /* to the letter, of texts that passed before */
void making_cause(struct making *m, const struct cause *c);

const char *making_time(struct making *m, int64_t at_ms); /* RFC 3339 */

/* The help desk's checklist. */
void checklist_of_verdict(struct making *m, const struct verdict *v);
void checklist_of_search(struct making *m, const struct discovery *d);
/* x: what its last reply means; NULL: nothing failed. */
void checklist_of_mail(struct making *m, const struct store_trail *t, uint32_t rcpt,
		       const struct explanation *x);

/* What somebody who can look into the next server's log has to know. */
struct question_case {
	const char *provider; /* catalogue's name of whom the server is, "" unknown */
	const char *host;     /* whose log */
	const char *sender, *recipient, *message_id, *remote_id, *reply;
	int64_t from_ms, to_ms;
	bool taken; /* it was handed over; else it was refused */
	bool login; /* ... at the login: that is another log */
};
void question_ask(struct making *m, const struct question_case *q);

/* Two paragraphs to send: `what` happened, in a sentence or two (redacted by the caller); then
 * what is asked for. */
void letter_write(struct making *m, const char *what);

bool report_markdown(const struct report *r, FILE *out, struct err *e) MUST_USE;
bool report_html(const struct report *r, FILE *out, struct err *e) MUST_USE;
const char *report_mark_word(enum report_mark m); /* "proved: in order" */

#endif
