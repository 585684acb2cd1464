/* SPDX-License-Identifier: Apache-2.0 */
#include "base/nearest.h"

#include <getopt.h>
#include <limits.h>
#include <string.h>

enum { NAME_BYTES_MAX = 255, LEAST_LETTERS = 3 };

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;
	return m < c ? m : c;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* UINT_MAX: too long to be a name. */
static unsigned distance(struct str a, struct str b)
{
	unsigned rows[3][NAME_BYTES_MAX + 1];
	if (a.len > NAME_BYTES_MAX || b.len > NAME_BYTES_MAX)
		return UINT_MAX;
	for (unsigned j = 0; j <= b.len; j++)
		rows[0][j] = j;
	for (unsigned i = 1; i <= a.len; i++) {
		unsigned *now = rows[i % 3], *last = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
		now[0] = i;
		for (unsigned j = 1; j <= b.len; j++) {
			char ca = lower(a.p[i - 1]), cb = lower(b.p[j - 1]);
			now[j] = min3(last[j] + 1, now[j - 1] + 1, last[j - 1] + (ca != cb));
			if (i > 1 && j > 1 && ca == lower(b.p[j - 2]) && lower(a.p[i - 2]) == cb &&
			    before[j - 2] + 1 < now[j])
				now[j] = before[j - 2] + 1;
		}
	}
	return rows[a.len % 3][b.len];
}

struct nearest nearest_to(struct str given, unsigned wrong)
{
	return (struct nearest){ given, wrong + 1, NULL };
}

struct nearest nearest_to_option(const char *given)
{
	const char *start = given + strspn(given, "-");
	struct str name = { start, strcspn(start, "=") };
	struct nearest n = nearest_to(name, NEAREST_WRONG);
	if (name.len < LEAST_LETTERS)
		n.below = 0; /* it could be anything */
	return n;
}

void nearest_look(struct nearest *n, const char *name)
{
	unsigned d = distance(n->given, str_of(name));
	if (d < n->below) {
		n->below = d;
		n->name = name;
	}
}

const char *nearest_option(const struct option *longs, const char *given)
{
	struct nearest n = nearest_to_option(given);
	for (; longs->name; longs++)
		nearest_look(&n, longs->name);
	return n.name;
}
