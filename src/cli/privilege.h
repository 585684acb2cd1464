/* SPDX-License-Identifier: Apache-2.0 */
/* cli/privilege.h - what the relay gives up once its ports are bound. */
#ifndef CLI_PRIVILEGE_H
#define CLI_PRIVILEGE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"

/* As root: becomes that user for good, whose the folder `data` is made when it is not there yet.
 * user "" or already another than root: stays as it is.  False with *e (ERR_USAGE: no such user). */
bool privilege_become(const char *user, const char *data, struct err *e) MUST_USE;

/* What keeps that user from reading a file: NULL nothing (or it is not there at all), else the file's path or
 * that of a folder that may not be entered, in a.  As root it is tried as that user, for a moment: before
 * any thread and the filter of system calls are there.  Anybody else tries for themselves.  NULL too: an
 * unknown user, or root may not become another here. */
const char *privilege_bar(const char *user, const char *file, struct arena *a);

#endif
