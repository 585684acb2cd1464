/* SPDX-License-Identifier: Apache-2.0 */
/* lab/embedded.h - the scenario files as compiled in (tools/embed.py writes the other half). */
#ifndef LAB_EMBEDDED_H
#define LAB_EMBEDDED_H

#include <stddef.h>

struct lab_embedded {
	const char *name; /* "lab/scenarios/auth.lab" */
	const char *text;
	size_t len;
};

extern const struct lab_embedded lab_embedded[]; /* ends with name == NULL */

#endif
