/* SPDX-License-Identifier: Apache-2.0 */
/* web/description.h - openapi.json, compiled in (tools/embed.py). */
#ifndef WEB_DESCRIPTION_H
#define WEB_DESCRIPTION_H

#include <stddef.h>

struct web_description {
	const char *name, *text;
	size_t n;
};

extern const struct web_description web_description[]; /* the one file, and an empty row */

#endif
