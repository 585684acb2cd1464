/* SPDX-License-Identifier: Apache-2.0 */
/* check/render_words.h - the words in which facts and findings are told, wherever they are. */
#ifndef CHECK_RENDER_WORDS_H
#define CHECK_RENDER_WORDS_H

#include "catalog/cause.h"
#include "check/verdict.h"

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
/* An experiment with all that was changed to ask the same and got the same
 * result; NULL when an earlier one has said so already. */
const char *render_experiment(const struct verdict *v, const struct fact *f);

#endif
