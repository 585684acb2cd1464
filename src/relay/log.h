/* SPDX-License-Identifier: Apache-2.0 */
/* relay/log.h - the relay's logs, next to the trails: JSON, an object a line (contract.md).
 *
 * conversation.log  each line of each dialogue, secrets hidden by who spoke it
 * queue.log         each change of state; trouble of our own
 * handed-over.log, failed.log   each recipient that left, or never will
 *
 * A call here appends to memory and returns; a thread writes it out within RELAY_LOG_LAG_MS.
 * Writing never blocks the relay and never fails the mail: what there was no room for is
 * counted and told when there is room again. */
#ifndef RELAY_LOG_H
#define RELAY_LOG_H

#include "base/buf.h"
#include "base/err.h"
#include "store/store.h"

enum {
	RELAY_LOG_LAG_MS = 100,
	RELAY_LOG_WAITING_MAX = 8 << 20, /* bytes of one file that wait for its disk */
	RELAY_LOG_TEXT_MAX = 4096,       /* of one text; longer ones are cut */
	/* conversation.log past that many bytes, where the settings name no other bound, is renamed to
	 * conversation.log.old; the others, which tell what became of each mail, are never thrown away here.
	 */
	RELAY_LOG_CONVERSATION_MOST = 256 << 20,
	RELAY_LOG_CONVERSATION_LEAST = 1 << 20,
	RELAY_LOG_DISK_PART = 32, /* of a small disk's size at most */
};

struct relay_log;

/* Files 0600 in folder dir (made when missing).  NULL with *e.  Opens as whoever calls it: call it
 * once privileges are dropped, or SIGHUP cannot open them again. */
struct relay_log *relay_log_open(const char *dir, struct err *e) MUST_USE;
void relay_log_close(struct relay_log **l); /* writes what waits; NULL is fine */
/* How large conversation.log may become from now on; 0: by the disk, RELAY_LOG_CONVERSATION_MOST at most. */
void relay_log_bound(struct relay_log *l, uint64_t conversation);
void relay_log_reopen(struct relay_log *l); /* SIGHUP: after they were renamed */
/* From time to time: what could not be opened again or put by is told, once, and tried again; and what was
 * left out. */
void relay_log_look(struct relay_log *l, int64_t now_ms);
/* Why lines go into a file of before, at the last look; NULL: none do. */
const struct err *relay_log_stale(const struct relay_log *l);
/* Waits until all is written, or cannot be: for a start and for tests, nobody else waits for a disk. */
void relay_log_flush(struct relay_log *l);

struct relay_log_peer {
	const char *session; /* unique among those alive: "c17" a client, "d42" a delivery */
	const char *host, *address;
	unsigned port;
};
/* dir: '<' from the peer, '>' ours, '*' a remark.  Returns how many octets that makes in the file. */
size_t relay_log_line(struct relay_log *l, int64_t now_ms, const struct relay_log_peer *p, char dir,
		      struct str line);
/* The same for a client that may not relay: 0, and counted, while all of them have said too much
 * (relay/log_quota.h); a line tells how much is missing once there is room again.  The loop's alone. */
size_t relay_log_stranger(struct relay_log *l, int64_t now_ms, const struct relay_log_peer *p, char dir,
			  struct str line);
void relay_log_taken(struct relay_log *l, const struct store_message *m, struct store_id id);
void relay_log_marks(struct relay_log *l, const struct store_message *m, const struct store_mark *marks,
		     size_t n);

/* What the store's disk has and these files have not: a crash came between, or the change was made while no
 * relay ran (relay/log_missed.h).  Between recall, which reads the ends of the files, and forget a line that
 * is there is not written again. */
void relay_log_recall(struct relay_log *l);
void relay_log_forget(struct relay_log *l);
bool relay_log_lacks(struct relay_log *l, const struct store_mark *k); /* id, rcpt, state and at_ms count */
bool relay_log_lacks_taken(struct relay_log *l, struct store_id id);
/* Once what was told before stands in the files, they say that it goes up to that place of the store. */
void relay_log_note(struct relay_log *l, struct store_place p);
bool relay_log_noted(const struct relay_log *l, struct store_place *p); /* false: nothing was noted yet */

/* Who wants to hear of each change of state as it is logged: the line of queue.log, without its end.  Called
 * in the caller's thread (the loop), so it must be quick. */
struct relay_log_listener {
	bool (*wants)(void *ctx); /* false: nobody is there, the line is not made */
	void (*change)(void *ctx, struct str line);
	void *ctx;
};
void relay_log_listen(struct relay_log *l, const struct relay_log_listener *x); /* NULL: no more */

/* Something of our own that an operator should know: disk full, a filter down.  Told on stderr too.
 * The same again within a minute is counted only.  Any thread. */
void relay_log_trouble(struct relay_log *l, int64_t now_ms, const struct err *e);

#endif
