/* SPDX-License-Identifier: Apache-2.0 */
/* base/html.h - HTML written element by element, never pasted together.
 *
 * Text and attribute values are escaped here and nowhere else, so that no
 * server's words can become markup.  Names of elements and attributes are the
 * program's own. */
#ifndef BASE_HTML_H
#define BASE_HTML_H

#include <stdio.h>

#include "base/str.h"

enum { HTML_DEPTH_MAX = 32 };

struct html {
	FILE *out;
	const char *open[HTML_DEPTH_MAX];
	size_t depth;
	bool in_tag; /* attributes may still follow */
};

void html_start(struct html *h, FILE *out); /* writes the doctype */
void html_open(struct html *h, const char *element);
void html_attr(struct html *h, const char *name, const char *value); /* right after html_open */
void html_text(struct html *h, const char *text);
void html_style(struct html *h, const char *css); /* ours, static: a <style> element */
void html_close(struct html *h);                  /* the innermost open element */
void html_end(struct html *h);                    /* closes all */

/* <element class="class">text</element>; class may be NULL. */
void html_leaf(struct html *h, const char *element, const char *class, const char *text);

#endif
