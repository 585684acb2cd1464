/* SPDX-License-Identifier: Apache-2.0 */
/* relay/notice/notice.h - delivery status notifications to the sender (RFC 3461 - 3464).
 *
 * Never to the null reverse-path, never about a notice, never where NOTIFY says no; and no
 * more to one address in an hour than its limit allows, so that nobody can use us for backscatter: what is
 * over it stands in the store, held until its turn. */
#ifndef RELAY_NOTICE_H
#define RELAY_NOTICE_H

#include "relay/relay_inner.h"

enum {
	NOTICE_BODY_MAX = 64 * 1024, /* of the original returned with RET=FULL; else its header */
	NOTICE_PER_HOUR = 60         /* to one address */
};

struct notices;

struct notices *notices_new(struct relay *r) MUST_USE;
void notices_free(struct notices **n);

/* Once the loop is about to run: what a crash kept from being told is told, aside of all else. */
void notices_start(struct notices *n);

/* These marks of m are on disk.  What has to be told is put into the store as a message of
 * our own, where others of m are still being tried together with what comes of those (notice_gather.h).
 * Both are borrowed for the call. */
void notices_marked(struct notices *n, const struct store_message *m, const struct store_mark *marks,
		    size_t nmarks);

/* The sender was told at the door what became of all of it: what was gathered of that message is not told. */
void notices_told(struct notices *n, struct store_id id);

/* Begun and not yet on disk: a relay that ends waits for them, but not for a disk that is full. */
size_t notices_under_way(const struct notices *n);
/* At the end, once the store has settled: those begun are handed to it now, and what waits for others is
 * told.  NULL is fine. */
void notices_hurry(struct notices *n);

#endif
