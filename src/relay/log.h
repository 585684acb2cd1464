/* SPDX-License-Identifier: Apache-2.0 */
/* relay/log.h - the relay's logs, next to the trails: JSON, an object a line (contract.md).
 *
 * conversation.log  each line of each dialogue, secrets hidden
 * queue.log         each change of state
 * handed-over.log, failed.log   each recipient that left, or never will
 *
 * Writing never blocks for long and never fails the mail: what could not be written is counted
 * and told when there is room again. */
#ifndef RELAY_LOG_H
#define RELAY_LOG_H

#include "base/err.h"
#include "store/store.h"

struct relay_log;

/* Files 0600 in folder dir (made when missing).  NULL with *e. */
struct relay_log *relay_log_open(const char *dir, struct err *e) MUST_USE;
void relay_log_close(struct relay_log **l); /* writes what waits; NULL is fine */
void relay_log_reopen(struct relay_log *l); /* SIGHUP: after they were renamed */
void relay_log_flush(struct relay_log *l);  /* what waits is written; call it when the loop is idle */

struct relay_log_peer {
	const char *session; /* unique among those alive: "c17" a client, "d42" a delivery */
	const char *host, *address;
	unsigned port;
};
/* dir: '<' from the peer, '>' ours, '*' a remark. */
void relay_log_line(struct relay_log *l, int64_t now_ms, const struct relay_log_peer *p, char dir,
		    struct str line);
void relay_log_taken(struct relay_log *l, const struct store_message *m, struct store_id id);
void relay_log_marks(struct relay_log *l, const struct store_message *m, const struct store_mark *marks,
		     size_t n);
/* Something of our own that an operator should know: disk full, a filter down.  Told on stderr too. */
void relay_log_trouble(struct relay_log *l, int64_t now_ms, const struct err *e);

#endif
