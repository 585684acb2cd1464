/* SPDX-License-Identifier: Apache-2.0 */
/* relay/renewal.h - a certificate whose files are others by now, and cannot be used: the one before goes on.
 *
 * Pure.  Files are looked at every few seconds; a person is told once of each thing that is wrong. */
#ifndef RELAY_RENEWAL_H
#define RELAY_RENEWAL_H

#include "base/err.h"

enum { RENEWAL_BYTES = 300 };

struct renewal {
	char why[RENEWAL_BYTES]; /* in words, with the mend; "" all is well */
};

/* A look at them: e empty, all is well again; else its detail says from now on until when the one before is
 * good.  True: that was not told yet. */
bool renewal_judge(struct renewal *n, struct err *e, long long good_until_s);

#endif
