/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/evidence_file.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

static struct net_loop *running; /* for the signal handler only */

static void stop(int sig)
{
	(void)sig;
	if (running)
		net_loop_interrupt(running);
}

bool evidence_file_load(const char *path, struct evidence **out, struct err *e)
{
	CLEANUP(close_file) FILE *f = fopen(path, "re");
	if (!f) {
		ERR_FILL(e, ERR_USAGE, 0, "read the evidence in", "%s", path);
		return err_detail(e, "%s", strerror(errno));
	}
	bool ok = evidence_load(f, path, out, e);
	if (ok || (e->kind == ERR_SYS && e->code != EISDIR))
		return ok;
	e->kind = ERR_USAGE; /* the wrong file, or far more than evidence ever is */
	e->detail[0] = '\0';
	return err_detail(e, "this is no evidence: name a file that check --save or discover --save wrote");
}

bool evidence_file_open(const char *path, FILE **out, struct err *e)
{
	*out = path ? fopen(path, "we") : NULL;
	if (!path || *out)
		return true;
	ERR_FILL(e, ERR_USAGE, 0, "write the evidence to", "%s", path);
	return err_detail(e, "%s", strerror(errno));
}

struct net_loop *gathering_begin(void)
{
	running = net_loop_new();
	signal(SIGINT, stop);
	signal(SIGTERM, stop);
	return running;
}

bool gathering_end(struct net_loop **loop, struct err *e)
{
	bool whole = !net_loop_interrupted(*loop);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	running = NULL;
	net_loop_free(loop);
	if (whole)
		return true;
	ERR_FILL(e, ERR_SYS, EINTR, "finish", "this");
	return err_detail(e, "it was stopped from outside (Ctrl-C): what had not answered until then looks "
			     "like a failure and need not be one");
}
