/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/client_talk.h - a client engine and what is said to it, for tests. */
#ifndef TESTS_UNIT_CLIENT_TALK_H
#define TESTS_UNIT_CLIENT_TALK_H

#include "tests/unit/unit.h"

#include "smtp/client.h"

/* A client, and where its last event was. */
struct talk {
	struct smtp_client *c;
	uint64_t now;
	struct err e;
};

struct talk talk_new(void);
void talk_clear(struct talk *t);
/* Feeds text, cut in two at `cut`, until an event comes; all of it must be taken. */
enum smtp_event hear_cut(struct talk *t, const char *text, size_t cut);
enum smtp_event hear(struct talk *t, const char *text);
/* All output must be this; it is written. */
void writes(struct talk *t, const char *text);
void greeted(struct talk *t, const char *ehlo_reply);
void spoke(struct talk *t, const char *line); /* the next line of the transcript, "> QUIT" */

#endif
