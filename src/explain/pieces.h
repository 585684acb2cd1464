/* SPDX-License-Identifier: Apache-2.0 */
/* explain/pieces.h - the limits of explain_pieces(). */
#ifndef EXPLAIN_PIECES_H
#define EXPLAIN_PIECES_H

#include "base/str.h"

enum {
	EXPLAIN_PIECES_MAX = 2000,     /* of one paste; what follows is not explained */
	EXPLAIN_OBJECT_MAX = 16 * 1024 /* bytes of a dumped object; a brace open for longer is a stray one */
};

struct piece {
	struct str s; /* of the cleaned text */
};

#endif
