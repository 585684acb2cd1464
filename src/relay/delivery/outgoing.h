/* SPDX-License-Identifier: Apache-2.0 */
/* relay/delivery/outgoing.h - a message's bytes as they go to one server: as they are kept, or, where the
 * server takes no 8-bit text or it has long lines, written anew (mail/sevenbit.h). */
#ifndef RELAY_OUTGOING_H
#define RELAY_OUTGOING_H

#include "relay/delivery/delivery.h"

enum { OUTGOING_HEAD_BYTES = 128 * 1024 /* a longer header goes as it is */ };

struct outgoing {
	struct job *job;
	struct net_loop *loop;
	struct store_reader *reader;
	struct buf fresh; /* written anew */
	struct str kept;  /* of the last piece: what comes next */
	bool over;
};

/* From its start, however far another got. */
bool outgoing_open(struct outgoing *o, struct delivery *d, struct job *j, struct err *e) MUST_USE;
void outgoing_clear(struct outgoing *o);

/* 1: *piece is the next, valid until the next call; 0: the end; -1: *e.  Other fibers go on meanwhile. */
int outgoing_next(struct outgoing *o, struct str *piece, struct err *e) MUST_USE;

/* Reads the header, up to and without its empty line; *rest: what was read of the body behind it, with that
 * line.  False: it has none that is short enough; then *rest is all that was read, or *e is filled. */
bool outgoing_head(struct outgoing *o, struct buf *head, struct str *rest, struct err *e) MUST_USE;

/* True: conversion breaks a signature of ours: outgoing_sign() makes it anew.  Ours stands above the Received
 * field that we wrote; what came with the message is another's, in whosever name. */
bool outgoing_is_ours(const struct delivery *d, const struct job *j);
/* True: conversion breaks a signature that cannot be made anew. */
bool outgoing_breaks(const struct delivery *d, const struct job *j);
/* Reads all of it, and begins anew: its header with new signatures of ours instead of the broken ones, to be
 * sent before what outgoing_next() gives then. */
bool outgoing_sign(struct outgoing *o, struct delivery *d, struct buf *head, struct err *e) MUST_USE;

/* How long it gets, for SIZE= (RFC 1870, 6): so long at most, and no longer than limit (0: none), by which it
 * was judged before. */
uint64_t outgoing_size(const struct delivery *d, const struct job *j, uint64_t limit);

/* What became of it, for the trail; "" nothing. */
const char *outgoing_told(const struct delivery *d, const struct job *j, struct arena *a);

#endif
