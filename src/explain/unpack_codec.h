/* SPDX-License-Identifier: Apache-2.0 */
/* explain/unpack_codec.h - one packed format behind three functions (internal to unpack). */
#ifndef EXPLAIN_UNPACK_CODEC_H
#define EXPLAIN_UNPACK_CODEC_H

#include <stdbool.h>
#include <stddef.h>

/* What waits to be unpacked and the room for what comes of it; a step moves both. */
struct unpack_io {
	const unsigned char *in;
	size_t nin;
	unsigned char *out;
	size_t nout;
};

enum unpack_step {
	UNPACK_STEP_MORE,   /* wants input or room */
	UNPACK_STEP_END,    /* a member is complete; another may follow after again() */
	UNPACK_STEP_BROKEN, /* *why says what is wrong */
	UNPACK_STEP_TOO_BIG /* asks for more memory than UNPACK_WINDOW_MAX */
};

struct unpack_codec {
	const char *name;
	void *(*new)(void);
	enum unpack_step (*step)(void *state, struct unpack_io *io, const char **why);
	bool (*again)(void *state); /* readies it for the next member */
	void (*free)(void *state);
};

extern const struct unpack_codec unpack_gzip, unpack_xz, unpack_zstd;

#endif
