/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/option_table.h"

#include <getopt.h>
#include <string.h>

#include "base/arena.h"
#include "base/paper.h"
#include "base/text.h"
#include "cli/option_value.h"
#include "cli/terminal.h"

enum {
	ROW_ID = 256, /* getopt's number of the first row */
	SECRET_ID = 255,
	FORMAT_ID = 254, /* --format text|json where a table has --json alone */
	HELP_ROOM = 28
};

static bool row_at(const struct option_table *t, size_t i, struct option_row *out)
{
	if (!t->members)
		return t->row(i, out);
	if (i < t->nmembers)
		*out = t->members[i].row;
	return i < t->nmembers;
}

const char *option_table_name(const struct option_table *t, size_t i)
{
	struct option_row row;
	return row_at(t, i, &row) ? row.name : NULL;
}

static void help_row(struct paper *paper, const struct option_row *row)
{
	char left[80];
	if (row->group) {
		paper_space(paper);
		paper_head(paper, 0, row->group);
	}
	snprintf(left, sizeof(left), "--%s%s%s", row->name, row->argument ? " " : "",
		 row->argument ? row->argument : "");
	if (strlen(left) < HELP_ROOM) {
		paper_item(paper, 2, (struct paper_lead){ left, HELP_ROOM, PAPER_PLAIN }, row->about);
	} else {
		paper_text(paper, 2, PAPER_PLAIN, left);
		paper_text(paper, 2 + HELP_ROOM, PAPER_PLAIN, row->about);
	}
	if (row->after)
		fprintf(paper->out, "%s\n", row->after);
}

void option_table_help(const struct option_table *t, FILE *out)
{
	int fd = fileno(out);
	struct paper paper = paper_of(out, terminal_columns(fd), terminal_color(fd), true);
	struct option_row row;
	for (size_t i = 0; row_at(t, i, &row); i++)
		help_row(&paper, &row);
}

static bool see_help(const struct option_table *t, struct err *e)
{
	return err_detail(e, "see postrider %s --help", t->command);
}

static bool misspelt(const struct option_table *t, const char *given, struct err *e)
{
	char name[64];
	const char *start = given + strspn(given, "-"), *near = NULL;
	struct option_row row;
	unsigned least = 3;
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(start, "="), start);
	for (size_t i = 0; strlen(name) > 2 && row_at(t, i, &row); i++) {
		unsigned d = text_distance(name, row.name, 2);
		if (d < least) {
			least = d;
			near = row.name;
		}
	}
	ERR_FILL(e, ERR_USAGE, 0, "understand", "%.*s", (int)strcspn(given, "="), given);
	return near ? err_detail(e, "did you mean --%s?", near) : see_help(t, e);
}

static bool refuse_secret(struct err *e)
{
	ERR_FILL(e, ERR_USAGE, 0, "take", "a password or secret from the command line");
	return err_detail(e, "others can read it there: use --password-file FILE (for OAuth "
			     "--oauth-...-file FILE), $POSTRIDER_PASSWORD or the prompt");
}

/* getopt says "?" for an unknown one, an ambiguous one and one with a value too many. */
static bool refuse(const struct option_table *t, const struct option *longs, const char *given, struct err *e)
{
	size_t n = strcspn(given + strspn(given, "-"), "=");
	const char *start = given + strspn(given, "-"), *one = NULL, *two = NULL;
	for (; longs->name && *given == '-' && given[1] == '-'; longs++) {
		if (strlen(longs->name) == n && !strncmp(longs->name, start, n)) {
			ERR_FILL(e, ERR_USAGE, 0, "use", "--%s with a value", longs->name);
			return err_detail(e, "--%s takes no value", longs->name);
		}
		if (n && !strncmp(longs->name, start, n)) {
			two = one;
			one = longs->name;
		}
	}
	if (!two)
		return misspelt(t, given, e);
	ERR_FILL(e, ERR_USAGE, 0, "understand", "%.*s", (int)strcspn(given, "="), given);
	return err_detail(e, "it could be --%s or --%s: write it out", two, one);
}

/* "--password", "--oauth-client-secret" and the like are no options, and must not be
 * taken for the beginning of one: what follows them is a secret, to be neither
 * opened as a file nor printed.  True when the table has such rows. */
static bool getopt_rows(const struct option_table *t, struct arena *a, struct option longs[])
{
	struct option_row row;
	bool secrets = false;
	for (size_t i = 0, n = 0; i < OPTION_ROWS_MAX && row_at(t, i, &row); i++) {
		int takes = !row.argument  ? no_argument
			    : row.optional ? optional_argument
					   : required_argument;
		longs[n++] = (struct option){ row.name, takes, NULL, ROW_ID + (int)i };
		if (!row.secret)
			continue;
		size_t bare = strlen(row.name) - strlen("-file");
		longs[n++] = (struct option){ arena_dup(a, row.name, bare), no_argument, NULL, SECRET_ID };
		secrets = true;
	}
	return secrets;
}

/* The row that --format json stands for; false: the command has a --format of its own, or no JSON. */
static bool json_row(const struct option_table *t, size_t *at)
{
	struct option_row row;
	bool found = false;
	for (size_t i = 0; i < OPTION_ROWS_MAX && row_at(t, i, &row); i++) {
		if (!strcmp(row.name, "format"))
			return false;
		if (!strcmp(row.name, "json")) {
			*at = i;
			found = true;
		}
	}
	return found;
}

struct reading {
	const struct option_table *t;
	const struct option *longs;
	bool secrets;
	char **argv;
	void *options;
};

static bool take_value(const struct reading *r, size_t i, struct err *e)
{
	return r->t->members ? option_store(r->options, &r->t->members[i], optarg, e)
			     : r->t->take(r->options, i, optarg, e);
}

static bool take_letter(const struct reading *r, int letter, struct err *e)
{
	const struct option_table *t = r->t;
	for (size_t i = 0; t->members && i < t->nmembers; i++)
		if (t->members[i].row.name[0] == letter)
			return option_store(r->options, &t->members[i], NULL, e);
	return t->take_short(r->options, letter, e);
}

static bool is_enough(const struct option_table *t, const void *options)
{
	if (!t->members)
		return t->enough(options);
	for (size_t i = 0; i < t->nmembers; i++)
		if (!strcmp(t->members[i].row.name, "help"))
			return *(const bool *)((const char *)options + t->members[i].offset);
	return false;
}

static bool take_format(const struct reading *r, struct err *e)
{
	const char *form = optarg;
	size_t at;
	optarg = NULL;
	if (!strcmp(form, "json"))
		return json_row(r->t, &at) && take_value(r, at, e);
	return !strcmp(form, "text") || option_wrong(e, "format", form, "text or json");
}

static bool take(const struct reading *r, int id, struct err *e)
{
	if (id == ':') {
		ERR_FILL(e, ERR_USAGE, 0, "use", "%s without a value", r->argv[optind - 1]);
		return see_help(r->t, e);
	}
	if (id == FORMAT_ID)
		return take_format(r, e);
	if (id == SECRET_ID || (id == '?' && optopt == SECRET_ID))
		return refuse_secret(e);
	if (id == '?' && optopt == 'p' && r->secrets) /* "-p...": mysql's way to give a password */
		return refuse_secret(e);
	if (id == '?' && optopt > 0 && optopt < SECRET_ID) {
		ERR_FILL(e, ERR_USAGE, 0, "understand", "-%c", optopt);
		return see_help(r->t, e);
	}
	if (id == '?')
		return refuse(r->t, r->longs, r->argv[optind - 1], e);
	return id < SECRET_ID ? take_letter(r, id, e) : take_value(r, (size_t)(id - ROW_ID), e);
}

bool option_table_read(const struct option_table *t, int argc, char **argv, void *options, int *first,
		       struct err *e)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct option longs[2 * OPTION_ROWS_MAX + 2] = { 0 };
	struct reading r = { t, longs, getopt_rows(t, a, longs), argv, options };
	size_t n = 0;
	while (longs[n].name)
		n++;
	if (json_row(t, &(size_t){ 0 }))
		longs[n] = (struct option){ "format", required_argument, NULL, FORMAT_ID };
	const char *shorts = arena_printf(a, ":%s", t->shorts);
	opterr = 0;
	optind = 0; /* GNU: begin anew, whatever an earlier call left */
	for (int id; !is_enough(t, options) && (id = getopt_long(argc, argv, shorts, longs, NULL)) != -1;)
		if (!take(&r, id, e))
			return false;
	*first = optind;
	return true;
}
