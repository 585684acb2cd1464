/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/fixture.h - files below tests/fixtures, and tables of labels about them. */
#ifndef TESTS_UNIT_FIXTURE_H
#define TESTS_UNIT_FIXTURE_H

#include <stddef.h>

enum { FIXTURE_MAX = 64 * 1024 };

/* Of a file that is there and not empty; NUL at its end.  Returns its length. */
size_t fixture_read(const char *folder, const char *name, char out[FIXTURE_MAX]);

/* Each line of FOLDER/labels.tsv but comments; it may be taken apart.  There are 20 at least. */
void fixture_each_label(const char *folder, void (*check)(char *line));

#endif
