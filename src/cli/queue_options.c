/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/queue_options.h"

#include <stdio.h>
#include <string.h>

#include "base/text_time.h"
#include "base/when.h"
#include "cli/option_value.h"

enum { DAY_S = 86400, LIMIT = 50, LIMIT_MOST = 1000000 };

static const char *const verbs[] = { "list", "show", "why", "hold", "release", "retry", "bounce", "cancel" };

#define TO(member) .offset = offsetof(struct queue_options, member)

static const struct option_row rows[] = {
	OPTION("to-domain", "DOMAIN", "recipients in it", TO(domain), .group = "Which"),
	OPTION("destination", "NAME", "as queue list calls it: a route, or a route and a domain",
	       TO(destination)),
	OPTION("finding", "ID", "those that wait because of it", TO(finding)),
	OPTION("account", "NAME", "handed in by it", TO(account)),
	OPTION("sender", "ADDRESS", "sent by it, or by @DOMAIN", TO(sender)),
	OPTION("recipient", "ADDRESS", "only this one; of a mail named by its id, too", TO(recipient)),
	OPTION("state", "STATE", "queued, held, sending, delayed or in-doubt", TO(state_text)),
	OPTION("all", NULL, "all that the word fits", TO(all)),
	OPTION("yes", NULL, "do it; without, many at once are only counted", TO(yes), .group = "How",
	       .letter = 'y'),
	OPTION("reason", "TEXT", "stands in the trail", TO(reason)),
	OPTION("until", "TIME", "of hold: goes on by itself then (\"2026-11-22 08:00\", or 2h, 3d from now)",
	       TO(until)),
	OPTION("limit", "N", "of list and why: so many destinations or mails at most (default 50)",
	       TO(limit_text)),
	OPTION("json", NULL, "one JSON document", TO(json), .json = true),
	OPTION("quiet", NULL, "of list: names or ids alone; else nothing but what went wrong", TO(quiet)),
	OPTION_ZONE(TO(zone)),
	OPTION_NO_COLOR(TO(no_color)),
	OPTION_CONFIG(TO(config)),
	OPTION_DATA(TO(data)),
	OPTION_HELP(TO(help)),
};

static const struct option_table table = { .command = "queue", .rows = rows, .nrows = ARRAY_LEN(rows) };

void queue_options_help(FILE *out)
{
	fputs("What waits, why, and what you want done with it.\n\n"
	      "Use:  postrider queue VERB [ID ... | @DOMAIN | DESTINATION] [OPTIONS]\n\n"
	      "  list       by destination: how many wait, since when, the last answer and what it means;\n"
	      "             list DESTINATION: the mails that wait there\n"
	      "  show ID    all that is known of a mail\n"
	      "  why ID     one sentence: what it waits for, and about how long; why ADDRESS or\n"
	      "             why @DOMAIN: for each mail that waits for it\n"
	      "  hold       what waits now does not go out until it is released (or --until TIME)\n"
	      "  release    what was held goes on now\n"
	      "  retry      what waits for its next try is tried now, by the present routes\n"
	      "  bounce     given up: the sender is told by a delivery report\n"
	      "  cancel     given up: nobody is told\n",
	      out);
	option_table_help(&table, out);
	fputs("\nA mail named by its id is dealt with at once.  Many at a time are first counted and shown;\n"
	      "--yes does it.  A running relay is asked to do it; without one the folder is changed "
	      "itself.\n\n"
	      "Examples:\n"
	      "  postrider queue list\n"
	      "  postrider queue why 0m3k9x2v7qp1r4t8wz\n"
	      "  postrider queue retry @kunde.example --yes\n"
	      "  postrider queue hold --account shop@example.com --reason \"wrong prices\" --yes\n"
	      "  postrider queue release --account shop@example.com --yes\n"
	      "  postrider queue retry --all --yes                 everything, now\n"
	      "  postrider queue bounce --finding rcpt-user-unknown --yes\n\n"
	      "Exit status: 0 done, 1 nothing found or not all could be done, 2 wrong use, 3 could not do "
	      "it\n"
	      "here.\n",
	      out);
}

static bool read_verb(struct queue_options *o, struct err *e)
{
	size_t i;
	if (!option_first_verb("queue", &o->args, &o->nargs, verbs, ARRAY_LEN(verbs), &i, e))
		return false;
	o->verb = i < QUEUE_STEER ? (enum queue_verb)i : QUEUE_STEER;
	return o->verb != QUEUE_STEER || steer_of(str_of(verbs[i]), &o->what);
}

/* A span without "ago" lies ahead here: nothing goes on in the past. */
static bool until_read(struct queue_options *o)
{
	struct when_base base = { o->now_s, o->zone_s, true };
	size_t n = strlen(o->until);
	if (!when_read(str_of(o->until), &base, &o->until_s))
		return false;
	if (*o->until >= '0' && *o->until <= '9' && strchr("smhdw", o->until[n - 1]))
		o->until_s = 2 * o->now_s - o->until_s;
	return o->until_s > o->now_s;
}

static bool until_wrong(const struct queue_options *o, struct err *e)
{
	char tomorrow[TEXT_TIME_BYTES], mend[80];
	text_time(o->now_s + o->zone_s + DAY_S, tomorrow);
	snprintf(mend, sizeof(mend), "a time to come, such as \"%.10s 08:00\", 2h or 3d", tomorrow);
	return option_wrong(e, "until", o->until, mend);
}

static bool read_times(struct queue_options *o, struct err *e)
{
	if (!option_zone(o->zone, o->now_s, &o->zone_s, e))
		return false;
	if (!o->until)
		return true;
	if (!until_read(o))
		return until_wrong(o, e);
	return o->verb == QUEUE_STEER && o->what == STEER_HOLD
		       ? true
		       : option_wrong(e, "until", o->until, "only hold ends by itself");
}

static bool read_state(struct queue_options *o, struct err *e)
{
	if (!o->state_text)
		return true;
	o->state = store_state_of(str_of(o->state_text));
	if (!store_state_live(o->state))
		return option_wrong(e, "state", o->state_text, "one of queued held sending delayed in-doubt");
	if (o->verb == QUEUE_STEER && !steer_fits(o->what, o->state))
		return option_wrong(e, "state", o->state_text, "the word does not fit that state");
	return true;
}

static bool read_limit(struct queue_options *o, struct err *e)
{
	o->limit = LIMIT;
	if (o->limit_text && o->verb != QUEUE_LIST && o->verb != QUEUE_WHY)
		return option_wrong(e, "limit", o->limit_text, "it is of list and why only");
	return option_limit(o->limit_text, LIMIT_MOST, &o->limit, e);
}

bool queue_options_read(int argc, char **argv, long long now_s, struct queue_options *o, struct err *e)
{
	int first;
	*o = (struct queue_options){ .arena = arena_new(), .now_s = now_s };
	if (!option_table_read(&table, argc, argv, o, &first, e))
		return false;
	o->args = argv + first;
	o->nargs = (size_t)(argc - first);
	return o->help || (read_verb(o, e) && read_times(o, e) && read_state(o, e) && read_limit(o, e));
}

void queue_options_clear(struct queue_options *o)
{
	arena_free(&o->arena);
}
