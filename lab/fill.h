/* SPDX-License-Identifier: Apache-2.0 */
/* lab/fill.h - the places of a scenario's text, filled in once its world stands.
 *
 * {dir} {ca} {password} {resolver} {token:N} {token-file:N} {cert:N} {file:N} {address:A}
 * {dkim:N} {tlsa:N} {tlsa2:N} {date} {date:+3d} {now} {now:+3d}; other braces are left alone. */
#ifndef LAB_FILL_H
#define LAB_FILL_H

#include "lab/world.h"

const char *fill_text(struct world *w, const char *text); /* as it came, or in the world's arena */
void fill_section(struct world *w, struct spec_section *s);

#endif
