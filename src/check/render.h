/* SPDX-License-Identifier: Apache-2.0 */
/* check/render.h - a judged check for people and programs.
 *
 * Pure: verdict in, text out.  The JSON is the contract's document; the others
 * show the same in words.  No secret is in any of them: none is in evidence.
 * Whatever a server said is shown so that it cannot steer a terminal, a page or
 * a Markdown reader. */
#ifndef CHECK_RENDER_H
#define CHECK_RENDER_H

#include <stdio.h>

#include "base/format.h"
#include "check/verdict.h"

struct render_options {
	bool color;      /* text: ANSI colours */
	bool ascii;      /* text: nothing but ASCII */
	unsigned width;  /* text: columns; 0: 80 */
	bool transcript; /* --verbose */
	bool brief;      /* --quiet: the verdict and the root cause only */
};

/* False with *e when out could not be written. */
bool render_verdict(const struct verdict *v, enum render_format format, const struct render_options *o,
		    FILE *out, struct err *e) MUST_USE;
/* What was wrong with the certificate first, in words; f is a FACT_VERIFY. */
const char *render_verify_error(const struct fact *f);

#endif
