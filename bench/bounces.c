/* SPDX-License-Identifier: Apache-2.0 */
/* bench/bounces - how often a bounce mail is read rightly, and how fast.
 *
 *   bounces FOLDER [--wrong] [--speed SECONDS] [--least RECIPIENT,STATUS,CLASS] [--rows]
 *   bounces --show FILE...
 *
 * FOLDER: mails, and labels.tsv (file, class, recipient, status, source,
 * recipients_reported).  recipient: the first failing one.  status: the same code;
 * where the label is the source program's own guess (x.0.9nn, x.0.0) or none, the
 * class digit has to be right and the details are free.  class: of the best meaning
 * of the recipient's reply; not-a-bounce: by the kind, or by the action.  --rows
 * prints a line a mail for bench/sisimai.py. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "file.h"
#include "labels.h"
#include "catalog/reply_match.h"
#include "mail/dsn.h"

enum { MAILS_MAX = 5000 };

struct mail {
	const char *file, *class, *recipient, *status, *reported;
	struct str text;
};

struct set {
	struct arena *arena;
	struct mail *v;
	size_t n;
};

struct verdict {
	bool recipient, status, class, counted;
	const char *got_recipient, *got_status, *got_class;
};

static void add_mail(struct set *s, const char *folder, char *const *cells)
{
	struct arena *a = s->arena;
	struct mail m = { arena_strdup(a, cells[0]), arena_strdup(a, cells[1]), arena_strdup(a, cells[2]),
			  arena_strdup(a, cells[3]), arena_strdup(a, cells[5]), { "", 0 } };
	if (s->n < MAILS_MAX && file_read(a, arena_printf(a, "%s/%s", folder, m.file), &m.text))
		s->v[s->n++] = m;
	else
		printf("cannot read %s\n", m.file);
}

static bool set_read(const char *folder, struct set *s)
{
	CLEANUP(mem_free) char *path = mem_printf("%s/labels.tsv", folder);
	CLEANUP(close_file) FILE *f = fopen(path, "re");
	CLEANUP(mem_free) char *line = NULL;
	size_t room = 0;
	if (!f)
		return false;
	s->arena = arena_new();
	s->v = arena_alloc(s->arena, MAILS_MAX * sizeof(*s->v));
	for (bool first = true; getline(&line, &room, f) > 0; first = false) {
		char *cells[COLUMNS_MAX];
		if (labels_split(line, cells) >= 6 && !first)
			add_mail(s, folder, cells);
	}
	return true;
}

static void set_clear(struct set *s)
{
	arena_free(&s->arena);
}

static const struct dsn_recipient *first_failing(const struct dsn *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->v[i].action != DSN_DELIVERED && d->v[i].action != DSN_RELAYED &&
		    d->v[i].action != DSN_EXPANDED)
			return &d->v[i];
	return d->n ? &d->v[0] : NULL;
}

static size_t meanings(const struct dsn_recipient *r, struct reply_meaning m[REPLY_MEANINGS_MAX])
{
	struct reply_context c = { .provider = "", .step = r->step, .enhanced = r->status, .text = r->reply };
	return reply_meanings(&c, m);
}

static const char *class_of(const struct dsn *d, const struct dsn_recipient *r)
{
	struct reply_meaning m[REPLY_MEANINGS_MAX];
	bool arrived =
		r && (r->action == DSN_DELIVERED || r->action == DSN_RELAYED || r->action == DSN_EXPANDED);
	if ((d->kind != DSN_REPORT && (d->kind != DSN_CHALLENGE || !d->n)) || arrived)
		return "not-a-bounce";
	if (!r || (!*r->reply && !*r->status) || !meanings(r, m))
		return "unknown";
	return m[0].entry->class;
}

/* A code that a program made up where the report had none. */
static bool is_made_up(const char *status)
{
	return !strncmp(status + 1, ".0.", 3);
}

static bool status_right(const char *label, const char *got)
{
	if (!strcmp(label, "-") || !strcmp(label, got))
		return true;
	return is_made_up(label) && (!*got || *got == *label);
}

static struct verdict judge(const struct mail *m, const struct dsn *d)
{
	const struct dsn_recipient *r = first_failing(d);
	struct verdict v = { .got_recipient = r ? r->address : "-",
			     .got_status = r ? r->status : "",
			     .got_class = class_of(d, r) };
	v.recipient = !strcmp(m->recipient, "-") ? !r : str_ieq(str_of(v.got_recipient), m->recipient);
	v.status = status_right(m->status, v.got_status);
	v.class = !strcmp(m->class, v.got_class);
	v.counted = strtoul(m->reported, NULL, 10) == d->n;
	return v;
}

static void show(const struct dsn *d)
{
	printf("  %s (%s) by %s | %s | %s | %s\n", dsn_kind_name(d->kind), d->dialect, d->reporter,
	       d->original.message_id, d->original.subject, d->original.from);
	for (size_t i = 0; i < d->n && i < 5; i++) {
		const struct dsn_recipient *r = &d->v[i];
		struct reply_meaning m[REPLY_MEANINGS_MAX];
		size_t n = meanings(r, m);
		printf("  <%s> [%s] %s %s step=%s at %s %s\n    %s\n", r->address, r->original,
		       dsn_action_name(r->action), r->status, r->step, r->remote, r->remote_ip, r->reply);
		for (size_t k = 0; k < n && k < 3; k++)
			printf("      %.2f %s (%s) %s\n", m[k].confidence, m[k].entry->class, m[k].entry->id,
			       m[k].pattern);
	}
}

static double percent(size_t n, size_t of)
{
	return of ? 100.0 * (double)n / (double)of : 0.0;
}

static void speed(const struct set *s, double seconds)
{
	struct timespec a, b;
	size_t done = 0;
	double took;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	do {
		for (size_t i = 0; i < s->n; i++, done++) {
			CLEANUP(arena_free) struct arena *arena = arena_new();
			struct dsn d;
			dsn_read(arena, s->v[i].text, &d);
			class_of(&d, first_failing(&d));
		}
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
		took = (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9;
	} while (took < seconds);
	printf("%.0f mails a second of processor time\n", (double)done / took);
}

static int show_files(int n, char **paths)
{
	for (int i = 0; i < n; i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct str text;
		struct dsn d;
		if (!file_read(a, paths[i], &text))
			return 1;
		dsn_read(a, text, &d);
		printf("%s\n", paths[i]);
		show(&d);
		printf("  said: %s\n", d.said);
	}
	return 0;
}

static void judge_all(const struct set *s, bool wrong, bool rows, size_t right[4])
{
	for (size_t i = 0; i < s->n; i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		const struct mail *m = &s->v[i];
		struct dsn d;
		dsn_read(a, m->text, &d);
		struct verdict v = judge(m, &d);
		right[0] += v.recipient;
		right[1] += v.status;
		right[2] += v.class;
		right[3] += v.counted;
		if (rows)
			printf("%s\t%s\t%s\t%s\n", m->file, v.got_recipient, v.got_status, v.got_class);
		if (!wrong || (v.recipient && v.status && v.class && v.counted))
			continue;
		printf("%s:%s%s%s%s %s %s %s (%s), not %s %s %s (%zu)\n", m->file,
		       v.recipient ? "" : " RECIPIENT", v.status ? "" : " STATUS", v.class ? "" : " CLASS",
		       v.counted ? "" : " COUNT", m->recipient, m->status, m->class, m->reported,
		       v.got_recipient, v.got_status, v.got_class, d.n);
		show(&d);
	}
}

struct options {
	bool wrong, rows;
	double seconds, least[3]; /* percent: recipient, status, class */
};

static void read_options(int argc, char **argv, struct options *o)
{
	for (int i = 2; i < argc; i++) {
		o->wrong = o->wrong || !strcmp(argv[i], "--wrong");
		o->rows = o->rows || !strcmp(argv[i], "--rows");
		if (!strcmp(argv[i], "--speed") && i + 1 < argc)
			o->seconds = strtod(argv[++i], NULL);
		else if (!strcmp(argv[i], "--least") && i + 1 < argc)
			sscanf(argv[++i], "%lf,%lf,%lf", &o->least[0], &o->least[1], &o->least[2]);
	}
}

int main(int argc, char **argv)
{
	CLEANUP(set_clear) struct set s = { 0 };
	struct options o = { 0 };
	size_t right[4] = { 0 };
	if (argc > 2 && !strcmp(argv[1], "--show"))
		return show_files(argc - 2, argv + 2);
	read_options(argc, argv, &o);
	if (argc < 2 || !set_read(argv[1], &s)) {
		printf("bounces: no data at %s; nothing measured\n", argc < 2 ? "?" : argv[1]);
		return 77; /* skipped */
	}
	judge_all(&s, o.wrong, o.rows, right);
	if (!o.rows)
		printf("%zu mails: recipient %.1f %%, status %.1f %%, class %.1f %%, recipients counted %.1f "
		       "%%\n",
		       s.n, percent(right[0], s.n), percent(right[1], s.n), percent(right[2], s.n),
		       percent(right[3], s.n));
	if (o.seconds > 0)
		speed(&s, o.seconds);
	bool good = s.n > 0;
	for (size_t i = 0; i < ARRAY_LEN(o.least); i++)
		good = good && percent(right[i], s.n) >= o.least[i];
	return good ? 0 : 1;
}
