/* SPDX-License-Identifier: Apache-2.0 */
#include <lzma.h>

#include "base/mem.h"
#include "explain/unpack.h"
#include "explain/unpack_codec.h"

static bool xz_again(void *state)
{
	return lzma_stream_decoder(state, UNPACK_WINDOW_MAX, 0) == LZMA_OK;
}

static void *xz_new(void)
{
	lzma_stream *x = mem_alloc(sizeof(*x));
	if (!xz_again(x))
		mem_free(&x);
	return x;
}

static const char *xz_words(lzma_ret r)
{
	switch (r) {
	case LZMA_FORMAT_ERROR:
		return "not xz data";
	case LZMA_OPTIONS_ERROR:
		return "an xz option that is not known here";
	case LZMA_MEM_ERROR:
		return "no memory";
	default:
		return "the data is damaged";
	}
}

static enum unpack_step xz_step(void *state, struct unpack_io *io, const char **why)
{
	lzma_stream *x = state;
	x->next_in = io->in;
	x->avail_in = io->nin;
	x->next_out = io->out;
	x->avail_out = io->nout;
	lzma_ret r = lzma_code(x, LZMA_RUN);
	io->in = x->next_in;
	io->nin = x->avail_in;
	io->out = x->next_out;
	io->nout = x->avail_out;
	if (r == LZMA_STREAM_END)
		return UNPACK_STEP_END;
	if (r == LZMA_OK || r == LZMA_BUF_ERROR)
		return UNPACK_STEP_MORE;
	if (r == LZMA_MEMLIMIT_ERROR)
		return UNPACK_STEP_TOO_BIG;
	*why = xz_words(r);
	return UNPACK_STEP_BROKEN;
}

static void xz_free(void *state)
{
	lzma_end(state);
	mem_free(&state);
}

const struct unpack_codec unpack_xz = { "xz", xz_new, xz_step, xz_again, xz_free };
