/* SPDX-License-Identifier: Apache-2.0 */
/* relay/door/deposit.h - a message handed in by another way than SMTP: from a thread of this process.
 *
 * It is judged, filtered, signed, counted and kept as one that came in at the door by a client
 * that may send; the same words answer it. */
#ifndef RELAY_DEPOSIT_H
#define RELAY_DEPOSIT_H

#include "relay/door/intake.h"
#include "relay/relay_inner.h"

struct deposit_rcpt {
	struct str address;
	const struct smtp_answer *no; /* why it is not taken; NULL: it is.  Set by the relay */
};

/* Texts are borrowed until told() returns. */
struct deposit {
	/* what comes in */
	struct str sender;
	struct deposit_rcpt *rcpts;
	size_t nrcpts;
	unsigned flags;  /* enum store_flag */
	unsigned notify; /* enum store_notify, of each recipient */
	struct str envid;
	const char *account;     /* "" none: no caps, any sender */
	const char *way;         /* "http": for the trail */
	const char *protocol;    /* for Received; NULL: "HTTP" */
	const char *by, *client; /* who hands it in, and its address: for Received and the trail */
	/* idempotency; begins WAY\x1f, as no header can, and ends with STORE_KEY_PRINT and a print of the
	 * content; "" by its Message-ID */
	struct str key;
	struct intake *intake; /* the whole message; taken */
	unsigned long long size;
	/* what comes out */
	struct smtp_answer answer; /* 250: it is durable */
	struct store_id id;        /* 250 */
	bool limited;              /* refused: its account has handed in what it may for now */
	bool known;                /* it had come before: id is the earlier one's */
	bool spent;              /* its key had come with another message: that one's id; nothing is taken */
	unsigned duplicates;     /* recipients who had it before */
	void (*told)(void *ctx); /* once; from the loop, or from within deposit_hand() */
	/* In its place, where nothing can come between: it was kept, under that id, and there is no text.  In
	 * the store's thread: not for long.  False: told() is to tell it.  May be NULL. */
	bool (*told_at_once)(void *ctx);
	void *ctx;
};

/* From any thread; d must live until it was told.  Nothing is taken when one recipient is not. */
void deposit_post(struct relay *r, struct deposit *d);
/* The same, by these settings (held by the caller meanwhile).  What needs nothing of the loop's (no filter,
 * no signature, no account, no recipient of ours) goes to the store from here: true. */
bool deposit_hand(struct relay *r, const struct relay_settings *s, struct deposit *d);
/* No d is being told at once any more, of such as refuse it by now.  For who is about to end. */
void deposit_settle(struct relay *r);

#endif
