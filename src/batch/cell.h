/* SPDX-License-Identifier: Apache-2.0 */
/* batch/cell.h - what a cell holds, as spreadsheets leave it.  Pure. */
#ifndef BATCH_CELL_H
#define BATCH_CELL_H

#include "base/str.h"

/* Without blanks at both ends: those that nobody sees, too (no-break and zero-width ones, from pages). */
struct str cell_trim(struct str s);
/* "#REF!", "#NV", "########": what a spreadsheet writes where it has no value. */
bool cell_is_error(struct str s);
/* It has a character that nobody sees: no address has one. */
bool cell_has_unseen(struct str s);

#endif
