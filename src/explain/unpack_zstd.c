/* SPDX-License-Identifier: Apache-2.0 */
#include <zstd.h>
#include <zstd_errors.h>

#include "explain/unpack_codec.h"

enum { WINDOW_LOG_MAX = 27 }; /* UNPACK_WINDOW_MAX as a power of two */

static void *zstd_new(void)
{
	ZSTD_DStream *d = ZSTD_createDStream();
	if (d && ZSTD_isError(ZSTD_DCtx_setParameter(d, ZSTD_d_windowLogMax, WINDOW_LOG_MAX))) {
		ZSTD_freeDStream(d);
		d = NULL;
	}
	return d;
}

static enum unpack_step zstd_step(void *state, struct unpack_io *io, const char **why)
{
	ZSTD_inBuffer in = { io->in, io->nin, 0 };
	ZSTD_outBuffer out = { io->out, io->nout, 0 };
	size_t r = ZSTD_decompressStream(state, &out, &in);
	io->in += in.pos;
	io->nin -= in.pos;
	io->out += out.pos;
	io->nout -= out.pos;
	if (!ZSTD_isError(r))
		return r ? UNPACK_STEP_MORE : UNPACK_STEP_END;
	if (ZSTD_getErrorCode(r) == ZSTD_error_frameParameter_windowTooLarge)
		return UNPACK_STEP_TOO_BIG;
	*why = ZSTD_getErrorName(r);
	return UNPACK_STEP_BROKEN;
}

static bool zstd_again(void *state)
{
	return !ZSTD_isError(ZSTD_DCtx_reset(state, ZSTD_reset_session_only));
}

static void zstd_free(void *state)
{
	ZSTD_freeDStream(state);
}

const struct unpack_codec unpack_zstd = { "zstd", zstd_new, zstd_step, zstd_again, zstd_free };
