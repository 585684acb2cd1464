/* SPDX-License-Identifier: Apache-2.0 */
/* relay/door/door_inner.h - one client at the door: shared by door*.c. */
#ifndef RELAY_DOOR_INNER_H
#define RELAY_DOOR_INNER_H

#include "net/watch.h"
#include "relay/access.h"
#include "relay/door/intake.h"
#include "relay/relay_inner.h"
#include "smtp/sasl_server.h"
#include "smtp/server.h"

enum {
	DOOR_GUESTS_MAX = 100,              /* connections of one address that may not relay */
	DOOR_MISTAKES_MAX = 20,             /* refusals; then 421 */
	DOOR_FRIENDS_MISTAKES_MAX = 100000, /* ... of one that may relay: a long list has many */
	DOOR_JUNK_MAX = 20,                 /* lines that are no command, of anybody; then 421 */
	DOOR_COMMANDS_MAX = 1000,           /* of a stranger, without a message taken; then 421 */
	DOOR_LOGINS_MAX = 5,                /* failed ones; then 421 */
	DOOR_LOG_MAX = 64 * 1024, /* octets of a stranger's talk in the log, without a message taken */
	DOOR_MESSAGES_MAX = 10000,
	DOOR_HANDSHAKE_MS = 30000,
	DOOR_MESSAGE_MS = 10 * 60000, /* a message may take so long; longer only at */
	DOOR_DOOMED_MS = 8000,        /* silence in a message that is refused anyway */
	DOOR_SLOWEST_BYTES = 512,     /* a second */
	DOOR_SPARE_BYTES = 1 << 20    /* a message may be too big by that before it is cut off */
};

/* One message under way; made by MAIL, gone with its answer. */
struct door_transaction {
	struct arena *arena;
	struct str sender;
	long size; /* as announced; -1 not */
	struct store_rcpt *v;
	size_t n, room;
	unsigned flags; /* enum store_flag */
	struct str envid;
	struct intake *intake; /* NULL: no byte of it yet */
	bool too_big;
};

struct door_login; /* a login under way */

struct door {
	struct relay_port *port;
	const struct relay_listen *listen; /* as they were when it came */
	const struct relay_settings *settings;
	struct link *link;
	struct smtp_server *smtp;
	struct net_timer *timer;
	uint64_t timer_ms; /* when it fires; UINT64_MAX off */
	struct ipaddr address;
	const struct relay_account *account; /* NULL: not logged in */
	struct scram_key password_print;     /* of the account's file when it logged in */
	struct door_transaction *mail;       /* NULL: none */
	struct door_login *login;            /* NULL: none */
	struct door_accept *accept;          /* waits for the store; NULL: none */
	unsigned guests;                     /* connections of its address, itself included */
	unsigned logins_failed, messages, mistakes, commands, junk;
	char name[24];         /* "c42" in logs */
	size_t logged;         /* bytes of the output that are in the log */
	size_t log_octets;     /* of a stranger's, in the log since he handed in a mail */
	unsigned log_messages; /* so many were taken then */
	uint64_t message_ms;   /* when the message in hand began */
	uint64_t chunk_ms;     /* when its last bytes came */
	uint64_t heard;        /* relay/company.h */
	unsigned busy;         /* inside its own code: freeing waits */
	bool dead;
	void (*go_on)(struct door *d); /* door.c: writes what is to be said, looks at the input again */
	struct door *prev, *next;
};

extern const char door_draining[]; /* what is said then */
extern const struct smtp_answer door_smuggled;

bool door_is_crowded(const struct door *d); /* no room for it */

/* door_say.c */
void door_say(struct door *d, unsigned code, const char *enhanced, const char *text);
void door_answer(struct door *d, const struct smtp_answer *x);
void door_refuse(struct door *d,
		 const struct smtp_answer *x); /* a message, or a recipient: counted as such */
/* After an answer that came later: writes it and goes on with the input. */
void door_go_on(struct door *d);

/* door_client.c */
struct access_client door_client(const struct door *d);
/* What a reload took from a session that is open, in words for the client; NULL: nothing. */
const char *door_revoked(const struct door *d);
bool door_is_stranger(const struct door *d); /* may not relay */
void door_offer(struct door *d);             /* what EHLO says now */

/* door_pace.c */
uint64_t door_doomed_ms(const struct door *d); /* when who is refused anyway is told; UINT64_MAX: never */
bool door_is_too_slow(const struct door *d);
void door_set_timer(struct door *d);

/* door_log.c */
void door_log_event(struct door *d, enum smtp_server_event ev);
void door_log_output(struct door *d); /* what is new of our answers */
void door_remark(struct door *d, const char *text);

/* door_mail.c */
void door_command(struct door *d);
void door_chunk(struct door *d);
void door_message(struct door *d);

/* door_transaction.c */
struct door_transaction *door_transaction_new(const struct smtp_request *q) MUST_USE;
void door_transaction_add(struct door_transaction *m, const struct smtp_request *q);
void door_forget(struct door *d); /* the transaction */
void door_transaction_free(struct door_transaction **m);
/* A second RCPT for the same mailbox is one delivery. */
bool door_transaction_has(const struct door_transaction *m, struct str address);

/* door_fit.c; NULL: it would be taken there, as far as is known */
const struct smtp_answer *door_fit_rcpt(struct door *d, struct str to, struct arena *a);
const struct smtp_answer *door_fit_message(struct door *d); /* all of it is here */

/* door_accept.c: from the whole message to its answer.  Takes m and body; answers now or later. */
void door_accept(struct door *d, struct door_transaction *m, const struct intake_facts *facts,
		 struct store_body *body);
void door_accept_orphan(struct door *d); /* its client goes: it is taken all the same */
void door_accept_hurry(struct door *d);  /* the next server is not waited for any longer */

/* door_accept_end.c: into the log, why a message cannot be kept, where nobody has said it. */
void door_tell_unkept(struct relay *r, const struct err *e);

/* door_mechanisms.c: appends "PLAIN LOGIN" and a NUL. */
void door_mechanisms(const struct relay_settings *s, const struct relay_listen *l, struct buf *out);

/* door_login.c */
void door_login_start(struct door *d);
void door_login_response(struct door *d);
void door_login_free(struct door *d); /* door_login_end.c */

/* door_password.c */
/* What the account's password file has now, as a keyed digest; all zero: it has none.  False: that cannot be
 * told for want of descriptors. */
bool door_password_print(const struct door *d, struct scram_key *out);
/* The first line of the file; false: errno, or 0 where it is empty. */
bool door_password_read(const char *path, char *out, size_t size);

#endif
