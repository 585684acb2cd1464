/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/suppression_options.h"

#include <string.h>

#include "base/when.h"
#include "cli/option_value.h"
#include "show/suppression_json.h"

static const char *const verbs[SUPPRESSION_VERBS] = { "list", "show", "add", "remove" };

#define TO(member) .offset = offsetof(struct suppression_options, member)

static const struct option_row rows[] = {
	OPTION("reason", "TEXT", "of add: why, in your words", TO(reason), .group = "How"),
	OPTION("for", "TIME", "of add: so long, such as 90d", TO(for_text)),
	OPTION("until", "TIME", "of add: until then (2027-01-31); without either until it is removed",
	       TO(until)),
	OPTION("all", NULL, "of list: also those whose time is over", TO(all)),
	OPTION("json", NULL, "an object a line: each address, and until when it gets no mail", TO(json),
	       .json = true),
	OPTION("quiet", NULL, "addresses only; say nothing but what went wrong", TO(quiet)),
	OPTION_ZONE(TO(zone)),
	OPTION_NO_COLOR(TO(no_color)),
	OPTION_CONFIG(TO(config)),
	OPTION_DATA(TO(data)),
	OPTION_HELP(TO(help)),
};

static const struct option_table table = { .command = "suppression", .rows = rows, .nrows = ARRAY_LEN(rows) };

void suppression_options_help(FILE *out)
{
	fputs("Addresses that get no mail, why, and until when.\n\n"
	      "Use:  postrider suppression VERB [ADDRESS | @DOMAIN ...] [OPTIONS]\n\n"
	      "  list [WORD]      who is on the list; with a word only addresses that have it in them\n"
	      "  show ADDRESS     what is known of one: who said so, and with which words\n"
	      "  add ADDRESS      no mail to it from now on; a whole domain as @example.com\n"
	      "  remove ADDRESS   it gets mail again\n\n"
	      "The relay itself puts an address here only when a delivery report says that the mailbox does\n"
	      "not exist, and the report can be trusted: it came to a return path that was signed here, or\n"
	      "from the server that had taken the mail. It never puts a whole domain here.\n",
	      out);
	option_table_help(&table, out);
	fputs("\nExamples:\n"
	      "  postrider suppression list\n"
	      "  postrider suppression show anna@kunde.example\n"
	      "  postrider suppression add anna@kunde.example --reason \"wants letters\" --for 365d\n"
	      "  postrider suppression remove anna@kunde.example\n\n"
	      "Exit status: 0 done, 1 not on the list, 2 wrong use, 3 could not do it here.\n",
	      out);
}

static bool read_verb(struct suppression_options *o, struct err *e)
{
	size_t i;
	if (!option_first_verb("suppression", &o->args, &o->nargs, verbs, ARRAY_LEN(verbs), &i, e))
		return false;
	o->verb = (enum suppression_verb)i;
	return true;
}

static bool judge_addresses(const struct suppression_options *o, struct err *e)
{
	if (o->verb != SUPPRESSION_LIST && !o->nargs) {
		ERR_FILL(e, ERR_USAGE, 0, "do", "suppression %s", verbs[o->verb]);
		return err_detail(e, "which address? postrider suppression %s you@example.com",
				  verbs[o->verb]);
	}
	for (size_t i = 0; o->verb != SUPPRESSION_LIST && i < o->nargs; i++)
		if (!suppression_is_address(str_of(o->args[i]))) {
			ERR_FILL(e, ERR_USAGE, 0, "take", "\"%s\"", o->args[i]);
			return err_detail(e, "give an address such as you@example.com, or @example.com");
		}
	return true;
}

static bool read_times(struct suppression_options *o, struct err *e)
{
	struct when_base base;
	long long ago = o->now_s;
	if (!option_zone(o->zone, o->now_s, &o->zone_s, e))
		return false;
	base = (struct when_base){ o->now_s, o->zone_s, true };
	if ((o->until || o->for_text) && o->verb != SUPPRESSION_ADD)
		return option_wrong(e, o->until ? "until" : "for", o->until ? o->until : o->for_text,
				    "only add has an end");
	if (o->until && (!when_read(str_of(o->until), &base, &o->until_s) || o->until_s <= o->now_s))
		return option_wrong(e, "until", o->until, "a time to come, such as 2027-01-31");
	if (!o->for_text)
		return true;
	if (!strchr("smhdw", o->for_text[strlen(o->for_text) - 1]) ||
	    !when_read(str_of(o->for_text), &base, &ago) || ago >= o->now_s)
		return option_wrong(e, "for", o->for_text, "a time such as 90d or 52w");
	o->until_s = 2 * o->now_s - ago;
	return true;
}

bool suppression_options_read(int argc, char **argv, long long now_s, struct suppression_options *o,
			      struct err *e)
{
	int first;
	*o = (struct suppression_options){ .arena = arena_new(), .now_s = now_s };
	if (!option_table_read(&table, argc, argv, o, &first, e))
		return false;
	o->args = argv + first;
	o->nargs = (size_t)(argc - first);
	return o->help || (read_verb(o, e) && judge_addresses(o, e) && read_times(o, e));
}

void suppression_options_clear(struct suppression_options *o)
{
	arena_free(&o->arena);
}
