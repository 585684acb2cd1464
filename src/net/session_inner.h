/* SPDX-License-Identifier: Apache-2.0 */
/* net/session_inner.h - what the session_*.c files share. */
#ifndef NET_SESSION_INNER_H
#define NET_SESSION_INNER_H

#include "net/session.h"
#include "net/tls_conn.h"
#include "net/watch.h"

/* CONNECTING -> OPEN (plain) | SHAKING (TLS at once); OPEN -> SHAKING (STARTTLS);
 * SHAKING -> OPEN; any -> OVER. */
enum session_phase { SESSION_AT_CONNECTING, SESSION_AT_SHAKING, SESSION_AT_OPEN, SESSION_AT_OVER };

/* Things that happened and were not yet told. */
enum session_news { NEWS_CONNECTED = 1, NEWS_CONNECT_FAILED = 2, NEWS_TLS = 4, NEWS_RAW = 8 };

enum session_peer { PEER_THERE, PEER_EOF, PEER_RESET };

struct session_line {
	uint64_t at_ms;
	char dir;
	char *text;
};

struct session {
	struct net_loop *loop;
	struct session_options o;
	struct smtp_client *client;
	struct tls_conn *tls; /* of the last handshake; in use when SHAKING or OPEN and encrypted */
	enum session_phase phase;
	enum session_peer peer;
	unsigned news;
	bool woken;       /* something moved: look again */
	bool called;      /* session_call() */
	bool failed;      /* the poll has told its last: only reading shows more */
	bool readable;    /* the socket may have bytes: the poll said so, and no short read since */
	bool left_unsaid; /* the peer left, and the dialogue does not say so yet */

	int fd, number; /* errno of what failed */
	int write_number;
	struct net_watch *watch;
	char local[64];

	struct buf in;  /* plain bytes for the engine */
	struct buf raw; /* first bytes of the reply in hand, or of a raw session */
	struct buf out; /* raw sessions: bytes to write */
	struct buf injected;
	size_t inflight; /* engine's bytes that TLS has and the wire has not */
	size_t total, mark, next_mark;

	uint64_t opened_ms, up_ms, shaken_from_ms, arrived_ms;
	struct err err;

	struct session_line *lines;
	size_t first_line, nlines, lines_room;
	char *told_line;
};

/* session_connect.c */
void session_connect(struct session *s, void (*ready)(void *ctx, unsigned what));
bool session_connect_look(struct session *s); /* true: it is up now; false: not yet, or it failed */
void session_connect_close(struct session *s);

/* session_io.c */
void session_io_open(struct session *s);
void session_io_pump(struct session *s); /* moves all bytes that can be moved now */
void session_io_shake(struct session *s);
void session_io_fail_shake(struct session *s, enum tls_result why);
void session_io_say_left(struct session *s);
bool session_io_wrote_all(const struct session *s);

/* session_feed.c */
/* Gives the engine what came; false: that makes no event yet. */
bool session_feed(struct session *s, enum session_event *event);
void session_feed_rest(
	struct session *s); /* what has come already is told, whether or not it was waited for */

/* session_line.c */
void session_note(struct session *s, const char *fmt, ...) PRINTF_LIKE(2, 3); /* a '*' line */
void session_drain_client(struct session *s);
void session_lines_free(struct session *s);

#endif
