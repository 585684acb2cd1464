/* SPDX-License-Identifier: Apache-2.0 */
/* base/strset.h - which texts were seen already; ASCII case ignored.  However they are chosen, each look-up
 * takes logarithmic time.  The texts stay the caller's, and must outlive the set. */
#ifndef BASE_STRSET_H
#define BASE_STRSET_H

#include <stdbool.h>

#include "base/mem.h"

struct strset {
	void *tree; /* zero to begin with */
};

/* False: it is in already. */
bool strset_add(struct strset *s, const char *text) MUST_USE;
void strset_clear(struct strset *s);

#endif
