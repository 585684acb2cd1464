/* SPDX-License-Identifier: Apache-2.0 */
/* web/readers.h - handles on the store to look with, one for each thread that answers: so that no
 * search waits for another, nor the relay for any. */
#ifndef WEB_READERS_H
#define WEB_READERS_H

#include "store/store.h"

struct readers;
struct reader;

/* n handles on the store in folder data.  NULL with *e. */
struct readers *readers_new(const char *data, size_t n, struct err *e) MUST_USE;
void readers_free(struct readers **r); /* all were given back.  NULL is fine */

struct reader *readers_take(struct readers *r); /* given back soon */
struct store *reader_store(const struct reader *x);
void readers_give(struct readers *r, struct reader *x);

#endif
