/* SPDX-License-Identifier: Apache-2.0 */
/* `postrider config check`: is the configuration in order? */
#include <jansson.h>
#include <stdio.h>

#include "catalog/cause_json.h"
#include "cli/command.h"
#include "cli/config_relay.h"
#include "cli/config_watch.h"
#include "cli/option_value.h"
#include "show/trail_json.h"

static const char *const verbs[] = { "check" };

struct asked {
	const char *path; /* NULL: the default one's */
	bool check, quiet, json, help;
};

#define TO(member) .offset = offsetof(struct asked, member)

static const struct option_row rows[] = {
	OPTION("config", "FILE", "the same as FILE", TO(path), .letter = 'c'),
	OPTION("quiet", NULL, "only what is wrong", TO(quiet), .letter = 'q'),
	OPTION("json", NULL, "one JSON document, of what is wrong too", TO(json), .json = true),
	OPTION_HELP(TO(help)),
};

static const struct option_table table = { .command = "config", .rows = rows, .nrows = ARRAY_LEN(rows) };

static int help(FILE *out, int status)
{
	fputs("Use:  postrider config check [FILE] [OPTIONS]\n\n"
	      "Reads the configuration (default ./postrider.conf, /etc/postrider/postrider.conf) and names\n"
	      "file, line and the mend of the first thing that is wrong: values that cannot be, files that\n"
	      "cannot be read, a certificate that ran out, two listeners on one port, a route that leads\n"
	      "back here, an open relay.  Secrets that everybody on this machine may read are named, too.\n"
	      "Says who may relay and where mail goes.\n\n",
	      out);
	option_table_help(&table, out);
	fputs("\nExit status: 0 in order, 2 not, 3 it could not be read here (no permission).\n", out);
	return status;
}

/* "check", and FILE alone or after --config. */
static bool read_words(int argc, char **argv, struct asked *x, struct err *e)
{
	int first;
	size_t verb;
	if (!option_table_read(&table, argc, argv, x, &first, e))
		return false;
	if (x->help || first == argc)
		return true;
	if (!option_verb("config", argv[first++], verbs, ARRAY_LEN(verbs), &verb, e))
		return false;
	x->check = true;
	if (first < argc && !x->path)
		x->path = argv[first++];
	if (first == argc)
		return true;
	ERR_FILL(e, ERR_USAGE, 0, "understand", "%s", argv[first]);
	return err_detail(e, "one FILE is wanted; see postrider config --help");
}

static const char *const blocks[] = { "profile", "listen", "account", "route", "filter", "monitor", "alert" };

static void sum_up(const struct config *c)
{
	printf("%s is in order:", config_path(c));
	for (size_t i = 0; i < ARRAY_LEN(blocks); i++) {
		unsigned n = config_count(c, blocks[i]);
		printf("%s %u %s%s", i ? "," : "", n, blocks[i], n == 1 ? "" : "s");
	}
	putchar('\n');
}

static void tell_text(const struct config *c, const struct relay_settings *s)
{
	sum_up(c);
	if (s->nlistens)
		printf("%s\n%s\n%s", config_relay_who(s, s->arena), config_relay_ways(s, s->arena),
		       config_relay_back(s, s->arena));
}

static json_t *document(const char *path, bool ok)
{
	json_t *o = json_object();
	json_object_set_new(o, "schema", json_integer(1));
	json_object_set_new(o, "file", path ? text_json(path) : json_null());
	json_object_set_new(o, "ok", json_boolean(ok));
	return o;
}

/* Text that ends in lines, a sentence each. */
static void add_lines(json_t *list, const char *text)
{
	struct str rest = str_of(text), line;
	while (str_next(&rest, "\n", &line))
		if (line.len)
			json_array_append_new(list, json_stringn(line.p, line.len));
}

static void tell_json(const struct config *c, const struct relay_settings *s, const struct strlist *doubts)
{
	json_t *o = document(config_path(c), true), *counts = json_object(), *says = json_array(),
	       *list = json_array();
	for (size_t i = 0; i < ARRAY_LEN(blocks); i++)
		json_object_set_new(counts, blocks[i], json_integer(config_count(c, blocks[i])));
	if (s->nlistens) {
		add_lines(says, config_relay_who(s, s->arena));
		add_lines(says, config_relay_ways(s, s->arena));
		add_lines(says, config_relay_back(s, s->arena));
	}
	for (size_t i = 0; i < doubts->n; i++)
		json_array_append_new(list, text_json(doubts->v[i]));
	json_object_set_new(o, "blocks", counts);
	json_object_set_new(o, "says", says);
	json_object_set_new(o, "doubts", list);
	json_write_document(stdout, o);
}

/* The relay's part, monitors and alerts; its sentences only where there is a relay. */
static bool check_relay(const struct config *c, const struct asked *x, struct err *e)
{
	CLEANUP(relay_settings_free) struct relay_settings *s = NULL;
	CLEANUP(watch_settings_free) struct watch_settings *w = NULL;
	bool ok = config_relay(c, &s, e) && config_relay_files(c, s, e) && config_watch(c, s, &w, e) &&
		  config_watch_files(c, w, e);
	const struct strlist doubts = ok ? config_doubts(c, s, s->arena) : (struct strlist){ 0 };
	for (size_t i = 0; i < doubts.n; i++)
		fprintf(stderr, "postrider: %s\n", doubts.v[i]);
	if (ok && x->json)
		tell_json(c, s, &doubts);
	else if (ok && !x->quiet)
		tell_text(c, s);
	return ok;
}

/* path: NULL where no file was found. */
static int wrong(const struct asked *x, const char *path, const struct err *e)
{
	char text[400];
	if (x->json) {
		json_t *o = document(path, false);
		json_object_set_new(o, "error", text_json(err_text(e, text, sizeof(text))));
		json_write_document(stdout, o);
	}
	return command_failed(e);
}

static int no_file(const struct asked *x, struct err *e)
{
	ERR_FILL(e, ERR_USAGE, 0, "find", "the configuration");
	err_detail(e, "there is neither ./postrider.conf nor /etc/postrider/postrider.conf; name the file: "
		      "postrider config check FILE");
	return wrong(x, NULL, e);
}

int command_config(int argc, char **argv)
{
	struct err e = { 0 };
	struct asked asked = { 0 };
	CLEANUP(config_free) struct config *c = NULL;
	if (!read_words(argc, argv, &asked, &e))
		return command_failed(&e);
	if (asked.help || !asked.check)
		return help(asked.help ? stdout : stderr, asked.help ? EXIT_WELL : EXIT_WRONG_USE);
	const char *path = asked.path ? asked.path : config_default_path();
	if (!path)
		return no_file(&asked, &e);
	if (!config_load(path, &c, &e) || !check_relay(c, &asked, &e))
		return wrong(&asked, path, &e);
	return EXIT_WELL;
}
