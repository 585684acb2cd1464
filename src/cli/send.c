/* SPDX-License-Identifier: Apache-2.0 */
/* `postrider send`: one mail out, and the truth about it. */
#include "cli/send.h"

#include <signal.h>
#include <stdio.h>

#include "cli/command.h"
#include "cli/send_batch.h"

static struct net_loop *running; /* for the signal handler only */

static void stop(int sig)
{
	(void)sig;
	if (running)
		net_loop_interrupt(running);
}

static int failed(const struct err *e)
{
	int status = command_failed(e);
	return e->kind == ERR_HTTP ? EXIT_NOT_WELL : status; /* no token: the server's word */
}

static int work(struct send_mail *m, struct net_loop *l, struct err *e)
{
	if (!send_way(m, l, e))
		return failed(e);
	bool followed = !m->o->wait || !*m->id || send_wait(m, l, e);
	struct err other = { 0 };
	if (followed && m->o->test && !send_test(m, l, e))
		followed = false;
	if (!send_show(m, &other))
		return failed(&other);
	if (!followed)
		return failed(e);
	return send_is_well(m) && (!m->o->test || m->passed) ? EXIT_WELL : EXIT_NOT_WELL;
}

static int run(const struct send_options *o, struct err *e)
{
	struct send_mail m = { .o = o, .arena = o->arena, .id = "" };
	struct net_loop *l = net_loop_new();
	running = l;
	signal(SIGINT, stop);
	signal(SIGTERM, stop);
	int status = work(&m, l, e);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	running = NULL;
	net_loop_free(&l);
	buf_clear(&m.bytes);
	config_free(&m.config);
	return status;
}

int command_send(int argc, char **argv)
{
	struct send_options o;
	struct err e = { 0 };
	int status;
	if (!send_options_read(argc, argv, &o, &e)) {
		status = failed(&e);
	} else if (o.help) {
		send_options_help(stdout);
		status = EXIT_WELL;
	} else if (o.merge || o.results) {
		status = send_batch(&o);
	} else {
		status = run(&o, &e);
	}
	send_options_clear(&o);
	return status;
}
