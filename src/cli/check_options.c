/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/check_options.h"

#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "base/paper.h"
#include "cli/check_profile.h"
#include "cli/guided.h"
#include "cli/secret.h"
#include "cli/terminal.h"

enum { OPTIONS_MAX = 64, ROW_ID = 256 /* getopt's number of the first row */, HELP_ROOM = 28 };

static void help_row(struct paper *paper, const struct check_option *row)
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
		return;
	}
	paper_text(paper, 2, PAPER_PLAIN, left);
	paper_text(paper, 2 + HELP_ROOM, PAPER_PLAIN, row->about);
}

void check_options_help(FILE *out)
{
	int fd = fileno(out);
	struct paper paper = paper_of(out, terminal_columns(fd), terminal_color(fd), true);
	fputs("Tests a mail set-up end to end and names the one cause, who must act, and what to do.\n\n"
	      "Use:  postrider check TARGET [OPTIONS]\n\n"
	      "TARGET is\n"
	      "  you@example.com            an address: its set-up is looked up and tried\n"
	      "  mail.example.com:587       a server, with its port or without\n"
	      "  example.com                a domain: is mail to and from it in order?\n"
	      "  profile:NAME               settings kept in the configuration\n",
	      out);
	for (size_t i = 0; check_option_at(i); i++) {
		help_row(&paper, check_option_at(i));
		if (!strcmp(check_option_at(i)->name, "bind"))
			fputs("  -4, -6                      only this IP version\n", out);
	}
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

static bool set_family(struct check_options *o, int family, struct err *e)
{
	if (o->request.family && o->request.family != family) {
		ERR_FILL(e, ERR_USAGE, 0, "use", "-4 and -6 together");
		return err_detail(e, "leave both away to try IPv4 and IPv6");
	}
	o->request.family = family;
	return true;
}

static bool misspelt(const char *given, struct err *e)
{
	char name[64];
	const char *start = given + strspn(given, "-"), *near = NULL;
	unsigned least = 3;
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(start, "="), start);
	for (size_t i = 0; strlen(name) > 2 && check_option_at(i); i++) {
		unsigned d = text_distance(name, check_option_at(i)->name, 2);
		if (d < least) {
			least = d;
			near = check_option_at(i)->name;
		}
	}
	ERR_FILL(e, ERR_USAGE, 0, "understand", "%.*s", (int)strcspn(given, "="), given);
	return near ? err_detail(e, "did you mean --%s?", near) : err_detail(e, "see postrider check --help");
}

static bool refuse_secret(struct err *e)
{
	ERR_FILL(e, ERR_USAGE, 0, "take", "a password or secret from the command line");
	return err_detail(e, "others can read it there: use --password-file FILE (for OAuth "
			     "--oauth-...-file FILE), $POSTRIDER_PASSWORD or the prompt");
}

/* getopt says "?" for an unknown one, an ambiguous one and one with a value too many. */
static bool refuse(const struct option *longs, const char *given, struct err *e)
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
		return misspelt(given, e);
	ERR_FILL(e, ERR_USAGE, 0, "understand", "%.*s", (int)strcspn(given, "="), given);
	return err_detail(e, "it could be --%s or --%s: write it out", two, one);
}

static bool target(int argc, char **argv, struct check_options *o, struct err *e)
{
	if (o->help)
		return true;
	if (o->evidence && optind >= argc)
		return true;
	if (optind >= argc) {
		ERR_FILL(e, ERR_USAGE, 0, "check", "nothing");
		return err_detail(e,
				  "give an address, a server or a domain: postrider check you@example.com");
	}
	if (o->evidence) {
		ERR_FILL(e, ERR_USAGE, 0, "check", "%s and kept evidence", argv[optind]);
		return err_detail(e, "--evidence judges the file alone: leave the target away");
	}
	if (optind + 1 < argc) {
		ERR_FILL(e, ERR_USAGE, 0, "check", "two targets (%s and %s)", argv[optind], argv[optind + 1]);
		return err_detail(e, "give one; recipients go with --to");
	}
	return request_read_target(argv[optind], o->arena, &o->request, e);
}

static void defaults(struct check_options *o)
{
	*o = (struct check_options){ .arena = arena_new() };
	o->request = (struct check_request){
		.input = "",
		.host = "",
		.domain = "",
		.user = "",
		.from = "",
		.auth = "auto",
		.sending_ip = "",
		.dkim_selector = "",
		.timeout_s = REQUEST_TIMEOUT_S,
	};
}

static void settle(struct check_options *o)
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

/* "--password", "--oauth-client-secret" and the like are no options, and must not be
 * taken for the beginning of one: what follows them is a secret, to be neither
 * opened as a file nor printed. */
static void getopt_rows(struct arena *a, struct option longs[OPTIONS_MAX])
{
	int n = 0;
	for (int i = 0; check_option_at((size_t)i); i++) {
		const struct check_option *row = check_option_at((size_t)i);
		longs[n++] = (struct option){ row->name, row->argument ? required_argument : no_argument,
					      NULL, ROW_ID + i };
		if (row->apply == apply_secret || row->apply == apply_oauth_secret) {
			size_t bare = strlen(row->name) - strlen("-file");
			longs[n++] = (struct option){ arena_dup(a, row->name, bare), no_argument, NULL, 'p' };
		}
	}
}

static bool take(struct check_options *o, int id, const char *value, struct err *e)
{
	if (id == '4' || id == '6')
		return set_family(o, id - '0', e);
	if (id == 'h')
		return o->help = true;
	if (id == 'p')
		return refuse_secret(e);
	const struct check_option *row = check_option_at((size_t)(id - ROW_ID));
	return row->apply(o, row, value, e);
}

static bool read_all(int argc, char **argv, struct check_options *o, struct err *e)
{
	struct option longs[OPTIONS_MAX] = { 0 };
	getopt_rows(o->arena, longs);
	opterr = 0;
	optind = 0; /* GNU: begin anew, whatever an earlier call left */
	for (int id; (id = getopt_long(argc, argv, ":46h", longs, NULL)) != -1;) {
		if (id == ':') {
			ERR_FILL(e, ERR_USAGE, 0, "use", "%s without a value", argv[optind - 1]);
			return err_detail(e, "see postrider check --help");
		}
		if (id == '?' && optopt == 'p') /* "-p..." too: mysql's way to give a password */
			return refuse_secret(e);
		if (id == '?' && optopt > 0 && optopt < ROW_ID) {
			ERR_FILL(e, ERR_USAGE, 0, "understand", "-%c", optopt);
			return err_detail(e, "see postrider check --help");
		}
		if (id == '?')
			return refuse(longs, argv[optind - 1], e);
		if (!take(o, id, optarg, e))
			return false;
		if (o->help)
			return true;
	}
	return target(argc, argv, o, e);
}

bool check_options_read(int argc, char **argv, struct check_options *o, struct err *e)
{
	defaults(o);
	if (!read_all(argc, argv, o, e))
		return false;
	if (!o->help && !o->evidence && !check_profile_apply(o, e))
		return false;
	settle(o);
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
