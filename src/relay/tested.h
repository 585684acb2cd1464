/* SPDX-License-Identifier: Apache-2.0 */
/* relay/tested.h - whether a profile's test has passed since its settings last changed.
 *
 * One file a pass, named by the profile and the hash of its settings (DATA/tested/office.1f0c...): the
 * program that ran the test puts it there, the relay only looks.  Other settings have another hash, and no
 * file. */
#ifndef RELAY_TESTED_H
#define RELAY_TESTED_H

#include "base/arena.h"
#include "base/err.h"

#define TESTED_FINDING "rs-profile-untested"

const char *tested_path(const char *folder, const char *profile, const char *hash, struct arena *a);
bool tested_has(const char *folder, const char *profile, const char *hash);
/* Notes the pass, with how it was proved; older ones of the profile go. */
bool tested_note(const char *folder, const char *profile, const char *hash, const char *proof,
		 struct err *e) MUST_USE;

struct relay;
/* Lets go what waited for a test that has passed meanwhile; called every few seconds. */
void tested_look(struct relay *r);

#endif
