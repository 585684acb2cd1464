/* SPDX-License-Identifier: Apache-2.0 */
/* relay/filter/signing.h - the signing keys in use, with the settings their names are of: a reload
 * replaces them, and who is at it ends with the old. */
#ifndef RELAY_SIGNING_H
#define RELAY_SIGNING_H

#include "relay/filter/sign.h"

struct signing;

/* NULL with *e filled: a key cannot be used.  NULL without: nothing is to be signed. */
struct signing *signing_new(const struct relay_settings *s, struct err *e) MUST_USE;
struct signing *signing_hold(struct signing *s);
void signing_free(struct signing **s); /* one use less; NULL is fine */

/* Of the same keys' files, and for the same names, as are asked for there?  False for NULL. */
bool signing_is_of(const struct signing *s, const struct relay_settings *asked);

bool signing_have(const struct signing *s, const char *from); /* false for NULL */
/* In any thread. */
bool signing_sign(const struct signing *s, const char *from, struct store_body *body, long long now_s,
		  struct err *e) MUST_USE;

bool signing_has_domain(const struct signing *s, const char *domain); /* exactly; false for NULL */
/* Whether that is the Received field which we gave the message id. */
bool signing_wrote(struct str received, const char *id);
/* The header of a message that was changed on its way out, with new signatures of these domains where theirs
 * stood: above the first Received field.  Appends it to head.  False with *e. */
bool signing_again(const struct signing *s, const struct sign_text *t, const struct strlist *domains,
		   long long now_s, struct arena *a, struct buf *head, struct err *e) MUST_USE;

#endif
