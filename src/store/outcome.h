/* SPDX-License-Identifier: Apache-2.0 */
/* store/outcome.h - what became of what the store was given; part of store/store.h. */
#ifndef STORE_OUTCOME_H
#define STORE_OUTCOME_H

#include "base/err.h"
#include "store/id.h"

struct store;

enum store_verdict {
	STORE_DONE,      /* on disk */
	STORE_DUPLICATE, /* every recipient had come before with this key: id is the earlier message */
	STORE_SPENT,     /* its key came before with other content: id is that message, nothing is written */
	STORE_LOST,      /* nothing written: the claim is not ours any more, or a recipient was claimed by
			    another, has ended, or may not change so; `rcpt` of message `id` is the first */
	STORE_FAILED,    /* nothing written: *err; worth trying again */
};

struct store_done {
	void *user;
	enum store_verdict verdict;
	struct store_id id; /* accept: of the message */
	uint32_t rcpt;
	bool in_vain;        /* duplicate: of no recipient store_state_protects the earlier one */
	uint32_t duplicates; /* accept, done: recipients left out since they had come before */
	struct err err;
};

int store_wake_fd(const struct store *s); /* readable while outcomes wait; owned by the store */
/* Takes up to max outcomes; the order is that of the disk. */
size_t store_take_done(struct store *s, struct store_done *out, size_t max);

#endif
