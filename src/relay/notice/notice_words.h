/* SPDX-License-Identifier: Apache-2.0 */
/* relay/notice/notice_words.h - a notice's content: the words for people and the fields for programs.
 *
 * Pure: a message, some of its marks, the catalogue.  Those of one cause stand
 * together, told as explain and check tell it. */
#ifndef RELAY_NOTICE_WORDS_H
#define RELAY_NOTICE_WORDS_H

#include "mail/report.h"
#include "relay/notice/notice_rule.h"

enum { NOTICE_WORDS_RCPTS = 50, /* named in the words for one cause; the fields have all */ };

struct notice_about {
	const struct store_message *m;
	const struct store_mark *const *marks; /* all of one kind, the earliest first */
	size_t n;
	enum notice_kind kind;
	const char *hostname;
	const unsigned *copies; /* of each that failed: so many may have arrived all the same; NULL: none */
};

/* That may have arrived all the same, of the mark at i. */
unsigned notice_copies(const struct notice_about *x, size_t i);
/* All texts in a. */
const char *notice_words(const struct notice_about *x, struct arena *a);
const char *notice_subject(const struct notice_about *x, struct arena *a);
struct report_recipient *notice_recipients(const struct notice_about *x, struct arena *a); /* x->n */

#endif
