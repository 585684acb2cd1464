/* SPDX-License-Identifier: Apache-2.0 */
/* Batches (`postrider send --merge`): what runs, how far it is, what is wrong and why.
 *
 *     GET /api/v1/batches               newest first
 *     GET /api/v1/batches/ID            with the rows that are wrong, and what became of its mails
 *     GET /api/v1/batches/ID/results    the results file, as of now
 *
 * They are sent by programs of their own, which tell of themselves in the data folder (batch/roll). */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/json_line.h"
#include "base/memory_file.h"
#include "base/shell_word.h"
#include "batch/results.h"
#include "batch/roll.h"
#include "catalog/cause_json.h"
#include "web/endpoints.h"
#include "web/fates.h"
#include "web/web_inner.h"

enum {
	TABLE_MAX = 8 << 20, /* of a journal whose results are made in memory: some 50,000 rows */
	SECOND_MS = 1000,
};

/* ---- a note ---- */

static int64_t number_of(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static void take_time(json_t *to, const char *name, int64_t ms)
{
	char text[JSON_TIME_BYTES];
	json_object_set_new(to, name, json_string(json_time(ms, text)));
}

/* Only what is known, each of its kind: a user of the data folder wrote it. */
static void take_fields(json_t *to, const json_t *note)
{
	static const char *const texts[] = { "phase", "says", "table", "template", "results" };
	static const char *const numbers[] = { "rows", "bad", "percent", "taken", "before", "not_taken" };
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		json_object_set_new(to, texts[i],
				    text_json(json_string_value(json_object_get(note, texts[i]))));
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		json_object_set_new(to, numbers[i], json_integer(number_of(note, numbers[i])));
	take_time(to, "began", number_of(note, "began_ms"));
	take_time(to, "at", number_of(note, "at_ms"));
}

/* A sender that is gone cannot say so. */
static void judge_silence(json_t *to, const json_t *note)
{
	const char *phase = json_string_value(json_object_get(to, "phase"));
	bool moves = !strcmp(phase, "checking") || !strcmp(phase, "sending");
	if (!moves || number_of(note, "at_ms") > relay_now_ms() - ROLL_QUIET_MS)
		return;
	json_object_set_new(to, "phase", json_string("broken-off"));
	json_object_set_new(to, "says",
			    json_string(
				    "Broken off: its program says nothing any more; it was killed, or its "
				    "machine went down. The same command again goes on from there; nobody "
				    "gets two."));
}

static json_t *line_json(struct str *rest)
{
	struct str line;
	json_t *o = str_next(rest, "\n", &line) ? json_loadb(line.p, line.len, 0, NULL) : NULL;
	if (o && json_is_object(o))
		return o;
	json_decref(o);
	return NULL;
}

static int64_t trails_kept_ms(struct web_call *c)
{
	pthread_rwlock_rdlock(&c->web->lock);
	int64_t s = c->web->access.settings->keep.trails_s;
	pthread_rwlock_unlock(&c->web->lock);
	return s * SECOND_MS;
}

/* NULL: there is none.  *rest: its problems' lines. */
static json_t *batch_json(struct web_call *c, const char *id, struct str *rest)
{
	*rest = roll_read(web_data_folder(c), id, relay_now_ms() - trails_kept_ms(c), c->arena);
	json_t *note = line_json(rest);
	if (!note)
		return NULL;
	json_t *o = json_object();
	json_object_set_new(o, "id", json_string(id));
	take_fields(o, note);
	judge_silence(o, note);
	json_decref(note);
	return o;
}

static json_t *problems_json(struct str rest)
{
	json_t *list = json_array();
	for (json_t *x; (x = line_json(&rest)); json_decref(x)) {
		json_t *o = json_object();
		if (number_of(x, "row"))
			json_object_set_new(o, "row", json_integer(number_of(x, "row")));
		json_object_set_new(o, "problem",
				    text_json(json_string_value(json_object_get(x, "problem"))));
		json_array_append_new(list, o);
	}
	return list;
}

static void none(struct web_call *c)
{
	web_problem(c, 404, "There is no such batch",
		    "They are listed at /api/v1/batches, as long as trails are kept.");
}

/* ---- the list ---- */

/* Times as text are in order of time. */
static int later_first(const void *ap, const void *bp)
{
	const json_t *const *a = ap, *const *b = bp;
	return strcmp(json_string_value(json_object_get(*b, "began")),
		      json_string_value(json_object_get(*a, "began")));
}

void batches_list(struct web_call *c)
{
	struct strlist ids = { 0 };
	struct str rest;
	size_t n = 0;
	json_t *o = json_object(), *list = json_array();
	roll_list(web_data_folder(c), c->arena, &ids);
	json_t **v = arena_alloc(c->arena, (ids.n + 1) * sizeof(json_t *));
	for (size_t i = 0; i < ids.n; i++)
		if ((v[n] = batch_json(c, ids.v[i], &rest)))
			n++;
	qsort(v, n, sizeof(json_t *), later_first);
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, v[i]);
	json_object_set_new(o, "schema", json_integer(1));
	json_object_set_new(o, "batches", list);
	web_answer_json(c, 200, o);
}

/* ---- one ---- */

/* A table that would not be answered is not offered: who has the command line has it. */
static void tell_command(struct web_call *c, json_t *o)
{
	struct stat st;
	const char *path = roll_journal_path(web_data_folder(c), c->parts[0], c->arena);
	const char *results = json_string_value(json_object_get(o, "results"));
	if (!*path || stat(path, &st) || st.st_size <= TABLE_MAX || !results)
		return;
	json_object_set_new(o, "results_command",
			    text_json(arena_printf(c->arena, "postrider send --results %s",
						   shell_word(c->arena, results))));
}

void batches_show(struct web_call *c)
{
	struct str rest;
	json_t *o = batch_json(c, c->parts[0], &rest);
	if (!o) {
		none(c);
		return;
	}
	json_object_set_new(o, "schema", json_integer(1));
	json_object_set_new(o, "problems", problems_json(rest));
	tell_command(c, o);
	json_t *fates = fates_of(c, c->parts[0]);
	if (fates)
		json_object_set_new(o, "fates", fates);
	web_answer_json(c, 200, o);
}

/* ---- its results ---- */

static bool make_table(struct web_call *c, const char *path, FILE *out, struct err *e)
{
	CLEANUP(journal_free) struct journal *j = NULL;
	struct results_summary s;
	if (journal_open(path, JOURNAL_LOOK, &j, e) <= 0)
		return false;
	messages_catch_up(c);
	struct reader *look = readers_take(c->web->readers);
	bool ok = results_table(j, reader_store(look), out, NULL, &s, e);
	readers_give(c->web->readers, look);
	return ok;
}

static void answer_table(struct web_call *c, const char *path)
{
	struct err e = { 0 };
	CLEANUP(memory_file_clear) struct memory_file m;
	memory_file_open(&m);
	bool ok = make_table(c, path, m.file, &e);
	if (!memory_file_whole(&m, &e) || !ok) {
		web_problem_err(c, &e);
		return;
	}
	web_add_header(c, "Content-Disposition",
		       arena_printf(c->arena, "attachment; filename=\"%s.results.csv\"", c->parts[0]));
	web_answer_given(c, 200, "text/csv; charset=utf-8", (struct str){ STEAL(m.text), m.n });
}

/* One at a time: each is some ten MB, and one of the few threads, for seconds. */
void batches_results(struct web_call *c)
{
	struct stat st;
	const char *path = roll_journal_path(web_data_folder(c), c->parts[0], c->arena);
	if (!*path || stat(path, &st)) {
		none(c);
		return;
	}
	if (st.st_size > TABLE_MAX) {
		web_problem(c, 413, "Too many rows for an answer",
			    "postrider send --results FILE writes them beside the table.");
		return;
	}
	if (!fates_begin(c->web->fates)) {
		web_problem(c, 503, "Not now",
			    "A batch is being counted for somebody else: ask again in a moment.");
		return;
	}
	answer_table(c, path);
	fates_end(c->web->fates);
}
