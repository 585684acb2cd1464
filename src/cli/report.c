/* SPDX-License-Identifier: Apache-2.0 */
/* `postrider report`: a mail's trail, saved evidence or a period in; one file for somebody else out. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "cli/command.h"
#include "cli/evidence_file.h"
#include "cli/folder.h"
#include "cli/report_json.h"
#include "cli/report_options.h"
#include "report/report.h"
#include "show/trace_query.h"

enum { DISCLOSED_SHOWN = 40 }; /* names of each kind in the preview */

static struct report_options options_of(const struct report_command *o)
{
	return (struct report_options){ .mask = o->mask, .subject = o->subject, .now_s = o->now_s };
}

/* ---- what it is about */

static bool is_file(const struct report_command *o)
{
	struct stat st;
	return o->nwords == 1 && stat(o->words[0], &st) == 0 && S_ISREG(st.st_mode);
}

static bool of_file(const struct report_command *o, struct report **out, struct err *e)
{
	CLEANUP(evidence_free) struct evidence *ev = NULL;
	struct report_options ro = options_of(o);
	if (!evidence_file_load(o->words[0], &ev, e))
		return false;
	*out = report_evidence(ev, &ro);
	return true;
}

static bool is_bad(enum store_state s)
{
	return s != STORE_HANDED_OVER && s != STORE_CONFIRMED && s != STORE_QUEUED && s != STORE_SENDING;
}

/* The one asked for, the one found, the first that failed, the first. */
static uint32_t pick_recipient(const struct report_command *o, const struct store_trail *t, uint32_t found)
{
	const struct store_message *m = &t->message;
	for (uint32_t i = 0; o->recipient && i < m->nrcpts; i++)
		if (str_ieq(m->rcpts[i].address, o->recipient))
			return i;
	if (found < m->nrcpts)
		return found;
	for (uint32_t i = 0; i < m->nrcpts; i++)
		if (is_bad(m->rcpts[i].state))
			return i;
	return 0;
}

/* *id and *rcpt of the newest mail that a question finds; false: none, or *e. */
static bool look_up(struct store *s, const struct trace_try *x, struct arena *a, struct store_id *id,
		    uint32_t *rcpt, struct err *e)
{
	struct store_query q = x->q;
	struct store_hits hits;
	*id = x->id;
	*rcpt = UINT32_MAX;
	if (x->id.seq)
		return true;
	q.limit = 1;
	do {
		if (!store_find(s, &q, a, &hits, e))
			return false;
		q.cursor = str_of(hits.cursor);
	} while (!hits.n && hits.cursor);
	if (!hits.n)
		return false;
	*id = hits.v[0].id;
	*rcpt = hits.v[0].rcpt;
	return true;
}

/* 1 found, 0 no such mail, -1 *e. */
static int find_trail(const struct report_command *o, struct store *s, struct store_trail *t, uint32_t *rcpt,
		      struct err *e)
{
	struct trace_plan plan;
	struct store_id id;
	int r = 0;
	if (!trace_plan_of(o->words, o->nwords, o->arena, &plan, e))
		return -1;
	for (size_t i = 0; i < plan.n && !r && !plan.v[i].beginning; i++) { /* never of a mail like it */
		if (look_up(s, &plan.v[i], o->arena, &id, rcpt, e))
			r = store_trail(s, id, o->arena, t, e);
		else if (e->kind)
			return -1;
	}
	return r;
}

/* *out stays NULL where there is no such mail. */
static bool of_mail(const struct report_command *o, struct store *s, const char *folder, struct report **out,
		    struct err *e)
{
	struct store_trail t;
	struct report_options ro = options_of(o);
	uint32_t rcpt;
	int r = find_trail(o, s, &t, &rcpt, e);
	if (r > 0 && t.message.nrcpts)
		*out = report_mail(&t, pick_recipient(o, &t, rcpt), folder, &ro);
	return r >= 0;
}

static bool of_store(const struct report_command *o, struct report **out, struct err *e)
{
	struct report_options ro = options_of(o);
	struct store *s = NULL;
	CLEANUP(relay_settings_free) struct relay_settings *settings = NULL;
	const char *path = folder_find(o->config, o->data, o->arena, &settings, e);
	if (!path || !folder_open(path, STORE_READ, &s, e))
		return false;
	bool ok = true;
	if (o->nwords)
		ok = of_mail(o, s, path, out, e);
	else
		ok = (*out = report_period(s, o->since_s * 1000, o->until_s * 1000, &ro, e)) != NULL;
	store_close(&s);
	return ok;
}

/* ---- what is done with it */

static void tell_names(const char *what, const struct strlist *l)
{
	printf("%-14s ", what);
	for (size_t i = 0; i < l->n && i < DISCLOSED_SHOWN; i++)
		printf("%s%s", i ? ", " : "", l->v[i]);
	if (l->n > DISCLOSED_SHOWN)
		printf(" and %zu more", l->n - DISCLOSED_SHOWN);
	puts(l->n ? "" : "none");
}

static void preview(const struct report_command *o, const struct report *r)
{
	struct report_disclosure d;
	report_disclosed(r, o->arena, &d);
	printf("The report about %s gives away:\n\n", r->about);
	tell_names("Addresses", &d.addresses);
	tell_names("Servers", &d.hosts);
	tell_names("IP addresses", &d.ips);
	printf("%-14s %s\n", "Subject", d.subject ? "yes" : "no (--with-subject leaves it in)");
	printf("%-14s %s\n", "Dialogue", d.transcript ? "yes, passwords hidden" : "no");
	puts("Passwords      never\nText of mails  never");
	if (!o->mask)
		puts("\n--mask leaves people and internal addresses out.");
}

static bool write_to(const struct report_command *o, const struct report *r, FILE *out, struct err *e)
{
	return o->format == RENDER_JSON ? report_json(r, o->preview, out, e)
					: report_render(r, o->format, out, e);
}

/* A folder that is not there is a slip of the pen; all else is this machine's. */
static bool write_file(const struct report_command *o, const struct report *r, struct err *e)
{
	CLEANUP(close_file) FILE *f = fopen(o->output, "we");
	if (!f) {
		int no = errno;
		bool typed = no == ENOENT || no == EISDIR || no == ENOTDIR;
		ERR_FILL(e, typed ? ERR_USAGE : ERR_SYS, no, "write the report to", "%s", o->output);
		return typed && err_detail(e, "%s", strerror(no));
	}
	return write_to(o, r, f, e);
}

static int give(const struct report_command *o, const struct report *r, struct err *e)
{
	if (o->preview && o->format != RENDER_JSON) {
		preview(o, r);
		return EXIT_WELL;
	}
	bool ok = o->output ? write_file(o, r, e) : write_to(o, r, stdout, e);
	return ok ? EXIT_WELL : command_failed(e);
}

static int answer(const struct report_command *o, struct err *e)
{
	CLEANUP(report_free) struct report *r = NULL;
	if (!(is_file(o) ? of_file(o, &r, e) : of_store(o, &r, e)))
		return command_failed(e);
	if (r)
		return give(o, r, e);
	fprintf(stderr,
		"postrider: there is no mail \"%s\" (postrider trace shows what there is), and no file\n",
		o->words[0]);
	return EXIT_NOT_WELL;
}

int command_report(int argc, char **argv)
{
	struct report_command o;
	struct err e = { 0 };
	int status = EXIT_WELL;
	if (!report_options_read(argc, argv, (long long)time(NULL), &o, &e))
		status = command_failed(&e);
	else if (o.help)
		report_options_help(stdout);
	else
		status = answer(&o, &e);
	report_options_clear(&o);
	return status;
}
