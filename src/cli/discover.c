/* SPDX-License-Identifier: Apache-2.0 */
/* `postrider discover`: an address in, the server it sends through out. */
#include <unistd.h>

#include "check/discover.h"
#include "check/render_discovery.h"
#include "cli/check_token.h"
#include "cli/command.h"
#include "cli/discover_options.h"
#include "cli/evidence_file.h"
#include "cli/progress.h"

/* Only a person at a terminal can vouch for a name. */
static bool vouch(void *ctx, const struct candidate *c)
{
	char answer[16] = "";
	progress_wipe(ctx);
	fprintf(stderr,
		"\npostrider: %s port %u offers a login and proves its name, but nothing proves that the\n"
		"name is yours (%s). Send it the password? [y/N] ",
		c->host, c->port, c->why);
	fflush(stderr);
	return fgets(answer, sizeof(answer), stdin) && (*answer == 'y' || *answer == 'Y');
}

static bool is_person_there(const struct discover_options *o)
{
	return !o->check.quiet && o->check.format == RENDER_TEXT && isatty(STDIN_FILENO) &&
	       isatty(STDERR_FILENO);
}

static bool gather(const struct discover_options *o, struct evidence **out, struct err *e)
{
	CLEANUP(close_file) FILE *kept = NULL;
	if (!evidence_file_open(o->check.save, &kept, e))
		return false;
	struct progress *draw = progress_new(&o->check);
	struct discover_request r = { .check = o->check.request,
				      .accept = o->accept,
				      .isp = o->isp,
				      .all = o->all,
				      .vouch = is_person_there(o) ? vouch : NULL,
				      .ctx = draw };
	struct check_observer observer = progress_observer(draw, r.check.input);
	struct net_loop *loop = gathering_begin();
	bool ok = discover_run(loop, &r, &observer, out, e);
	bool whole = gathering_end(&loop, e);
	progress_free(&draw);
	if (ok)
		check_token_tell(*out);
	return ok && (!kept || evidence_save(*out, kept, e)) && whole;
}

/* What was typed cannot be an address, and nothing was asked. */
static int wrong_input(const struct fact *f)
{
	fprintf(stderr, "postrider: \"%s\" cannot be an address or a domain (%s)", f->input.value,
		f->input.problem);
	if (*f->input.clean)
		fprintf(stderr, "; did you mean %s?", f->input.clean);
	fputc('\n', stderr);
	return EXIT_WRONG_USE;
}

static int answer(const struct discover_options *o, struct err *e)
{
	CLEANUP(evidence_free) struct evidence *ev = NULL;
	bool kept = gather(o, &ev, e);
	if (!ev)
		return command_failed(e);
	const struct fact *input = evidence_next(ev, FACT_INPUT, NULL);
	if (input)
		return wrong_input(input);
	CLEANUP(discovery_free) struct discovery *d = discovery_of(ev);
	bool told = o->check.format == RENDER_JSON ? render_discovery_json(d, stdout, e)
						   : render_discovery_text(d, &o->check.render, stdout, e);
	if (!told || !kept) /* what was found is told all the same */
		return command_failed(e);
	return d->found ? EXIT_WELL : EXIT_NOT_WELL;
}

int command_discover(int argc, char **argv)
{
	struct discover_options o;
	struct err e = { 0 };
	int status;
	if (!discover_options_read(argc, argv, &o, &e)) {
		status = command_failed(&e);
	} else if (o.check.help) {
		discover_options_help(stdout);
		status = EXIT_WELL;
	} else {
		status = answer(&o, &e);
	}
	discover_options_clear(&o);
	return status;
}
