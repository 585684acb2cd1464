/* SPDX-License-Identifier: Apache-2.0 */
/* cli/call_filter.h - the system calls that are left to the relay. */
#ifndef CLI_CALL_FILTER_H
#define CLI_CALL_FILTER_H

#include <stdbool.h>

#include "base/err.h"

/* No program is ever started, nothing is traced, no privilege comes back: only the system calls of
 * a mail relay are left, for this thread and all it starts from now on.  Others fail with EPERM and
 * are told to the kernel's log.  False with *e where the kernel has no such filter: go on without. */
bool call_filter_load(struct err *e) MUST_USE;

/* Those that may be asked for anything; sockets, requests to devices and threads are looked at more
 * closely.  NULL behind the last; none in a build that has no filter. */
extern const char *const call_filter_names[];

#endif
