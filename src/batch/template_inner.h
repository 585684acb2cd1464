/* SPDX-License-Identifier: Apache-2.0 */
/* batch/template_inner.h - a template taken apart; for batch/template*.c only. */
#ifndef BATCH_TEMPLATE_INNER_H
#define BATCH_TEMPLATE_INNER_H

#include "batch/template.h"

enum op_kind {
	OP_RAW,  /* as it is */
	OP_TEXT, /* filled, then encoded, with the field that says how */
	OP_HTML,
	OP_FILES /* the row's attachments; raw: the boundary */
};

struct op {
	enum op_kind kind;
	struct str raw;
	struct hole_text text;
};

struct field {
	const char *name; /* NULL: raw */
	struct str raw;
	struct hole_text text;
};

struct template
{
	struct arena *arena;
	struct address_places from, reply_to, sender, to, cc, bcc;
	const char *to_column;
	struct field *fields;
	size_t nfields;
	struct op *ops; /* the body, its own content fields first */
	size_t nops, room;
	bool mixed; /* OP_FILES is among them; else all is put into a multipart/mixed where there are files */
	const char *boundary; /* of that one */
};

/* template_body.c: the parts of a mail as ops. */
void template_body(struct template *t, struct str raw, const struct template_options *o,
		   struct strlist *faults);
/* template_text.c: text encoded, behind its field Content-Transfer-Encoding and the empty line. */
void template_text(struct buf *out, struct str text);
/* Lines of any kind, with CRLF. */
void template_lines(struct buf *out, struct str text);

#endif
