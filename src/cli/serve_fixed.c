/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/serve_fixed.h"

#include <stddef.h>
#include <string.h>

enum kind { TEXT, SECONDS, BYTES };

#define AT(member) offsetof(struct relay_settings, member)

static const struct row {
	const char *option;
	enum kind kind;
	size_t at;
} rows[] = {
	{ "user", TEXT, AT(user) },                        /* root is given up for good */
	{ "keep { trails }", SECONDS, AT(keep.trails_s) }, /* these the store is opened with */
	{ "keep { keys }", SECONDS, AT(keep.keys_s) },
	{ "keep { bodies }", SECONDS, AT(keep.bodies_s) },
	{ "keep { budget }", BYTES, AT(keep.budget) },
};

static bool is_same(const struct row *r, const struct relay_settings *a, const struct relay_settings *b)
{
	const void *x = (const char *)a + r->at, *y = (const char *)b + r->at;
	switch (r->kind) {
	case TEXT:
		return !strcmp(*(const char *const *)x, *(const char *const *)y);
	case SECONDS:
		return *(const long *)x == *(const long *)y;
	default:
		return *(const long long *)x == *(const long long *)y;
	}
}

const char *serve_fixed_changed(const struct relay_settings *began, const struct relay_settings *now,
				struct arena *a)
{
	struct strlist changed = { 0 };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (!is_same(&rows[i], began, now))
			strlist_add(&changed, a, rows[i].option);
	return strlist_join(&changed, a, ", ");
}
