/* SPDX-License-Identifier: Apache-2.0 */
/* relay/pickup/pickup.h - folders that programs drop mails into.
 *
 *     FOLDER/NAME -> FOLDER/.taken/NAME -> the store (relay/door/deposit) -> DATA/pickup/ID, NAME.waiting ->
 * archive each change of a recipient's state -> NAME.waiting, NAME.sent or NAME.failed
 *
 * Each arrow can be walked again after a crash: the mail's key is made of the file's name, time and contents,
 * so that it is taken once; its file leaves .taken only when it is known for good what it became. */
#ifndef RELAY_PICKUP_H
#define RELAY_PICKUP_H

#include "relay/relay_inner.h"

enum {
	PICKUP_AT_ONCE = 8,         /* files of one folder */
	PICKUP_LOOK_MS = 30 * 1000, /* also where nobody tells of new files */
	PICKUP_SOON_MS = 300,
	PICKUP_TELL_MS = 300, /* changes of one mail that come together are told together */
	PICKUP_TELL_TRIES = 40
};

struct pickups;

struct pickups *pickups_new(struct relay *r) MUST_USE;
void pickups_adopt(struct pickups *all); /* the relay's settings are others */
void pickups_stop(struct pickups *p);
/* These marks of m are on disk. */
void pickups_marked(struct pickups *p, const struct store_message *m, const struct store_mark *marks,
		    size_t n);
void pickups_end(struct pickups *p); /* the loop is about to settle */
size_t pickups_under_way(const struct pickups *p);
void pickups_free(struct pickups **p); /* once no thread works for it any more; NULL is fine */

#endif
