/* SPDX-License-Identifier: Apache-2.0 */
/* bench/replies - how often the reply catalogue gives the right class, and how fast.
 *
 *   replies FILE.tsv [--wrong] [--speed SECONDS] [--words-only] [--least PERCENT]
 *
 * FILE: first line names the columns; reply, enhanced and class are read.  The
 * class of the best meaning is compared with the label.  --words-only keeps the
 * status column from the matcher, as when somebody pastes a line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "catalog/reply_match.h"

enum { ROWS_MAX = 20000, COLUMNS_MAX = 16 };

struct row {
	const char *reply, *enhanced, *class;
};

struct table {
	struct arena *arena; /* owns rows and their texts */
	struct row *rows;
	size_t n;
};

static size_t split(char *line, char *cells[COLUMNS_MAX])
{
	size_t n = 0;
	line[strcspn(line, "\r\n")] = '\0';
	for (char *cell; n < COLUMNS_MAX && (cell = strsep(&line, "\t"));)
		cells[n++] = cell;
	return n;
}

static size_t column(char *const *cells, size_t n, const char *name)
{
	size_t i = 0;
	while (i < n && strcmp(cells[i], name) != 0)
		i++;
	return i;
}

static int table_read(const char *path, struct table *t)
{
	CLEANUP(close_file) FILE *f = fopen(path, "re");
	CLEANUP(mem_free) char *line = NULL;
	size_t room = 0, reply = 0, enhanced = 0, class = 0;
	if (!f)
		return -1;
	t->arena = arena_new();
	t->rows = arena_alloc(t->arena, ROWS_MAX * sizeof(*t->rows));
	for (bool first = true; t->n < ROWS_MAX && getline(&line, &room, f) > 0; first = false) {
		char *cells[COLUMNS_MAX];
		size_t n = split(line, cells);
		if (first) {
			reply = column(cells, n, "reply");
			enhanced = column(cells, n, "enhanced");
			class = column(cells, n, "class");
		} else if (reply < n && enhanced < n && class < n) {
			const char *e = strcmp(cells[enhanced], "-") != 0 ? cells[enhanced] : "";
			t->rows[t->n++] =
				(struct row){ arena_strdup(t->arena, cells[reply]), arena_strdup(t->arena, e),
					      arena_strdup(t->arena, cells[class]) };
		}
	}
	return 0;
}

static void table_clear(struct table *t)
{
	arena_free(&t->arena);
}

static bool judge(const struct row *r, bool words_only, bool show)
{
	struct reply_meaning m[REPLY_MEANINGS_MAX];
	struct reply_context c = {
		.provider = "", .step = "", .text = r->reply, .enhanced = words_only ? "" : r->enhanced
	};
	size_t n = reply_meanings(&c, m);
	bool right = n && !strcmp(m[0].entry->class, r->class);
	if (!right && show) {
		printf("%s\t%.150s\n", r->class, r->reply);
		for (size_t i = 0; i < n && i < 3; i++)
			printf("\t%.3f %s (%s) %s\n", m[i].confidence, m[i].entry->class, m[i].entry->id,
			       m[i].pattern);
	}
	return right;
}

static void speed(const struct table *t, double seconds)
{
	struct timespec a, b;
	size_t done = 0;
	double took;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	do {
		for (size_t i = 0; i < t->n; i++, done++)
			judge(&t->rows[i], false, false);
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
		took = (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9;
	} while (took < seconds);
	printf("%.0f replies a second of processor time\n", (double)done / took);
}

int main(int argc, char **argv)
{
	CLEANUP(table_clear) struct table t = { 0 };
	bool wrong = false, words_only = false;
	double seconds = 0, least = 0;
	for (int i = 2; i < argc; i++) {
		wrong = wrong || !strcmp(argv[i], "--wrong");
		words_only = words_only || !strcmp(argv[i], "--words-only");
		if (!strcmp(argv[i], "--speed") && i + 1 < argc)
			seconds = strtod(argv[++i], NULL);
		else if (!strcmp(argv[i], "--least") && i + 1 < argc)
			least = strtod(argv[++i], NULL);
	}
	if (argc < 2 || table_read(argv[1], &t) != 0) {
		printf("replies: no data at %s; nothing measured\n", argc < 2 ? "?" : argv[1]);
		return 77; /* skipped */
	}
	size_t right = 0;
	for (size_t i = 0; i < t.n; i++)
		right += judge(&t.rows[i], words_only, wrong);
	printf("%zu of %zu classes right (%.1f %%)\n", right, t.n,
	       t.n ? 100.0 * (double)right / (double)t.n : 0.0);
	if (seconds > 0)
		speed(&t, seconds);
	return t.n && 100.0 * (double)right >= least * (double)t.n ? 0 : 1;
}
