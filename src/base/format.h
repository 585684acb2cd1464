/* SPDX-License-Identifier: Apache-2.0 */
/* base/format.h - the forms an answer can take, by name. */
#ifndef BASE_FORMAT_H
#define BASE_FORMAT_H

#include <stdbool.h>

enum render_format { RENDER_TEXT, RENDER_JSON, RENDER_HTML, RENDER_MARKDOWN, RENDER_FORMATS };

const char *render_format_name(enum render_format f);
bool render_format_of(const char *name, enum render_format *f);

#endif
