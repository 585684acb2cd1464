/* SPDX-License-Identifier: Apache-2.0 */
/* net/stream.h - plain bytes to and from a server nearby (a filter), waited for like a session.
 *
 * "127.0.0.1:11332", "[::1]:8891", "unix:/run/opendkim/sock".  Everything here waits in
 * net_loop_wait(), so call it in a fiber where others should go on. */
#ifndef NET_STREAM_H
#define NET_STREAM_H

#include "base/err.h"
#include "base/str.h"
#include "net/loop.h"

enum { STREAM_PIECE_BYTES = 16 * 1024 };

struct stream;

/* NULL with *e (ERR_USAGE no such form; ERR_SYS): not connected by until_ms (net_loop_now_ms scale). */
struct stream *stream_open(struct net_loop *l, const char *where, uint64_t until_ms, struct err *e) MUST_USE;
void stream_free(struct stream **s); /* closes at once; NULL is fine */

/* Writes all of it; false with *e. */
bool stream_write(struct stream *s, struct str bytes, uint64_t until_ms, struct err *e) MUST_USE;
/* 1: *bytes are the next (valid until the next call), 0: the peer has ended, -1: *e */
int stream_read(struct stream *s, struct str *bytes, uint64_t until_ms, struct err *e) MUST_USE;

#endif
