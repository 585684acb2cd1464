/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/serve_watch.h"

#include <stdio.h>

#include "net/watch.h"

bool serve_watch_prepare(struct serve_watch *x, const struct watch_settings *s, struct err *e)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct strlist commands = { 0 };
	for (size_t i = 0; i < s->nalerts; i++)
		if (*s->alerts[i].command && !strlist_has(&commands, s->alerts[i].command))
			strlist_add(&commands, a, s->alerts[i].command);
	if (!commands.n)
		return true;
	x->herald = herald_new(&commands, e);
	return x->herald != NULL;
}

static void on_figures(void *ctx)
{
	struct serve_watch *x = ctx;
	watch_figures(x->watch);
	net_timer_set(x->figures, net_loop_now_ms(x->loop) + WATCH_FIGURES_MS);
}

void serve_watch_start(struct serve_watch *x, struct relay *r, struct net_loop *l, struct watch_settings **s)
{
	struct err e = { 0 };
	char text[400];
	x->loop = l;
	x->runner = runner_new();
	if (!watch_new(x->runner, r, l, x->herald, s, &x->watch, &e)) {
		fprintf(stderr, "postrider: %s: no monitor runs\n", err_text(&e, text, sizeof(text)));
		watch_settings_free(s);
		return;
	}
	x->figures = net_timer_new(l, on_figures, x);
	net_timer_set(x->figures, net_loop_now_ms(l));
}

void serve_watch_reload(struct serve_watch *x, struct watch_settings **s)
{
	if (x->watch)
		watch_reload(x->watch, s);
	watch_settings_free(s);
}

void serve_watch_stop(struct serve_watch *x)
{
	net_timer_free(&x->figures);
	if (x->watch)
		watch_stop(x->watch);
	runner_free(&x->runner);
}

void serve_watch_free(struct serve_watch *x)
{
	watch_free(&x->watch);
	herald_free(&x->herald);
}
