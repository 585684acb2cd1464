/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/check_options.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/check_profile.h"
#include "cli/guided.h"
#include "cli/option_table.h"
#include "cli/secret.h"
#include "cli/terminal.h"

struct option_row check_option_row(const struct check_option *row)
{
	return (struct option_row){
		.name = row->name,
		.argument = row->argument,
		.about = row->about,
		.group = row->group,
		.secret = row->apply == apply_secret || row->apply == apply_oauth_secret,
		.letter = z_eq(row->name, "help") ? 'h' : 0,
		.after =
			z_eq(row->name, "bind") ? "  -4, -6                      only this IP version" : NULL,
	};
}

static bool row_at(size_t i, struct option_row *out)
{
	const struct check_option *row = check_option_at(i);
	if (row)
		*out = check_option_row(row);
	return row;
}

static bool set_family(struct check_options *o, int family, struct err *e)
{
	if (o->request.family && o->request.family != family) {
		ERR_FILL(e, ERR_USAGE, 0, "use", "-4 and -6 together");
		return err_detail(e, "leave both away to try IPv4 and IPv6");
	}
	o->request.family = family;
	return true;
}

static bool take_row(void *options, size_t i, const char *value, struct err *e)
{
	const struct check_option *row = check_option_at(i);
	return row->apply(options, row, value, e);
}

bool check_options_short(void *options, int letter, struct err *e)
{
	struct check_options *o = options;
	return letter == 'h' ? (o->help = true) : set_family(o, letter - '0', e);
}

bool check_options_enough(const void *options)
{
	const struct check_options *o = options;
	return o->help;
}

static const struct option_table table = { .command = "check",
					   .shorts = "46",
					   .row = row_at,
					   .take = take_row,
					   .take_short = check_options_short,
					   .enough = check_options_enough };

void check_options_help(FILE *out)
{
	fputs("Tests a mail set-up end to end and names the one cause, who must act, and what to do.\n\n"
	      "Use:  postrider check TARGET [OPTIONS]\n\n"
	      "TARGET is\n"
	      "  you@example.com            an address: its set-up is looked up and tried\n"
	      "  mail.example.com:587       a server, with its port or without\n"
	      "  example.com                a domain: is mail to and from it in order?\n"
	      "  profile:NAME               settings kept in the configuration\n",
	      out);
	option_table_help(&table, out);
	fputs("\nNo mail leaves unless you say --until message. Without --user no login is tried; without\n"
	      "--from and --to no envelope. A password goes only to a server whose certificate is good.\n"
	      "Secrets come from a file, $POSTRIDER_PASSWORD or a prompt, never from the command line.\n\n"
	      "Examples:\n"
	      "  postrider check clerk@example.com\n"
	      "  postrider check smtp.office365.com:587 --user clerk@example.com --password-file pw\n"
	      "  postrider check mail.example.com --from me@example.com --to you@example.org\n"
	      "  postrider check example.com --sending-ip 192.0.2.7 --dkim-selector s1\n"
	      "  postrider check profile:office --format html > answer.html\n"
	      "  postrider check mail.example.com --save case.json; postrider check --evidence case.json\n\n"
	      "Exit status: 0 all well (warnings allowed), 1 something is wrong, 2 wrong use or input that\n"
	      "cannot be right (nothing was contacted), 3 could not work here.\n",
	      out);
}

static bool target(int argc, char **argv, int first, struct check_options *o, struct err *e)
{
	if (o->help)
		return true;
	if (o->evidence && first >= argc)
		return true;
	if (first >= argc) {
		ERR_FILL(e, ERR_USAGE, 0, "check", "nothing");
		return err_detail(e,
				  "give an address, a server or a domain: postrider check you@example.com");
	}
	if (o->evidence) {
		ERR_FILL(e, ERR_USAGE, 0, "check", "%s and kept evidence", argv[first]);
		return err_detail(e, "--evidence judges the file alone: leave the target away");
	}
	if (first + 1 < argc) {
		ERR_FILL(e, ERR_USAGE, 0, "check", "two targets (%s and %s)", argv[first], argv[first + 1]);
		return err_detail(e, "give one; recipients go with --to");
	}
	return request_read_target(argv[first], o->arena, &o->request, e);
}

void check_options_defaults(struct check_options *o)
{
	*o = (struct check_options){ .arena = arena_new() };
	o->request = request_defaults();
}

void check_options_settle(struct check_options *o)
{
	char name[HOST_NAME_MAX + 1] = "";
	o->request.experiments = !o->no_experiments;
	o->render.color = !o->no_color && terminal_color(STDOUT_FILENO);
	o->render.ascii = !terminal_is_utf8();
	o->render.width = terminal_columns(STDOUT_FILENO);
	o->request.ehlo_given = o->request.ehlo_name != NULL;
	if (o->request.ehlo_given)
		return;
	gethostname(name, sizeof(name) - 1);
	o->request.ehlo_name = strchr(name, '.')
				       ? arena_strdup(o->arena, name)
				       : arena_printf(o->arena, "%s.localdomain", *name ? name : "localhost");
}

static bool read_all(int argc, char **argv, struct check_options *o, struct err *e)
{
	int first;
	return option_table_read(&table, argc, argv, o, &first, e) && target(argc, argv, first, o, e);
}

bool check_options_read(int argc, char **argv, struct check_options *o, struct err *e)
{
	check_options_defaults(o);
	if (!read_all(argc, argv, o, e))
		return false;
	if (!o->help && !o->evidence && !check_profile_apply(o, e))
		return false;
	check_options_settle(o);
	if (o->help || o->evidence)
		return true;
	return (!o->guided || guided_ask(o, e)) && secret_complete(o, e);
}

void check_options_clear(struct check_options *o)
{
	for (size_t i = 0; i < o->nsecrets; i++) {
		mem_wipe(o->secrets[i], strlen(o->secrets[i]));
		mem_free(&o->secrets[i]);
	}
	arena_free(&o->arena);
}
