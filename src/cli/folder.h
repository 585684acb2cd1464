/* SPDX-License-Identifier: Apache-2.0 */
/* cli/folder.h - the relay's data folder, for commands that look at it or steer it. */
#ifndef CLI_FOLDER_H
#define CLI_FOLDER_H

#include "relay/settings.h"
#include "store/store.h"

/* Where it is: `data` when given, else what the configuration says (`config`, or the default
 * one); in a.  *settings gets the configuration's settings, NULL where there is none. */
const char *folder_find(const char *config, const char *data, struct arena *a,
			struct relay_settings **settings, struct err *e) MUST_USE;

/* Its store; none is made.  False with *e and the mend (nothing there yet, no permission, a relay owns it).
 * Root becomes, for good, who owns the folder: files that root would leave there could not be
 * used by the relay. */
bool folder_open(const char *path, enum store_mode mode, struct store **out, struct err *e) MUST_USE;
/* To own, and made where there is none: for what is to be there before a relay is. */
bool folder_open_new(const char *path, struct store **out, struct err *e) MUST_USE;

/* The last of that alone, for who opens another file there. */
bool folder_become_owner(const char *path, struct err *e) MUST_USE;

int64_t folder_now_ms(void); /* Unix time */

/* 1, 0, -1 as store_trail; a mail whose id was told a moment ago may not be searchable yet: it is waited for. */
int folder_trail(struct store *s, struct store_id id, struct arena *a, struct store_trail *out,
		 struct err *e) MUST_USE;

#endif
