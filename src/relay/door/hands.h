/* SPDX-License-Identifier: Apache-2.0 */
/* relay/door/hands.h - threads at work for one message: while there are any, the store's next group waits for
 * what they hand in.
 *
 * One thread hands it in, another may begin to tell its outcome before the first is done: they are counted,
 * not named. */
#ifndef RELAY_HANDS_H
#define RELAY_HANDS_H

#include "relay/relay_inner.h"

struct hands {
	struct relay *relay;
	atomic_size_t n; /* of relay->handing */
};

void hands_begin(struct hands *h);
bool hands_end(struct hands *h);    /* true: none is at work for any message */
void hands_forget(struct hands *h); /* whoever still was: nothing will come of it */

#endif
