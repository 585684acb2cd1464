/* SPDX-License-Identifier: Apache-2.0 */
/* catalog/cause_html.h - the sections of a cause on a page. */
#ifndef CATALOG_CAUSE_HTML_H
#define CATALOG_CAUSE_HTML_H

#include "base/html.h"
#include "catalog/cause.h"

void cause_html_to_do(struct html *h, const struct cause *c);
void cause_html_sure(struct html *h, struct arena *a, const struct cause *c);
void cause_html_refs(struct html *h, const struct cause *c);

#endif
