/* SPDX-License-Identifier: Apache-2.0 */
/* base/write.h - all of some bytes into a descriptor that blocks. */
#ifndef BASE_WRITE_H
#define BASE_WRITE_H

#include "base/str.h"

/* False: errno says why; some of it may have been written. */
bool write_whole(int fd, struct str s) MUST_USE;

#endif
