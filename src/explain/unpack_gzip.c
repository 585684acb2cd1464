/* SPDX-License-Identifier: Apache-2.0 */
#include <zlib.h>

#include "base/mem.h"
#include "explain/unpack_codec.h"

enum { GZIP_ONLY = 16 }; /* zlib.h, inflateInit2: added to the window bits */

static void *gzip_new(void)
{
	z_stream *z = mem_alloc(sizeof(*z));
	if (inflateInit2(z, MAX_WBITS + GZIP_ONLY) != Z_OK)
		mem_free(&z);
	return z;
}

static enum unpack_step gzip_step(void *state, struct unpack_io *io, const char **why)
{
	z_stream *z = state;
	z->next_in = (z_const Bytef *)io->in;
	z->avail_in = (uInt)io->nin;
	z->next_out = io->out;
	z->avail_out = (uInt)io->nout;
	int r = inflate(z, Z_NO_FLUSH);
	io->in = z->next_in;
	io->nin = z->avail_in;
	io->out = z->next_out;
	io->nout = z->avail_out;
	if (r == Z_STREAM_END)
		return UNPACK_STEP_END;
	if (r == Z_OK || r == Z_BUF_ERROR)
		return UNPACK_STEP_MORE;
	*why = z->msg ? z->msg : "not gzip data";
	return UNPACK_STEP_BROKEN;
}

static bool gzip_again(void *state)
{
	return inflateReset(state) == Z_OK;
}

static void gzip_free(void *state)
{
	inflateEnd(state);
	mem_free(&state);
}

const struct unpack_codec unpack_gzip = { "gzip", gzip_new, gzip_step, gzip_again, gzip_free };
