/* SPDX-License-Identifier: Apache-2.0 */
/* catalog/fill.h - fills the {name|default} places of the catalogue's sentences.
 *
 * A check, an explained reply and a trail know different values; the sentences
 * are the same. */
#ifndef CATALOG_FILL_H
#define CATALOG_FILL_H

#include "base/arena.h"

/* What stands for name; "" or NULL when it is not known. */
typedef const char *fill_value_fn(const void *source, struct str name, struct arena *a);

/* place = "{" name [ "|" default ] "}"; arena-owned, or the sentence itself where it has none. */
const char *fill_sentence(struct arena *a, const char *sentence, fill_value_fn *value_of, const void *source);

/* The same for what a person will type or paste: a value with any byte outside
 * [A-Za-z0-9@._:+-] is the peer's doing, and the default stands instead. */
const char *fill_command(struct arena *a, const char *command, fill_value_fn *value_of, const void *source);

/* With every place's default: where nothing particular is known. */
const char *fill_defaults(struct arena *a, const char *sentence);

#endif
