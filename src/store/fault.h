/* SPDX-License-Identifier: Apache-2.0 */
/* store/fault.h - a failed system call as an err that says what to do about it. */
#ifndef STORE_FAULT_H
#define STORE_FAULT_H

#include "base/err.h"

/* Fills *e (kind ERR_SYS, code an errno) as ERR_FILL does, its detail with the
 * system's words and the mend.  Always false. */
bool store_fault(struct err *e, int code, const char *doing, const char *what);
/* The disk, or what keeps its files, did not give what is there; nothing that we lack. */
bool store_fault_of_disk(int code) MUST_USE;
const char *store_mend(int code); /* "" when there is nothing special to say */

#endif
