/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of a test's own for logs. */
#ifndef TESTS_UNIT_LOG_PLACE_H
#define TESTS_UNIT_LOG_PLACE_H

#include "tests/unit/unit.h"

#include "relay/log.h"

struct log_place {
	char dir[32];
	struct relay_log *log; /* NULL: only the folder */
};

void log_place_make(struct log_place *p);  /* the folder */
void log_place_begin(struct log_place *p); /* the folder, and the relay's log in it */
void log_place_end(struct log_place *p);   /* takes both away */
char *log_place_read(const struct log_place *p,
		     const char *name); /* valid until the next one; "" without that file */

#endif
