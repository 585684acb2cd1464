/* SPDX-License-Identifier: Apache-2.0 */
/* cli/who_may.h - what to type where a file of the relay is not for this user to read. */
#ifndef CLI_WHO_MAY_H
#define CLI_WHO_MAY_H

#include "base/arena.h"

/* "type it after sudo: sudo mailq ...; or as who runs the relay: sudo -u postrider mailq ...".  data: the
 * relay's folder, whose owner that is; NULL unknown, or root's: the usual name. */
const char *who_may(const char *data, struct arena *a);

#endif
