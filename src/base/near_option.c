/* SPDX-License-Identifier: Apache-2.0 */
#include "base/near_option.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { NAME_MAX_BYTES = 64, LEAST_LETTERS = 3, MOST_WRONG = 2 };

const char *near_option(const struct option *longs, const char *given)
{
	char name[NAME_MAX_BYTES];
	const char *start = given + strspn(given, "-"), *near = NULL;
	unsigned least = MOST_WRONG + 1;
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(start, "="), start);
	if (strlen(name) < LEAST_LETTERS)
		return NULL;
	for (; longs->name; longs++) {
		unsigned d = text_distance(name, longs->name, MOST_WRONG);
		if (d < least) {
			least = d;
			near = longs->name;
		}
	}
	return near;
}
