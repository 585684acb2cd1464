/* SPDX-License-Identifier: Apache-2.0 */
/* mail/dsn_spoken.h - what the files of dsn_spoken share. */
#ifndef MAIL_DSN_SPOKEN_H
#define MAIL_DSN_SPOKEN_H

#include "mail/dsn_job.h"

/* Where the text tells of one recipient: lines [from, to). */
struct dsn_span {
	size_t r;                  /* index of out->v */
	const struct dsn_hit *hit; /* on line `from`; NULL: the text never names it */
	size_t from, to;
	bool shared; /* one of a list; its text is [text_from, text_to) */
	size_t text_from, text_to;
};

struct dsn_spoken {
	struct dsn_job *j;
	struct dsn_span *v;
	size_t n, room;
	bool weak;       /* weak patterns of the general dialect count */
	bool known_only; /* no new recipients */
	char *to, *from; /* of the report itself */
};

struct dsn_recipient *dsn_spoken_recipient(const struct dsn_spoken *s, const struct dsn_span *span);

/* The best of the line's patterns of that role; NULL: none. */
const struct dsn_hit *dsn_spoken_hit(const struct dsn_spoken *s, size_t i, enum bounce_role role);

/* The reply that the text gives for one recipient, "" when it gives none.  *sure: it has
 * an SMTP code, or words introduce it; else it is what stands near the recipient. */
const char *dsn_spoken_reply(const struct dsn_spoken *s, const struct dsn_span *span, bool *sure);

/* Recipients without a pattern: addresses near words of failure, then the original's To.
 * True when one of them stands in a line of its own. */
bool dsn_spoken_guess(struct dsn_spoken *s);

#endif
