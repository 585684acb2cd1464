/* SPDX-License-Identifier: Apache-2.0 */
/* lab/replay.h - evidence kept by a check, judged again: the same document, byte for byte. */
#ifndef LAB_REPLAY_H
#define LAB_REPLAY_H

#include "base/buf.h"

/* Runs this program's `check --evidence kept --json` with its output in the file
 * again and compares that with json.  NULL: the same, or there was no document;
 * else what is wrong (static). */
const char *lab_replay(const char *kept, const char *again, struct str json) MUST_USE;

#endif
