/* SPDX-License-Identifier: Apache-2.0 */
/* lab/folder.h - the scenario's own folder: made when it starts, removed when it ends. */
#ifndef LAB_FOLDER_H
#define LAB_FOLDER_H

#include "base/arena.h"
#include "base/err.h"

/* Below TMPDIR; NULL with *e. */
const char *folder_make(struct arena *a, struct err *e) MUST_USE;
bool folder_write(const char *dir, const char *name, struct str text, struct err *e) MUST_USE;
void folder_remove(const char *dir); /* and all that is in it */

#endif
