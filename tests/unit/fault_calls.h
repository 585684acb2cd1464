/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of the system that fail when a test says so.  The linker puts them between the store and libc
 * (--wrap: store_faults of meson.build), and SQLite is told of its own. */
#ifndef TESTS_UNIT_FAULT_CALLS_H
#define TESTS_UNIT_FAULT_CALLS_H

#include <stdbool.h>

enum call { FDATASYNC, FSYNC, WRITE, WRITE_ONE, READ, OPEN, ALLOCATE, STATVFS, SQLITE_WRITE, FILES, CALLS };

void fault_calls_begin(void);                       /* once, before the first test */
void fault(enum call c, int code);                  /* each such call fails with the code, until mend() */
void fault_times(enum call c, int code, int times); /* so many of them do */
void mend(void);
void fault_garbage(bool on); /* what SQLite reads from now on is none of it true */

#endif
