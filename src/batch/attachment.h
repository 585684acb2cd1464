/* SPDX-License-Identifier: Apache-2.0 */
/* batch/attachment.h - a file that goes along with a row's mail: found, judged, read. */
#ifndef BATCH_ATTACHMENT_H
#define BATCH_ATTACHMENT_H

#include "batch/letter.h"

enum attachment_use {
	ATTACHMENT_LOOK, /* what it is and how long */
	ATTACHMENT_TAKE, /* and its content with the letter, where that is short (LETTER_HELD_MAX) */
};

/* The file that a cell or the command line names; names begin at folder.  NULL, or what is wrong. */
const char *attachment_add(struct letter *l, const char *folder, const char *typed, enum attachment_use use);

/* As many bytes as there are, up to room. */
size_t attachment_read(int fd, char *to, size_t room);

#endif
