/* SPDX-License-Identifier: Apache-2.0 */
/* mail/zip.h - the names in a ZIP archive, from its central directory alone.
 *
 * Nothing is unpacked.  Offsets and lengths are believed only within the bytes
 * given, so a crafted archive costs at most one pass over its directory. */
#ifndef MAIL_ZIP_H
#define MAIL_ZIP_H

#include "base/arena.h"

enum {
	ZIP_MEMBERS_MAX = 1000,    /* listed; further ones are ignored */
	ZIP_TAIL_BYTES = 66 * 1024 /* searched for the end record: its comment has at most 64 KB */
};

struct zip {
	struct strlist names; /* printable */
	bool encrypted;       /* at least one member needs a password */
	bool damaged;         /* the directory is cut or lies */
};

/* False when bytes do not begin like a ZIP archive. */
bool zip_read(struct arena *a, struct str bytes, struct zip *out) MUST_USE;

#endif
