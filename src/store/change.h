/* SPDX-License-Identifier: Apache-2.0 */
/* store/change.h - one message or one call's marks, from submission until the index has it. */
#ifndef STORE_CHANGE_H
#define STORE_CHANGE_H

#include "store/live.h"
#include "store/segment_read.h"

struct body;
struct embedded;

struct change {
	struct change *next;
	struct record record;
	struct buf meta, head, tail;
	struct body *body; /* of a message, until it is on disk: pins its pieces */
	void *user;
	bool internal; /* nobody waits for an outcome */
	bool patient;  /* nothing waits for it: it may ride on the next group that must be written */
	bool has_key;
	bool renews;      /* store_message.key_renews */
	bool suppression; /* meta is an entry of that list, and there is no record */
	bool withdrawn;   /* no record; its outcome is given, but: */
	bool spent;       /* its key is */
	bool in_vain;     /* store_done.in_vain */
	uint32_t duplicates;
	struct store_id before; /* what came before, told when the group is on disk; seq 0: none */
	uint64_t order;         /* of the message among all messages of this run */
	uint64_t key[2];   /* of its only recipient, or of its content; 0: its recipients have one each */
	uint64_t whole[2]; /* of all recipients, whatever the content; 0: none */
	struct live_place place;
};

struct queue { /* first in, first out */
	struct change *head, **tail;
	size_t n;
};
void queue_init(struct queue *q);
void queue_put(struct queue *q, struct change *c);
void queue_join(struct queue *q, struct queue *more); /* all of more to the end of q */
struct change *queue_get(struct queue *q);            /* NULL: empty */

struct change *message_change(struct embedded *s, struct body *b, const struct store_message *m,
			      enum record_type type); /* takes b */
struct change *marks_change(const struct store_mark *marks, size_t n);
void change_free(struct change **c);

#endif
