/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/monitor_options.h"

#include "cli/option_value.h"

#define TO(member) .offset = offsetof(struct monitor_options, member)

static const char *const verbs[MONITOR_VERBS] = { "list", "show", "history", "run" };

static const struct option_row rows[] = {
	OPTION("since", "TIME", "from then on (2026-11-20, yesterday, 2h, 30d); default: the last 7 days",
	       TO(since), .group = "Which"),
	OPTION("bad", NULL, "show: the last run that was bad, not the last one", TO(bad)),
	OPTION("json", NULL, "list, history: the document of GET /api/v1/health; show, run: of a check",
	       TO(json), .group = "The answer", .json = true),
	OPTION("verbose", NULL, "show, run: with the dialogue", TO(verbose)),
	OPTION("quiet", NULL, "only what is not well", TO(quiet)),
	OPTION_ZONE(TO(zone)),
	OPTION_NO_COLOR(TO(no_color)),
	OPTION("config", "FILE", "the relay's configuration, which names the monitors", TO(config),
	       .group = "Where"),
	OPTION_HELP(TO(help)),
};

static const struct option_table table = { .command = "monitor", .rows = rows, .nrows = ARRAY_LEN(rows) };

void monitor_options_help(FILE *out)
{
	fputs("The set-ups that `postrider serve` looks at on a schedule: how they are, how they were.\n\n"
	      "Use:  postrider monitor [VERB [NAME]] [OPTIONS]\n\n"
	      "  list           how each is, since when and why; what runs out soon; what changed in the "
	      "DNS;\n"
	      "                 the last alerts\n"
	      "  show NAME      what its last check saw, explained\n"
	      "  history NAME   its runs: when, how, how long each step took\n"
	      "  run NAME       checks it now, here, and says the result; the history stays as it is\n",
	      out);
	option_table_help(&table, out);
	fputs("\nMonitors and alerts are blocks of postrider.conf:\n"
	      "  monitor \"office\" { target = \"profile:office\"  every = \"15m\" }\n"
	      "  alert \"ops\" { mail = { \"ops@example.com\" } }\n\n"
	      "Examples:\n"
	      "  postrider monitor\n"
	      "  postrider monitor show office --bad\n"
	      "  postrider monitor history office --since 30d\n"
	      "  postrider monitor run office\n\n"
	      "Exit status: 0 all well, 1 a monitor is bad (or the one named), 2 wrong use or "
	      "configuration,\n"
	      "3 could not look (no permission, nothing kept yet), or the relay has stopped looking.\n",
	      out);
}

static bool read_verb(const char *word, enum monitor_verb *out, struct err *e)
{
	size_t i;
	if (!option_verb("monitor", word, verbs, ARRAY_LEN(verbs), &i, e))
		return false;
	*out = (enum monitor_verb)i;
	return true;
}

static bool read_words(char **words, int n, struct monitor_options *o, struct err *e)
{
	if (n && !read_verb(words[0], &o->verb, e))
		return false;
	o->name = n > 1 ? words[1] : NULL;
	if (n > 2) {
		ERR_FILL(e, ERR_USAGE, 0, "look at", "%s and %s", words[1], words[2]);
		return err_detail(e, "one at a time");
	}
	if (o->name && o->verb == MONITOR_LIST) {
		ERR_FILL(e, ERR_USAGE, 0, "list", "%s", o->name);
		return err_detail(e, "list shows all; one alone: postrider monitor show %s", o->name);
	}
	if (o->name || o->verb == MONITOR_LIST)
		return true;
	ERR_FILL(e, ERR_USAGE, 0, verbs[o->verb], "no monitor");
	return err_detail(e, "name it: postrider monitor %s NAME; postrider monitor lists them",
			  verbs[o->verb]);
}

bool monitor_options_read(int argc, char **argv, long long now_s, struct monitor_options *o, struct err *e)
{
	int first;
	*o = (struct monitor_options){ .now_s = now_s };
	if (!option_table_read(&table, argc, argv, o, &first, e))
		return false;
	if (o->help)
		return true;
	return read_words(argv + first, argc - first, o, e) && option_zone(o->zone, now_s, &o->zone_s, e) &&
	       option_when("since", o->since, now_s, o->zone_s, false, &o->since_s, e);
}
