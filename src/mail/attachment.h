/* SPDX-License-Identifier: Apache-2.0 */
/* mail/attachment.h - a file as mail providers' filters see it: its name, its kind, what is packed in it. */
#ifndef MAIL_ATTACHMENT_H
#define MAIL_ATTACHMENT_H

#include "base/arena.h"

enum {
	ATTACHMENT_NAME_MAX = 200,  /* bytes; longer names are odd */
	ATTACHMENT_INSIDE_MAX = 50, /* members named */
};

struct attachment {
	const char *name;      /* printable */
	const char *extension; /* lower case, no dot; "" none */
	const char *type;      /* by content: "application/pdf", "application/octet-stream" when unknown */
	size_t bytes;
	size_t encoded_bytes;  /* on the wire; set by who knows it */
	bool risky;            /* a kind that providers block, by name or content, or one is packed in it */
	struct strlist inside; /* risky or nested members of an archive */
	bool encrypted;        /* needs a password */
	bool eicar;            /* the antivirus test string is in it */
	bool odd_name; /* not plain ASCII, a blank or dot at an end, two extensions, a path, too long */
};

void attachment_judge(struct arena *a, const char *name, struct str bytes, struct attachment *out);

bool attachment_has_eicar(struct str bytes);

#endif
