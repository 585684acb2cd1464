/* SPDX-License-Identifier: Apache-2.0 */
/* cli/privilege.h - what the relay gives up once its ports are bound. */
#ifndef CLI_PRIVILEGE_H
#define CLI_PRIVILEGE_H

#include <stdbool.h>

#include "base/err.h"

/* As root: becomes that user for good, whose the folder `data` is made when it is not there yet.
 * user "" or already another than root: stays as it is.  False with *e (ERR_USAGE: no such user). */
bool privilege_become(const char *user, const char *data, struct err *e) MUST_USE;

#endif
