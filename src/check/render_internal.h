/* SPDX-License-Identifier: Apache-2.0 */
/* check/render_internal.h - what the renderers share: the same facts in the same words. */
#ifndef CHECK_RENDER_INTERNAL_H
#define CHECK_RENDER_INTERNAL_H

#include "catalog/cause.h"
#include "catalog/words.h"
#include "check/render.h"

typedef bool render_fn(const struct verdict *v, const struct render_options *o, FILE *out, struct err *e);

render_fn render_json, render_text, render_html, render_markdown;

/* One fact as a line of proof: "535 5.7.8 Error: authentication failed". */
const char *render_fact(const struct verdict *v, const struct fact *f);
/* The target's provider: its title for people, or its name; "" when unknown. */
const char *render_provider(const struct verdict *v, bool title);

/* What was checked: "mail.example.com, port 587 (STARTTLS), Microsoft 365". */
const char *render_target(const struct verdict *v);
/* "FAILING: ..." without the colon: the word people see first. */
const char *render_word(enum verdict_word w);
/* The finding as it is told, filled from the verdict. */
struct cause render_cause(const struct verdict *v, const struct finding *f);
/* The root cause, or NULL: the first finding that is a failure or a warning. */
const struct finding *render_root(const struct verdict *v);
/* The title of an entry that was considered, filled as far as the target fills it. */
const char *render_instead(const struct verdict *v, const struct finding_entry *entry);
/* Names of steps that were not reached, "login, sender, recipient"; "" none. */
const char *render_not_reached(const struct verdict *v);
/* What to call those: "not reached" when the chain broke, else "not tried". */
const char *render_rest_word(const struct verdict *v);
/* The i'th recipient's fate where several were tried in the main dialogue:
 * "b@example.org: 250 2.1.5 Ok"; NULL past the end, or when there was one only.
 * A bad one does not sink the rest: each is told. */
const char *render_recipient(const struct verdict *v, size_t i, bool *taken);
/* An experiment with all that was changed to ask the same and got the same
 * result; NULL when an earlier one has said so already. */
const char *render_experiment(const struct verdict *v, const struct fact *f);
/* True for a step that gets a line of its own. */
bool render_has_line(const struct verdict *v, enum step s);

#endif
