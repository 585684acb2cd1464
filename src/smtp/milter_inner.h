/* SPDX-License-Identifier: Apache-2.0 */
/* smtp/milter_inner.h - the engine's inside, shared by milter*.c only. */
#ifndef SMTP_MILTER_INNER_H
#define SMTP_MILTER_INNER_H

#include "smtp/milter.h"
#include "smtp/milter_wire.h"

struct milter {
	struct arena *arena;
	struct buf out, in, macros;
	unsigned nmacros;
	unsigned protocol; /* enum milter_protocol, as agreed; 0 before */
	bool greeted;      /* negotiated */
	bool waits;        /* an answer is due */
	bool over;         /* it has said its last word, or QUIT went out */
	bool skip_body;
	enum milter_verdict verdict;
	unsigned code;
	const char *enhanced, *text; /* NULL: none */
	struct milter_change *changes;
	size_t nchanges, room;
	struct buf body;
	bool has_body;
};

#endif
