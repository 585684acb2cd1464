/* SPDX-License-Identifier: Apache-2.0 */
/* relay/kept_lines.h - what was learned of others, in a file of a line each, so that a start knows it.
 *
 * Nothing is lost with it that could not be learned again: it is not synced, and what cannot be written is
 * not told. */
#ifndef RELAY_KEPT_LINES_H
#define RELAY_KEPT_LINES_H

#include <stddef.h>

#include "base/str.h"

/* Hands each whole line, without its end, to fn; returns how many lines the file has. */
size_t kept_lines_read(const char *path, void (*fn)(void *user, struct str line), void *user);
void kept_lines_add(const char *path, struct str lines);
/* Instead of all that is there, at once. */
void kept_lines_replace(const char *path, struct str lines);

#endif
