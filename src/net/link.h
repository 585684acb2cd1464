/* SPDX-License-Identifier: Apache-2.0 */
/* net/link.h - an accepted TCP connection over the loop, with TLS when wanted.
 *
 * Its user is called when something moved and may call everything here from
 * there, link_free() included.  Nothing is called from within a call made here.
 * What the user does not take of the input waits here, LINK_INPUT_MAX at most;
 * then the peer is not read any more. */
#ifndef NET_LINK_H
#define NET_LINK_H

#include "base/str.h"
#include "net/loop.h"
#include "net/tls.h"
#include "net/tls_identity.h"

enum {
	LINK_INPUT_MAX = 64 * 1024,  /* bytes not yet taken */
	LINK_PIECE_BYTES = 64 * 1024 /* read at a time */
};

struct link_events {
	/* Plain bytes, the untaken ones first; returns how many were taken. */
	size_t (*input)(void *user, struct str bytes);
	/* Output has room again, the handshake ended, or the peer is gone: look. */
	void (*moved)(void *user);
};

enum link_state {
	LINK_OPEN,
	LINK_SHAKING, /* a TLS handshake is under way */
	LINK_ENDED,   /* the peer says no more; it may still read */
	LINK_BROKEN   /* lost, or TLS failed; only link_free() is left */
};

struct link;

/* Owns fd from now on. */
struct link *link_new(struct net_loop *l, int fd, const struct link_events *ev, void *user) MUST_USE;
void link_free(struct link **l); /* closes at once */
/* Writes what waits, says goodbye (close_notify, FIN), and frees itself; gives up at until_ms. */
void link_finish(struct link **l, uint64_t until_ms);

enum link_state link_state(const struct link *l);

/* Returns how many bytes were taken: all, or less while the peer does not read. */
size_t link_write(struct link *l, struct str bytes) MUST_USE;

size_t link_untaken(const struct link *l); /* bytes of input that wait */
/* Offers untaken input again, from the loop. */
void link_resume(struct link *l);

/* The server's side of a handshake begins; untaken plain bytes are dropped and counted (RFC 3207, 4.2). */
size_t link_start_tls(struct link *l, const struct tls_identity *i);
const struct tls_report *link_tls(const struct link *l); /* NULL: no handshake was tried */

const char *
link_peer(const struct link *l); /* numeric, "192.0.2.7", "2001:db8::7"; an IPv4-mapped one as IPv4 */
unsigned link_peer_port(const struct link *l);

#endif
