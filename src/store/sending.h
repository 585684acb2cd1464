/* SPDX-License-Identifier: Apache-2.0 */
/* store/sending.h - recipients that a session has in hand at this moment: what is kept on disk learns of a
 * try only when something came of it.
 *
 * Pure.  The one place that says which state is shown of such a recipient. */
#ifndef STORE_SENDING_H
#define STORE_SENDING_H

#include "store/message.h"

enum { STORE_SENDING_MAX = 20000 }; /* told at once; who has more in hand tells of so many */

struct store_in_hand {
	struct store_id id;
	uint32_t rcpt;
};

struct store_sending {
	struct store_in_hand *v; /* by id, then rcpt */
	size_t n;
	bool some; /* there may be more: nobody told, or not of all */
};

void store_sending_sort(struct store_sending *s);

/* The state as it is seen: what has ended is not being sent, whatever was told a moment before.  s NULL: as
 * it is kept. */
enum store_state store_state_seen(const struct store_sending *s, struct store_id id, uint32_t rcpt,
				  enum store_state kept);
/* The same of each recipient of m. */
void store_message_seen(const struct store_sending *s, struct store_message *m);

#endif
