/* SPDX-License-Identifier: Apache-2.0 */
/* bench/replies - how often the reply catalogue gives the right class, how sure it is, and how fast.
 *
 *   replies FILE.tsv [--wrong] [--table] [--speed SECONDS] [--words-only] [--least PERCENT] [--least-sure
 * PERCENT] [--least-findings PERCENT]
 *
 * FILE: as bench/labels.h has it.  The class of the best meaning is compared
 * with the label; also names further classes that a careful reader accepts,
 * which are counted in a line of their own.  --words-only keeps the status column from the matcher, as when
 * somebody pastes a line.  --least asks for so many right of all, --least-sure
 * of those the catalogue is sure of (0.9 and more), --least-findings of the findings where they are labelled.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "labels.h"
#include "catalog/reply_match.h"

enum { CLASSES_MAX = 64, WRONG_SHOWN = 3 };
/* Tenths of confidence, the last but one step by halves: below 0.5, 0.5, ... 0.9, 0.95. */
static const double bucket_from[] = { 0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95 };
enum { BUCKETS = sizeof(bucket_from) / sizeof(bucket_from[0]), BUCKET_SURE = 5 };

/* One class of the labels: how many, and what they were taken for. */
struct tally {
	const char *class;
	unsigned n, right, taken[CLASSES_MAX]; /* by index of struct score */
};

struct score {
	struct tally of[CLASSES_MAX];
	size_t nclasses;
	unsigned n[BUCKETS], right[BUCKETS], accepted[BUCKETS];
	unsigned nfindings, findings; /* labelled; right */
};

/* The best meaning, its class "" when nothing is known. */
static struct reply_meaning judge(const struct label *r, bool words_only, bool show)
{
	struct reply_meaning m[REPLY_MEANINGS_MAX];
	struct reply_context c = {
		.provider = "", .step = r->step, .text = r->reply, .enhanced = words_only ? "" : r->enhanced
	};
	size_t n = reply_meanings(&c, m);
	if (show && (!n || strcmp(m[0].entry->class, r->class) != 0)) {
		printf("%s\t%.150s\n", r->class, r->reply);
		for (size_t i = 0; i < n && i < 3; i++)
			printf("\t%.3f %s (%s) %s\n", m[i].confidence, m[i].entry->class, m[i].entry->id,
			       m[i].pattern);
	}
	return n ? m[0] : (struct reply_meaning){ 0 };
}

static struct tally *tally_of(struct score *s, const char *class)
{
	for (size_t i = 0; i < s->nclasses; i++)
		if (!strcmp(s->of[i].class, class))
			return &s->of[i];
	if (s->nclasses == CLASSES_MAX)
		return &s->of[CLASSES_MAX - 1];
	s->of[s->nclasses].class = class;
	return &s->of[s->nclasses++];
}

static bool is_listed(const char *class, const char *list)
{
	size_t len = strlen(class);
	for (const char *at = list; (at = strstr(at, class)); at += len)
		if ((at == list || at[-1] == ',') && (!at[len] || at[len] == ','))
			return true;
	return false;
}

static void score_add(struct score *s, const struct label *r, const struct reply_meaning *m)
{
	const char *got = m->entry ? m->entry->class : "unknown";
	bool right = !strcmp(got, r->class);
	struct tally *t = tally_of(s, r->class);
	t->n++;
	t->right += right;
	t->taken[tally_of(s, got) - s->of]++;
	size_t b = BUCKETS - 1;
	while (b && m->confidence < bucket_from[b])
		b--;
	s->n[b]++;
	s->right[b] += right;
	s->accepted[b] += right || is_listed(got, r->also);
	s->nfindings += *r->finding != '\0';
	s->findings += m->entry && !strcmp(m->entry->id, r->finding);
}

static double percent(unsigned part, unsigned of)
{
	return of ? 100.0 * part / of : 100.0;
}

/* What a class was most often taken for. */
static void show_wrong(const struct score *s, struct tally *t)
{
	for (size_t shown = 0; shown < WRONG_SHOWN; shown++) {
		size_t most = s->nclasses;
		for (size_t i = 0; i < s->nclasses; i++)
			if (&s->of[i] != t && t->taken[i] &&
			    (most == s->nclasses || t->taken[i] > t->taken[most]))
				most = i;
		if (most == s->nclasses)
			break;
		printf("%s%s %u", shown ? ", " : "", s->of[most].class, t->taken[most]);
		t->taken[most] = 0;
	}
}

static void show_classes(struct score *s)
{
	printf("%-26s %5s %6s   taken for\n", "class", "n", "right");
	for (size_t i = 0; i < s->nclasses; i++) {
		struct tally *t = &s->of[i];
		if (!t->n)
			continue;
		printf("%-26s %5u %6u   ", t->class, t->n, t->right);
		show_wrong(s, t);
		printf("\n");
	}
}

static void show_buckets(const struct score *s)
{
	for (size_t b = BUCKETS; b-- > 0;)
		if (s->n[b])
			printf("confidence from %.2f: %5u of %5u right (%.1f %%)\n", bucket_from[b],
			       s->right[b], s->n[b], percent(s->right[b], s->n[b]));
}

/* A count over the buckets from `from` on. */
static unsigned sum(const unsigned counts[BUCKETS], size_t from)
{
	unsigned n = 0;
	for (size_t b = from; b < BUCKETS; b++)
		n += counts[b];
	return n;
}

static void show_sum(const struct score *s, const unsigned counts[BUCKETS], const char *what)
{
	unsigned n = sum(s->n, 0), sure = sum(s->n, BUCKET_SURE);
	printf("%u of %u sure ones %s (%.1f %%)\n", sum(counts, BUCKET_SURE), sure, what,
	       percent(sum(counts, BUCKET_SURE), sure));
	printf("%u of %u classes %s (%.1f %%)\n", sum(counts, 0), n, what, percent(sum(counts, 0), n));
}

static void speed(const struct labels *t, double seconds)
{
	struct timespec a, b;
	size_t done = 0;
	double took;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	do {
		for (size_t i = 0; i < t->n; i++, done++)
			judge(&t->rows[i], false, false);
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
		took = (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9;
	} while (took < seconds);
	printf("%.0f replies a second of processor time\n", (double)done / took);
}

struct wish {
	bool wrong, words_only, table;
	double seconds, least, least_sure, least_findings;
};

static struct wish wish_read(int argc, char **argv)
{
	struct wish w = { 0 };
	for (int i = 2; i < argc; i++) {
		w.wrong = w.wrong || !strcmp(argv[i], "--wrong");
		w.table = w.table || !strcmp(argv[i], "--table");
		w.words_only = w.words_only || !strcmp(argv[i], "--words-only");
		if (!strcmp(argv[i], "--speed") && i + 1 < argc)
			w.seconds = strtod(argv[++i], NULL);
		else if (!strcmp(argv[i], "--least") && i + 1 < argc)
			w.least = strtod(argv[++i], NULL);
		else if (!strcmp(argv[i], "--least-sure") && i + 1 < argc)
			w.least_sure = strtod(argv[++i], NULL);
		else if (!strcmp(argv[i], "--least-findings") && i + 1 < argc)
			w.least_findings = strtod(argv[++i], NULL);
	}
	return w;
}

int main(int argc, char **argv)
{
	CLEANUP(labels_clear) struct labels t = { 0 };
	static struct score s;
	struct wish w = wish_read(argc, argv);
	if (argc < 2 || labels_read(argv[1], &t) != 0) {
		printf("replies: no data at %s; nothing measured\n", argc < 2 ? "?" : argv[1]);
		return 77; /* skipped */
	}
	for (size_t i = 0; i < t.n; i++) {
		struct reply_meaning m = judge(&t.rows[i], w.words_only, w.wrong);
		score_add(&s, &t.rows[i], &m);
	}
	if (w.table)
		show_classes(&s);
	show_buckets(&s);
	if (sum(s.accepted, 0) > sum(s.right, 0))
		show_sum(&s, s.accepted, "acceptable");
	show_sum(&s, s.right, "right");
	if (s.nfindings)
		printf("%u of %u findings right (%.1f %%)\n", s.findings, s.nfindings,
		       percent(s.findings, s.nfindings));
	if (w.seconds > 0)
		speed(&t, w.seconds);
	return sum(s.n, 0) && percent(sum(s.right, 0), sum(s.n, 0)) >= w.least &&
			       percent(sum(s.right, BUCKET_SURE), sum(s.n, BUCKET_SURE)) >= w.least_sure &&
			       percent(s.findings, s.nfindings) >= w.least_findings
		       ? 0
		       : 1;
}
