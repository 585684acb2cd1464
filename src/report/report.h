/* SPDX-License-Identifier: Apache-2.0 */
/* report/report.h - one case packed for the IT provider or the support desk: what was found, what
 * it rests on, what was tried, what is still open, and what to ask.
 *
 * Made of a check's or a search's evidence, of a mail's trail, or of what failed in a period; pure
 * but for the store and the log that are named.  Every text in it has passed report/redact: secrets
 * are out, subjects and people are in or out as the options say.  Rendered as HTML or Markdown,
 * one file each; report_disclosed tells what it gives away.  The command and the HTTP API use this
 * alike. */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include <stdio.h>

#include "base/format.h"
#include "catalog/cause.h"
#include "check/evidence.h"
#include "store/store.h"

enum {
	REPORT_POINTS_MAX = 32,        /* lines of the checklist */
	REPORT_CAUSES_MAX = 20,        /* of a period; further ones are counted */
	REPORT_ROWS_MAX = 200000,      /* recipients of a period that are looked at */
	REPORT_EXAMPLES_MAX = 3,       /* of one cause of a period */
	REPORT_TRANSCRIPT_MAX = 400000 /* bytes; what is longer is cut, and said */
};

struct report_options {
	bool mask;    /* people's names (before the @) and internal addresses are replaced */
	bool subject; /* subjects stay in */
	long long now_s;
};

enum report_mark { REPORT_GOOD, REPORT_BAD, REPORT_OPEN, REPORT_NONE, REPORT_MARKS };

struct report_line {
	const char *name, *text;
};

struct report_lines {
	struct report_line *v;
	size_t n, room;
};

struct report_point { /* of the help desk's checklist */
	const char *question;
	enum report_mark mark; /* proved and in order, proved and at fault, open, not applicable */
	const char *says;      /* the proof, or what would close it */
};

struct report_cause { /* of a period */
	const char *state, *title, *id, *actor, *fix;
	size_t n;
	int64_t first_ms, last_ms;
	struct strlist examples;
};

struct report {
	struct arena *arena;
	const char *about, *word, *class; /* class: ok warning failing unknown */
	const char *summary;
	const char *made;    /* "2026-11-21T08:49:38Z" */
	struct cause *cause; /* NULL: none is known, or it is a period */
	struct report_lines facts, proof, dns;
	struct strlist tried;
	struct report_point points[REPORT_POINTS_MAX];
	size_t npoints;
	struct report_cause *causes; /* of a period, most frequent first */
	size_t ncauses;
	const char *transcript; /* "" none */
	const char *ask_whom;   /* "" nobody */
	struct strlist question, letter;
};

/* The caller owns them; ev and t are borrowed for the call. */
struct report *report_evidence(const struct evidence *ev, const struct report_options *o) MUST_USE;
/* folder: the relay's data folder, whose log has the dialogue; NULL: without it. */
struct report *report_mail(const struct store_trail *t, uint32_t rcpt, const char *folder,
			   const struct report_options *o) MUST_USE;
/* What failed, waits or is in doubt of what was taken in since_ms <= t < until_ms.  NULL with *e. */
struct report *report_period(struct store *s, int64_t since_ms, int64_t until_ms,
			     const struct report_options *o, struct err *e) MUST_USE;
void report_free(struct report **r);

/* HTML or Markdown.  False with *e when out could not be written. */
bool report_render(const struct report *r, enum render_format format, FILE *out, struct err *e) MUST_USE;

/* What the file gives away, found in its own text. */
struct report_disclosure {
	struct strlist addresses, hosts, ips;
	bool subject, transcript;
};
void report_disclosed(const struct report *r, struct arena *a, struct report_disclosure *out);

/* Calls fn for every text of r. */
void report_each_text(const struct report *r, void (*fn)(void *ctx, const char *text), void *ctx);

#endif
