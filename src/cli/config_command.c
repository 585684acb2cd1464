/* SPDX-License-Identifier: Apache-2.0 */
/* `postrider config check`: is the configuration in order? */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/config_relay.h"
#include "cli/config_watch.h"

static int help(FILE *out, int status)
{
	fputs("Use:  postrider config check [--quiet] [--config FILE | FILE]\n\n"
	      "Reads the configuration (default ./postrider.conf, /etc/postrider/postrider.conf) and names\n"
	      "file, line and the mend of the first thing that is wrong: values that cannot be, files that\n"
	      "cannot be read, a certificate that ran out, two listeners on one port, a route that leads\n"
	      "back here, an open relay.  Secrets that everybody on this machine may read are named, too.\n"
	      "Says who may relay and where mail goes.\n"
	      "Exit status: 0 in order, 2 not.\n",
	      out);
	return status;
}

struct asked {
	const char *path;  /* NULL: the default one's */
	const char *wrong; /* what cannot be understood */
	bool quiet;
};

/* FILE may stand alone or after --config. */
static struct asked read_words(int argc, char **argv)
{
	struct asked x = { 0 };
	for (int i = 2; i < argc && !x.wrong; i++) {
		const char *word = argv[i];
		bool named = !strcmp(word, "--config") || !strcmp(word, "-c");
		if (!strcmp(word, "--quiet") || !strcmp(word, "-q"))
			x.quiet = true;
		else if (!strcmp(word, "--no-color") || !strcmp(word, "--verbose"))
			continue;
		else if (x.path || (named && i + 1 == argc))
			x.wrong = word;
		else if (named)
			x.path = argv[++i];
		else if (z_istarts(word, "--config="))
			x.path = word + strlen("--config=");
		else if (*word == '-')
			x.wrong = word;
		else
			x.path = word;
	}
	return x;
}

static void sum_up(const struct config *c)
{
	static const char *const blocks[] = { "profile", "listen",  "account", "route",
					      "filter",  "monitor", "alert" };
	printf("%s is in order:", config_path(c));
	for (size_t i = 0; i < ARRAY_LEN(blocks); i++) {
		unsigned n = config_count(c, blocks[i]);
		printf("%s %u %s%s", i ? "," : "", n, blocks[i], n == 1 ? "" : "s");
	}
	putchar('\n');
}

/* The relay's part, monitors and alerts; its sentences only where there is a relay. */
static bool check_relay(const struct config *c, bool quiet, struct err *e)
{
	CLEANUP(relay_settings_free) struct relay_settings *s = NULL;
	CLEANUP(watch_settings_free) struct watch_settings *w = NULL;
	bool ok = config_relay(c, &s, e) && config_relay_files(c, s, e) && config_watch(c, s, &w, e) &&
		  config_watch_files(c, w, e);
	const struct strlist doubts = ok ? config_doubts(c, s, s->arena) : (struct strlist){ 0 };
	for (size_t i = 0; i < doubts.n; i++)
		fprintf(stderr, "postrider: %s\n", doubts.v[i]);
	if (ok && !quiet) {
		sum_up(c);
		if (s->nlistens)
			printf("%s\n%s\n%s", config_relay_who(s, s->arena), config_relay_ways(s, s->arena),
			       config_relay_back(s, s->arena));
	}
	return ok;
}

int command_config(int argc, char **argv)
{
	struct err e = { 0 };
	char text[400];
	CLEANUP(config_free) struct config *c = NULL;
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
			return help(stdout, EXIT_WELL);
	if (argc < 2 || strcmp(argv[1], "check") != 0)
		return help(stderr, EXIT_WRONG_USE);
	const struct asked asked = read_words(argc, argv);
	const char *path = asked.path ? asked.path : config_default_path();
	if (asked.wrong) {
		fprintf(stderr,
			"postrider: cannot understand %s: one FILE is wanted; see postrider config --help\n",
			asked.wrong);
		return EXIT_WRONG_USE;
	}
	if (!path) {
		fputs("postrider: there is neither ./postrider.conf nor /etc/postrider/postrider.conf; name "
		      "the file: postrider config check FILE\n",
		      stderr);
		return EXIT_WRONG_USE;
	}
	if (!config_load(path, &c, &e) || !check_relay(c, asked.quiet, &e)) {
		fprintf(stderr, "postrider: %s\n", err_text(&e, text, sizeof(text)));
		return EXIT_WRONG_USE;
	}
	return EXIT_WELL;
}
