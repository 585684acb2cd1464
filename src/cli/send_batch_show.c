/* SPDX-License-Identifier: Apache-2.0 */
/* What is told of a batch, to people and to programs. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json_line.h"
#include "base/paper.h"
#include "base/shell_word.h"
#include "cli/folder.h"
#include "cli/send.h"
#include "cli/send_batch.h"
#include "cli/terminal.h"

enum { LEAD = 12 };

static struct paper paper(const struct batch_run *r, FILE *out)
{
	int fd = fileno(out);
	return paper_of(out, terminal_columns(fd), !r->o->no_color && terminal_color(fd),
			!terminal_is_utf8());
}

static void print(const struct buf *b)
{
	fwrite(buf_str(b).p, 1, buf_str(b).len, stdout);
}

static void json_problem(const char *where, uint64_t row, const char *words)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	json_line_begin(&b);
	if (row)
		json_line_number(&b, "row", (long long)row);
	else
		json_line_text(&b, "where", str_of(where));
	json_line_text(&b, "problem", str_of(words));
	json_line_end(&b);
	print(&b);
}

void send_batch_faults(const struct batch_run *r, const struct strlist *faults)
{
	struct paper p = paper(r, stderr);
	for (size_t i = 0; i < faults->n; i++) {
		if (r->o->json)
			json_problem("template", 0, faults->v[i]);
		else
			paper_item(&p, 0, (struct paper_lead){ "Template", LEAD, PAPER_BAD }, faults->v[i]);
	}
	if (!r->o->json)
		paper_text(&p, 0, PAPER_PLAIN, "Nothing was sent.");
}

const char *send_batch_count_words(const struct batch_run *r)
{
	const struct batch_checked *c = &r->checked;
	if (c->stopped)
		return "Stopped while checking. Nothing was sent.";
	if (!c->rows)
		return "The table has no rows behind its header. Nothing was sent.";
	if (!c->bad)
		return NULL;
	if (r->o->skip_bad && c->good)
		return arena_printf(r->arena,
				    "%llu of %llu rows cannot be sent and are left out (--skip-bad).",
				    (unsigned long long)c->bad, (unsigned long long)c->rows);
	return arena_printf(
		r->arena,
		"%llu of %llu rows cannot be sent. Nothing was sent: mend them, or leave them out with "
		"--skip-bad.",
		(unsigned long long)c->bad, (unsigned long long)c->rows);
}

void send_batch_problems(const struct batch_run *r)
{
	const struct batch_checked *c = &r->checked;
	const char *end = send_batch_count_words(r);
	struct paper p = paper(r, stderr);
	for (size_t i = 0; i < c->nproblems; i++) {
		const struct batch_problem *x = &c->problems[i];
		char lead[40];
		snprintf(lead, sizeof(lead), "Row %llu", (unsigned long long)x->row);
		if (r->o->json)
			json_problem("", x->row, x->words);
		else
			paper_item(&p, 0, (struct paper_lead){ lead, LEAD, PAPER_BAD }, x->words);
	}
	if (r->o->json || !end)
		return;
	if (c->bad > c->nproblems)
		paper_text(&p, 0, PAPER_DIM,
			   arena_printf(r->arena, "and %llu more",
					(unsigned long long)(c->bad - c->nproblems)));
	if (batch_is_windows(r->batch))
		paper_text(
			&p, 0, PAPER_DIM,
			"The table is not UTF-8: it was read as Windows-1252. If letters look wrong, save it "
			"as \"CSV UTF-8\".");
	paper_text(&p, 0, PAPER_PLAIN, end);
}

static const char *taken_words(const struct batch_run *r)
{
	const struct batch_at *at = &r->sent.at;
	struct arena *a = r->arena;
	const char *taken = at->taken == 1 ? "1 mail is safe in the queue"
					   : arena_printf(a, "%llu mails are safe in the queue",
							  (unsigned long long)at->taken);
	if (at->before)
		taken = arena_printf(a, "%s (%llu had left before: nobody gets two)", taken,
				     (unsigned long long)at->before);
	return taken;
}

#define GOES_ON "The same command again goes on from here; nobody gets two."

const char *send_batch_broken_words(const struct batch_run *r, const char *trouble)
{
	return arena_printf(r->arena, "Broken off: %s. %s. " GOES_ON, trouble, taken_words(r));
}

const char *send_batch_sent_words(const struct batch_run *r)
{
	if (r->sent.end == BATCH_TROUBLE)
		return send_batch_broken_words(r, r->sent.trouble);
	const char *taken = taken_words(r);
	return r->sent.end == BATCH_DONE ? arena_printf(r->arena, "%s.", taken)
					 : arena_printf(r->arena, "Paused. %s. " GOES_ON, taken);
}

void send_batch_sent(const struct batch_run *r)
{
	struct paper p = paper(r, stderr);
	if (!r->o->json && (!r->o->quiet || r->sent.end != BATCH_DONE))
		paper_text(&p, 0, PAPER_PLAIN, send_batch_sent_words(r));
}

static const char *end_name(const struct batch_run *r)
{
	return r->sent.end == BATCH_DONE ? "done" : r->sent.end == BATCH_STOPPED ? "paused" : "broken-off";
}

static void sum_json(const struct batch_run *r, const struct results_summary *s)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	json_line_begin(&b);
	json_line_text(&b, "summary", str_of(results_words(s, r->arena)));
	json_line_text(&b, "end", str_of(end_name(r)));
	json_line_text(&b, "trouble", str_of(r->sent.trouble));
	json_line_text(&b, "results", str_of(r->results));
	json_line_number(&b, "recipients", (long long)s->n);
	for (unsigned i = 0; i < STORE_STATES; i++)
		if (s->count[i])
			json_line_number(&b, result_state_name((enum store_state)i), (long long)s->count[i]);
	json_line_number(&b, "taken_now", (long long)r->sent.at.taken);
	json_line_number(&b, "taken_before", (long long)r->sent.at.before);
	json_line_end(&b);
	print(&b);
}

static const char *start_words(const struct batch_run *r)
{
	static const char installed[] = "/etc/postrider/";
	return strncmp(r->config, installed, strlen(installed)) == 0
		       ? "systemctl start postrider"
		       : arena_printf(r->arena, "postrider serve --config %s",
				      shell_word(r->arena, r->config));
}

void send_batch_unreached(const struct batch_run *r)
{
	struct paper p = paper(r, stderr);
	const struct results_summary none = { 0 };
	if (r->o->json && !r->checked.before)
		sum_json(r, &none);
	if (r->o->json)
		return;
	paper_text(&p, 0, PAPER_PLAIN,
		   arena_printf(r->arena,
				"Nothing was sent now: %s. Start the relay, and give the same command again:",
				r->sent.trouble));
	paper_text(&p, 2, PAPER_PLAIN, start_words(r));
}

/* Why nobody could look what became of them. */
static const char *unread_words(const struct batch_run *r)
{
	bool missing = access(r->relay.data, F_OK) && errno == ENOENT;
	return arena_printf(r->arena,
			    missing ? "There is no %s: the relay of this configuration has not run yet."
				    : "What became of them stands in %s, which this user may not read: ask "
				      "who runs the relay.",
			    r->relay.data);
}

static const char *later_words(const struct batch_run *r)
{
	const char *config = r->o->config;
	return arena_printf(r->arena,
			    "Each row's fate: %s (later, for what came back meanwhile: postrider send "
			    "%s%s--results %s)",
			    r->results, config ? "--config " : "",
			    config ? arena_printf(r->arena, "%s ", shell_word(r->arena, config)) : "",
			    shell_word(r->arena, r->results));
}

void send_batch_sum(const struct batch_run *r, const struct results_summary *s, bool readable)
{
	struct paper p = paper(r, stdout);
	if (r->o->json) {
		sum_json(r, s);
		return;
	}
	paper_text(&p, 0, PAPER_PLAIN, results_words(s, r->arena));
	if (!readable)
		paper_text(&p, 0, PAPER_DIM, unread_words(r));
	if (!r->o->quiet)
		paper_text(&p, 0, PAPER_PLAIN, later_words(r));
}

const char *send_batch_span(struct arena *a, long long s)
{
	return s < 90     ? arena_printf(a, "%lld s", s)
	       : s < 5400 ? arena_printf(a, "%lld min", (s + 30) / 60)
			  : arena_printf(a, "%.1f h", (double)s / 3600);
}

const char *send_batch_progress_words(const struct batch_run *r, const char *doing, const struct batch_at *at,
				      struct arena *a)
{
	long long elapsed = folder_now_ms() - r->began_ms;
	uint64_t size = batch_size(r->batch);
	const char *left = "";
	if (at->bytes && elapsed > 1000 && size > at->bytes)
		left = arena_printf(a, ", %s left",
				    send_batch_span(a, (long long)((double)elapsed / 1000 *
								   (double)(size - at->bytes) /
								   (double)at->bytes)));
	const char *queued =
		r->checked.rows ? arena_printf(a, ", %llu queued", (unsigned long long)at->taken) : "";
	return arena_printf(a, "%s: row %llu, %llu %%%s%s", doing, (unsigned long long)at->rows,
			    (unsigned long long)(size ? at->bytes * 100 / size : 0), queued, left);
}

void send_batch_progress(const struct batch_run *r, const char *doing, const struct batch_at *at)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	send_progress(r->o, doing ? send_batch_progress_words(r, doing, at, a) : NULL);
}
