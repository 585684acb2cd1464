/* SPDX-License-Identifier: Apache-2.0 */
/* base/shell_word.h - a text as a shell takes it for one word: for commands that a person is told to type. */
#ifndef BASE_SHELL_WORD_H
#define BASE_SHELL_WORD_H

#include "base/arena.h"

/* s itself where nothing in it means anything to a shell, else 'quoted', in a. */
const char *shell_word(struct arena *a, const char *s);

#endif
