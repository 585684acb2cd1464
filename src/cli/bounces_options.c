/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/bounces_options.h"

#include <stdint.h>

#include "cli/option_value.h"

enum { LIMIT = 100, LIMIT_MOST = 1000 };

static const char *const verbs[BOUNCES_VERBS] = { "list", "show", "forget" };

#define TO(member) .offset = offsetof(struct bounces_options, member)

static const struct option_row rows[] = {
	OPTION("all", NULL, "of forget: all that are kept", TO(all), .group = "How"),
	OPTION("raw", NULL, "of show: the mail itself, as it came (for postrider explain -)", TO(raw)),
	OPTION("limit", "N", "of list: so many at most (default 100)", TO(limit_text)),
	OPTION("json", NULL, "an object a line", TO(json), .json = true),
	OPTION("quiet", NULL, "ids only; say nothing but what went wrong", TO(quiet)),
	OPTION_NO_COLOR(TO(no_color)),
	OPTION_CONFIG(TO(config)),
	OPTION_DATA(TO(data)),
	OPTION_HELP(TO(help)),
};

static const struct option_table table = { .command = "bounces", .rows = rows, .nrows = ARRAY_LEN(rows) };

void bounces_options_help(FILE *out)
{
	fputs("Reports that came back and belong to no mail that is known here.\n\n"
	      "Use:  postrider bounces VERB [ID ...] [OPTIONS]\n\n"
	      "  list         what is kept, newest first, and why it could not be matched\n"
	      "  show ID      what the report says: which recipients, which server, which words\n"
	      "  forget ID    it was looked at\n\n"
	      "What was matched stands on the trail of the mail it is about: postrider trace ADDRESS.\n",
	      out);
	option_table_help(&table, out);
	fputs("\nExamples:\n"
	      "  postrider bounces list\n"
	      "  postrider bounces show 0m3k9x2v7qp1r4t8wz\n"
	      "  postrider bounces show 0m3k9x2v7qp1r4t8wz --raw > report.eml\n"
	      "  postrider bounces forget --all\n\n"
	      "Exit status: 0 done, 1 no such report, 2 wrong use, 3 could not do it here.\n",
	      out);
}

static bool read_verb(struct bounces_options *o, struct err *e)
{
	size_t i;
	if (!option_first_verb("bounces", &o->args, &o->nargs, verbs, ARRAY_LEN(verbs), &i, e))
		return false;
	o->verb = (enum bounces_verb)i;
	return true;
}

static bool judge(struct bounces_options *o, struct err *e)
{
	bool all = o->verb == BOUNCES_FORGET && o->all;
	o->limit = LIMIT;
	if (!option_limit(o->limit_text, LIMIT_MOST, &o->limit, e))
		return false;
	if (all)
		o->limit = SIZE_MAX;
	if (o->verb == BOUNCES_LIST || all || o->nargs)
		return true;
	ERR_FILL(e, ERR_USAGE, 0, "do", "bounces %s", verbs[o->verb]);
	return err_detail(e, "which report? postrider bounces list shows their ids%s",
			  o->verb == BOUNCES_FORGET ? "; or --all" : "");
}

bool bounces_options_read(int argc, char **argv, struct bounces_options *o, struct err *e)
{
	int first;
	*o = (struct bounces_options){ .arena = arena_new() };
	if (!option_table_read(&table, argc, argv, o, &first, e))
		return false;
	o->args = argv + first;
	o->nargs = (size_t)(argc - first);
	return o->help || (read_verb(o, e) && judge(o, e));
}

void bounces_options_clear(struct bounces_options *o)
{
	arena_free(&o->arena);
}
