/* SPDX-License-Identifier: Apache-2.0 */
/* relay/log_peer.h - who speaks in conversation.log, as the fields of a line: a session says many lines, so
 * they are made once and kept for the next ones.  No lock: the owner guards it. */
#ifndef RELAY_LOG_PEER_H
#define RELAY_LOG_PEER_H

#include "base/buf.h"
#include "relay/log.h"

enum { LOG_PEERS_KEPT = 64 /* a power of two; of further ones the last counts */ };

struct log_peer {
	char *session, *host, *address;
	unsigned port;
	struct buf fields;
};

struct log_peers {
	struct log_peer v[LOG_PEERS_KEPT];
};

/* ,"session":...,"host":...,"address":...,"port":... - valid until the next call. */
struct str log_peer_fields(struct log_peers *l, const struct relay_log_peer *p);
void log_peers_clear(struct log_peers *l);

#endif
