/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/report_options.h"

#include <stddef.h>

#include "cli/option_value.h"

#define TO(member) .offset = offsetof(struct report_command, member)

static const struct option_row rows[] = {
	OPTION("since", "TIME",
	       "without a mail: what failed of the mail taken from then on (yesterday, 7d, 2026-11-20)",
	       TO(since), .group = "What"),
	OPTION("until", "TIME", "and up to then; a day counts with its end", TO(until)),
	OPTION("recipient", "ADDRESS",
	       "of a mail with several: this one in full (default: the first that failed)", TO(recipient)),
	OPTION("preview", NULL, "only say what the report gives away", TO(preview), .group = "What it tells"),
	OPTION("mask", NULL, "people become person-1, person-2 ...; internal addresses are left out",
	       TO(mask)),
	OPTION("with-subject", NULL, "leave the subject in", TO(subject)),
	OPTION("format", "FORM",
	       "html, markdown or json (default: markdown, or as the name of --output ends)", TO(format_name),
	       .group = "The file"),
	OPTION("json", NULL, "one JSON document: what it gives away, and the report as Markdown in it",
	       TO(json)),
	OPTION("output", "FILE", "write it there (default: standard output)", TO(output)),
	OPTION("zone", "ZONE", "times are typed in it: utc, +01:00 (default: this computer's)", TO(zone)),
	OPTION_CONFIG(TO(config)),
	OPTION_DATA(TO(data)),
	OPTION_HELP(TO(help)),
};

static const struct option_table table = { .command = "report", .rows = rows, .nrows = ARRAY_LEN(rows) };

void report_options_help(FILE *out)
{
	fputs("Packs a case for the IT provider or the support desk into one file, secrets removed.\n\n"
	      "Use:  postrider report MAIL | FILE | --since TIME  [OPTIONS]\n\n"
	      "MAIL is what postrider trace takes: an id, a recipient, <Message-ID>, words of the subject.\n"
	      "FILE is the evidence of a check or a search (check --save, discover --save).\n",
	      out);
	option_table_help(&table, out);
	fputs("\nIn it: the finding, the facts, what was tried, a help desk's checklist (proved, open, not\n"
	      "applicable), what to ask whoever can look into the next server's log, and two paragraphs "
	      "ready\n"
	      "to send. Passwords, tokens and the mail's text are never in it.\n\n"
	      "Examples:\n"
	      "  postrider report case.json --output case.html\n"
	      "  postrider report customer@example.net --preview\n"
	      "  postrider report 1af4gtt3007br5gvym --mask > ticket.md\n"
	      "  postrider report --since 7d\n\n"
	      "Exit status: 0 the report is made, 1 there is no such mail, 2 wrong use, 3 could not work "
	      "here.\n",
	      out);
}

static enum render_format format_of_name(const char *file)
{
	return z_iends(file, ".html") || z_iends(file, ".htm") ? RENDER_HTML
	       : z_iends(file, ".json")                        ? RENDER_JSON
							       : RENDER_MARKDOWN;
}

/* A preview is read here and now: --output's name does not make it another. */
static bool pick_format(struct report_command *o, struct err *e)
{
	o->format = RENDER_MARKDOWN;
	if (o->output && !o->preview)
		o->format = format_of_name(o->output);
	if (o->format_name && (!render_format_of(o->format_name, &o->format) || o->format == RENDER_TEXT))
		return option_wrong(e, "format", o->format_name, "html, markdown or json");
	if (o->json && o->format_name && o->format != RENDER_JSON)
		return option_wrong(e, "format", o->format_name,
				    "--json says another: leave one of the two away");
	if (o->json)
		o->format = RENDER_JSON;
	return true;
}

static bool pick_times(struct report_command *o, struct err *e)
{
	long long zone_s = 0;
	o->until_s = o->now_s + 1; /* this second too */
	return option_zone(o->zone, o->now_s, &zone_s, e) &&
	       option_when("since", o->since, o->now_s, zone_s, false, &o->since_s, e) &&
	       option_when("until", o->until, o->now_s, zone_s, true, &o->until_s, e);
}

static bool is_told_what(const struct report_command *o, struct err *e)
{
	if (o->nwords && o->since) {
		ERR_FILL(e, ERR_USAGE, 0, "report", "\"%s\" and a period", o->words[0]);
		return err_detail(e, "leave one of the two away: a mail or a file, or --since");
	}
	if (o->nwords || o->since)
		return true;
	ERR_FILL(e, ERR_USAGE, 0, "report", "nothing");
	return err_detail(e,
			  "give a mail (as postrider trace takes it), a file of check --save, or --since 7d");
}

bool report_options_read(int argc, char **argv, long long now_s, struct report_command *o, struct err *e)
{
	int first;
	*o = (struct report_command){ .arena = arena_new(), .now_s = now_s };
	if (!option_table_read(&table, argc, argv, o, &first, e))
		return false;
	o->words = argv + first;
	o->nwords = (size_t)(argc - first);
	return o->help || (is_told_what(o, e) && pick_format(o, e) && pick_times(o, e));
}

void report_options_clear(struct report_command *o)
{
	arena_free(&o->arena);
}
