/* SPDX-License-Identifier: Apache-2.0 */
/* net/session.h - one SMTP dialogue: an engine, a transport, a clock.
 *
 * Reads top to bottom:  open, wait, say, wait, ...  TCP_NODELAY is set; a turn
 * is one write.  Nothing is sent before the greeting came.  While one session is
 * waited for, others connect, shake hands, and read ahead (SESSION_AHEAD_MAX). */
#ifndef NET_SESSION_H
#define NET_SESSION_H

#include "net/loop.h"
#include "net/tls.h"
#include "smtp/client.h"

enum {
	SESSION_CONNECT_MS = 10000,
	SESSION_HANDSHAKE_MS = 10000,
	SESSION_QUIT_MS = 2000,         /* for the 221 */
	SESSION_AHEAD_MAX = 256 * 1024, /* bytes read and not yet given to the engine */
	SESSION_RAW_MAX = 4096,
	SESSION_SPOKEN_MAX = 2000 /* dialogue lines not yet drained */
};

enum session_security { SESSION_PLAIN, SESSION_STARTTLS, SESSION_TLS };

struct session_options {
	const char *address; /* numeric; "192.0.2.7", "2001:db8::7" */
	unsigned port;
	enum session_security security; /* SESSION_TLS shakes hands at once; STARTTLS is up to the caller */
	struct tls_offer offer;         /* for TLS at once and after STARTTLS */
	const char *bind;               /* local address, NULL any */
	uint64_t connect_ms;            /* 0: 10 s */
	uint64_t handshake_ms;          /* 0: 10 s */
	struct smtp_client_options client;
	uint64_t until_ms; /* hard end of everything on this session (net_loop_now_ms scale) */
	bool raw;          /* no SMTP engine: only connect (and TLS), then collect bytes */
};

enum session_event {
	SESSION_CONNECTED,      /* TCP is up (before any TLS) */
	SESSION_CONNECT_FAILED, /* session_errno() */
	SESSION_TLS_ENDED,      /* a handshake ended: session_tls()->result says how.  With TLS 1.3 it may
				   come a second time, with TLS_ALERT: the server judged us after we were done */
	SESSION_REPLY,
	SESSION_CHALLENGE, /* as the engine's */
	SESSION_START_TLS, /* 220 to STARTTLS: call session_start_tls() */
	SESSION_TIMEOUT,   /* the step's deadline, or until_ms: one may go on waiting */
	SESSION_EOF,
	SESSION_RESET,  /* the peer closed; session_errno() for RESET */
	SESSION_BROKEN, /* not SMTP: session_raw() shows it */
	SESSION_IDLE    /* nothing is awaited and all is written: say something.  Raw: bytes came */
};

struct session;

/* Starts connecting.  Texts of o are borrowed for the life of the session. */
struct session *session_open(struct net_loop *l, const struct session_options *o) MUST_USE;
void session_free(struct session **s); /* closes at once */

/* Runs the loop until the next event of this session, at most until until_ms
 * (0: only the session's own deadlines).  Commands queued in the engine are
 * written first.  After CONNECT_FAILED, EOF, RESET, BROKEN or a failed TLS only free is left. */
enum session_event session_wait(struct session *s, uint64_t until_ms);
/* Writes what the engine has queued (a message's body).  False when until_ms came, or
 * the peer spoke or closed meanwhile: session_wait() then tells. */
bool session_flush(struct session *s, uint64_t until_ms);
/* The peer has spoken, as far as it is known without looking, and the engine has not heard it yet. */
bool session_has_words(const struct session *s);
/* For when nothing is awaited: listens until until_ms whether the peer says or does
 * something unasked; SESSION_IDLE when it did not. */
enum session_event session_listen(struct session *s, uint64_t until_ms);
/* From outside of the fiber that uses it: its session_listen(), under way or next, ends with
 * SESSION_IDLE at once. */
void session_call(struct session *s);
/* Brings the hard end forward: waits end with SESSION_TIMEOUT at until_ms at the latest. */
void session_hurry(struct session *s, uint64_t until_ms);
/* Sets the hard end anew: a session that lives on gets new time for each piece of work. */
void session_set_end(struct session *s, uint64_t until_ms);
/* Starts the handshake after SESSION_START_TLS; the next event is SESSION_TLS_ENDED. */
void session_start_tls(struct session *s);
enum session_patience { SESSION_AWAIT_221, SESSION_AT_ONCE };
/* QUIT, its 221 awaited shortly or not at all; then closes.  No effect on a dead session. */
void session_quit(struct session *s, enum session_patience patience);
/* Only sends QUIT, so that its answer is under way before session_quit(). */
void session_say_quit(struct session *s);

struct smtp_client *session_client(struct session *s);         /* for intents; NULL when raw */
const struct tls_report *session_tls(const struct session *s); /* NULL: no handshake was tried */
int session_errno(const struct session *s);
const char *session_local_address(const struct session *s); /* "" until connected */
long session_connect_elapsed_ms(const struct session *s);
struct str
session_raw(const struct session *s); /* first bytes (<= 4 KB) of what was not SMTP, or of a raw session */
/* Bytes that came in clear behind the 220 to STARTTLS; they are dropped, never believed (RFC 3207, 6). */
struct str session_injected(const struct session *s);
size_t session_received(const struct session *s);       /* bytes since the last command or event */
const struct err *session_err(const struct session *s); /* of BROKEN */

/* The dialogue so far: calls drain lines in order, false at the end. */
bool session_spoken(struct session *s, uint64_t *at_ms, char *dir, const char **line);

#endif
