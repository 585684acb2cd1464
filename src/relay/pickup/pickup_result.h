/* SPDX-License-Identifier: Apache-2.0 */
/* relay/pickup/pickup_result.h - what became of a file that was picked up, told beside it: NAME.waiting,
 * NAME.sent or NAME.failed (one of them at a time), and NAME.json where that is wanted. */
#ifndef RELAY_PICKUP_RESULT_H
#define RELAY_PICKUP_RESULT_H

#include "base/arena.h"
#include "base/err.h"
#include "store/store.h"

enum pickup_state { PICKUP_WAITING, PICKUP_SENT, PICKUP_FAILED, PICKUP_STATES };

struct pickup_refused { /* a recipient who was not taken at all */
	const char *address, *reply;
};

/* How a mail stays known by its file: DATA/pickup/ID. */
struct pickup_note {
	const char *folder, *name;
	bool json;
	const struct pickup_refused *refused;
	size_t nrefused;
};

bool pickup_note_save(const char *data, struct store_id id, const struct pickup_note *n, struct err *e);
bool pickup_note_load(const char *data, struct store_id id, struct arena *a, struct pickup_note *out);
/* Reads what save wrote; for tests and the fuzzer, too. */
bool pickup_note_read(struct str text, struct arena *a, struct pickup_note *out);

struct pickup_result { /* texts in the arena */
	enum pickup_state state;
	const char *words; /* for people: the whole file */
	const char *json;
};

/* Of a mail in the store. */
void pickup_result_of(const struct pickup_note *n, const struct store_trail *t, const char *hostname,
		      int64_t now_ms, struct arena *a, struct pickup_result *out);
/* Of a file that never became one: why, and the mend. */
void pickup_result_none(const struct pickup_note *n, const char *why, bool again, int64_t now_ms,
			struct arena *a, struct pickup_result *out);

/* Puts it beside the file's place; the other two of the three are removed.  In a thread. */
bool pickup_result_write(const struct pickup_note *n, const struct pickup_result *r, struct err *e);

#endif
