/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/lab.h"

#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/nearest.h"
#include "lab/run.h"

enum { SCENARIO_WRONG = 3 }; /* letters amiss: the names are long ones */

struct options {
	const char *dir;
	int jobs;
	bool json, verbose, help, version;
};

static int usage(FILE *f, int status)
{
	fputs("A pretend internet on this machine, with faults that are known by name.\n\n"
	      "Use:  postrider lab VERB [OPTIONS]\n\n"
	      "  list                        the scenarios, with a sentence each\n"
	      "  run NAME [-- COMMAND...]    up until Ctrl-C, or while COMMAND runs\n"
	      "  test [NAME | PATTERN...]    postrider check against each, and what it has to find\n\n"
	      "  -j, --jobs N                of test: so many at a time (default 2)\n"
	      "  -d, --dir DIR               scenario files from DIR instead of those built in\n"
	      "  --json                      JSON; of test an object a line\n"
	      "  --format FORM               text, or json: the same as --json\n"
	      "  -v, --verbose               of run: every line of every dialogue\n"
	      "  -h, --help                  this text\n\n"
	      "--version tells which version this is.\n"
	      "--config, --quiet and --no-color are taken, as by every command, and mean nothing here.\n\n"
	      "Exit status: 0 well (of run with COMMAND: its own), 1 a scenario failed, 2 wrong use or a\n"
	      "scenario file that cannot be read, 3 the lab could not be set up here.\n",
	      f);
	return status;
}

static int unknown(const char *verb)
{
	fprintf(stderr,
		"postrider: cannot do lab %s: it is one of list, run, test; see postrider lab --help\n",
		verb);
	return LAB_EXIT_USAGE;
}

static int too_many(const char *verb)
{
	fprintf(stderr, "postrider: lab %s takes %s; see postrider lab --help\n", verb,
		z_eq(verb, "run") ? "one NAME, and -- COMMAND behind it" : "no more words");
	return LAB_EXIT_USAGE;
}

/* The scenario that was meant, NULL for none. */
static const char *near_scenario(const struct spec_library *l, const char *name)
{
	struct nearest near = nearest_to(str_of(name), SCENARIO_WRONG);
	for (size_t i = 0; i < l->n; i++)
		nearest_look(&near, l->all[i].top.title);
	return near.name;
}

static bool wrong(const char *given, const char *mend)
{
	fprintf(stderr, "postrider: cannot take %s: %s\n", given, mend);
	return false;
}

static bool set_format(struct options *o, const char *form)
{
	o->json = !strcmp(form, "json");
	return o->json || !strcmp(form, "text") || wrong("--format", "give text or json");
}

static const struct option options[] = {
	{ "dir", required_argument, NULL, 'd' },
	{ "jobs", required_argument, NULL, 'j' },
	{ "json", no_argument, NULL, 'J' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ "format", required_argument, NULL, 'F' },
	{ "version", no_argument, NULL, 'V' },
	{ "config", required_argument, NULL, 'i' },
	{ "quiet", no_argument, NULL, 'i' },
	{ "no-color", no_argument, NULL, 'i' },
	{ 0 },
};

/* What getopt did not know, or what lacks its value. */
static bool refuse(int c, const char *given)
{
	const char *near =
		c == '?' && given[0] == '-' && given[1] == '-' ? nearest_option(options, given) : NULL;
	if (c == ':')
		return wrong(given, "a value belongs to it");
	fprintf(stderr, "postrider: cannot understand %s: %s%s%s\n", given, near ? "did you mean --" : "",
		near ? near : "see postrider lab --help", near ? "?" : "");
	return false;
}

static bool set_jobs(struct options *o, const char *text)
{
	unsigned long n = 0;
	if (!str_number(str_of(text), 64, &n) || !n)
		return wrong("--jobs", "give a number from 1 to 64");
	o->jobs = (int)n;
	return true;
}

static bool read_options(int argc, char **argv, struct options *o)
{
	int c;
	opterr = 0;
	optind = 0; /* the caller may have used getopt before */
	while ((c = getopt_long(argc, argv, ":d:j:vh", options, NULL)) != -1)
		switch (c) {
		case 'd':
			o->dir = optarg;
			break;
		case 'j':
			if (!set_jobs(o, optarg))
				return false;
			break;
		case 'J':
			o->json = true;
			break;
		case 'v':
			o->verbose = true;
			break;
		case 'h':
			o->help = true;
			return true;
		case 'F':
			if (!set_format(o, optarg))
				return false;
			break;
		case 'V':
			o->version = true;
			return true;
		case 'i':
			break;
		default:
			return refuse(c, argv[optind - 1]);
		}
	return true;
}

static json_t *texts(const struct strlist *l)
{
	json_t *a = json_array();
	for (size_t i = 0; l && i < l->n; i++)
		json_array_append_new(a, json_string(l->v[i]));
	return a;
}

static int list_json(const struct spec_library *l)
{
	json_t *all = json_array();
	for (size_t i = 0; i < l->n; i++) {
		const struct spec_section *s = &l->all[i].top;
		if (!l->all[i].setup)
			json_array_append_new(all,
					      json_pack("{s:s, s:s, s:o, s:o, s:o, s:s, s:s, s:i}", "name",
							s->title, "about", spec_text(s, "about", ""), "check",
							texts(spec_list(s, "check")), "must",
							texts(spec_list(s, "must")), "never",
							texts(spec_list(s, "never")), "verdict",
							spec_text(s, "verdict", ""), "file", s->file, "line",
							s->line));
	}
	json_t *doc = json_pack("{s:i, s:o}", "schema", 1, "scenarios", all);
	json_dumpf(doc, stdout, JSON_INDENT(1));
	putchar('\n');
	json_decref(doc);
	return LAB_EXIT_OK;
}

static int list(const struct spec_library *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (!l->all[i].setup)
			printf("%-36s %s\n", l->all[i].top.title, spec_text(&l->all[i].top, "about", ""));
	return LAB_EXIT_OK;
}

static int fail(const struct err *e)
{
	char text[512];
	fprintf(stderr, "postrider: lab: %s\n", err_text(e, text, sizeof(text)));
	return e->kind == ERR_SYNTAX || e->kind == ERR_USAGE ? LAB_EXIT_USAGE : LAB_EXIT_CANNOT;
}

static int run(const struct spec_library *l, const char *name, char **command, bool verbose)
{
	const struct spec *s = spec_find(l, name, false);
	s = s ? s : spec_find(l, name, true); /* a setup alone: all is well there */
	if (!s) {
		const char *near = near_scenario(l, name);
		fprintf(stderr, "postrider: lab: there is no scenario \"%s\"; %s%s%s\n", name,
			near ? "did you mean \"" : "see postrider lab list", near ? near : "",
			near ? "\"?" : "");
		return LAB_EXIT_USAGE;
	}
	struct err e = { 0 };
	struct lab_ran ran = { 0 };
	struct lab_run o = { .library = l, .spec = s, .command = command, .trace = verbose };
	return lab_run(&o, &ran, &e) ? ran.status : fail(&e);
}

static void clear_library(struct spec_library *l)
{
	spec_library_clear(l);
}

/* argv[at] == "--", or argc. */
static int find_dashes(int argc, char **argv)
{
	int at = 1;
	while (at < argc && strcmp(argv[at], "--") != 0)
		at++;
	return at;
}

int lab_main(int argc, char **argv)
{
	struct options o = { .jobs = 2 };
	struct err e = { 0 };
	int dashes = find_dashes(argc, argv);
	if (!read_options(dashes, argv, &o))
		return LAB_EXIT_USAGE;
	if (o.version) {
		puts("postrider " POSTRIDER_VERSION);
		return LAB_EXIT_OK;
	}
	if (o.help || optind >= dashes)
		return usage(o.help ? stdout : stderr, o.help ? LAB_EXIT_OK : LAB_EXIT_USAGE);
	const char *verb = argv[optind++];
	CLEANUP(clear_library) struct spec_library l = { 0 };
	if (!spec_library_load(o.dir, &l, &e))
		return fail(&e);
	if (!strcmp(verb, "list") && optind == dashes)
		return o.json ? list_json(&l) : list(&l);
	if (!strcmp(verb, "run") && optind == dashes - 1)
		return run(&l, argv[optind], dashes + 1 < argc ? argv + dashes + 1 : NULL, o.verbose);
	if (!strcmp(verb, "test"))
		return lab_test(&l, argv + optind, (size_t)(dashes - optind), o.jobs, o.json);
	return z_eq(verb, "list") || z_eq(verb, "run") ? too_many(verb) : unknown(verb);
}
