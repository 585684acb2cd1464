/* SPDX-License-Identifier: Apache-2.0 */
/* `postrider queue`: what waits, why, and what is to be done with it. */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/folder.h"
#include "cli/queue_inner.h"
#include "cli/terminal.h"

/* The person behind sudo; asked before we become the folder's owner. */
static const char *operator_name(struct arena *a)
{
	const char *sudo = getenv("SUDO_USER");
	const struct passwd *p = getpwuid(getuid());
	return sudo && *sudo ? sudo : p ? arena_strdup(a, p->pw_name) : "";
}

static void see_sending(struct queue_run *r)
{
	CLEANUP(queue_hand_free) struct queue_hand *beside = queue_hand_beside(r->folder);
	queue_hand_behind(beside, r->o->arena, &r->behind);
	queue_hand_sending(beside, r->o->arena, &r->sending);
	index_behind_tell(&r->behind, r->o->json || r->o->quiet ? NULL : &r->paper);
}

static int run(struct queue_run *r, struct err *e)
{
	const struct queue_options *o = r->o;
	enum queue_need need = o->verb == QUEUE_STEER ? QUEUE_CHANGE : QUEUE_LOOK;
	r->folder = folder_find(o->config, o->data, o->arena, &r->settings, e);
	if (!r->folder || !queue_hand_open(r->folder, need, &r->hand, e))
		return -1;
	if (need == QUEUE_LOOK && queue_hand_running(r->hand))
		see_sending(r);
	switch (o->verb) {
	case QUEUE_SHOW:
	case QUEUE_WHY:
		return queue_show(r, e);
	case QUEUE_STEER:
		return queue_act(r, e);
	default:
		return queue_list(r, e);
	}
}

int command_queue(int argc, char **argv)
{
	struct queue_options o;
	struct err e = { 0 };
	int status = EXIT_WELL;
	if (!queue_options_read(argc, argv, (long long)time(NULL), &o, &e)) {
		status = command_failed(&e);
	} else if (o.help) {
		queue_options_help(stdout);
	} else {
		struct queue_run r = { .o = &o, .by = operator_name(o.arena), .now_ms = folder_now_ms() };
		r.paper = terminal_paper(o.no_color);
		status = run(&r, &e);
		status = status < 0 ? command_failed(&e) : status;
		queue_hand_free(&r.hand);
		relay_settings_free(&r.settings);
	}
	queue_options_clear(&o);
	return status;
}
