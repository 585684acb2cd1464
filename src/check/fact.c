/* SPDX-License-Identifier: Apache-2.0 */
#include "check/fact.h"

#include <string.h>

/* One function a kind, so that a local type name can stand for its struct. */
/* clang-format off */
#define KIND(up, low, json) \
	static const struct fact_field *fields_of_##low(size_t *n) \
	{ typedef struct fact_##low self; static const struct fact_field rows[] = {
#define ROW(f, type) { #f, type, offsetof(struct fact, target) + offsetof(self, f) },
#define STR(f) ROW(f, FACT_STR)
#define NUM(f) ROW(f, FACT_NUM)
#define YES(f) ROW(f, FACT_YES)
#define LIST(f) ROW(f, FACT_LIST)
#define END }; *n = ARRAY_LEN(rows); return rows; }
#include "check/fact_kinds.def"

static const struct {
	const char              *name;
	const struct fact_field *(*fields)(size_t *n);
} kinds[FACT_KINDS] = {
#define KIND(up, low, json) [FACT_##up] = { json, fields_of_##low },
#define STR(f)
#define NUM(f)
#define YES(f)
#define LIST(f)
#define END
#include "check/fact_kinds.def"
};
/* clang-format on */

const struct fact_field *fact_fields(enum fact_kind kind, size_t *n)
{
	return kinds[kind].fields(n);
}

const char *fact_kind_name(enum fact_kind kind)
{
	return kinds[kind].name;
}

bool fact_kind_of(const char *name, enum fact_kind *kind)
{
	for (unsigned k = 0; k < FACT_KINDS; k++)
		if (!strcmp(kinds[k].name, name)) {
			*kind = (enum fact_kind)k;
			return true;
		}
	return false;
}
