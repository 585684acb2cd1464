/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence as the text of a file, there and back, for tests. */
#ifndef TESTS_UNIT_EVIDENCE_SAVED_H
#define TESTS_UNIT_EVIDENCE_SAVED_H

#include "tests/unit/unit.h"

#include "check/evidence.h"

struct saved {
	char *text;
	size_t len;
};

void save(const struct evidence *ev, struct saved *out);
void saved_clear(struct saved *s);
struct evidence *load(struct str text, struct err *e); /* as of case.json; NULL with *e */

#endif
