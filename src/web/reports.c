/* SPDX-License-Identifier: Apache-2.0 */
/* A case for somebody else, as `postrider report` packs it: of a check, of a mail, of a period. */
#include "report/report.h"

#include <string.h>

#include "base/memory_file.h"
#include "base/when.h"
#include "watch/runner.h"
#include "web/endpoints.h"
#include "web/web_inner.h"

enum { PERIOD_S = 7 * 86400 };

struct form {
	enum render_format format;
	struct report_options options;
};

static bool is_set(const struct web_call *c, const char *name)
{
	const char *v = web_parameter(c, name);
	return v && strcmp(v, "false") != 0;
}

static bool read_form(struct web_call *c, struct form *f)
{
	const char *word = web_parameter(c, "format");
	*f = (struct form){
		RENDER_HTML,
		{ .mask = is_set(c, "mask"), .subject = is_set(c, "subject"), .now_s = relay_now_ms() / 1000 }
	};
	if (word && !strcmp(word, "markdown"))
		f->format = RENDER_MARKDOWN;
	else if (word && *word && strcmp(word, "html") != 0) {
		web_problem(c, 400, "There is no such format", "format is html or markdown.");
		return false;
	}
	return true;
}

/* Takes r; NULL with *e. */
static void answer(struct web_call *c, struct report *r, const struct form *f, struct err *e)
{
	bool html = f->format == RENDER_HTML;
	CLEANUP(memory_file_clear) struct memory_file m;
	memory_file_open(&m);
	bool ok = r && report_render(r, f->format, m.file, e);
	report_free(&r);
	if (!memory_file_whole(&m, e) || !ok) {
		web_problem_err(c, e);
		return;
	}
	web_add_header(c, "Content-Disposition",
		       html ? "attachment; filename=\"report.html\"" : "attachment; filename=\"report.md\"");
	if (html)
		web_add_header(c, "Content-Security-Policy", web_sandbox);
	web_answer(c, 200, html ? "text/html; charset=utf-8" : "text/markdown; charset=utf-8",
		   (struct str){ m.text, m.n });
}

/* ---- of a check ---- */

static bool load(struct web_call *c, struct evidence **ev, struct err *e)
{
	CLEANUP(memory_file_clear) struct memory_file m;
	memory_file_open(&m);
	bool ok = runner_save(c->web->runner, c->parts[0], m.file, e);
	ok = memory_file_whole(&m, e) && ok;
	FILE *f = ok && m.n ? fmemopen(m.text, m.n, "r") : NULL;
	ok = f && evidence_load(f, "the check", ev, e);
	if (f)
		fclose(f);
	return ok;
}

void report_of_check(struct web_call *c)
{
	CLEANUP(evidence_free) struct evidence *ev = NULL;
	struct err e = { 0 };
	struct form f;
	struct runner_look l;
	if (!runner_look(c->web->runner, c->parts[0], &l))
		web_problem(c, 404, "There is no such check", "Checks are kept for an hour; begin another.");
	else if (read_form(c, &f))
		answer(c, load(c, &ev, &e) ? report_evidence(ev, &f.options) : NULL, &f, &e);
}

/* ---- of a mail ---- */

/* The recipient asked for, else the first that is not well. */
static bool choose(struct web_call *c, const struct store_trail *t, uint32_t *rcpt)
{
	const char *asked = web_parameter(c, "rcpt");
	unsigned long n = 0;
	*rcpt = 0;
	if (asked && (!str_number(str_of(asked), STORE_RCPTS_MAX, &n) || n >= t->message.nrcpts)) {
		web_problem(c, 400, "A parameter cannot be so",
			    "rcpt: give the number of one of its recipients.");
		return false;
	}
	for (uint32_t i = 0; !asked && i < t->message.nrcpts; i++) {
		enum store_state s = t->message.rcpts[i].state;
		if (s != STORE_HANDED_OVER && s != STORE_CONFIRMED) {
			*rcpt = i;
			return true;
		}
	}
	*rcpt = (uint32_t)n;
	return true;
}

void report_of_message(struct web_call *c)
{
	struct store_id id;
	struct store_trail t;
	struct err e = { 0 };
	struct form f;
	uint32_t rcpt;
	int found = store_id_read(str_of(c->parts[0]), &id) ? messages_look_up(c, id, &t, &e) : 0;
	if (found < 0)
		web_problem_err(c, &e);
	else if (!found)
		web_problem(c, 404, "There is no such message", "Find it with GET /api/v1/messages.");
	else if (read_form(c, &f) && choose(c, &t, &rcpt))
		answer(c, report_mail(&t, rcpt, web_data_folder(c), &f.options), &f, &e);
}

/* ---- of a period ---- */

static bool read_time(struct web_call *c, const char *name, bool end, int64_t *ms)
{
	const char *v = web_parameter(c, name);
	const struct when_base base = { relay_now_ms() / 1000, 0, end };
	long long s;
	if (!v || !*v)
		return true;
	if (!when_read(str_of(v), &base, &s)) {
		web_problem(c, 400, "A parameter cannot be so",
			    "%s: give a time such as 2026-11-21T08:00:00Z, yesterday or 7d.", name);
		return false;
	}
	*ms = s * 1000;
	return true;
}

void report_of_period(struct web_call *c)
{
	struct err e = { 0 };
	struct form f;
	int64_t until = relay_now_ms(), since = until - PERIOD_S * 1000LL;
	if (!read_form(c, &f) || !read_time(c, "since", false, &since) ||
	    !read_time(c, "until", true, &until))
		return;
	struct reader *look = readers_take(c->web->readers);
	struct report *r = report_period(reader_store(look), since, until, &f.options, &e);
	readers_give(c->web->readers, look);
	answer(c, r, &f, &e);
}
