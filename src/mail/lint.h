/* SPDX-License-Identifier: Apache-2.0 */
/* mail/lint.h - what in a message may make servers refuse or filters drop it.
 *
 * Facts only: their names and meaning are those of the kinds MESSAGE and
 * ATTACHMENT in check/fact_kinds.def. */
#ifndef MAIL_LINT_H
#define MAIL_LINT_H

#include "mail/attachment.h"
#include "mail/header.h"

enum {
	LINT_ATTACHMENTS_MAX = 50,        /* judged; further ones are ignored */
	LINT_BYTES_MAX = 64 * 1024 * 1024 /* of a message; of a longer one only the beginning is read */
};

struct lint {
	size_t bytes, longest_line, bare_lf, bare_cr, eight_bit;
	unsigned from_headers, date_headers, message_id_headers, subject_headers, to_headers;
	unsigned from_addresses; /* in all From: fields together */
	bool raw_header;
	struct strlist mime_problems;
	const char *header_from; /* first address of the first From:, printable; "" none */
	const char *from_fault;  /* words about a From: that cannot be read; "" none */
	bool eicar;              /* in the body or an attachment */
	struct attachment *attachments;
	size_t nattachments;
};

void lint_message(struct arena *a, struct str message, struct lint *out);

#endif
