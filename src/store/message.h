/* SPDX-License-Identifier: Apache-2.0 */
/* store/message.h - a message's envelope with the states of its recipients, and what changes one. */
#ifndef STORE_MESSAGE_H
#define STORE_MESSAGE_H

#include <stdint.h>

#include "base/str.h"
#include "store/id.h"
#include "store/proof.h"
#include "store/state.h"

#define STORE_NEVER INT64_MAX

enum {
	STORE_RCPTS_MAX = 100000,          /* recipients of one message */
	STORE_MARKS_MAX = 10000,           /* marks in one call */
	STORE_TEXT_MAX = 64 * 1024,        /* bytes of any one string of a message or mark */
	STORE_META_MAX = 12 * 1024 * 1024, /* bytes of one message's envelope, or of the marks of one call */
	STORE_REPLY_MAX = 4096,            /* kept of a reply; what is longer is cut there */
};

enum store_notify { /* RFC 3461, 4.1; or-ed */
		    STORE_NOTIFY_NEVER = 1,
		    STORE_NOTIFY_SUCCESS = 2,
		    STORE_NOTIFY_FAILURE = 4,
		    STORE_NOTIFY_DELAY = 8,
};

/* The finding of who waits because the store could not give his mail when it was last asked for: of all
 * findings the one that the store counts, since it is about its own disk. */
#define FINDING_OWN_COPY "rs-own-copy-unreadable"

enum store_flag { /* of a message; or-ed */
		  STORE_8BITMIME = 1,
		  STORE_BINARYMIME = 2,
		  STORE_SMTPUTF8 = 4,
		  STORE_REQUIRETLS = 8,
		  STORE_RET_FULL = 16,
		  STORE_RET_HDRS = 32,
		  STORE_OWN_NOTICE = 64,  /* a report of ours: never reported about, never bounced */
		  STORE_LONG_LINES = 256, /* some have more than 998 bytes (RFC 5321, 4.5.3.1.6) */
		  STORE_TLS_WAIVED = 128, /* its header says TLS-Required: No (RFC 8689, 5) */
};

struct store_rcpt {
	struct str address; /* as in RCPT TO, without <> */
	struct str orcpt;   /* as given, "" none */
	unsigned notify;    /* enum store_notify; 0: not given */
	/* now, and after any mark */
	struct str lane; /* what is scheduled together; any string of the caller */
	enum store_state state;
	int64_t next_ms;    /* of a live one: not before; STORE_NEVER: held until released */
	int64_t expires_ms; /* STORE_NEVER: not by age */
	unsigned tries;
	struct str finding; /* why it is as it is; "" none */
};

#define STORE_KEY_PRINT '\x1e'

struct store_message {
	struct store_id id; /* given by the store: store_body_id, or on accepting */
	int64_t arrived_ms;
	uint64_t size; /* of the body; given by the store */
	struct str reverse_path, envid;
	unsigned flags;                       /* enum store_flag */
	struct str account, listener, client; /* client: address of who gave it to us */
	struct str message_id, subject, from; /* of the header, decoded to UTF-8: for search and show */
	/* Where the reverse-path is not the client's own: that one, found by a search too, and why, which its
	 * first event tells.  "" it is. */
	struct str sender_given, sender_why;
	/* idempotency; "" none.  Same account, key and recipient: taken once.  Where a STORE_KEY_PRINT and a
	 * print of the content end it, it stands for all recipients at once, and for no other content. */
	struct str key;
	bool key_renews;   /* whom store_state_protects no more is taken again with the same key; not kept */
	struct str config; /* hash of the configuration */
	struct store_rcpt *rcpts;
	size_t nrcpts;
};

/* A change of one recipient's state, with its proof: store_mark(). */
struct store_mark {
	struct store_id id;
	uint32_t rcpt;   /* place in store_message.rcpts */
	uint64_t epoch;  /* of the claim; 0: no claim is held (an operator, a report) */
	bool keep_claim; /* the claim goes on after this (state sending); else it ends */
	bool dot;        /* with sending: the final dot goes out once this is done */
	enum store_state state;
	int64_t at_ms;
	int64_t next_ms; /* of a live state */
	unsigned tries;  /* so far, this one included */
	struct str lane; /* "" unchanged */
	/* the proof */
	struct str host, address, tls; /* of the next server; tls: "TLSv1.3", "" none */
	enum store_proof proof;        /* of tls */
	unsigned code;                 /* of the reply; 0 none */
	struct str reply, finding, remote_id, config;
	struct str why; /* the rule that holds it, the operator, the report; "" none */
	bool note;      /* nothing changes, something is told: the state is the one it has; not kept */
	bool returned;  /* the report came to nobody but us; not kept */
	bool dsn;       /* handed over to a server that took DSN's wishes over; not kept by the store */
	bool owed; /* to tell the sender is ours: handed over, as it wished to hear, and no server took that
		    * over; or bounced, and the report came to nobody but us */
};

#endif
