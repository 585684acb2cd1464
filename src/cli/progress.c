/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/progress.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/paper.h"
#include "catalog/words.h"
#include "cli/terminal.h"

enum { ROWS_DEFAULT = 24, LINE_MAX_BYTES = 400 };

struct progress {
	bool draws;
	unsigned columns, rows;
	unsigned lines; /* drawn and not yet wiped */
	struct paper paper;
};

struct progress *progress_new(const struct check_options *o)
{
	struct progress *p = mem_alloc(sizeof(*p));
	p->draws = !o->quiet && terminal_can_move(STDERR_FILENO);
	p->columns = terminal_columns(STDERR_FILENO);
	p->rows = terminal_rows(STDERR_FILENO);
	if (!p->columns)
		p->columns = PAPER_WIDTH;
	if (p->rows < 3)
		p->rows = ROWS_DEFAULT;
	p->paper = paper_of(stderr, p->columns, o->render.color, !terminal_is_utf8());
	return p;
}

/* Never more lines than the screen has: what scrolled away could not be wiped. */
static void make_room(struct progress *p)
{
	if (p->lines + 2 < p->rows)
		return;
	fputs("\033[1A\033[J", stderr);
	p->lines--;
}

static void line(struct progress *p, const char *step, const char *says)
{
	char text[LINE_MAX_BYTES + 32];
	make_room(p);
	snprintf(text, sizeof(text), "%-14s %.*s", step, LINE_MAX_BYTES, says);
	paper_clip(&p->paper, 2, p->columns > 4 ? p->columns - 4 : 1, text);
	fflush(stderr);
	p->lines++;
}

static void say(struct progress *p, enum step step, const char *fmt, ...) PRINTF_LIKE(3, 4);

static void say(struct progress *p, enum step step, const char *fmt, ...)
{
	char text[LINE_MAX_BYTES];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	line(p, words_step(step), text);
}

/* Of the main dialogue every step; of the others only why they are held. */
static void say_dialogue(struct progress *p, const struct fact *f)
{
	enum step step;
	switch (f->kind) {
	case FACT_CONNECT:
		say(p, STEP_CONNECT, "%s port %ld: %s", f->connect.address, f->connect.port,
		    f->connect.result);
		break;
	case FACT_REPLY:
		if (step_of(f->reply.step, &step) && step != STEP_STARTTLS)
			say(p, step, "%ld %s", f->reply.code, f->reply.text);
		break;
	case FACT_TLS:
		say(p, STEP_STARTTLS, "%s", *f->tls.version ? f->tls.version : f->tls.result);
		break;
	case FACT_VERIFY:
		say(p, STEP_TLS_CERT, "%s", f->verify.trusted ? "good" : render_verify_error(f));
		break;
	case FACT_BREAK:
		if (step_of(f->brk.step, &step))
			say(p, step, "ended: %s", f->brk.how);
		break;
	default:
		break;
	}
}

static void fact(void *ctx, const struct evidence *ev, const struct fact *f)
{
	struct progress *p = ctx;
	const struct fact *main = evidence_session(ev, "main");
	if (!p->draws)
		return;
	if (f->kind == FACT_DNS)
		say(p, STEP_DNS, "%s %s: %s", f->dns.name, f->dns.type, f->dns.status);
	else if (f->kind == FACT_EXPERIMENT)
		line(p, "Tried", f->experiment.asked);
	else if (f->kind == FACT_CANDIDATE)
		say(p, STEP_CONNECT, "%s port %ld: %s", f->candidate.host, f->candidate.port,
		    f->candidate.why);
	else if (f->kind == FACT_ATTEMPT)
		line(p, "", f->attempt.says);
	else if (f->kind == FACT_SESSION && *f->dialogue.changed)
		line(p, "Trying", f->dialogue.changed);
	else if (main && f->session == main->session)
		say_dialogue(p, f);
}

struct check_observer progress_observer(struct progress *p, const char *input)
{
	if (p->draws && input)
		line(p, "Checking", input);
	return (struct check_observer){ fact, p };
}

void progress_wipe(struct progress *p)
{
	if (!p->lines)
		return;
	fprintf(stderr, "\033[%uA\033[J", p->lines);
	fflush(stderr);
	p->lines = 0;
}

void progress_free(struct progress **p)
{
	if (!*p)
		return;
	progress_wipe(*p);
	free(*p);
	*p = NULL;
}
