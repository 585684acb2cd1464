/* SPDX-License-Identifier: Apache-2.0 */
/* check/render_internal.h - what the renderers share. */
#ifndef CHECK_RENDER_INTERNAL_H
#define CHECK_RENDER_INTERNAL_H

#include "check/render.h"

typedef bool render_fn(const struct verdict *v, const struct render_options *o, FILE *out, struct err *e);

render_fn render_json, render_text, render_html, render_markdown;

/* One fact as a line of proof: "535 5.7.8 Error: authentication failed". */
const char *render_fact(const struct verdict *v, const struct fact *f);
/* The target's provider: its title for people, or its name; "" when unknown. */
const char *render_provider(const struct verdict *v, bool title);

#endif
