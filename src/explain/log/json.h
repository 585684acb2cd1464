/* SPDX-License-Identifier: Apache-2.0 */
/* explain/log/json.h - the members of a JSON object on one line (RFC 8259), without an allocation. */
#ifndef EXPLAIN_LOG_JSON_H
#define EXPLAIN_LOG_JSON_H

#include "base/str.h"

enum { LOG_JSON_ROOM = 16 * 1024 }; /* strings with escapes are written there; what is beyond is cut */

struct log_json_room {
	char text[LOG_JSON_ROOM];
	size_t used;
};

/* Finds the members named in keys at the top of the object: values[i] is the text of a
 * string, or a number, true, object ... as it stands; "" where there is none.  Values are
 * views of the line or of *room.  False: it does not begin as an object, or, on a line of its own, as a
 * member of one. */
bool log_json_read(struct str line, const char *const *keys, size_t nkeys, struct str *values,
		   struct log_json_room *room);

#endif
