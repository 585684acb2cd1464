/* SPDX-License-Identifier: Apache-2.0 */
/* catalog/cause_markdown.h - the sections of a cause in a ticket. */
#ifndef CATALOG_CAUSE_MARKDOWN_H
#define CATALOG_CAUSE_MARKDOWN_H

#include "base/markdown.h"
#include "catalog/cause.h"

void cause_markdown_to_do(FILE *out, const struct cause *c);
void cause_markdown_sure(FILE *out, struct arena *a, const struct cause *c);

#endif
