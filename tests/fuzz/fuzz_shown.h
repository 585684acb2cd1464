/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/fuzz_shown.h - what was written for people or programs, and what it must be. */
#ifndef TESTS_FUZZ_SHOWN_H
#define TESTS_FUZZ_SHOWN_H

#include <jansson.h>
#include <stdlib.h>

struct shown {
	char *text;
	size_t len;
};

static inline void shown_clear(struct shown *s)
{
	free(s->text);
}

static inline void must_be_json(const struct shown *s)
{
	json_t *doc = json_loadb(s->text, s->len, 0, NULL);
	if (!doc)
		__builtin_trap();
	json_decref(doc);
}

static inline void must_not_steer(const struct shown *s)
{
	for (size_t i = 0; i < s->len; i++)
		if ((unsigned char)s->text[i] < ' ' && s->text[i] != '\n' && s->text[i] != '\t')
			__builtin_trap();
}

#endif
