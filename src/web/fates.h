/* SPDX-License-Identifier: Apache-2.0 */
/* web/fates.h - what became of a batch's mails: counted from its journal and the store, once for all who
 * look.
 *
 * A large batch takes seconds to count, a page asks every few seconds: what was counted is told again for
 * ten times as long as the counting took. */
#ifndef WEB_FATES_H
#define WEB_FATES_H

#include "web/call.h"

enum { FATES_SHOWN = 100 /* recipients that are not well */ };

struct fates;
struct json_t; /* jansson.h */

struct fates *fates_new(void);
void fates_free(struct fates **f); /* NULL is fine */

/* Of the batch of that id, an object, the caller's; as they were counted last while another is being counted.
 * NULL: nothing of it was handed in, or it cannot be counted, or not just now. */
struct json_t *fates_of(struct web_call *c, const char *id);

/* Who reads a whole journal for another reason is the one who counts.  False: somebody does already. */
bool fates_begin(struct fates *f) MUST_USE;
void fates_end(struct fates *f);

#endif
