/* SPDX-License-Identifier: Apache-2.0 */
/* `postrider explain`: a reply, a bounce mail or a log in, plain words out. */
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/explain_run.h"

static void ask(const struct explain_options *o)
{
	if (!isatty(STDIN_FILENO) || o->show.brief)
		return;
	fputs("Paste what the mail server or the program said, a bounce mail with its headers, or lines of "
	      "a\n"
	      "log; then press Enter and Ctrl-D.  (postrider explain --help tells more)\n",
	      stderr);
}

static int nothing(void)
{
	fputs("postrider: there is nothing to explain (give the words of the error, or the file of a bounce "
	      "mail or a log: postrider explain \"550 5.1.1 User unknown\")\n",
	      stderr);
	return EXIT_WRONG_USE;
}

static bool is_stream(const struct explain_options *o, const struct explain_input *in)
{
	return o->lines || o->log || in->files.n > 1;
}

/* --log=FILE stands before the other files. */
static bool find_input(const struct explain_options *o, struct explain_input *in, struct err *e)
{
	char **args = arena_alloc(o->arena, (o->nargs + 1) * sizeof(*args));
	size_t n = 0;
	if (o->log_file)
		args[n++] = arena_strdup(o->arena, o->log_file);
	for (size_t i = 0; i < o->nargs; i++)
		args[n++] = o->args[i];
	return explain_input_of(args, n, o->log || o->lines, o->arena, in, e);
}

static int run(struct explain_options *o, const struct explain_input *in, struct err *e)
{
	o->show.many = is_stream(o, in);
	struct explain_run r = { .o = o };
	r.renderer = explain_renderer_new(o->format, &o->show, stdout);
	if (in->text)
		explain_run_text(&r, in->text);
	for (size_t i = 0; i < in->files.n; i++) {
		if (!strcmp(in->files.v[i], "-"))
			ask(o);
		if (!explain_run_file(&r, in->files.v[i]))
			break;
	}
	explain_run_end(&r);
	if (!explain_renderer_end(&r.renderer, e))
		return EXIT_CANNOT; /* main says why: standard output is its */
	if (r.cannot)
		return EXIT_CANNOT;
	if (!r.something)
		return nothing();
	return r.failure ? EXIT_NOT_WELL : EXIT_WELL;
}

static int answer(int argc, char **argv, struct explain_options *o, struct err *e)
{
	struct explain_input in;
	if (!explain_options_read(argc, argv, (long long)time(NULL), o, e))
		return command_failed(e);
	if (o->help) {
		explain_options_help(stdout);
		return EXIT_WELL;
	}
	if (!find_input(o, &in, e))
		return command_failed(e);
	return run(o, &in, e);
}

int command_explain(int argc, char **argv)
{
	struct explain_options o;
	struct err e = { 0 };
	int status = answer(argc, argv, &o, &e);
	explain_options_clear(&o);
	return status;
}
