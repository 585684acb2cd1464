/* SPDX-License-Identifier: Apache-2.0 */
/* `postrider send --merge`: checked, handed in, told. */
#include "cli/send_batch.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/config_relay.h"
#include "cli/folder.h"

static volatile sig_atomic_t stops;
static struct net_loop *running; /* for the signal handler only */

static void stop(int sig)
{
	(void)sig;
	if (stops++ && running) /* asked twice: at once */
		net_loop_interrupt(running);
}

bool send_batch_stops(void)
{
	return stops;
}

/* ---- files and settings ---- */

const char *send_batch_without(struct arena *a, const char *path, const char *end)
{
	return z_iends(path, end) ? arena_dup(a, path, strlen(path) - strlen(end)) : path;
}

static void name_files(struct batch_run *r)
{
	const struct send_options *o = r->o;
	r->results = o->results ? o->results
				: arena_printf(r->arena, "%s.results.csv",
					       send_batch_without(r->arena, o->merge, ".csv"));
	r->journal = arena_printf(r->arena, "%s.journal", send_batch_without(r->arena, r->results, ".csv"));
}

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

/* ---- again ---- */

/* --again: what the last sending left stays readable under the time it began. */
static bool put_aside(struct batch_run *r, const char *path, const char *end, const char *when, struct err *e)
{
	const char *to =
		arena_printf(r->arena, "%s.%s%s", send_batch_without(r->arena, path, end), when, end);
	if (!rename(path, to) || errno == ENOENT)
		return true;
	return ERR_FILL(e, ERR_SYS, errno, "rename", "%s", path);
}

static bool begin_again(struct batch_run *r, struct err *e)
{
	CLEANUP(journal_free) struct journal *j = NULL;
	char when[TEXT_TIME_BYTES];
	int found = r->o->again ? journal_open(r->journal, JOURNAL_SEND, &j, e) : 0;
	if (found <= 0)
		return found == 0;
	text_time(journal_head(j)->began_ms / 1000, when);
	return put_aside(r, r->results, ".csv", when, e) && put_aside(r, r->journal, ".journal", when, e);
}

static bool is_same(const char *a, const char *b)
{
	struct stat x, y;
	return !stat(a, &x) && !stat(b, &y) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* Nobody's file is written over: results are replaced only where a journal says that they are ours. */
static bool is_free(const struct batch_run *r, struct err *e)
{
	const char *why = is_same(r->results, r->o->merge) || is_same(r->results, r->o->template)
				  ? "that is the table, or the template"
			  : !access(r->results, F_OK) && access(r->journal, F_OK)
				  ? "it is there already, and no batch left it: move it away"
				  : NULL;
	if (!why)
		return true;
	ERR_FILL(e, ERR_USAGE, 0, "write results to", "%s", r->results);
	return err_detail(e, "%s, or name another file with --results", why);
}

/* ---- the passes ---- */

static uint64_t size_max(const struct relay_settings *s)
{
	return s && s->max_size > 0 ? (uint64_t)s->max_size : 0;
}

static bool on_check(void *ctx, const struct batch_at *at)
{
	send_batch_progress(ctx, "checking", at);
	return !stops;
}

static bool on_send(void *ctx, const struct batch_at *at)
{
	send_batch_progress(ctx, "sending", at);
	return !stops;
}

/* False with *status (or *e): it ends here. */
static bool check(struct batch_run *r, int *status, struct err *e)
{
	const struct send_options *o = r->o;
	struct strlist faults = { 0 };
	const char *named = r->profile ? send_batch_as_fields(r) : NULL;
	const struct batch_options b = { .table = o->merge,
					 .template = o->template,
					 .journal = r->journal,
					 .from = r->from,
					 .from_name = r->from_name,
					 .fields = named,
					 .to_column = o->to_column,
					 .attach_column = o->attach_column,
					 .key_column = o->key_column,
					 .attach_all = o->attach,
					 .size_max = size_max(r->settings),
					 .resume = o->resume,
					 .again = o->again,
					 .look = o->dry_run,
					 .now_ms = folder_now_ms() };
	const struct batch_watch w = { on_check, r };
	*status = EXIT_WRONG_USE;
	if (!batch_open(&b, r->arena, &r->batch, &faults, e))
		return false;
	if (!r->batch) {
		send_batch_faults(r, &faults);
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
	if (sent && !is_unreached(r))
		send_batch_sent(r);
	return sent;
}

static int work(struct batch_run *r, struct err *e)
{
	int status = EXIT_CANNOT;
	name_files(r);
	if (!load(r, e))
		return e->kind ? command_failed(e) : EXIT_WRONG_USE;
	if (r->o->merge) {
		if ((!r->o->dry_run && (!is_free(r, e) || !begin_again(r, e))) || !check(r, &status, e))
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
	running = r.loop;
	signal(SIGINT, stop);
	signal(SIGTERM, stop);
	signal(SIGPIPE, SIG_IGN);
	int status = work(&r, &e);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	running = NULL;
	batch_free(&r.batch);
	relay_settings_free(&r.settings);
	net_loop_free(&r.loop);
	return status;
}
