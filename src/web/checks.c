/* SPDX-License-Identifier: Apache-2.0 */
/* Checks asked for over HTTP: looked at, watched while they run, ended. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/memory_file.h"
#include "catalog/cause_json.h"
#include "watch/runner.h"
#include "web/endpoints.h"
#include "web/web_inner.h"

/* ---- looking ---- */

static json_t *look_json(const char *id, const char *input, const struct runner_look *l)
{
	json_t *o = json_object();
	json_object_set_new(o, "schema", json_integer(1));
	json_object_set_new(o, "id", json_string(id));
	if (input)
		json_object_set_new(o, "input", text_json(input));
	json_object_set_new(o, "state", json_string(runner_state_name(l->state)));
	if (l->has_verdict)
		json_object_set_new(o, "verdict", json_string(verdict_word_name(l->word)));
	return o;
}

static bool add_job(void *ctx, const char *id, const char *input, const struct runner_look *look)
{
	json_array_append_new(ctx, look_json(id, input, look));
	return true;
}

void check_list(struct web_call *c)
{
	json_t *o = json_object(), *list = json_array();
	runner_jobs(c->web->runner, add_job, list);
	json_object_set_new(o, "schema", json_integer(1));
	json_object_set_new(o, "checks", list);
	web_answer_json(c, 200, o);
}

static void unknown(struct web_call *c)
{
	web_problem(c, 404, "There is no such check", "Checks are kept for an hour; begin another.");
}

static const struct {
	const char *word, *type;
	enum render_format format;
} forms[] = {
	{ "json", "application/json", RENDER_JSON },
	{ "html", "text/html; charset=utf-8", RENDER_HTML },
	{ "markdown", "text/markdown; charset=utf-8", RENDER_MARKDOWN },
	{ "text", "text/plain; charset=utf-8", RENDER_TEXT },
};

static bool form_of(struct web_call *c, size_t *out)
{
	const char *word = web_parameter(c, "format");
	for (size_t i = 0; i < ARRAY_LEN(forms); i++)
		if (!strcmp(word && *word ? word : "json", forms[i].word)) {
			*out = i;
			return true;
		}
	web_problem(c, 400, "There is no such format", "format is one of json, html, markdown, text.");
	return false;
}

static void render(struct web_call *c, size_t form)
{
	const struct render_options o = { .transcript = true };
	struct err e = { 0 };
	CLEANUP(memory_file_clear) struct memory_file m;
	memory_file_open(&m);
	bool ok = runner_render(c->web->runner, c->parts[0], forms[form].format, &o, m.file, &e);
	ok = memory_file_whole(&m, &e) && ok;
	if (ok && forms[form].format == RENDER_HTML)
		web_add_header(c, "Content-Security-Policy", web_sandbox);
	if (ok)
		web_answer(c, 200, forms[form].type, (struct str){ m.text, m.n });
	else
		web_problem_err(c, &e);
}

static bool keep_last(void *ctx, size_t n, const char *name, const char *json)
{
	struct web_call *c = ctx;
	(void)n;
	if (!strcmp(name, "end"))
		c->state = arena_strdup(c->arena, json);
	return true;
}

/* It could not be done here: why stands in its last event. */
static void tell_failed(struct web_call *c)
{
	json_error_t wrong;
	runner_events(c->web->runner, c->parts[0], 0, keep_last, c);
	json_t *end = json_loads(c->state ? c->state : "{}", 0, &wrong);
	const char *why = json_string_value(json_object_get(end, "error"));
	web_problem(c, 422, "The check could not be done", "%s",
		    why ? why : "It was cancelled before it began.");
	json_decref(end);
}

void check_show(struct web_call *c)
{
	struct runner_look l;
	size_t form;
	if (!runner_look(c->web->runner, c->parts[0], &l))
		unknown(c);
	else if (l.state == RUNNER_WAITING || l.state == RUNNER_RUNNING)
		web_answer_json(c, 202, look_json(c->parts[0], NULL, &l));
	else if (!l.has_verdict)
		tell_failed(c);
	else if (form_of(c, &form))
		render(c, form);
}

void check_evidence(struct web_call *c)
{
	struct err e = { 0 };
	struct runner_look l;
	if (!runner_look(c->web->runner, c->parts[0], &l)) {
		unknown(c);
		return;
	}
	CLEANUP(memory_file_clear) struct memory_file m;
	memory_file_open(&m);
	bool ok = runner_save(c->web->runner, c->parts[0], m.file, &e);
	if (!memory_file_whole(&m, &e) || !ok) {
		web_problem_err(c, &e);
		return;
	}
	web_add_header(c, "Content-Disposition", "attachment; filename=\"check.json\"");
	web_answer(c, 200, "application/json", (struct str){ m.text, m.n });
}

void check_cancel(struct web_call *c)
{
	if (runner_cancel(c->web->runner, c->parts[0]))
		web_answer_empty(c, 204);
	else
		unknown(c);
}

/* ---- watching ---- */

enum { TOLD_MAX = 64 * 1024 /* gathered at a time for one who watches */ };

struct watching {
	struct web *web;
	struct web_stream *stream;
	char id[RUNNER_ID_BYTES];
	struct buf out;
	size_t at; /* number of the last event in out */
	bool ended;
	struct watching *prev, *next; /* of web->watching */
};

static bool add_event(void *ctx, size_t n, const char *name, const char *json)
{
	struct watching *w = ctx;
	if (buf_waiting(&w->out) > TOLD_MAX)
		return false;
	buf_addf(&w->out, "id: %zu\nevent: %s\ndata: ", n, name);
	buf_adds(&w->out, json);
	buf_adds(&w->out, "\n\n");
	w->at = n;
	w->ended = !strcmp(name, "end");
	return true;
}

static long more(void *ctx, char *out, size_t room)
{
	struct watching *w = ctx;
	if (!buf_waiting(&w->out) && !w->ended && !runner_events(w->web->runner, w->id, w->at, add_event, w))
		w->ended = true;
	struct str s = str_cut(buf_str(&w->out), 0, room);
	if (!s.len)
		return w->ended || atomic_load(&w->web->draining) ? -1 : 0;
	memcpy(out, s.p, s.len);
	buf_take(&w->out, s.len);
	return (long)s.len;
}

static void leave(void *ctx)
{
	struct watching *w = ctx;
	pthread_mutex_lock(&w->web->watching_lock);
	if (w->prev)
		w->prev->next = w->next;
	else
		w->web->watching = w->next;
	if (w->next)
		w->next->prev = w->prev;
	pthread_mutex_unlock(&w->web->watching_lock);
	buf_clear(&w->out);
	mem_free(&w);
}

void check_events(struct web_call *c)
{
	struct runner_look l;
	unsigned long after = 0;
	if (!runner_look(c->web->runner, c->parts[0], &l)) {
		unknown(c);
		return;
	}
	if (!str_number(str_of(web_header(c, "Last-Event-ID")), RUNNER_EVENTS_MAX, &after))
		after = 0;
	struct watching *w = mem_alloc(sizeof(*w));
	w->web = c->web;
	w->at = after;
	snprintf(w->id, sizeof(w->id), "%s", c->parts[0]);
	pthread_mutex_lock(&c->web->watching_lock);
	w->stream = web_answer_stream(c, "text/event-stream", more, leave, w);
	w->next = c->web->watching;
	if (w->next)
		w->next->prev = w;
	c->web->watching = w;
	pthread_mutex_unlock(&c->web->watching_lock);
}

/* In the runner's thread; NULL: everybody. */
void checks_wake(struct web *web, const char *id)
{
	pthread_mutex_lock(&web->watching_lock);
	for (struct watching *w = web->watching; w; w = w->next)
		if (!id || !strcmp(w->id, id))
			web_stream_wake(w->stream);
	pthread_mutex_unlock(&web->watching_lock);
}

static void on_news(void *ctx, const char *id)
{
	checks_wake(ctx, id);
}

void checks_open(struct web *w)
{
	w->runner = runner_new();
	runner_listen(w->runner, on_news, w);
}
