/* SPDX-License-Identifier: Apache-2.0 */
/* postrider - tells people what really happened to their e-mail, and mends it. */
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/nearest.h"
#include "cli/command.h"
#include "cli/option_table.h"
#include "lab/lab.h"
#include "show/trail_json.h"

static const struct command commands[] = {
	{ "check", "test a mail set-up end to end and name the one cause", command_check },
	{ "discover", "find the server, port and mode that an address sends through", command_discover },
	{ "explain", "say what a mail server's reply, a bounce mail or a mail log means", command_explain },
	{ "serve", "run the relay: take mail, keep it safe, hand it on", command_serve },
	{ "trace", "show a mail's way, hand-off by hand-off, and what is known now", command_trace },
	{ "send", "send one mail, or one for each row of a table, and tell the truth about it",
	  command_send },
	{ "sendmail", "take a mail as sendmail does, for programs", command_sendmail },
	{ "queue", "what waits and why; hold, release, retry, bounce, cancel", command_queue },
	{ "bounces", "reports that came back and belong to no mail known here", command_bounces },
	{ "suppression", "addresses that get no mail: list, show, add, remove", command_suppression },
	{ "monitor", "how the set-ups are that serve looks at on a schedule", command_monitor },
	{ "report", "pack a case for the IT provider: findings, proof, what to ask", command_report },
	{ "config", "check the configuration: file, line and the mend", command_config },
	{ "lab", "a pretend internet with named faults: list, run, test", lab_main },
	{ "help", "how to use it", command_help },
	{ "version", "which version this is", command_version },
};

const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

/* What `help` and `version` take. */
struct asked {
	char **words;
	int nwords;
	bool json, help;
};

#define TO(member) .offset = offsetof(struct asked, member)

static const struct option_row rows[] = {
	OPTION("json", NULL, "one JSON document", TO(json), .json = true),
	OPTION_HELP(TO(help)),
};

static bool read_words(const char *command, int argc, char **argv, struct asked *x, struct err *e)
{
	const struct option_table table = { .command = command, .rows = rows, .nrows = ARRAY_LEN(rows) };
	int first;
	if (!option_table_read(&table, argc, argv, x, &first, e))
		return false;
	x->words = argv + first;
	x->nwords = argc - first;
	return true;
}

static int too_many(const char *word)
{
	fprintf(stderr, "postrider: cannot understand %s: see postrider --help\n", word);
	return EXIT_WRONG_USE;
}

int command_version(int argc, char **argv)
{
	struct asked x = { 0 };
	struct err e = { 0 };
	if (!read_words("version", argc, argv, &x, &e))
		return command_failed(&e);
	if (x.nwords)
		return too_many(x.words[0]);
	if (x.help)
		puts("Use:  postrider version [--json]\n\nSays which version this is.");
	else if (x.json)
		json_write_document(stdout, json_pack("{s:i, s:s}", "schema", 1, "tool",
						      "postrider " POSTRIDER_VERSION));
	else
		puts("postrider " POSTRIDER_VERSION);
	return EXIT_WELL;
}

static void tell_commands(void)
{
	puts("postrider tells what really happened to your e-mail, and how to mend it.\n\n"
	     "Use:  postrider COMMAND [OPTIONS]\n\nCommands:");
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		printf("  %-11s %s\n", commands[i].name, commands[i].about);
	puts("\nStart with one of:\n"
	     "  postrider check you@example.com              is this address's set-up in order?\n"
	     "  postrider check mail.example.com:587 --user you@example.com\n"
	     "  postrider check example.com                  can this domain send and receive?\n"
	     "  postrider discover you@example.com           which server, port and mode does it need?\n"
	     "  postrider explain \"550 5.1.1 User unknown\"   what does that mean, and who must act?\n"
	     "  postrider explain bounce.eml                 (or /var/log/mail.log)\n"
	     "  postrider lab list                           faults to try it on, without a network\n\n"
	     "postrider COMMAND --help tells more; man postrider, man postrider-check,\n"
	     "man postrider-explain.\n"
	     "Exit status: 0 all well, 1 not well, 2 wrong use, 3 could not do the work here.");
}

static json_t *commands_json(void)
{
	json_t *list = json_array();
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		json_array_append_new(list, json_pack("{s:s, s:s}", "name", commands[i].name, "about",
						      commands[i].about));
	return json_pack("{s:i, s:o}", "schema", 1, "commands", list);
}

static int unknown(const char *name)
{
	struct nearest near = nearest_to(str_of(name), NEAREST_WRONG);
	if (*name == '-') {
		fprintf(stderr,
			"postrider: cannot understand %s: a command comes first, its options behind it; see "
			"postrider --help\n",
			name);
		return EXIT_WRONG_USE;
	}
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		nearest_look(&near, commands[i].name);
	if (near.name)
		fprintf(stderr, "postrider: there is no command \"%s\"; did you mean \"%s\"?\n", name,
			near.name);
	else
		fprintf(stderr, "postrider: there is no command \"%s\"; see postrider --help\n", name);
	return EXIT_WRONG_USE;
}

/* "help queue why" is "queue why --help". */
static int help_of(const struct command *c, const struct asked *x)
{
	char word[] = "--help";
	bool verb = x->nwords > 1;
	return c->run(verb ? 3 : 2,
		      (char *[]){ x->words[0], verb ? x->words[1] : word, verb ? word : NULL, NULL });
}

int command_help(int argc, char **argv)
{
	struct asked x = { 0 };
	struct err e = { 0 };
	if (!read_words("help", argc, argv, &x, &e))
		return command_failed(&e);
	if (x.nwords > 2)
		return too_many(x.words[2]);
	const struct command *c = x.nwords ? command_find(x.words[0]) : NULL;
	if (x.nwords && !c)
		return unknown(x.words[0]);
	if (c && c->run != command_help)
		return help_of(c, &x);
	if (x.json)
		json_write_document(stdout, commands_json());
	else
		tell_commands();
	return EXIT_WELL;
}

/* A closed standard stream must not become a socket's descriptor.  What stands in
 * for it cannot be written (or read), so that the loss is noticed and said. */
static void fill_standard_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
			_exit(EXIT_CANNOT);
}

/* Programs know us by the names of sendmail(8). */
static bool is_sendmail(const char *path)
{
	static const char *const names[] = { "sendmail", "mailq", "newaliases" };
	const char *slash = strrchr(path, '/');
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!strcmp(slash ? slash + 1 : path, names[i]))
			return true;
	return false;
}

/* By sysexits.h: what was said (the queue, help) is lost; a mail says nothing. */
static int sendmail_end(int status)
{
	return command_written() ? status : EX_IOERR;
}

int main(int argc, char **argv)
{
	fill_standard_streams();
	signal(SIGPIPE, SIG_IGN);
	if (argc && is_sendmail(argv[0]))
		return sendmail_end(command_sendmail(argc, argv));
	if (argc < 2) {
		tell_commands();
		return command_end(EXIT_WRONG_USE);
	}
	const char *name = argv[1];
	if (!strcmp(name, "--help") || !strcmp(name, "-h"))
		name = "help";
	else if (!strcmp(name, "--version") || !strcmp(name, "-V"))
		name = "version";
	const struct command *c = command_find(name);
	int status = c ? c->run(argc - 1, argv + 1) : unknown(argv[1]);
	return c && c->run == command_sendmail ? sendmail_end(status) : command_end(status);
}
