/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/fixture.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/unit.h"

enum { LABELS_LEAST = 20, LABELS_MOST = 1000 };

size_t fixture_read(const char *folder, const char *name, char out[FIXTURE_MAX])
{
	char path[512];
	snprintf(path, sizeof(path), FIXTURES_DIR "/%s/%s", folder, name);
	FILE *f = fopen(path, "re");
	assert_non_null(f);
	size_t n = fread(out, 1, FIXTURE_MAX - 1, f);
	fclose(f);
	out[n] = '\0';
	assert_in_range(n, 1, FIXTURE_MAX - 2);
	return n;
}

void fixture_each_label(const char *folder, void (*check)(char *line))
{
	static char labels[FIXTURE_MAX];
	size_t n = 0;
	fixture_read(folder, "labels.tsv", labels);
	for (char *rest = labels, *line; (line = strsep(&rest, "\n"));)
		if (*line && *line != '#') {
			check(line);
			n++;
		}
	assert_in_range(n, LABELS_LEAST, LABELS_MOST);
}
