/* SPDX-License-Identifier: Apache-2.0 */
/* catalog/cause_paper.h - the sections of a cause on a terminal. */
#ifndef CATALOG_CAUSE_PAPER_H
#define CATALOG_CAUSE_PAPER_H

#include "base/paper.h"
#include "catalog/cause.h"

void cause_paper_section(struct paper *p, const char *heading); /* an empty line and a heading */
void cause_paper_why(struct paper *p, const struct cause *c);
void cause_paper_to_do(struct paper *p, const struct cause *c);
void cause_paper_sure(struct paper *p, struct arena *a, const struct cause *c);

#endif
