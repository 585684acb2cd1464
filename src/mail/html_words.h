/* SPDX-License-Identifier: Apache-2.0 */
/* mail/html_words.h - the words of an HTML part, a line a block; for reading, not for showing. */
#ifndef MAIL_HTML_WORDS_H
#define MAIL_HTML_WORDS_H

#include "base/arena.h"

/* Never longer than the input. */
struct str html_words(struct arena *a, struct str html) MUST_USE;

#endif
