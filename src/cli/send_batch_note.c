/* SPDX-License-Identifier: Apache-2.0 */
/* What the relay's page is told of a batch while it runs, and how it ended (batch/roll). */
#include <string.h>
#include <unistd.h>

#include "base/json_line.h"
#include "cli/folder.h"
#include "cli/send_batch.h"

enum { NOTE_EVERY_MS = 1000, WHERE_MAX = 4096, ERR_BYTES = 600, PERCENT = 100 };

static const char *absolute(struct arena *a, const char *path)
{
	char folder[WHERE_MAX];
	if (*path == '/' || !getcwd(folder, sizeof(folder)))
		return path;
	return arena_printf(a, "%s/%s", folder, path);
}

static const char *const phases[] = {
	[BATCH_CHECKING] = "checking", [BATCH_SENDING] = "sending",     [BATCH_REFUSED] = "refused",
	[BATCH_ENDED_DONE] = "done",   [BATCH_ENDED_PAUSED] = "paused", [BATCH_ENDED_BROKEN] = "broken-off",
};

void send_batch_note_open(struct batch_run *r)
{
	r->roll = r->o->merge && !r->o->dry_run ? roll_open(r->relay.data) : NULL;
	if (!r->roll)
		return;
	roll_forget(r->relay.data, folder_now_ms() - (int64_t)r->settings->keep.trails_s * 1000);
	roll_attempt_id(absolute(r->arena, r->results), r->attempt);
}

void send_batch_note_close(struct batch_run *r)
{
	roll_free(&r->roll);
}

/* A batch that never began has no id that lasts: the next attempt would be another. */
static const char *id_of(const struct batch_run *r, enum batch_phase phase)
{
	bool begins = phase == BATCH_SENDING || r->noted == BATCH_SENDING;
	return r->batch && (begins || batch_has_begun(r->batch)) ? batch_id(r->batch) : r->attempt;
}

static void put_files(struct buf *b, const struct batch_run *r, struct arena *a)
{
	json_line_text(b, "table", str_of(absolute(a, r->o->merge)));
	json_line_text(b, "template", str_of(absolute(a, r->o->template)));
	json_line_text(b, "results", str_of(absolute(a, r->results)));
}

static void put_counts(struct buf *b, const struct batch_run *r, enum batch_phase phase,
		       const struct batch_at *at)
{
	const struct batch_checked *c = &r->checked;
	uint64_t size = r->batch ? batch_size(r->batch) : 0;
	json_line_number(b, "rows", (long long)(c->rows ? c->rows : at->rows));
	json_line_number(b, "bad", (long long)c->bad);
	json_line_number(b, "percent",
			 (long long)(phase == BATCH_ENDED_DONE ? PERCENT
				     : size                    ? at->bytes * PERCENT / size
							       : 0));
	json_line_number(b, "taken", (long long)at->taken);
	json_line_number(b, "before", (long long)at->before);
	json_line_number(b, "not_taken", (long long)at->refused);
}

/* The same words as on the terminal. */
static const char *says(const struct batch_run *r, enum batch_phase phase, const struct batch_at *at,
			const char *trouble, struct arena *a)
{
	if (phase == BATCH_CHECKING || phase == BATCH_SENDING)
		return send_batch_progress_words(r, phase == BATCH_SENDING ? "Sending" : "Checking", at, a);
	if (phase == BATCH_ENDED_BROKEN && *trouble)
		return send_batch_broken_words(r, trouble);
	if (*trouble)
		return arena_printf(a, "%s. Nothing was sent.", trouble);
	if (r->noted == BATCH_SENDING)
		return send_batch_sent_words(r);
	const char *count = r->batch ? send_batch_count_words(r) : NULL;
	return count ? count : "Nothing was sent.";
}

static void put_problem(struct buf *b, uint64_t row, const char *words)
{
	json_line_begin(b);
	if (row)
		json_line_number(b, "row", (long long)row);
	json_line_text(b, "problem", str_of(words));
	json_line_end(b);
}

static void put_state(struct buf *b, const struct batch_run *r, enum batch_phase phase,
		      const struct batch_at *at, const char *trouble, long long now)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	json_line_begin(b);
	json_line_text(b, "phase", str_of(phases[phase]));
	json_line_text(b, "says", str_of(says(r, phase, at, trouble, a)));
	put_files(b, r, a);
	json_line_number(b, "began_ms", r->batch ? (long long)batch_began_ms(r->batch) : now);
	json_line_number(b, "at_ms", now);
	put_counts(b, r, phase, at);
	json_line_end(b);
}

void send_batch_note(struct batch_run *r, enum batch_phase phase, const struct batch_at *at,
		     const char *trouble, const struct strlist *faults)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	long long now = folder_now_ms();
	bool moving = phase == BATCH_CHECKING || phase == BATCH_SENDING;
	if (!r->roll || (moving && now < r->noted_ms + NOTE_EVERY_MS && r->noted == phase))
		return;
	const char *id = id_of(r, phase);
	if (strcmp(id, r->attempt) != 0 && r->noted != phase)
		roll_drop(r->roll, r->attempt);
	put_state(&b, r, phase, at, trouble, now);
	r->noted_ms = now;
	r->noted = phase;
	for (size_t i = 0; i < r->checked.nproblems; i++)
		put_problem(&b, r->checked.problems[i].row, r->checked.problems[i].words);
	for (size_t i = 0; faults && i < faults->n; i++)
		put_problem(&b, 0, faults->v[i]);
	(void)roll_note(r->roll, id, buf_str(&b));
}

void send_batch_note_refused(struct batch_run *r, const struct strlist *faults, const struct err *e)
{
	char words[ERR_BYTES] = "";
	const struct batch_at nowhere = { 0 };
	if (e->kind)
		err_text(e, words, sizeof(words));
	send_batch_note(r, r->checked.stopped ? BATCH_ENDED_PAUSED : BATCH_REFUSED, &nowhere, words, faults);
}

void send_batch_note_end(struct batch_run *r, const struct err *e)
{
	static const enum batch_phase ends[] = { [BATCH_DONE] = BATCH_ENDED_DONE,
						 [BATCH_STOPPED] = BATCH_ENDED_PAUSED,
						 [BATCH_TROUBLE] = BATCH_ENDED_BROKEN };
	char words[ERR_BYTES];
	if (r->noted != BATCH_SENDING) /* its journal could not be begun */
		send_batch_note_refused(r, NULL, e);
	else if (e->kind)
		send_batch_note(r, BATCH_ENDED_BROKEN, &r->sent.at, err_text(e, words, sizeof(words)), NULL);
	else
		send_batch_note(r, ends[r->sent.end], &r->sent.at, r->sent.trouble, NULL);
}
