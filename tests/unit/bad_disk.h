/* SPDX-License-Identifier: Apache-2.0 */
/* A disk that fails in one place only, and a system that fails for a moment only.  The linker puts our calls
 * between the store and libc (--wrap); of SQLite's it knows nothing, bad_disk_sqlite does. */
#ifndef TESTS_UNIT_BAD_DISK_H
#define TESTS_UNIT_BAD_DISK_H

#include <sys/types.h>

#include "tests/unit/store_place.h"

enum { PAGE = 4096 };

extern struct bad_disk {
	ino_t file;      /* the one that fails; 0: none does */
	ino_t besides;   /* another, in the same place */
	off_t at;        /* a page of it that can't be read; -1: all can */
	int reads;       /* so many times; -1: always */
	int given;       /* and so often what begins with that page is given before; -1: never */
	bool sync_fails; /* none of it can be synced */
	bool names_fail; /* no file of a segment gets another name, or loses its own */
	bool open_fails; /* it can't even be opened */
	int short_of;    /* of what the next record of any file can't be read; 0: it can */
} bad_disk;

void bad_disk_well(void);
void bad_disk_file(struct place *p, const char *name);
void bad_disk_segment(struct place *p, unsigned no);
void bad_disk_sqlite(void); /* what SQLite reads, too */

#endif
