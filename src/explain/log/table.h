/* SPDX-License-Identifier: Apache-2.0 */
/* explain/log/table.h - a fixed number of slots found by a key, oldest first to go.
 *
 * All memory is taken once; pages that no slot has used are never touched.  Keys
 * longer than LOG_KEY_MAX are told apart by their hash and first bytes. */
#ifndef EXPLAIN_LOG_TABLE_H
#define EXPLAIN_LOG_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum { LOG_KEY_MAX = 43, LOG_NO_SLOT = UINT32_MAX };

struct log_table; /* owned by the caller */

/* slots: a power of two; bytes: what the user keeps in each. */
struct log_table *log_table_new(uint32_t slots, size_t bytes) MUST_USE;
void log_table_free(struct log_table **t);

uint32_t log_table_find(const struct log_table *t, struct str key); /* LOG_NO_SLOT */
/* A new slot, its user bytes as the last user left them; the table must not be full
 * and the key not in it. */
uint32_t log_table_add(struct log_table *t, struct str key);
void log_table_remove(struct log_table *t, uint32_t slot);
void log_table_touch(struct log_table *t, uint32_t slot); /* now the youngest */

void *log_table_at(const struct log_table *t, uint32_t slot);       /* the user's bytes */
struct str log_table_key(const struct log_table *t, uint32_t slot); /* cut at LOG_KEY_MAX */
uint32_t log_table_oldest(const struct log_table *t);               /* LOG_NO_SLOT when empty */
bool log_table_full(const struct log_table *t);
uint32_t log_table_count(const struct log_table *t);

uint64_t log_hash(struct str s);

#endif
