/* SPDX-License-Identifier: Apache-2.0 */
/* relay/bounce/collect_memory.h - which mails of a mailbox were read already, on disk. */
#ifndef RELAY_COLLECT_MEMORY_H
#define RELAY_COLLECT_MEMORY_H

#include "base/arena.h"
#include "base/err.h"

enum { COLLECT_NAMES_MAX = 20000 /* mails of POP3 that are remembered */ };

struct collect_memory {
	unsigned long validity, uid; /* IMAP: all up to that UID of the folder's UIDVALIDITY; 0 none */
	struct strlist names;        /* POP3: UIDLs, sorted */
	bool changed;
};

/* Missing or unreadable: empty, which costs a second reading. */
void collect_memory_read(struct str text, struct arena *a, struct collect_memory *m);
void collect_memory_load(const char *data, const char *mailbox, struct arena *a, struct collect_memory *m);
bool collect_memory_save(const char *data, const char *mailbox, const struct collect_memory *m,
			 struct err *e);

bool collect_memory_has(const struct collect_memory *m, const char *name);
void collect_memory_add(struct collect_memory *m, struct arena *a, const char *name);

#endif
