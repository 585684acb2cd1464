/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/progress.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check/paper.h"
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

static void say_reply(struct progress *p, const struct fact_reply *r)
{
	char text[LINE_MAX_BYTES];
	snprintf(text, sizeof(text), "%ld %s", r->code, r->text);
	line(p, r->step, text);
}

static void say_dns(struct progress *p, const struct fact_dns *d)
{
	char text[LINE_MAX_BYTES];
	snprintf(text, sizeof(text), "%s %s: %s", d->name, d->type, d->status);
	line(p, "dns", text);
}

static void say_connect(struct progress *p, const struct fact_connect *c)
{
	char text[LINE_MAX_BYTES];
	snprintf(text, sizeof(text), "%s port %ld: %s", c->address, c->port, c->result);
	line(p, "connect", text);
}

static void fact(void *ctx, const struct evidence *ev, const struct fact *f)
{
	struct progress *p = ctx;
	(void)ev;
	if (!p->draws)
		return;
	switch (f->kind) {
	case FACT_DNS:
		say_dns(p, &f->dns);
		break;
	case FACT_CONNECT:
		say_connect(p, &f->connect);
		break;
	case FACT_REPLY:
		say_reply(p, &f->reply);
		break;
	case FACT_TLS:
		line(p, "encryption", *f->tls.version ? f->tls.version : f->tls.result);
		break;
	case FACT_VERIFY:
		line(p, "certificate", f->verify.trusted ? "good" : "not trusted");
		break;
	case FACT_BREAK:
		line(p, f->brk.step, f->brk.how);
		break;
	case FACT_EXPERIMENT:
		line(p, "tried", f->experiment.asked);
		break;
	default:
		break;
	}
}

struct check_observer progress_observer(struct progress *p)
{
	return (struct check_observer){ fact, p };
}

void progress_free(struct progress **p)
{
	if (!*p)
		return;
	if ((*p)->lines) {
		fprintf(stderr, "\033[%uA\033[J", (*p)->lines);
		fflush(stderr);
	}
	free(*p);
	*p = NULL;
}
