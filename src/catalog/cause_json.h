/* SPDX-License-Identifier: Apache-2.0 */
/* catalog/cause_json.h - the parts of a cause as every document of the contract holds them. */
#ifndef CATALOG_CAUSE_JSON_H
#define CATALOG_CAUSE_JSON_H

#include <jansson.h>

#include "catalog/cause.h"

/* A string; NULL is "", what is no UTF-8 is escaped as in base/text. */
json_t *text_json(const char *s);

double cause_rounded(double confidence); /* two digits: more would claim too much */

json_t *cause_fixes_json(const struct cause *c);   /* [{"actor", "text", "command"?, "commands"?}] */
json_t *cause_instead_json(const struct cause *c); /* [{"id", "confidence"}] */
json_t *cause_refs_json(const struct cause *c);

#endif
