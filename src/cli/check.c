/* SPDX-License-Identifier: Apache-2.0 */
/* `postrider check`: options in, a check or kept evidence, a verdict out. */
#include "check/check.h"
#include "cli/check_options.h"
#include "cli/check_token.h"
#include "cli/command.h"
#include "cli/evidence_file.h"
#include "cli/progress.h"

static bool gather(const struct check_options *o, struct evidence **out, struct err *e)
{
	CLEANUP(close_file) FILE *kept = NULL;
	if (o->evidence && !evidence_file_load(o->evidence, out, e))
		return false;
	if (!evidence_file_open(o->save, &kept, e))
		return false;
	if (o->evidence)
		return !kept || evidence_save(*out, kept, e);
	struct progress *draw = progress_new(o);
	struct check_observer observer = progress_observer(draw, o->request.input);
	struct net_loop *loop = gathering_begin();
	bool ok = check_run(loop, &o->request, &observer, out, e);
	bool whole = gathering_end(&loop, e);
	progress_free(&draw);
	if (ok)
		check_token_tell(*out);
	return ok && (!kept || evidence_save(*out, kept, e)) && whole;
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
		return command_failed(e);
	CLEANUP(verdict_free) struct verdict *v = verdict_of(ev);
	if (!render_verdict(v, o->format, &o->render, stdout, e))
		return command_failed(e);
	if (!kept) /* what was found is told all the same */
		return command_failed(e);
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
		status = command_failed(&e);
	} else if (o.help) {
		check_options_help(stdout);
		status = EXIT_WELL;
	} else {
		status = answer(&o, &e);
	}
	check_options_clear(&o);
	return status;
}
