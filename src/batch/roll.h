/* SPDX-License-Identifier: Apache-2.0 */
/* batch/roll.h - the batches that the relay's page shows: two files each in DATA/batches.
 *
 *     ID.json      a line: how far it is; then a line for each row that is wrong.  Put in place whole.
 *     ID.journal   what is in its journal (batch/journal.h): by it its mails' fates are found
 *
 * Its sender writes them, the relay only reads.  A sender who may not write there sends all the same, and
 * nobody sees it on the page.  What the relay reads here its user may have written: names are ids and nothing
 * else, no link is followed, and sizes are bounded.  Where an id is none, nothing is written or found. */
#ifndef BATCH_ROLL_H
#define BATCH_ROLL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

enum {
	ROLL_ID_BYTES = 17,
	ROLL_NOTE_MAX = 1 << 20, /* of ID.json */
	ROLL_NOTES_MAX = 1000,   /* batches that are listed */
	ROLL_QUIET_MS = 30000,   /* a sender that lives says more often than that where it is */
};

/* What is said of a batch that never began, because of its table or template: one for each results file. */
void roll_attempt_id(const char *results, char out[ROLL_ID_BYTES]);

struct roll;

/* For a sender; data: the relay's folder.  NULL: it is not there, or this user may not write to it. */
struct roll *roll_open(const char *data);
void roll_free(struct roll **r);

/* False: it could not be written; nothing is lost that anybody needs. */
bool roll_note(struct roll *r, const char *id, struct str lines);
int roll_journal(struct roll *r, const char *id); /* a new one, empty, the caller's; -1 */
void roll_drop(struct roll *r, const char *id);

/* For both: removes what was last written before that time; nothing that is not ours. */
void roll_forget(const char *data, int64_t before_ms);

/* For the relay.  Ids of the notes there, in a; the ROLL_NOTES_MAX that were written last. */
void roll_list(const char *data, struct arena *a, struct strlist *ids);
/* Its lines; "" there is none, or none that was written since then. */
struct str roll_read(const char *data, const char *id, int64_t since_ms, struct arena *a);
/* "" where there is none, or its copy ended (batch/journal.h). */
const char *roll_journal_path(const char *data, const char *id, struct arena *a);

#endif
