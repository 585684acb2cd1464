/* SPDX-License-Identifier: Apache-2.0 */
/* base/markdown.h - Markdown for tickets and chats (CommonMark, 0.31).
 *
 * Prose has every ASCII punctuation mark that could begin markup escaped; what a
 * server said stands in code, behind fences longer than any it holds. */
#ifndef BASE_MARKDOWN_H
#define BASE_MARKDOWN_H

#include <stdio.h>

#include "base/str.h"

void markdown_prose(FILE *out, const char *text); /* within a paragraph or a table's cell */
void markdown_span(FILE *out, const char *text);  /* code within prose */
void markdown_block(FILE *out, const char *text); /* code of several lines, and an empty line */
void markdown_paragraph(FILE *out, const char *text);
void markdown_heading(FILE *out, const char *level, const char *text); /* level: "##" */

#endif
