/* SPDX-License-Identifier: Apache-2.0 */
/* `postrider serve`: the relay, in the foreground. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/call_filter.h"
#include "cli/command.h"
#include "cli/config.h"
#include "cli/config_relay.h"
#include "cli/config_watch.h"
#include "cli/option_table.h"
#include "cli/privilege.h"
#include "cli/serve_fixed.h"
#include "cli/serve_room.h"
#include "cli/serve_watch.h"
#include "cli/service.h"
#include "net/watch.h"
#include "relay/relay.h"
#include "show/trail_json.h"
#include "web/web.h"

enum {
	DRAIN_MS = 10000,     /* who is in the middle of a message has so long */
	FILES_WANTED = 65536, /* open at once; a connection is one */
};

/* Fetches of checks and commands of alerts must not keep a login from its password's comparison. */
#define POOL_THREADS "16"

struct serving {
	const char *path; /* of the configuration */
	bool quiet, json, help;
	struct net_loop *loop;
	struct relay *relay;
	const struct relay_settings *began; /* of the start, held */
	struct web *web;                    /* NULL: none is wanted */
	struct serve_watch beside;
	int signals;
	struct net_watch *watch;
	struct net_timer *dog;
	uint64_t dog_ms;
	bool stopping, hurried;
	bool open, read_again; /* the relay is open; a SIGHUP came before */
};

#define TO(member) .offset = offsetof(struct serving, member)

static const struct option_row rows[] = {
	OPTION("config", "FILE",
	       "the configuration (default ./postrider.conf, /etc/postrider/postrider.conf)", TO(path),
	       .letter = 'c'),
	OPTION("quiet", NULL, "no line when ready", TO(quiet), .letter = 'q'),
	OPTION("json", NULL, "that line is a JSON object: where it listens", TO(json), .json = true),
	OPTION_HELP(TO(help)),
};

static const struct option_table table = { .command = "serve", .rows = rows, .nrows = ARRAY_LEN(rows) };

static int help(FILE *out, int status)
{
	fputs("Use:  postrider serve [OPTIONS]\n\n"
	      "Runs the relay in the foreground: takes mail, keeps it safe, hands it on.  Prints one line "
	      "when it\n"
	      "is ready.\n\n",
	      out);
	option_table_help(&table, out);
	fputs("\nSIGHUP reads the configuration again, without dropping a session.  SIGTERM ends it: what is "
	      "in\n"
	      "hand is finished or parked; nothing that was answered 250 is lost.\n"
	      "Exit status: 0 ended as asked, 2 wrong configuration, 3 could not do the work here.\n",
	      out);
	return status;
}

static int tell(const struct err *e, int otherwise)
{
	char text[600];
	fprintf(stderr, "postrider: %s\n", err_text(e, text, sizeof(text)));
	return e->kind == ERR_USAGE ? EXIT_WRONG_USE : otherwise;
}

/* It works until they are read again. */
static void tell_unreadable(const struct config *c, const struct relay_settings *s)
{
	const struct strlist files = config_unreadable(c, s, s->arena);
	for (size_t i = 0; i < files.n; i++)
		fprintf(stderr, "postrider: %s\n", files.v[i]);
}

/* All of the file, or nothing.  Root finds out by becoming another for a moment: that is for the start alone,
 * before threads and the filter of system calls are there. */
static struct relay_settings *load(const char *path, bool at_start, struct watch_settings **watch,
				   struct err *e)
{
	CLEANUP(config_free) struct config *c = NULL;
	CLEANUP(relay_settings_free) struct relay_settings *s = NULL;
	if (!config_load(path, &c, e) || !config_relay(c, &s, e) || !config_watch(c, s, watch, e))
		return NULL;
	if (!s->nlistens) {
		ERR_FILL(e, ERR_USAGE, 0, "serve", "%s", path);
		err_detail(e, "there is no place to listen at: add listen \"127.0.0.1:2525\" { }");
		return NULL;
	}
	if (at_start || geteuid() != 0)
		tell_unreadable(c, s);
	return STEAL(s);
}

/* Each connection is a descriptor. */
static void raise_limits(void)
{
	struct rlimit l;
	if (getrlimit(RLIMIT_NOFILE, &l))
		return;
	rlim_t wanted = l.rlim_max < FILES_WANTED ? l.rlim_max : FILES_WANTED;
	if (l.rlim_cur >= wanted)
		return;
	l.rlim_cur = wanted;
	(void)setrlimit(RLIMIT_NOFILE, &l);
}

/* {"schema": 1, "ready": ["127.0.0.1:2525"], "http": "127.0.0.1:8025"} */
static void say_ready_json(const struct serving *s)
{
	json_t *o = json_object(), *list = json_array();
	const char *where;
	for (size_t i = 0; (where = relay_address(s->relay, i)); i++)
		json_array_append_new(list, json_string(where));
	json_object_set_new(o, "schema", json_integer(1));
	json_object_set_new(o, "ready", list);
	if (web_address(s->web))
		json_object_set_new(o, "http", json_string(web_address(s->web)));
	json_write_line(stdout, o);
	fflush(stdout);
}

static void say_ready(const struct serving *s)
{
	const char *where;
	service_tell("READY=1\nSTATUS=Taking mail");
	if (s->quiet)
		return;
	if (s->json) {
		say_ready_json(s);
		return;
	}
	fputs("postrider: ready on", stdout);
	for (size_t i = 0; (where = relay_address(s->relay, i)); i++)
		printf(" %s", where);
	if (web_address(s->web))
		printf(", the page and the API on %s", web_address(s->web));
	putchar('\n');
	fflush(stdout);
}

/* What was taken up is used from now on but for these; until then the file says what is not so. */
static void tell_fixed(const struct serving *s, const struct relay_settings *fresh)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	const char *changed = serve_fixed_changed(s->began, fresh, a);
	if (*changed)
		fprintf(stderr,
			"postrider: changed since the start, and counts from the next one (systemctl restart "
			"postrider): %s\n",
			changed);
	if (!s->web && (*fresh->http.listen || fresh->nwebhooks))
		fputs("postrider: the API and webhooks are new in it: they begin with the next start\n",
		      stderr);
}

static void reload(struct serving *s)
{
	struct err e = { 0 };
	service_tell_reloading();
	relay_rotate(s->relay); /* whatever the configuration is worth */
	CLEANUP(watch_settings_free) struct watch_settings *watch = NULL;
	CLEANUP(relay_settings_free) struct relay_settings *fresh = load(s->path, false, &watch, &e);
	if (fresh && relay_reload(s->relay, fresh, &e) && (!s->web || web_reload(s->web, fresh, &e)))
		fprintf(stderr, "postrider: the configuration was read again: %s\n", s->path);
	else
		tell(&e, 0);
	if (!e.kind) {
		tell_fixed(s, fresh);
		serve_watch_reload(&s->beside, &watch);
	}
	service_tell(
		e.kind ? "READY=1\nSTATUS=Taking mail with the former configuration: the new one is wrong"
		       : "READY=1\nSTATUS=Taking mail");
}

static void on_signal(void *ctx, unsigned what)
{
	struct serving *s = ctx;
	struct signalfd_siginfo info;
	(void)what;
	while (read(s->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGHUP && !s->open)
			s->read_again = true;
		else if (info.ssi_signo == SIGHUP && !s->stopping)
			reload(s);
		else if (info.ssi_signo != SIGHUP && s->stopping)
			s->hurried = true;
		else if (info.ssi_signo != SIGHUP)
			s->stopping = true;
	}
}

static void on_dog(void *ctx)
{
	struct serving *s = ctx;
	service_tell("WATCHDOG=1");
	net_timer_set(s->dog, net_loop_now_ms(s->loop) + s->dog_ms);
}

static bool is_stopping(void *ctx)
{
	const struct serving *s = ctx;
	return s->stopping;
}

static bool is_over(void *ctx)
{
	const struct serving *s = ctx;
	return s->hurried || relay_is_idle(s->relay);
}

/* Before any thread is there: all of them leave the signals to the loop. */
static bool take_signals(struct serving *s, struct err *e)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	s->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (s->signals < 0)
		return ERR_FILL(e, ERR_SYS, errno, "take signals", "%s", strerror(errno));
	s->watch = net_watch_new(s->loop, s->signals, on_signal, s);
	net_watch_set(s->watch, NET_READ);
	return true;
}

static void start_dog(struct serving *s)
{
	s->dog_ms = service_watchdog_ms();
	if (!s->dog_ms)
		return;
	s->dog = net_timer_new(s->loop, on_dog, s);
	net_timer_set(s->dog, net_loop_now_ms(s->loop));
}

static void run(struct serving *s)
{
	relay_start(s->relay);
	s->open = true;
	say_ready(s);
	if (s->read_again)
		reload(s);
	(void)net_loop_wait(s->loop, is_stopping, s, UINT64_MAX);
	service_tell("STOPPING=1\nSTATUS=Finishing what is in hand");
	if (s->web)
		web_drain(s->web);
	relay_drain(s->relay);
	(void)net_loop_wait(s->loop, is_over, s, net_loop_now_ms(s->loop) + DRAIN_MS);
}

/* The ports are bound and the keys read: nothing that follows needs root, and nothing but alerts'
 * commands another program. */
static bool give_up_privileges(struct serving *s, const struct relay_settings *settings,
			       const struct watch_settings *watch, struct err *e)
{
	struct err no = { 0 };
	char text[400];
	if (!privilege_become(settings->user, settings->data, e))
		return false;
	if (geteuid() == 0)
		fputs("postrider: running as root: add user = \"postrider\" to the configuration\n", stderr);
	if (!serve_watch_prepare(&s->beside, watch, e))
		return false;
	if (!call_filter_load(&no))
		fprintf(stderr, "postrider: %s: going on without\n", err_text(&no, text, sizeof(text)));
	return true;
}

static bool open_all(struct serving *s, const struct relay_settings *settings, struct watch_settings **watch,
		     struct err *e)
{
	if (!take_signals(s, e))
		return false;
	s->relay = relay_new(s->loop, settings, e);
	if (!s->relay)
		return false;
	s->web = web_new(s->loop, settings, e);
	if (!s->web && e->kind)
		return false;
	if (!give_up_privileges(s, settings, *watch, e))
		return false;
	start_dog(s);
	if (!serve_open_relay(s->loop, s->relay, is_stopping, s, e))
		return false;
	serve_watch_start(&s->beside, s->relay, s->loop, watch);
	return !s->web || web_start(s->web, s->relay, s->beside.watch, e);
}

static int serve(struct serving *s)
{
	struct err e = { 0 };
	CLEANUP(watch_settings_free) struct watch_settings *watch = NULL;
	CLEANUP(relay_settings_free) struct relay_settings *settings = load(s->path, true, &watch, &e);
	if (!settings) /* what may not be read is no mistake in it */
		return tell(&e, e.kind == ERR_SYS ? EXIT_CANNOT : EXIT_WRONG_USE);
	umask(077);
	setenv("UV_THREADPOOL_SIZE", POOL_THREADS, 0);
	signal(SIGXFSZ, SIG_IGN); /* a limit on files is an error of the write, not the end */
	raise_limits();
	s->loop = net_loop_new();
	s->signals = -1;
	s->began = relay_settings_hold(settings);
	bool opened = open_all(s, settings, &watch, &e);
	if (opened)
		run(s);
	web_free(&s->web);
	serve_watch_stop(&s->beside);
	relay_free(&s->relay);
	relay_settings_drop(&s->began);
	serve_watch_free(&s->beside);
	net_timer_free(&s->dog);
	net_watch_free(&s->watch);
	net_loop_free(&s->loop);
	close_fd(&s->signals);
	return opened || !e.kind ? EXIT_WELL : tell(&e, EXIT_CANNOT);
}

int command_serve(int argc, char **argv)
{
	struct serving s = { .path = NULL };
	struct err e = { 0 };
	int first;
	if (!option_table_read(&table, argc, argv, &s, &first, &e))
		return tell(&e, EXIT_WRONG_USE);
	if (s.help)
		return help(stdout, EXIT_WELL);
	if (first < argc) {
		ERR_FILL(&e, ERR_USAGE, 0, "understand", "%s", argv[first]);
		err_detail(&e, "the configuration goes with --config FILE; see postrider serve --help");
		return tell(&e, EXIT_WRONG_USE);
	}
	if (!s.path)
		s.path = config_default_path();
	if (!s.path) {
		fputs("postrider: there is neither ./postrider.conf nor /etc/postrider/postrider.conf; name "
		      "the file: postrider serve --config FILE\n",
		      stderr);
		return EXIT_WRONG_USE;
	}
	return serve(&s);
}
