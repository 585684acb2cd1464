/* SPDX-License-Identifier: Apache-2.0 */
/* web/sessions.h - who is logged in at the page.
 *
 * In memory: a restart logs everybody out.  What the browser holds is a random secret, what we hold
 * its hash.  Any thread. */
#ifndef WEB_SESSIONS_H
#define WEB_SESSIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SESSIONS_MAX = 10000,              /* the longest idle one is logged out for one more */
	SESSION_IDLE_MS = 8 * 3600 * 1000, /* without a request */
	SESSION_MS = 24 * 3600 * 1000,     /* in all */
	SESSION_SECRET_BYTES = 65,         /* 64 hexadecimal digits, NUL */
	SESSION_NAME_BYTES = 128,
};

struct sessions;

struct session_view {
	char name[SESSION_NAME_BYTES]; /* of the person */
	char csrf[SESSION_SECRET_BYTES];
	uint64_t stamp; /* as given at its begin */
};

struct sessions *sessions_new(void);
void sessions_free(struct sessions **s); /* NULL is fine */

/* The name of the cookie that holds the secret. */
const char *sessions_cookie(bool secure);
/* A mark of the password's hash, no secret by itself. */
uint64_t sessions_stamp(const char *password_hash);

/* stamp: a session made under a password with another one counts no more.  False: no
 * random bytes, or the name is too long. */
bool sessions_begin(struct sessions *s, const char *name, uint64_t stamp, int64_t now_ms,
		    char secret[SESSION_SECRET_BYTES]);
bool sessions_find(struct sessions *s, const char *secret, int64_t now_ms, struct session_view *out);
void sessions_end(struct sessions *s, const char *secret);

/* Equal, in a time that tells nothing. */
bool secret_same(const char *a, const char *b);

#endif
