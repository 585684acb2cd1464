/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/fuzz_shown.h - evidence, what was written of it for people or programs, and what that must be.
 */
#ifndef TESTS_FUZZ_SHOWN_H
#define TESTS_FUZZ_SHOWN_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "check/evidence.h"

struct shown {
	char *text;
	size_t len;
};

static inline void shown_clear(struct shown *s)
{
	free(s->text);
}

/* A stream into s, which the caller closes. */
static inline FILE *shown_open(struct shown *s)
{
	FILE *m = open_memstream(&s->text, &s->len);
	if (!m)
		__builtin_trap();
	return m;
}

/* NULL: it is no evidence. */
static inline struct evidence *evidence_of(const uint8_t *data, size_t size)
{
	struct evidence *ev = NULL;
	struct err e = { 0 };
	CLEANUP(close_file) FILE *f = size ? fmemopen((void *)(uintptr_t)data, size, "r") : NULL;
	return f && evidence_load(f, "input", &ev, &e) ? ev : NULL;
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
