/* SPDX-License-Identifier: Apache-2.0 */
/* mail/filetype.h - the media type of a file, by its content (libmagic) and, where that says
 * nothing, by its name. */
#ifndef MAIL_FILETYPE_H
#define MAIL_FILETYPE_H

#include "base/arena.h"

/* "application/pdf"; "application/octet-stream" when it is not known. */
const char *filetype_of(struct arena *a, const char *name, struct str bytes) MUST_USE;

#endif
