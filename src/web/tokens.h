/* SPDX-License-Identifier: Apache-2.0 */
/* web/tokens.h - bearer tokens: a file of names, roles and hashes.
 *
 *     # NAME   ROLE      SHA-256 of the token          ACCOUNT (optional)
 *     shop     operate   sha256:9f86d081884c...        app@example.com
 *
 * Tokens are long and random, so a fast hash is enough (no guessing through 128 bits); the file alone
 * lets nobody in. */
#ifndef WEB_TOKENS_H
#define WEB_TOKENS_H

#include "base/arena.h"
#include "base/err.h"
#include "relay/settings.h"

enum { WEB_TOKENS_MAX = 1000, WEB_TOKEN_BYTES_MIN = 20, WEB_TOKENS_FILE_MAX = 256 * 1024 };

struct web_tokens;

struct web_token {
	const char *name, *account; /* account: "" none */
	enum relay_role role;
};

/* False with *e (ERR_USAGE): what = file:line, detail = the mend.  path "": no tokens. */
bool web_tokens_load(const char *path, struct web_tokens **out, struct err *e) MUST_USE;
/* The same from a text; path for messages. */
bool web_tokens_read(const char *path, struct str text, struct web_tokens **out, struct err *e) MUST_USE;
void web_tokens_free(struct web_tokens **t); /* NULL is fine */

/* NULL: nobody has it.  Takes as long whichever it is. */
const struct web_token *web_tokens_find(const struct web_tokens *t, const char *secret);

#endif
