/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/run.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/fill.h"
#include "lab/isolate.h"
#include "lab/leak.h"
#include "lab/replay.h"
#include "lab/server.h"

enum { RUN_ARGS_MAX = 128, RUN_OUTPUT_BYTES_MAX = 16 << 20 };

struct running {
	uv_process_t child;
	uv_timer_t limit;
	uv_signal_t on_int, on_term;
	struct world *w;
	struct lab_ran *ran;
	bool started, ended;
};

/* ---- what to run */

static void add_arg(char **args, size_t *n, const char *z)
{
	if (*n < RUN_ARGS_MAX)
		args[(*n)++] = (char *)(uintptr_t)z;
}

/* `postrider check` or `discover` with the scenario's arguments and where the lab is. */
static void check_args(struct world *w, char **args, size_t *n)
{
	const char *command = spec_list(&w->spec->top, "discover") ? "discover" : "check";
	const struct strlist *check = spec_list(&w->spec->top, command);
	add_arg(args, n, "/proc/self/exe");
	add_arg(args, n, command);
	for (size_t i = 0; check && i < check->n; i++)
		add_arg(args, n, check->v[i]);
	if (!check || !strlist_has(check, "--resolver")) {
		add_arg(args, n, "--resolver");
		add_arg(args, n, w->resolver);
	}
	if (!check || !strlist_has(check, "--ca-file")) {
		add_arg(args, n, "--ca-file");
		add_arg(args, n, fill_text(w, "{ca}"));
	}
	add_arg(args, n, "--json");
	add_arg(args, n, "--save");
	add_arg(args, n, arena_printf(w->arena, "%s/kept.json", w->dir));
}

static char **arguments(struct world *w, const struct lab_run *o)
{
	char **args = arena_alloc(w->arena, (RUN_ARGS_MAX + 1) * sizeof(*args));
	size_t n = 0;
	if (o->check)
		check_args(w, args, &n);
	for (char **c = o->command; c && *c && !o->check; c++)
		add_arg(args, &n, fill_text(w, *c));
	args[n] = NULL;
	return args;
}

static void set_environment(struct world *w)
{
	const struct strlist *env = spec_list(&w->spec->top, "env");
	setenv("POSTRIDER_LAB_DIR", w->dir, 1);
	setenv("POSTRIDER_LAB_CA", fill_text(w, "{ca}"), 1);
	setenv("POSTRIDER_LAB_RESOLVER", w->resolver, 1);
	for (size_t i = 0; env && i < env->n; i++)
		if (strchr(env->v[i], '='))
			putenv((char *)(uintptr_t)env->v[i]);
}

/* ---- the command's life */

static void on_exit_of_child(uv_process_t *p, int64_t status, int sig)
{
	struct running *r = p->data;
	r->ran->status = sig ? 128 + sig : (int)status;
	r->ended = true;
	uv_stop(&r->w->loop);
}

static void on_limit(uv_timer_t *t)
{
	struct running *r = t->data;
	r->ran->timed_out = true;
	uv_process_kill(&r->child, SIGKILL);
}

static void on_signal(uv_signal_t *s, int sig)
{
	struct running *r = s->data;
	if (r->started && !r->ended) {
		uv_process_kill(&r->child, sig);
		return;
	}
	r->ended = true;
	uv_stop(&r->w->loop);
}

static int output_file(struct world *w, const char *name, int otherwise)
{
	if (!name)
		return otherwise;
	CLEANUP(mem_free) char *path = mem_printf("%s/%s", w->dir, name);
	return open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
}

static void take_output(struct world *w, const char *name, struct buf *out)
{
	if (!name)
		return;
	CLEANUP(mem_free) char *path = mem_printf("%s/%s", w->dir, name);
	CLEANUP(close_file) FILE *f = fopen(path, "re");
	char piece[8192];
	size_t n;
	while (f && out->len < RUN_OUTPUT_BYTES_MAX && (n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_add(out, piece, n);
}

static bool spawn(struct running *r, const struct lab_run *o, struct err *e)
{
	struct world *w = r->w;
	char **args = arguments(w, o);
	CLEANUP(close_fd) int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int out = output_file(w, o->out, STDOUT_FILENO), errors = output_file(w, o->errors, STDERR_FILENO);
	uv_stdio_container_t stdio[3] = {
		{ .flags = UV_INHERIT_FD, .data.fd = o->check ? null : STDIN_FILENO },
		{ .flags = UV_INHERIT_FD, .data.fd = out },
		{ .flags = UV_INHERIT_FD, .data.fd = errors },
	};
	uv_process_options_t po = {
		.exit_cb = on_exit_of_child, .file = args[0], .args = args, .stdio_count = 3, .stdio = stdio
	};
	int rc = uv_spawn(&w->loop, &r->child, &po);
	if (out != STDOUT_FILENO)
		close(out);
	if (errors != STDERR_FILENO)
		close(errors);
	if (rc < 0)
		return ERR_FILL(e, ERR_SYS, -rc, "start", "%s", args[0]);
	r->started = true;
	if (o->limit_ms)
		uv_timer_start(&r->limit, on_limit, (uint64_t)o->limit_ms, 0);
	return true;
}

/* ---- telling what is up */

static void tell(struct world *w)
{
	const char *command = spec_list(&w->spec->top, "discover") ? "discover" : "check";
	const struct strlist *check = spec_list(&w->spec->top, command);
	printf("%s: %s\n\n", w->spec->top.title, spec_text(&w->spec->top, "about", ""));
	for (const struct lab_server *s = w->servers; s; s = s->next) {
		const struct strlist *l = spec_list(s->s, "listen");
		printf("  %-16s %-28s", s->s->title, s->name);
		for (size_t i = 0; l && i < l->n; i++)
			printf(" %s", l->v[i]);
		printf("  (%s, %s)\n", spec_text(s->s, "speak", "smtp"), spec_text(s->s, "mode", "none"));
	}
	printf("  %-16s %-28s %s\n  folder           %s\n", "resolver", "", w->resolver, w->dir);
	if (w->isolated)
		printf("\nTo enter this network from another terminal:\n"
		       "  nsenter --user --net --mount --preserve-credentials -t %d\n",
		       getpid());
	if (check) {
		printf("\nTo %s it:\n  postrider %s", command, command);
		for (size_t i = 0; i < check->n; i++)
			printf(strpbrk(check->v[i], " *?{}$") ? " '%s'" : " %s", check->v[i]);
		printf(" --resolver %s --ca-file %s\n", w->resolver, fill_text(w, "{ca}"));
	}
	printf("\nCtrl-C ends it.\n");
	fflush(stdout);
}

static void watch_signals(struct running *r)
{
	uv_loop_t *loop = &r->w->loop;
	uv_timer_init(loop, &r->limit);
	uv_signal_init(loop, &r->on_int);
	uv_signal_init(loop, &r->on_term);
	r->on_int.data = r->on_term.data = r->limit.data = r->child.data = r;
	uv_signal_start(&r->on_int, on_signal, SIGINT);
	uv_signal_start(&r->on_term, on_signal, SIGTERM);
}

static void close_handles(struct running *r)
{
	uv_close((uv_handle_t *)&r->limit, NULL);
	uv_close((uv_handle_t *)&r->on_int, NULL);
	uv_close((uv_handle_t *)&r->on_term, NULL);
	if (r->started)
		uv_close((uv_handle_t *)&r->child, NULL);
	uv_run(&r->w->loop, UV_RUN_NOWAIT);
}

static bool run_in(struct world *w, const struct lab_run *o, struct lab_ran *ran, struct err *e)
{
	struct running r = { .w = w, .ran = ran };
	bool command = o->check || o->command;
	uint64_t from = uv_hrtime();
	set_environment(w);
	watch_signals(&r);
	if (!o->quiet && !command)
		tell(w);
	bool ok = !command || spawn(&r, o, e);
	if (ok)
		uv_run(&w->loop, UV_RUN_DEFAULT);
	ran->elapsed_ms = (long long)((uv_hrtime() - from) / 1000000);
	close_handles(&r);
	take_output(w, o->out, &ran->out);
	take_output(w, o->errors, &ran->errors);
	bool search = spec_list(&w->spec->top, "discover") != NULL;
	const char *leak = search ? leak_judge(w) : NULL;
	ran->leak = leak ? mem_strdup(leak) : NULL;
	if (ok && o->check && !search && !ran->timed_out)
		ran->replay = lab_replay(arena_printf(w->arena, "%s/kept.json", w->dir),
					 arena_printf(w->arena, "%s/again.json", w->dir), buf_str(&ran->out));
	return ok;
}

bool lab_run(const struct lab_run *o, struct lab_ran *ran, struct err *e)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct spec *merged = spec_merge(o->library, o->spec, a, e);
	if (!merged)
		return false;
	signal(SIGPIPE, SIG_IGN);
	struct err why = { 0 };
	bool isolated = isolate_enter(merged, &why);
	char text[512];
	if (!isolated && why.kind == ERR_SYNTAX) {
		*e = why;
		return false;
	}
	if (!isolated)
		fprintf(stderr,
			"postrider: lab: no network of its own (%s); using 127/8, so routes and IPv6 "
			"addresses of "
			"the scenario do not hold\n",
			err_text(&why, text, sizeof(text)));
	CLEANUP(world_free) struct world *w = world_new(merged, isolated, e);
	if (!w || (isolated && !isolate_files(w->dir, spec_list(&merged->top, "hosts"), e)))
		return false;
	w->trace = o->trace;
	return run_in(w, o, ran, e);
}
