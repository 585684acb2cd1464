/* SPDX-License-Identifier: Apache-2.0 */
/* lab/token.h - an OAuth token of the claims that a `token` section names. */
#ifndef LAB_TOKEN_H
#define LAB_TOKEN_H

#include "lab/spec.h"

/* The section's `text` where it has one, else a JWT; nobody in the lab looks at its signature. */
const char *lab_token_make(const struct spec_section *s, struct arena *a);

#endif
