/* SPDX-License-Identifier: Apache-2.0 */
/* relay/notice/notice_text.h - how a mark reads in a notice; for notice_*.c only. */
#ifndef RELAY_NOTICE_TEXT_H
#define RELAY_NOTICE_TEXT_H

#include "base/arena.h"
#include "store/store.h"

/* "550 5.1.1 No such user" on one line, with the code once; without a reply our own reason; "" none. */
const char *notice_reply(struct arena *a, const struct store_mark *k);
/* "mx.example.com [192.0.2.7]"; "" when no server said anything. */
const char *notice_server(struct arena *a, const struct store_mark *k);

/* A person ended it: no server's word is why. */
/* The message cannot be read on our own disk: its sender has to send it again. */
bool notice_is_own_copy(const struct store_mark *k);
bool notice_is_given_up(const struct store_mark *k);

/* For catalog/cause: source is a struct explanation. */
const char *notice_fill(const void *source, struct arena *a, const char *text);
const char *notice_fill_command(const void *source, struct arena *a, const char *text);

#endif
