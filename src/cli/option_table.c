/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/option_table.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/nearest.h"
#include "base/paper.h"
#include "cli/command.h"
#include "cli/option_value.h"
#include "cli/terminal.h"

enum {
	ROW_ID = 256, /* getopt's number of the first row */
	SECRET_ID = 255,
	FORMAT_ID = 254, /* --format text|json where a table has --json alone */
	VERSION_ID = ROW_ID + OPTION_ROWS_MAX,
	IDLE_ID, /* one of every command's that has nothing to do in this one */
	HELP_ROOM = 28
};

/* Scripts give them to whatever command they call. */
static const struct option idle[] = {
	{ "config", required_argument, NULL, IDLE_ID },
	{ "quiet", no_argument, NULL, IDLE_ID },
	{ "verbose", no_argument, NULL, IDLE_ID },
	{ "no-color", no_argument, NULL, IDLE_ID },
};

static bool row_at(const struct option_table *t, size_t i, struct option_row *out)
{
	if (!t->rows)
		return t->row(i, out);
	if (i < t->nrows)
		*out = t->rows[i];
	return i < t->nrows;
}

static bool has_row(const struct option_table *t, const char *name)
{
	struct option_row row;
	for (size_t i = 0; row_at(t, i, &row); i++)
		if (!strcmp(row.name, name))
			return true;
	return false;
}

/* What --format says where a table has --json alone. */
static const struct option_row format_row =
	OPTION("format", "FORM", "text, or json: the same as --json", .take = NULL);

static void help_row(struct paper *paper, const struct option_row *row)
{
	char letter[] = { '-', row->letter, ',', ' ', 0 }, left[80];
	if (row->group) {
		paper_space(paper);
		paper_head(paper, 0, row->group);
	}
	snprintf(left, sizeof(left), "%s--%s%s%s", row->letter ? letter : "", row->name,
		 row->argument ? " " : "", row->argument ? row->argument : "");
	if (strlen(left) < HELP_ROOM) {
		paper_item(paper, 2, (struct paper_lead){ left, HELP_ROOM, PAPER_PLAIN }, row->about);
	} else {
		paper_text(paper, 2, PAPER_PLAIN, left);
		paper_text(paper, 2 + HELP_ROOM, PAPER_PLAIN, row->about);
	}
	if (row->after)
		fprintf(paper->out, "%s\n", row->after);
}

static void help_idle(const struct option_table *t, FILE *out)
{
	const char *left[ARRAY_LEN(idle)];
	size_t n = 0;
	for (size_t i = 0; i < ARRAY_LEN(idle); i++)
		if (!has_row(t, idle[i].name))
			left[n++] = idle[i].name;
	fputs("\n--version tells which version this is.\n", out);
	for (size_t i = 0; i < n; i++)
		fprintf(out, "--%s%s", left[i], i + 1 == n ? "" : i + 2 == n ? " and " : ", ");
	if (n)
		fprintf(out, " %s taken, as by every command, and mean%s nothing here.\n",
			n == 1 ? "is" : "are", n == 1 ? "s" : "");
}

void option_table_help(const struct option_table *t, FILE *out)
{
	int fd = fileno(out);
	struct paper paper = paper_of(out, terminal_columns(fd), terminal_color(fd), true);
	struct option_row row;
	for (size_t i = 0; row_at(t, i, &row); i++) {
		help_row(&paper, &row);
		if (row.json)
			help_row(&paper, &format_row);
	}
	help_idle(t, out);
}

static bool see_help(const struct option_table *t, struct err *e)
{
	return err_detail(e, "see postrider %s --help", t->command);
}

static bool misspelt(const struct option_table *t, const char *given, struct err *e)
{
	struct nearest near = nearest_to_option(given);
	struct option_row row;
	for (size_t i = 0; row_at(t, i, &row); i++)
		nearest_look(&near, row.name);
	ERR_FILL(e, ERR_USAGE, 0, "understand", "%.*s", (int)strcspn(given, "="), given);
	return near.name ? err_detail(e, "did you mean --%s?", near.name) : see_help(t, e);
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

struct reading {
	const struct option_table *t;
	char **argv;
	void *options;
	struct option longs[2 * OPTION_ROWS_MAX + 2 + ARRAY_LEN(idle) + 1];
	char shorts[2 * OPTION_ROWS_MAX + 2];
	bool secrets; /* the table has such rows */
	size_t json;  /* 1 + the row that --format json means; 0: none */
	size_t ends;  /* 1 + the row that ends the reading; 0: none */
};

/* A row's letter, as getopt takes it. */
static void letter_of(const struct option_row *row, char *shorts)
{
	if (row->letter)
		snprintf(shorts + strlen(shorts), 3, "%c%s", row->letter, row->argument ? ":" : "");
}

/* "--password", "--oauth-client-secret" and the like are no options, and must not be
 * taken for the beginning of one: what follows them is a secret, to be neither
 * opened as a file nor printed. */
static void getopt_rows(struct reading *r, struct arena *a)
{
	struct option_row row;
	size_t n = 0;
	snprintf(r->shorts, sizeof(r->shorts), ":%s", r->t->shorts ? r->t->shorts : "");
	for (size_t i = 0; i < OPTION_ROWS_MAX && row_at(r->t, i, &row); i++) {
		int takes = !row.argument  ? no_argument
			    : row.optional ? optional_argument
					   : required_argument;
		r->longs[n++] = (struct option){ row.name, takes, NULL, ROW_ID + (int)i };
		letter_of(&row, r->shorts);
		r->json = row.json ? i + 1 : r->json;
		r->ends = row.ends ? i + 1 : r->ends;
		r->secrets = r->secrets || row.secret;
		if (row.secret) {
			size_t bare = strlen(row.name) - strlen("-file");
			r->longs[n++] =
				(struct option){ arena_dup(a, row.name, bare), no_argument, NULL, SECRET_ID };
		}
	}
	if (r->json)
		r->longs[n++] = (struct option){ format_row.name, required_argument, NULL, FORMAT_ID };
	for (size_t i = 0; i < ARRAY_LEN(idle); i++)
		if (!has_row(r->t, idle[i].name))
			r->longs[n++] = idle[i];
	r->longs[n] = (struct option){ "version", no_argument, NULL, VERSION_ID };
}

static bool take_value(const struct reading *r, size_t i, const char *value, struct err *e)
{
	const struct option_row *rows = r->t->rows;
	if (!rows)
		return r->t->take(r->options, i, value, e);
	return rows[i].take ? rows[i].take(r->options, &rows[i], value, e)
			    : option_store(r->options, &rows[i], value, e);
}

static bool take_letter(const struct reading *r, int letter, struct err *e)
{
	const struct option_table *t = r->t;
	for (size_t i = 0; t->rows && i < t->nrows; i++)
		if (t->rows[i].letter == letter)
			return take_value(r, i, optarg, e);
	return t->take_short(r->options, letter, e);
}

static bool is_enough(const struct reading *r)
{
	if (!r->t->rows)
		return r->t->enough(r->options);
	return r->ends && *(const bool *)((const char *)r->options + r->t->rows[r->ends - 1].offset);
}

static bool take_format(const struct reading *r, const char *form, struct err *e)
{
	if (!strcmp(form, "json"))
		return take_value(r, r->json - 1, NULL, e);
	return !strcmp(form, "text") || option_wrong(e, "format", form, "text or json");
}

_Noreturn static void tell_version(void)
{
	puts("postrider " POSTRIDER_VERSION);
	exit(command_end(EXIT_WELL));
}

static bool take(const struct reading *r, int id, struct err *e)
{
	if (id == ':') {
		ERR_FILL(e, ERR_USAGE, 0, "use", "%s without a value", r->argv[optind - 1]);
		return see_help(r->t, e);
	}
	if (id == FORMAT_ID)
		return take_format(r, optarg, e);
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
	if (id == VERSION_ID)
		tell_version();
	if (id == IDLE_ID)
		return true;
	return id < SECRET_ID ? take_letter(r, id, e) : take_value(r, (size_t)(id - ROW_ID), optarg, e);
}

bool option_table_read(const struct option_table *t, int argc, char **argv, void *options, int *first,
		       struct err *e)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct reading r = { .t = t, .argv = argv, .options = options };
	getopt_rows(&r, a);
	opterr = 0;
	optind = 0; /* GNU: begin anew, whatever an earlier call left */
	for (int id; !is_enough(&r) && (id = getopt_long(argc, argv, r.shorts, r.longs, NULL)) != -1;)
		if (!take(&r, id, e))
			return false;
	*first = optind;
	return true;
}
