/* SPDX-License-Identifier: Apache-2.0 */
/* `postrider monitor`: what the running watch keeps, and a look of one's own. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/memory_file.h"
#include "catalog/write_json.h"
#include "check/check.h"
#include "check/render.h"
#include "cli/command.h"
#include "cli/config_relay.h"
#include "cli/config_watch.h"
#include "cli/evidence_file.h"
#include "cli/folder.h"
#include "cli/monitor_show_json.h"
#include "cli/terminal.h"
#include "watch/health.h"
#include "watch/secrets.h"

struct monitor_run {
	const struct monitor_options *o;
	struct watch_settings *settings;
	struct history *history; /* NULL: not opened, or nothing kept yet */
};

static bool load(struct monitor_run *r, struct err *e)
{
	const char *path = r->o->config ? r->o->config : config_default_path();
	CLEANUP(config_free) struct config *c = NULL;
	CLEANUP(relay_settings_free) struct relay_settings *relay = NULL;
	if (!path) {
		ERR_FILL(e, ERR_USAGE, 0, "find", "the monitors");
		return err_detail(e,
				  "there is neither ./postrider.conf nor /etc/postrider/postrider.conf; name "
				  "the file with --config FILE");
	}
	return config_load(path, &c, e) && config_relay(c, &relay, e) &&
	       config_watch(c, relay, &r->settings, e);
}

static bool find(const struct monitor_run *r, const struct watch_monitor **m, struct err *e)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct strlist names = { 0 };
	*m = watch_monitor_find(r->settings, r->o->name);
	if (*m)
		return true;
	for (size_t i = 0; i < r->settings->nmonitors; i++)
		strlist_add(&names, a, r->settings->monitors[i].name);
	ERR_FILL(e, ERR_USAGE, 0, "find", "a monitor \"%s\"", r->o->name);
	return err_detail(e, names.n ? "there is: %s" : "%s",
			  names.n ? strlist_join(&names, a, ", ")
				  : "none is configured: add monitor \"NAME\" { target = \"...\" }");
}

/* What was never kept is no failure: monitors are listed as not looked at yet. */
static bool open_history(struct monitor_run *r, struct err *e)
{
	struct err none = { 0 };
	if (!folder_become_owner(r->settings->data, e))
		return false;
	if (history_open(r->settings->data, HISTORY_READ, &r->history, &none) || none.kind == ERR_USAGE)
		return true;
	*e = none;
	return false;
}

static struct monitor_show show_of(const struct monitor_options *o)
{
	unsigned width = terminal_columns(STDOUT_FILENO);
	return (struct monitor_show){ paper_of(stdout, width ? width : PAPER_WIDTH,
					       !o->no_color && terminal_color(STDOUT_FILENO),
					       !terminal_is_utf8()),
				      o };
}

/* ---- list, history ---- */

static json_t *health_of(const struct monitor_run *r, struct err *e)
{
	const struct health_view v = { .now_ms = folder_now_ms(),
				       .since_ms = r->o->since_s * 1000,
				       .points = r->o->verb == MONITOR_HISTORY ? HEALTH_POINTS_MAX : 0,
				       .monitor = r->o->name };
	CLEANUP(memory_file_clear) struct memory_file m;
	memory_file_open(&m);
	bool ok = health_write(r->history, r->settings, &v, m.file, e);
	ok = memory_file_whole(&m, e) && ok;
	return ok ? json_loads(m.text, 0, NULL) : NULL;
}

static bool is_bad(json_t *health)
{
	const char *state = json_string_value(json_object_get(health, "state"));
	return state && !strcmp(state, "bad");
}

/* The relay has stopped looking at one of them: how it is now is not known. */
static bool is_late(json_t *health)
{
	json_t *monitors = json_object_get(health, "monitors");
	for (size_t i = 0; i < json_array_size(monitors); i++)
		if (json_is_true(json_object_get(json_array_get(monitors, i), "late")))
			return true;
	return false;
}

static int status_of(const struct monitor_options *o, json_t *health)
{
	if (o->verb != MONITOR_LIST)
		return EXIT_WELL;
	return is_bad(health) ? EXIT_NOT_WELL : is_late(health) ? EXIT_CANNOT : EXIT_WELL;
}

static int show_health(struct monitor_run *r, struct err *e)
{
	struct monitor_show s = show_of(r->o);
	const struct watch_monitor *m;
	if (r->o->name && !find(r, &m, e))
		return command_failed(e);
	if (!open_history(r, e))
		return command_failed(e);
	json_t *health = health_of(r, e);
	if (!health)
		return command_failed(e);
	if (r->o->json) {
		write_json(stdout, json_incref(health), JSON_INDENT(2) | JSON_REAL_PRECISION(6));
	} else if (r->o->verb == MONITOR_HISTORY) {
		monitor_show_history(&s, health);
	} else {
		monitor_show_list(&s, health);
	}
	int status = status_of(r->o, health);
	json_decref(health);
	return status;
}

/* ---- show, run ---- */

static int tell(const struct monitor_options *o, const struct evidence *ev, struct err *e)
{
	CLEANUP(verdict_free) struct verdict *v = verdict_of(ev);
	const struct render_options r = { .color = !o->no_color && terminal_color(STDOUT_FILENO),
					  .ascii = !terminal_is_utf8(),
					  .width = terminal_columns(STDOUT_FILENO),
					  .transcript = o->verbose,
					  .brief = o->quiet };
	if (!render_verdict(v, o->json ? RENDER_JSON : RENDER_TEXT, &r, stdout, e))
		return command_failed(e);
	return v->word == VERDICT_FAILING || v->word == VERDICT_UNKNOWN ? EXIT_NOT_WELL : EXIT_WELL;
}

/* The document holds the evidence: it is judged by today's catalogue. */
static int show_last(struct monitor_run *r, struct err *e)
{
	const struct watch_monitor *m;
	CLEANUP(mem_free) char *text = NULL;
	CLEANUP(evidence_free) struct evidence *ev = NULL;
	if (!find(r, &m, e) || !open_history(r, e))
		return command_failed(e);
	int found =
		r->history ? history_document(r->history, m->name, r->o->bad ? "bad" : "last", &text, e) : 0;
	if (found < 0)
		return command_failed(e);
	if (!found) {
		fprintf(stderr, "postrider: %s\n",
			r->o->bad ? "it was never bad, as far as the history goes back"
				  : "it was not looked at yet: is `postrider serve` running?");
		return r->o->bad ? EXIT_WELL : EXIT_CANNOT;
	}
	CLEANUP(close_file) FILE *f = fmemopen(text, strlen(text), "r");
	if (!f || !evidence_load(f, m->name, &ev, e))
		return command_failed(e);
	return tell(r->o, ev, e);
}

static int run_now(struct monitor_run *r, struct err *e)
{
	const struct watch_monitor *m;
	struct check_request q;
	CLEANUP(watch_secrets_wipe) struct watch_secrets s = { 0 };
	CLEANUP(evidence_free) struct evidence *ev = NULL;
	if (!find(r, &m, e) || !watch_request(m, &s, &q, e))
		return command_failed(e);
	struct net_loop *loop = gathering_begin();
	bool ok = check_run(loop, &q, NULL, &ev, e);
	bool whole = gathering_end(&loop, e);
	int status = ok ? tell(r->o, ev, e) : EXIT_CANNOT;
	return ok && whole ? status : command_failed(e);
}

int command_monitor(int argc, char **argv)
{
	struct monitor_options o;
	struct monitor_run r = { .o = &o };
	struct err e = { 0 };
	int status;
	if (!monitor_options_read(argc, argv, (long long)time(NULL), &o, &e))
		return command_failed(&e);
	if (o.help) {
		monitor_options_help(stdout);
		return EXIT_WELL;
	}
	if (!load(&r, &e))
		status = command_failed(&e);
	else if (o.verb == MONITOR_SHOW)
		status = show_last(&r, &e);
	else
		status = o.verb == MONITOR_RUN ? run_now(&r, &e) : show_health(&r, &e);
	history_close(&r.history);
	watch_settings_free(&r.settings);
	return status;
}
