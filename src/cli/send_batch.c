/* SPDX-License-Identifier: Apache-2.0 */
/* `postrider send --merge`: checked, handed in, told. */
#include "cli/send_batch.h"

#include <signal.h>
#include <stdio.h>

#include "cli/command.h"
#include "cli/config_relay.h"
#include "cli/folder.h"

/* False with *e, or without when all was told. */
static bool load(struct batch_run *r, struct err *e)
{
	CLEANUP(config_free) struct config *c = NULL;
	const char *path = r->o->config ? r->o->config : config_default_path();
	if (!path) {
		ERR_FILL(e, ERR_USAGE, 0, "find", "the relay that a batch goes through");
		return err_detail(
			e, "there is neither ./postrider.conf nor /etc/postrider/postrider.conf; name "
			   "the file with --config FILE (postrider discover ADDRESS prints what to put "
			   "into a new one)");
	}
	r->config = path;
	return config_load(path, &c, e) && config_relay(c, &r->settings, e) &&
	       send_batch_via(r->o, c, r->settings) && local_relay_of(c, r->arena, &r->relay, e) &&
	       send_batch_as(r, e);
}

/* ---- the passes ---- */

static uint64_t size_max(const struct relay_settings *s)
{
	return s && s->max_size > 0 ? (uint64_t)s->max_size : 0;
}

static bool on_check(void *ctx, const struct batch_at *at)
{
	send_batch_progress(ctx, "checking", at);
	send_batch_note(ctx, BATCH_CHECKING, at, "", NULL);
	return !send_batch_stops();
}

static bool on_send(void *ctx, const struct batch_at *at)
{
	send_batch_progress(ctx, "sending", at);
	send_batch_note(ctx, BATCH_SENDING, at, "", NULL);
	return !send_batch_stops();
}

static struct batch_options options_of(struct batch_run *r)
{
	const struct send_options *o = r->o;
	return (struct batch_options){ .table = o->merge,
				       .template = o->template,
				       .journal = r->journal,
				       .from = r->from,
				       .from_name = r->from_name,
				       .fields = r->profile ? send_batch_as_fields(r) : NULL,
				       .to_column = o->to_column,
				       .attach_column = o->attach_column,
				       .key_column = o->key_column,
				       .attach_all = o->attach,
				       .size_max = size_max(r->settings),
				       .resume = o->resume,
				       .again = o->again,
				       .look = o->dry_run,
				       .roll = r->roll,
				       .now_ms = folder_now_ms() };
}

/* False with *status (or *e): it ends here. */
static bool check(struct batch_run *r, struct strlist *faults, int *status, struct err *e)
{
	const struct send_options *o = r->o;
	const struct batch_options b = options_of(r);
	const struct batch_watch w = { on_check, r };
	*status = EXIT_WRONG_USE;
	if (!batch_open(&b, r->arena, &r->batch, faults, e))
		return false;
	if (!r->batch) {
		send_batch_faults(r, faults);
		return false;
	}
	r->began_ms = folder_now_ms();
	if (o->dry_run ? !send_batch_dry_run(r, &w, e) : !batch_check(r->batch, &w, r->arena, &r->checked, e))
		return false;
	send_batch_progress(r, NULL, NULL);
	send_batch_problems(r);
	*status = r->checked.stopped ? EXIT_NOT_WELL : EXIT_WRONG_USE;
	return !r->checked.stopped && r->checked.good && (!r->checked.bad || o->skip_bad);
}

static bool is_unreached(const struct batch_run *r)
{
	return r->sent.end == BATCH_TROUBLE && !r->sent.reached;
}

static bool hand_in(struct batch_run *r, struct err *e)
{
	const struct hand_way way = { .host = r->relay.host,
				      .port = r->relay.port,
				      .security = r->relay.security,
				      .ehlo_name = *r->relay.hostname ? r->relay.hostname : "localhost",
				      .patience_ms = HAND_PATIENCE_MS };
	const struct batch_watch w = { on_send, r };
	r->began_ms = folder_now_ms();
	bool sent = batch_send(r->batch, r->loop, &way, &w, r->arena, &r->sent, e);
	send_batch_progress(r, NULL, NULL);
	send_batch_note_end(r, e);
	if (sent && !is_unreached(r))
		send_batch_sent(r);
	return sent;
}

/* All that may forbid it, before anything is sent. */
static bool prepare(struct batch_run *r, int *status, struct err *e)
{
	struct strlist faults = { 0 };
	send_batch_note_open(r);
	if ((r->o->dry_run || (send_batch_is_free(r, e) && send_batch_begin_again(r, e))) &&
	    check(r, &faults, status, e))
		return true;
	send_batch_note_refused(r, &faults, e);
	return false;
}

static int work(struct batch_run *r, struct err *e)
{
	int status = EXIT_CANNOT;
	send_batch_name_files(r);
	if (!load(r, e))
		return e->kind ? command_failed(e) : EXIT_WRONG_USE;
	if (r->o->merge) {
		if (!prepare(r, &status, e))
			return e->kind ? command_failed(e) : status;
		if (r->o->dry_run)
			return EXIT_WELL;
		if (!hand_in(r, e))
			return command_failed(e);
		if (is_unreached(r)) {
			send_batch_unreached(r);
			if (!r->checked.before)
				return EXIT_CANNOT;
		}
	}
	batch_free(&r->batch);
	status = send_batch_results(r, e);
	return status < 0                  ? command_failed(e)
	       : r->sent.end == BATCH_DONE ? status
	       : is_unreached(r)           ? EXIT_CANNOT
					   : EXIT_NOT_WELL;
}

int send_batch(const struct send_options *o)
{
	struct err e = { 0 };
	struct batch_run r = { .o = o, .arena = o->arena, .loop = net_loop_new() };
	send_batch_stop_on(r.loop);
	signal(SIGPIPE, SIG_IGN);
	int status = work(&r, &e);
	send_batch_stop_on(NULL);
	batch_free(&r.batch);
	send_batch_note_close(&r);
	relay_settings_free(&r.settings);
	net_loop_free(&r.loop);
	return status;
}
