/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/trace_options.h"

#include <string.h>

#include "cli/option_value.h"

enum { LIMIT_MOST = 1000000 };

#define TO(member) .offset = offsetof(struct trace_options, member)

static const struct option_row rows[] = {
	OPTION("since", "TIME", "taken from then on (2026-11-20, \"2026-11-20 14:30\", yesterday, 2h, 3d)",
	       TO(since), .group = "Which"),
	OPTION("until", "TIME", "taken up to then; a day counts with its end", TO(until)),
	OPTION("state", "STATE", "queued held sending in-doubt delayed handed-over refused expired ...",
	       TO(state)),
	OPTION("limit", "N", "so many recipients at most (default 20)", TO(limit_text)),
	OPTION("all", NULL, "each found mail's whole way, not only the newest one's", TO(all),
	       .group = "The answer"),
	OPTION("follow", NULL, "go on as things happen, until it has come to an end", TO(follow),
	       .letter = 'f'),
	OPTION("json", NULL, "one JSON object a line: a mail with its recipients and its trail", TO(json),
	       .json = true),
	OPTION("verbose", NULL, "everything that is known, each reply explained in full", TO(verbose)),
	OPTION("quiet", NULL, "one line a recipient", TO(quiet)),
	OPTION_ZONE(TO(zone)),
	OPTION_NO_COLOR(TO(no_color)),
	OPTION_CONFIG(TO(config)),
	OPTION_DATA(TO(data)),
	OPTION_HELP(TO(help)),
};

static const struct option_table table = { .command = "trace", .rows = rows, .nrows = ARRAY_LEN(rows) };

void trace_options_help(FILE *out)
{
	fputs("Shows a mail's way, hand-off by hand-off: when it was taken, what each server answered and "
	      "what\n"
	      "that means, and what is known now - with the reply that proves it.  Newest first.\n\n"
	      "Use:  postrider trace [QUERY ...] [OPTIONS]\n\n"
	      "QUERY is, found out by its look; what is given must all hold,\n"
	      "  anna@kunde.example          a recipient (or a sender, where nobody was written to there)\n"
	      "  @kunde.example, anna*       recipients of a domain; whose address begins so (anna alone\n"
	      "                              does, too, where nothing else is called so)\n"
	      "  invoice 4711                words of the subject\n"
	      "  \"<1234@example.com>\"        a Message-ID\n"
	      "  4XYZ12ab                    the queue id that the next server told\n"
	      "  0m3k9x2v7qp1r4t8wz          our own id, as the 250 said it\n"
	      "  sender:app@example.com      said outright: sender: to: subject: message-id: remote: id:\n"
	      "                              account: finding: destination: state:\n"
	      "Without a QUERY: the newest.\n",
	      out);
	option_table_help(&table, out);
	fputs("\n\"Handed over\" means that the next server took the mail, with its reply as proof.  It "
	      "does\n"
	      "not mean delivered: that only a delivery report or the recipient can say.\n\n"
	      "Examples:\n"
	      "  postrider trace anna@kunde.example\n"
	      "  postrider trace @kunde.example --state refused --since 3d\n"
	      "  postrider trace invoice 4711\n"
	      "  postrider trace sender:app@example.com --since today --json\n"
	      "  postrider trace 0m3k9x2v7qp1r4t8wz --follow\n\n"
	      "Exit status: 0 found, 1 nothing found, 2 wrong use, 3 could not look (no permission, a store\n"
	      "that cannot be read).\n",
	      out);
}

static bool read_times(struct trace_options *o, struct err *e)
{
	return option_zone(o->zone, o->now_s, &o->zone_s, e) &&
	       option_when("since", o->since, o->now_s, o->zone_s, false, &o->since_s, e) &&
	       option_when("until", o->until, o->now_s, o->zone_s, true, &o->until_s, e);
}

static bool read_limit(struct trace_options *o, struct err *e)
{
	o->limit = TRACE_LIMIT;
	return option_limit(o->limit_text, LIMIT_MOST, &o->limit, e);
}

static bool read_state(struct trace_options *o, struct err *e)
{
	if (!o->state)
		return true;
	o->only = store_state_of(str_of(o->state));
	return o->only != STORE_NO_STATE ||
	       option_wrong(e, "state", o->state,
			    "one of queued held sending in-doubt delayed handed-over refused expired "
			    "suppressed cancelled bounced confirmed");
}

static bool settle(struct trace_options *o, struct err *e)
{
	if (!read_times(o, e) || !read_limit(o, e) || !read_state(o, e))
		return false;
	if (o->since_s && o->until_s && o->until_s < o->since_s) {
		ERR_FILL(e, ERR_USAGE, 0, "look", "from --since %s to --until %s", o->since, o->until);
		return err_detail(e, "the end lies before the beginning: change them over");
	}
	return true;
}

bool trace_options_read(int argc, char **argv, long long now_s, struct trace_options *o, struct err *e)
{
	int first;
	*o = (struct trace_options){ .arena = arena_new(), .now_s = now_s };
	if (!option_table_read(&table, argc, argv, o, &first, e))
		return false;
	o->words = argv + first;
	o->nwords = (size_t)(argc - first);
	return o->help || settle(o, e);
}

void trace_options_clear(struct trace_options *o)
{
	arena_free(&o->arena);
}
