/* SPDX-License-Identifier: Apache-2.0 */
/* cli/option_value.h - values that several commands take: stored as they are, zones, times, verbs. */
#ifndef CLI_OPTION_VALUE_H
#define CLI_OPTION_VALUE_H

#include "cli/option_table.h"

/* False with *e (ERR_USAGE and the mend). */
bool option_store(void *options, const struct option_row *row, const char *value, struct err *e) MUST_USE;

/* --zone: NULL and "local" are this computer's at now_s. */
bool option_zone(const char *typed, long long now_s, long long *zone_s, struct err *e) MUST_USE;

/* --limit, from 1 to most; NULL: *out stays. */
bool option_limit(const char *typed, unsigned long most, size_t *out, struct err *e) MUST_USE;

/* The time typed for --name; NULL: *out stays.  end: a day counts with its end. */
bool option_when(const char *name, const char *typed, long long now_s, long long zone_s, bool end,
		 long long *out, struct err *e) MUST_USE;

/* A command's first word, one of n verbs: its place in *out. */
bool option_verb(const char *command, const char *word, const char *const *verbs, size_t n, size_t *out,
		 struct err *e) MUST_USE;

/* The same of the words behind a command: takes the first, "list" where there is none. */
bool option_first_verb(const char *command, char ***args, size_t *nargs, const char *const *verbs, size_t n,
		       size_t *out, struct err *e) MUST_USE;

#endif
