/* SPDX-License-Identifier: Apache-2.0 */
#include "labels.h"

#include <stdio.h>
#include <string.h>

struct columns {
	size_t reply, enhanced, class, step, also, finding; /* COLUMNS_MAX: none */
};

size_t labels_split(char *line, char *cells[COLUMNS_MAX])
{
	size_t n = 0;
	line[strcspn(line, "\r\n")] = '\0';
	for (char *cell; n < COLUMNS_MAX && (cell = strsep(&line, "\t"));)
		cells[n++] = cell;
	return n;
}

static size_t column(char *const *cells, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(cells[i], name))
			return i;
	return COLUMNS_MAX;
}

static const char *cell(struct labels *l, char *const *cells, size_t n, size_t i)
{
	return i < n ? arena_strdup(l->arena, cells[i]) : "";
}

static void add_row(struct labels *l, const struct columns *c, char *const *cells, size_t n)
{
	if (c->reply >= n || c->enhanced >= n || c->class >= n)
		return;
	const char *enhanced = cell(l, cells, n, c->enhanced);
	l->rows[l->n++] = (struct label){ .reply = cell(l, cells, n, c->reply),
					  .enhanced = strcmp(enhanced, "-") ? enhanced : "",
					  .class = cell(l, cells, n, c->class),
					  .step = cell(l, cells, n, c->step),
					  .also = cell(l, cells, n, c->also),
					  .finding = cell(l, cells, n, c->finding) };
}

int labels_read(const char *path, struct labels *out)
{
	CLEANUP(close_file) FILE *f = fopen(path, "re");
	CLEANUP(mem_free) char *line = NULL;
	size_t room = 0;
	struct columns c = { 0 };
	if (!f)
		return -1;
	if (!out->arena) {
		out->arena = arena_new();
		out->rows = arena_alloc(out->arena, LABELS_MAX * sizeof(*out->rows));
	}
	for (bool first = true; out->n < LABELS_MAX && getline(&line, &room, f) > 0; first = false) {
		char *cells[COLUMNS_MAX];
		size_t n = labels_split(line, cells);
		if (first)
			c = (struct columns){ column(cells, n, "reply"), column(cells, n, "enhanced"),
					      column(cells, n, "class"), column(cells, n, "step"),
					      column(cells, n, "also"),  column(cells, n, "finding") };
		else
			add_row(out, &c, cells, n);
	}
	return 0;
}

void labels_clear(struct labels *l)
{
	arena_free(&l->arena);
}
