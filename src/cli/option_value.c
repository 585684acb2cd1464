/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/option_value.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/nearest.h"
#include "base/when.h"

bool option_store(void *options, const struct option_row *row, const char *value, struct err *e)
{
	void *member = (char *)options + row->offset;
	if (!row->argument)
		return *(bool *)member = true;
	if (option_has_control(value))
		return option_wrong(e, row->name, "...",
				    "control characters cannot stand there: was a line end pasted along?");
	*(const char **)member = value;
	return true;
}

bool option_zone(const char *typed, long long now_s, long long *zone_s, struct err *e)
{
	struct tm tm;
	time_t now = (time_t)now_s;
	if (typed && !z_eq(typed, "local"))
		return when_zone_read(str_of(typed), zone_s) ||
		       option_wrong(e, "zone", typed, "a zone such as utc, +01:00 or local");
	*zone_s = localtime_r(&now, &tm) ? tm.tm_gmtoff : 0;
	return true;
}

bool option_limit(const char *typed, unsigned long most, size_t *out, struct err *e)
{
	unsigned long n;
	char mend[48];
	if (!typed)
		return true;
	snprintf(mend, sizeof(mend), "a number from 1 to %lu", most);
	if (!str_number(str_of(typed), most, &n) || !n)
		return option_wrong(e, "limit", typed, mend);
	*out = n;
	return true;
}

bool option_when(const char *name, const char *typed, long long now_s, long long zone_s, bool end,
		 long long *out, struct err *e)
{
	struct when_base base = { now_s, zone_s, end };
	return !typed || when_read(str_of(typed), &base, out) ||
	       option_wrong(
		       e, name, typed,
		       "a time such as 2026-11-20, \"2026-11-20 14:30\", 2026-11-20T14:30:00Z, yesterday, "
		       "2h or 3d");
}

static bool one_of(const char *const *verbs, size_t n, struct err *e)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct strlist all = { 0 };
	for (size_t i = 0; i < n; i++)
		strlist_add(&all, a, verbs[i]);
	return err_detail(e, "it is one of %s", strlist_join(&all, a, ", "));
}

bool option_verb(const char *command, const char *word, const char *const *verbs, size_t n, size_t *out,
		 struct err *e)
{
	struct nearest near = nearest_to(str_of(word), NEAREST_WRONG);
	for (size_t i = 0; i < n; i++) {
		if (!strcmp(verbs[i], word)) {
			*out = i;
			return true;
		}
		nearest_look(&near, verbs[i]);
	}
	ERR_FILL(e, ERR_USAGE, 0, "do", "%s %s", command, word);
	return near.name ? err_detail(e, "did you mean \"%s\"?", near.name) : one_of(verbs, n, e);
}

bool option_first_verb(const char *command, char ***args, size_t *nargs, const char *const *verbs, size_t n,
		       size_t *out, struct err *e)
{
	const char *word = *nargs ? **args : "list";
	if (*nargs) {
		++*args;
		--*nargs;
	}
	return option_verb(command, word, verbs, n, out, e);
}
