/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/explain_log.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/progress_bar.h"
#include "explain/render_log.h"

static volatile sig_atomic_t stopped;

static void stop(int sig)
{
	(void)sig;
	stopped = 1;
}

struct explain_log {
	const struct explain_options *o;
	struct explain_renderer *renderer;
	struct log_reader *reader;
	struct log_summary *summary;
	struct log_recent *recent;
	struct arena *arena; /* names */
	const char *name;    /* of the one file, or "3 files" */
	unsigned files;
	bool partial;
	struct sigaction before;
};

static void event(void *user, const struct log_event *e)
{
	struct explain_log *l = user;
	log_summary_add(l->summary, e);
	if (e->nmeanings)
		log_recent_add(l->recent, e);
	explain_render_event(l->renderer, e);
}

struct explain_log *explain_log_new(const struct explain_options *o, struct explain_renderer *renderer)
{
	struct explain_log *l = mem_alloc(sizeof(*l));
	struct log_options options = { .now_s = o->now_s,
				       .since_s = o->since_s,
				       .until_s = o->until_s,
				       .recipient = o->recipient,
				       .zone_s = o->zone_s };
	struct sigaction on = { .sa_handler = stop };
	l->o = o;
	l->renderer = renderer;
	l->reader = log_reader_new(&options, event, l);
	l->summary = log_summary_new();
	l->recent = log_recent_new();
	l->arena = arena_new();
	stopped = 0;
	sigaction(SIGINT, &on, &l->before);
	return l;
}

void explain_log_free(struct explain_log **l)
{
	if (!*l)
		return;
	sigaction(SIGINT, &(*l)->before, NULL);
	log_reader_free(&(*l)->reader);
	log_summary_free(&(*l)->summary);
	log_recent_free(&(*l)->recent);
	arena_free(&(*l)->arena);
	free(*l);
	*l = NULL;
}

static void show(struct explain_log *l, struct progress_bar *bar, const struct unpack *u,
		 unsigned long long lines_before)
{
	struct unpack_progress p;
	unpack_progress(u, &p);
	struct progress_at at = { p.read, p.size, log_reader_totals(l->reader)->lines - lines_before };
	progress_bar_at(bar, &at);
}

static bool cut_off(struct explain_log *l, const struct err *e)
{
	char text[400];
	fprintf(stderr, "postrider: %s\n", err_text(e, text, sizeof(text)));
	l->partial = true;
	return true;
}

static void next_file(struct explain_log *l, const char *name, const struct unpack *u)
{
	struct unpack_progress p;
	unpack_progress(u, &p);
	if (l->files++ || p.changed_s)
		log_reader_next_file(l->reader, p.changed_s ? p.changed_s : l->o->now_s);
	l->name = l->files == 1 ? arena_strdup(l->arena, name) : arena_printf(l->arena, "%u files", l->files);
}

/* Fates and a bar would be drawn over one another. */
static bool streams_to_terminal(const struct explain_options *o)
{
	return (o->all || o->format == RENDER_JSON) && isatty(STDOUT_FILENO);
}

bool explain_log_file(struct explain_log *l, const char *path, const char *name, struct unpack *u,
		      struct str head, bool *cannot)
{
	struct progress_bar bar;
	struct err e = { 0 };
	struct str piece = head;
	int result = 1;
	unsigned long long lines = log_reader_totals(l->reader)->lines;
	next_file(l, name, u);
	unpack_stop_when(u, &stopped);
	progress_bar_start(&bar, path, l->o->show.brief || streams_to_terminal(l->o));
	while (result == 1 && !stopped && !ferror(stdout)) {
		log_reader_feed(l->reader, piece);
		show(l, &bar, u, lines);
		result = unpack_next(u, &piece, &e);
	}
	progress_bar_wipe(&bar);
	if (result < 0 && !stopped) /* a packed file is cut off by Ctrl-C as well */
		*cannot = cut_off(l, &e);
	l->partial = l->partial || stopped;
	return !stopped && !ferror(stdout);
}

/* The one thing to mend first in full, from the line that shows it best. */
static const struct explanation *first_in_full(struct arena *a, const struct log_cause *c)
{
	struct explanation *x = arena_alloc(a, sizeof(*x));
	const struct log_example *m = &c->example;
	struct explain_hint hint = { .host = *m->relay ? m->relay : NULL,
				     .recipient = c->hit == 1 && *m->to ? m->to : NULL,
				     .sender = *m->from ? m->from : NULL,
				     .step = *m->step ? m->step : NULL,
				     .code = m->code };
	explain_text(a, str_of(m->reply), &hint, x);
	if (x->meanings[0].entry != c->finding) { /* the log knew more than this one line */
		x->meanings[0] = (struct reply_meaning){ c->finding, c->confidence, "" };
		x->class = c->class;
		x->retry = retry_name(c->class->retry);
	}
	x->refusal = true;
	return x;
}

bool explain_log_report(struct explain_log *l)
{
	log_reader_end(l->reader);
	const struct log_digest *d = log_summary_digest(l->summary);
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct log_report report = { .name = l->name,
				     .totals = log_reader_totals(l->reader),
				     .digest = d,
				     .recent = l->recent,
				     .arena = a,
				     .partial = l->partial };
	if (d->first)
		report.first = first_in_full(a, d->first);
	explain_render_log(l->renderer, &report);
	return l->partial || log_word(&report) != ANSWER_WELL || !report.totals->understood;
}
