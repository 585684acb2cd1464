/* SPDX-License-Identifier: Apache-2.0 */
/* check/render_document_json.h - the contract's document of a check, and its parts one by one, for who
 * sends them while the check goes on.  New references, owned by the caller. */
#ifndef CHECK_RENDER_DOCUMENT_JSON_H
#define CHECK_RENDER_DOCUMENT_JSON_H

#include <jansson.h>

#include "check/verdict.h"

json_t *render_document_json(const struct verdict *v) MUST_USE;
json_t *render_target_json(const struct verdict *v) MUST_USE;
json_t *render_step_json(const struct verdict *v, enum step s) MUST_USE;
json_t *render_finding_json(const struct verdict *v, const struct finding *f) MUST_USE;

#endif
