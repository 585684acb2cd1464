/* SPDX-License-Identifier: Apache-2.0 */
/* relay/pickup/pickup_read.h - a taken file made into a mail: read, judged, its attachments put in.  In a
 * thread.
 *
 * Attachments are read from the pick-up folder and one other, never from elsewhere, and through no link: who
 * may drop a file there could else have any file sent that the relay can read. */
#ifndef RELAY_PICKUP_READ_H
#define RELAY_PICKUP_READ_H

#include "base/buf.h"
#include "base/err.h"
#include "base/arena.h"

enum { PICKUP_KEY_BYTES = 65 };

struct pickup_rules {
	const char *folder, *attachments; /* attachments: another folder; "" none */
	const char *sender;               /* where the file names none; "" */
	const char *hostname;             /* for Message-ID */
	size_t size_max;
};

struct pickup_mail {
	const char *sender;
	struct strlist rcpts;
	struct buf bytes; /* the message, CRLF; cleared by the caller */
	bool eightbit;
	char key[PICKUP_KEY_BYTES]; /* of name, time, contents and attachments: the same after a crash */
};

/* Opens for reading what lies at path below folder, step by step and through no link; -1 with errno. */
int pickup_open_beneath(const char *folder, struct str path) MUST_USE;
/* The part of path below folder, where it lies there; else path. */
struct str pickup_path_in(const char *folder, struct str path);

/* Of FOLDER/.taken/name.  False with *e: ERR_SYNTAX and the like are the file's fault, ERR_SYS ours for now.
 */
bool pickup_read(const struct pickup_rules *r, const char *name, struct arena *a, struct pickup_mail *out,
		 struct err *e);

#endif
