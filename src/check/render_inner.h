/* SPDX-License-Identifier: Apache-2.0 */
/* check/render_inner.h - what the renderers share: the same facts in the same words. */
#ifndef CHECK_RENDER_INNER_H
#define CHECK_RENDER_INNER_H

#include "catalog/words.h"
#include "check/render.h"
#include "check/render_words.h"

typedef bool render_fn(const struct verdict *v, const struct render_options *o, FILE *out, struct err *e);

render_fn render_json, render_text, render_html, render_markdown;

/* Names of steps that were not reached, "login, sender, recipient"; "" none. */
const char *render_not_reached(const struct verdict *v);
/* What to call those: "not reached" when the chain broke, else "not tried". */
const char *render_rest_word(const struct verdict *v);
/* The i'th recipient's fate where several were tried in the main dialogue:
 * "b@example.org: 250 2.1.5 Ok"; NULL past the end, or when there was one only.
 * A bad one does not sink the rest: each is told. */
const char *render_recipient(const struct verdict *v, size_t i, bool *taken);
/* True for a step that gets a line of its own. */
bool render_has_line(const struct verdict *v, enum step s);

#endif
