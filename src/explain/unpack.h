/* SPDX-License-Identifier: Apache-2.0 */
/* explain/unpack.h - the bytes of a file or of stdin, unpacked as they are read.
 *
 * Plain, gzip (RFC 1952), xz and zstd (RFC 8878) are told by their first bytes;
 * members that follow one another are one text.  Memory is bounded: one buffer in,
 * one out, and the window the format allows up to UNPACK_WINDOW_MAX.  A broken or
 * cut archive gives all that could be read first, then the err. */
#ifndef EXPLAIN_UNPACK_H
#define EXPLAIN_UNPACK_H

#include <signal.h>

#include "base/err.h"
#include "base/str.h"

enum {
	UNPACK_PIECE_MAX = 128 * 1024,
	UNPACK_WINDOW_MAX = 128 * 1024 * 1024 /* memory an archive may ask for; xz -9 needs 65 MB */
};

enum unpack_kind { UNPACK_PLAIN, UNPACK_GZIP, UNPACK_XZ, UNPACK_ZSTD };

struct unpack; /* owned by the caller */

/* "-" is stdin.  NULL with *e: it cannot be opened, is a folder, or is packed in
 * a way that is not read here (bzip2, lz4, zip; the err says what to type). */
struct unpack *unpack_open(const char *path, struct err *e) MUST_USE;
void unpack_close(struct unpack **u);
/* A read that a signal ends while *stop is not 0 is the end of the file. */
void unpack_stop_when(struct unpack *u, const volatile sig_atomic_t *stop);

/* 1 with the next *piece (1..UNPACK_PIECE_MAX bytes, valid until the next call),
 * 0 at the end, -1 with *e; after 0 or -1 every call gives the same. */
int unpack_next(struct unpack *u, struct str *piece, struct err *e) MUST_USE;

struct unpack_progress {
	unsigned long long read; /* bytes of the file, packed as it is */
	unsigned long long size; /* of the whole file; 0: not known (a pipe) */
	unsigned long long out;  /* unpacked bytes given */
	long long changed_s; /* when the file was last written; 0: not a file.  `now` for its dates without
				years */
};
void unpack_progress(const struct unpack *u, struct unpack_progress *out);
enum unpack_kind unpack_kind(const struct unpack *u);

#endif
