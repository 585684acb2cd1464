/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/log_detect.h"

#include "explain/log_field.h"

/* The program of a syslog head says the format. */
static const struct {
	const char *name;
	bool (*is)(struct str tag);
	log_format_fn *take;
} programs[] = {
	{ "postfix", log_postfix_is, log_postfix },
};

bool log_detect(struct log_context *x, const struct log_line *l)
{
	for (size_t i = 0; l->tag.len && i < ARRAY_LEN(programs); i++) {
		if (!programs[i].is(l->tag))
			continue;
		bool understood = programs[i].take(x, l);
		if (understood && !x->totals.format[0])
			x->totals.format = programs[i].name;
		return understood;
	}
	return false;
}
