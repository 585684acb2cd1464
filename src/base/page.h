/* SPDX-License-Identifier: Apache-2.0 */
/* base/page.h - the frame of every answer that is an HTML file: style within, no scripts, nothing fetched.
 *
 * One look for all commands; what stands in the body is each renderer's own. */
#ifndef BASE_PAGE_H
#define BASE_PAGE_H

#include "base/html.h"

/* Writes all up to the open <body>; the title is "kind: about". */
void page_start(struct html *h, FILE *out, const char *kind, const char *about);

/* The one line that is read first: <h1><span class="word CLASS">WORD</span> text</h1>. */
void page_headline(struct html *h, const char *class, const char *word, const char *text);

/* Something to be copied. */
void page_command(struct html *h, const char *command);

#endif
