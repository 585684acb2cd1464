/* SPDX-License-Identifier: Apache-2.0 */
/* mail/sevenbit_inner.h - what the parts of sevenbit share: lines (sevenbit.c), which part they are of
 * (sevenbit_walk.c), and what becomes of one part (sevenbit_part.c). */
#ifndef MAIL_SEVENBIT_INNER_H
#define MAIL_SEVENBIT_INNER_H

#include "mail/base64_lines.h"
#include "mail/mime.h"
#include "mail/sevenbit.h"

enum {
	SEVENBIT_LINE = 4096,      /* longer lines are taken in pieces, and are no boundary */
	SEVENBIT_LONG_BYTES = 998, /* without its end */
	SEVENBIT_CARRY = BASE64_LINE_BYTES
};

enum sevenbit_coding { CODING_NONE, CODING_QUOTED, CODING_BASE64 };

/* What the first reading found out about a part, for the second. */
struct sevenbit_note {
	enum sevenbit_coding coding;
	bool utf8;          /* its 8-bit bytes are UTF-8 */
	bool holds_message; /* the next one is the message in it */
	bool stays_eight;   /* a header within it has 8-bit bytes */
};

/* The body of the part that is being read. */
struct sevenbit_leaf {
	const char *cannot; /* why it may not be coded; NULL: it may */
	uint64_t bytes, high, odd, lines;
	unsigned following; /* bytes of a UTF-8 character still to come */
	bool no_utf8;
	uint64_t line; /* bytes of this line */
	bool has_long; /* one was longer than SEVENBIT_LONG_BYTES */
	enum sevenbit_coding coding;
	char carry[SEVENBIT_CARRY]; /* base64: not yet a whole line */
	size_t ncarry;
	bool coded; /* base64: a line was written */
};

enum sevenbit_kind { KIND_LEAF, KIND_MULTIPART, KIND_MESSAGE };

/* What a header says. */
struct sevenbit_head {
	enum sevenbit_kind kind;
	bool digest, seals;                   /* a multipart's parts: messages by default; left alone */
	bool labelled;                        /* its encoding is called 8bit or binary */
	bool typed, versioned;                /* has Content-Type, MIME-Version */
	char boundary[MIME_BOUNDARY_MAX + 1]; /* of KIND_MULTIPART */
	const char *cannot;                   /* of KIND_LEAF, as above */
};

struct sevenbit;

void sevenbit_read_head(struct str header, bool digest, struct sevenbit_head *out);
/* The header as it goes out, without the empty line. */
void sevenbit_write_head(const struct sevenbit *s, struct str header, const struct sevenbit_head *h,
			 const struct sevenbit_note *n, struct buf *out);

/* A piece of a line; eol: what ends it, "" it goes on.  before: the end of the line before it; goes_on: it is
 * not the first piece. */
void sevenbit_leaf_look(struct sevenbit_leaf *l, struct str text, struct str eol);
void sevenbit_leaf_write(struct sevenbit_leaf *l, struct str before, struct str text, bool goes_on,
			 struct buf *out);
/* tail: the last line's end; of the boundary, or of the part when it is the last. */
void sevenbit_leaf_end(struct sevenbit_leaf *l, struct str tail, bool is_boundarys, struct buf *out);

/* What is to be done with it where it has to be coded, and how long it gets at most. */
enum sevenbit_coding sevenbit_leaf_judge(const struct sevenbit_leaf *l);
uint64_t sevenbit_leaf_grows(const struct sevenbit_leaf *l, enum sevenbit_coding c);

/* HEADER -> LEAF | BETWEEN (a multipart: before its first part, behind its last) | HEADER (a message inside);
 * each -> HEADER at a boundary, BETWEEN at a closing one. */
enum sevenbit_where { IN_HEADER, IN_LEAF, IN_BETWEEN };

struct sevenbit_level {
	char boundary[MIME_BOUNDARY_MAX + 1];
	bool digest, sealed, within;
	size_t note;
};

struct sevenbit {
	struct arena *arena;
	unsigned causes;
	bool writing;
	enum sevenbit_where where;
	struct sevenbit_level levels[SEVENBIT_DEPTH_MAX]; /* the multiparts that are open */
	size_t depth, messages;                           /* messages within messages, so far */
	bool is_message;                                  /* the header that is read is a message's */
	bool within;                                      /* what is read is of a message inside */
	struct buf header;
	struct sevenbit_leaf leaf;
	char line[SEVENBIT_LINE];
	size_t nline;
	bool goes_on; /* line is not the first piece of its line */
	char tail[2]; /* the last line's end: perhaps a boundary's */
	size_t ntail;
	struct sevenbit_note *notes;
	size_t nnotes, room, at; /* at: of the part that is read */
	uint64_t bytes, grows;
	bool found; /* some part has to be coded */
	const char *cannot;
	struct strlist signers[SEVENBIT_SIGNATURES];
	struct str received;
};

/* sevenbit_walk.c: a line, or a piece of one (eol ""), or with s->goes_on the next piece. */
void sevenbit_text(struct sevenbit *s, struct str text, struct str eol, struct buf *out);
void sevenbit_over(struct sevenbit *s, struct buf *out); /* the message ends here */

#endif
