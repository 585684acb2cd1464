/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/explain_options.h"

#include <string.h>
#include <unistd.h>

#include "catalog/provider.h"
#include "cli/option_value.h"
#include "cli/terminal.h"

/* --log=FILE is taken as --log FILE. */
static bool take_log(void *options, const struct option_row *row, const char *value, struct err *e)
{
	struct explain_options *o = options;
	(void)row;
	(void)e;
	if (value)
		o->log_file = value;
	return o->log = true;
}

static bool take_json(void *options, const struct option_row *row, const char *value, struct err *e)
{
	struct explain_options *o = options;
	(void)row;
	(void)value;
	(void)e;
	o->format = RENDER_JSON;
	return true;
}

static bool take_format(void *options, const struct option_row *row, const char *value, struct err *e)
{
	struct explain_options *o = options;
	return render_format_of(value, &o->format) ||
	       option_wrong(e, row->name, value, "one of text json html markdown");
}

/* By the catalogue's name, or by a host or a mail domain of theirs. */
static bool take_provider(void *options, const struct option_row *row, const char *value, struct err *e)
{
	struct explain_options *o = options;
	const struct provider *p = provider_by_name(value);
	p = p ? p : provider_by_host(value);
	p = p ? p : provider_by_domain(value);
	if (!p)
		return option_wrong(
			e, row->name, value,
			"a provider such as microsoft365, google or gmx.net, or one of its hosts");
	o->hint.provider = p->name;
	return true;
}

static bool take_step(void *options, const struct option_row *row, const char *value, struct err *e)
{
	struct explain_options *o = options;
	enum step step;
	if (!step_of(value, &step))
		return option_wrong(
			e, row->name, value,
			"one of connect banner ehlo starttls tls-cert auth oauth mail-from rcpt data "
			"content post-handoff ...");
	o->hint.step = step_name(step);
	return true;
}

#define TO(member) .offset = offsetof(struct explain_options, member)

static const struct option_row rows[] = {
	OPTION("lines", NULL, "each line is an error of its own", TO(lines), .group = "What is given"),
	OPTION("log", "FILE", "FILE (or standard input) is a mail log, whatever it looks like",
	       .take = take_log, .optional = true),
	OPTION("provider", "NAME", "who said it: microsoft365, google, gmx.net ...", .take = take_provider,
	       .group = "What you know besides"),
	OPTION("host", "NAME", "the server that said it", TO(hint.host)),
	OPTION("step", "STEP", "when it was said: auth, mail-from, rcpt, data ...", .take = take_step),
	OPTION("recipient", "ADDRESS",
	       "whom it was about; of a log: only mails to ADDRESS, @DOMAIN or a part", TO(recipient)),
	OPTION("since", "TIME",
	       "of a log: from then on (2026-11-20, \"2026-11-20 14:30\", yesterday, 2h, 3d)", TO(since),
	       .group = "Of a log"),
	OPTION("until", "TIME", "of a log: up to then; a day counts with its end", TO(until)),
	OPTION("zone", "ZONE",
	       "the zone of a log that does not say it: utc, +01:00 (default: this computer's)", TO(zone)),
	OPTION("all", NULL, "each recipient's fate, what went well too", TO(all)),
	OPTION("json", NULL, "one JSON document, the same as --format json; an object a line where many come",
	       .take = take_json, .group = "The answer"),
	OPTION("format", "FORM", "text, json, html or markdown", .take = take_format),
	OPTION("verbose", NULL, "all words of a long text, which rules fit, every recipient",
	       TO(show.verbose)),
	OPTION("quiet", NULL, "one line an answer: what it is and who must act; no progress", TO(show.brief)),
	OPTION_NO_COLOR(TO(no_color)),
	OPTION_HELP(TO(help)),
};

static const struct option_table table = { .command = "explain", .rows = rows, .nrows = ARRAY_LEN(rows) };

void explain_options_help(FILE *out)
{
	fputs("Says in plain words what a mail server's reply, a bounce mail or a mail log means: who must\n"
	      "act, what to do, what else it could be, and how sure that is.\n\n"
	      "Use:  postrider explain [TEXT | FILE ... | -] [OPTIONS]\n\n"
	      "TEXT or FILE is, found out by its look,\n"
	      "  \"550 5.1.1 User unknown\"    what a server or a program said, as it stands there\n"
	      "  bounce.eml                  a bounce mail, an mbox, a Maildir: each recipient is told\n"
	      "  /var/log/mail.log           a mail log (Postfix, Exim, OpenSMTPD, Sendmail, Exchange ...);\n"
	      "                              .gz, .xz and .zst too\n"
	      "  - or nothing                standard input; on a terminal: paste, then Ctrl-D\n",
	      out);
	option_table_help(&table, out);
	fputs("\nNothing is sent anywhere: what you paste stays on this computer.\n\n"
	      "Examples:\n"
	      "  postrider explain \"535 5.7.139 Authentication unsuccessful, basic authentication is "
	      "disabled\"\n"
	      "  postrider explain \"554 5.7.1 Relay access denied\" --host mail.example.com\n"
	      "  postrider explain bounce.eml\n"
	      "  postrider explain ~/Maildir/new --quiet\n"
	      "  postrider explain --lines --json < errors.txt\n"
	      "  postrider explain /var/log/mail.log --since yesterday\n"
	      "  postrider explain /var/log/mail.log.*.gz --recipient @example.org --all\n"
	      "  journalctl -u postfix -o short-iso | postrider explain --log\n"
	      "  postrider explain --format html bounce.eml > answer.html\n\n"
	      "Exit status: 0 nothing failed in it, 1 a failure is explained, 2 wrong use, 3 could not work\n"
	      "here (a file that cannot be read to its end, a full disk).\n",
	      out);
}

static bool read_times(struct explain_options *o, struct err *e)
{
	return option_zone(o->zone, o->now_s, &o->zone_s, e) &&
	       option_when("since", o->since, o->now_s, o->zone_s, false, &o->since_s, e) &&
	       option_when("until", o->until, o->now_s, o->zone_s, true, &o->until_s, e);
}

static bool settle(struct explain_options *o, struct err *e)
{
	if (!read_times(o, e))
		return false;
	if (o->since_s && o->until_s && o->until_s < o->since_s) {
		ERR_FILL(e, ERR_USAGE, 0, "read", "a log from --since %s to --until %s", o->since, o->until);
		return err_detail(e, "the end lies before the beginning: change them over");
	}
	if (o->log && o->lines) {
		ERR_FILL(e, ERR_USAGE, 0, "use", "--log and --lines together");
		return err_detail(
			e, "--lines explains each line by itself, --log tells what became of each mail");
	}
	o->hint.recipient =
		o->recipient && strchr(o->recipient, '@') && *o->recipient != '@' ? o->recipient : NULL;
	o->show.color = !o->no_color && terminal_color(STDOUT_FILENO);
	o->show.ascii = !terminal_is_utf8();
	o->show.width = terminal_columns(STDOUT_FILENO);
	o->show.zone_s = o->zone_s;
	o->show.all = o->all;
	o->show.lines = o->lines;
	return true;
}

bool explain_options_read(int argc, char **argv, long long now_s, struct explain_options *o, struct err *e)
{
	int first;
	*o = (struct explain_options){ .arena = arena_new(), .now_s = now_s };
	if (!option_table_read(&table, argc, argv, o, &first, e))
		return false;
	o->args = argv + first;
	o->nargs = (size_t)(argc - first);
	return o->help || settle(o, e);
}

void explain_options_clear(struct explain_options *o)
{
	arena_free(&o->arena);
}
