/* SPDX-License-Identifier: Apache-2.0 */
/* store/keys.h - idempotency keys of messages on their way into the index. */
#ifndef STORE_KEYS_H
#define STORE_KEYS_H

#include "store/id.h"
#include "store/siphash.h"

struct keys;

struct keys *keys_new(void) MUST_USE;
void keys_free(struct keys **k);

/* account, key and recipient as 128 bits; the recipient's domain in small letters. */
void keys_hash(struct sip_key sip, struct str account, struct str key, struct str recipient, uint64_t out[2]);

/* The key itself, and the key with the print of its content; STORE_KEY_PRINT.  False: the key is by
 * recipient. */
bool keys_whole(struct sip_key sip, struct str account, struct str key, uint64_t spent[2], uint64_t same[2]);

void keys_put(struct keys *k, const uint64_t key[2], struct store_id id, uint64_t order);
bool keys_get(const struct keys *k, const uint64_t key[2], struct store_id *id);
/* It is there, with a message behind that order. */
bool keys_is_after(const struct keys *k, const uint64_t key[2], uint64_t order);
void keys_drop(struct keys *k, const uint64_t key[2]); /* it came to nothing */
/* Forgets keys of messages up to that order: the index has them.  Cheap when there are few. */
void keys_forget(struct keys *k, uint64_t order);

#endif
