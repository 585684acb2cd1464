/* SPDX-License-Identifier: Apache-2.0 */
/* check/evidence_json.h - facts and transcript as JSON, for the saved file and the report alike.
 *
 * A fact is {"n":17,"t_ms":301,"kind":"smtp-reply","session":1, its fields in
 * the order of fact_kinds.def, all of them}. */
#ifndef CHECK_EVIDENCE_JSON_H
#define CHECK_EVIDENCE_JSON_H

#include <jansson.h>

#include "catalog/cause_json.h"
#include "check/evidence.h"

/* New references, owned by the caller.  Text that is not UTF-8 is escaped. */
json_t *fact_json(const struct fact *f) MUST_USE;
json_t *facts_json(const struct evidence *ev) MUST_USE;
json_t *transcript_json(const struct evidence *ev) MUST_USE; /* [{"t_ms","session","dir","text"}] */
json_t *strlist_json(const struct strlist *l) MUST_USE;

#endif
