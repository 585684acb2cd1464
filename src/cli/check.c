/* SPDX-License-Identifier: Apache-2.0 */
/* `postrider check`: options in, a check or kept evidence, a verdict out. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "check/check.h"
#include "cli/check_options.h"
#include "cli/command.h"
#include "cli/progress.h"

static struct net_loop *running; /* for the signal handler only */

static void stop(int sig)
{
	(void)sig;
	if (running)
		net_loop_interrupt(running);
}

static int failed(const struct err *e)
{
	char text[400];
	fprintf(stderr, "postrider: %s\n", err_text(e, text, sizeof(text)));
	return e->kind == ERR_USAGE || e->kind == ERR_SYNTAX ? EXIT_WRONG_USE : EXIT_CANNOT;
}

static bool load(const char *path, struct evidence **out, struct err *e)
{
	CLEANUP(close_file) FILE *f = fopen(path, "re");
	if (!f) {
		ERR_FILL(e, ERR_USAGE, 0, "read the evidence in", "%s", path);
		return err_detail(e, "%s", strerror(errno));
	}
	bool ok = evidence_load(f, path, out, e);
	if (!ok && e->kind == ERR_LIMIT)
		e->kind = ERR_USAGE; /* far more than evidence ever is: the wrong file */
	return ok;
}

/* Opened before anything is contacted: a check whose evidence cannot be kept is not begun. */
static bool open_save(const char *path, FILE **out, struct err *e)
{
	*out = path ? fopen(path, "we") : NULL;
	if (!path || *out)
		return true;
	ERR_FILL(e, ERR_USAGE, 0, "write the evidence to", "%s", path);
	return err_detail(e, "%s", strerror(errno));
}

static bool gather(const struct check_options *o, struct evidence **out, struct err *e)
{
	CLEANUP(close_file) FILE *kept = NULL;
	if (o->evidence && !load(o->evidence, out, e))
		return false;
	if (!open_save(o->save, &kept, e))
		return false;
	if (o->evidence)
		return !kept || evidence_save(*out, kept, e);
	struct progress *draw = progress_new(o);
	struct check_observer observer = progress_observer(draw, o->request.input);
	struct net_loop *loop = net_loop_new();
	running = loop;
	signal(SIGINT, stop);
	signal(SIGTERM, stop);
	bool ok = check_run(loop, &o->request, &observer, out, e);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	running = NULL;
	progress_free(&draw);
	net_loop_free(&loop);
	return ok && (!kept || evidence_save(*out, kept, e));
}

/* Something typed cannot be right, and so nothing was looked up or contacted. */
static bool is_wrong_input(const struct evidence *ev)
{
	return evidence_next(ev, FACT_INPUT, NULL) && !evidence_next(ev, FACT_CONNECT, NULL) &&
	       !evidence_next(ev, FACT_DNS, NULL);
}

static int answer(const struct check_options *o, struct err *e)
{
	CLEANUP(evidence_free) struct evidence *ev = NULL;
	bool kept = gather(o, &ev, e);
	if (!ev)
		return failed(e);
	CLEANUP(verdict_free) struct verdict *v = verdict_of(ev);
	if (!render_verdict(v, o->format, &o->render, stdout, e))
		return failed(e);
	if (!kept) /* what was found is told all the same */
		return failed(e);
	if (is_wrong_input(ev))
		return EXIT_WRONG_USE;
	return v->word == VERDICT_FAILING || v->word == VERDICT_UNKNOWN ? EXIT_NOT_WELL : EXIT_WELL;
}

int command_check(int argc, char **argv)
{
	struct check_options o;
	struct err e = { 0 };
	int status;
	if (!check_options_read(argc, argv, &o, &e)) {
		status = failed(&e);
	} else if (o.help) {
		check_options_help(stdout);
		status = EXIT_WELL;
	} else {
		status = answer(&o, &e);
	}
	check_options_clear(&o);
	return status;
}
