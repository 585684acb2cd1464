/* SPDX-License-Identifier: Apache-2.0 */
/* mail/dsn_job.h - what the files of mail/dsn share while one mail is read. */
#ifndef MAIL_DSN_JOB_H
#define MAIL_DSN_JOB_H

#include "mail/bounce_rules.h"
#include "mail/dsn.h"
#include "mail/mime.h"

enum {
	DSN_MESSAGE_MAX = 4 * 1024 * 1024, /* bytes of a mail that are looked at */
	DSN_TEXT_MAX = 512 * 1024,         /* bytes of its text for people */
	DSN_LINES_MAX = 12000,             /* lines of that */
	DSN_LINE_MAX = 4000,               /* bytes of one line that patterns see */
	DSN_HITS_MAX = 48,                 /* patterns that one line matches */
	DSN_REPLY_MAX = 1500,              /* bytes of one reply */
	DSN_SAID_MAX = 600,                /* of dsn.said */
	DSN_FIELD_MAX = 2000,              /* of a field of a report */
};

/* A pattern on a line, with what its placeholders took. */
struct dsn_hit {
	const struct bounce_pattern *pattern;
	struct str address, reply, host;
};

struct dsn_line {
	struct str text;  /* without blanks and decoration at both ends, single blanks */
	struct str low;   /* the same, ASCII letters small */
	bool blank, part; /* nothing on it; first line of a MIME part */
	bool ruled;       /* blank, but for a line drawn across the page */
	bool cited;       /* "> ...": somebody quotes another mail */
	bool gap;         /* blank lines before it */
	unsigned indent;  /* blanks before the text */
	bool quoted;      /* began with '<<<' or '>>>' */
	unsigned nhits;
	struct dsn_hit *hits;
};

struct dsn_lines {
	struct dsn_line *v;
	size_t n, room;
};

struct dsn_job {
	struct arena *a;
	struct dsn *out;
	struct mime mime;
	const struct header *header; /* of the mail */
	struct dsn_lines lines;      /* of its text for people, the original cut off */
	struct str rest;             /* text behind the words that introduce the original */
	struct dsn_line turn;        /* those words; nothing where a header begins without */
	unsigned points[BOUNCE_DIALECTS_MAX];
	unsigned body[BOUNCE_DIALECTS_MAX]; /* of them, by marks in the text */
	unsigned machine, subject;          /* general points of the header: who sent it, what it is called */
	unsigned signs;                     /* what else in the text tells of mail that was not delivered */
	bool answer;                        /* "Re: ...": what a person writes */
	unsigned dialect;                   /* index of the one recognised; bounce_ndialects: none */
	bool failed, delayed, delivered;    /* what the text says of all */
	size_t room;                        /* of out->v */
};

enum dsn_want { DSN_WANT_HEADER, DSN_WANT_BODY, DSN_WANT_STEP };

/* dsn_pattern.c: the patterns that line (folded: low) matches, at most DSN_HITS_MAX. */
unsigned dsn_match(struct str text, struct str low, enum dsn_want want, struct dsn_hit out[DSN_HITS_MAX]);
bool dsn_has_role(const struct dsn_line *line, enum bounce_role role); /* one of its hits has it */

/* dsn_shown.c: text as it is shown. */
const char *dsn_text(struct arena *a, struct str s, size_t max); /* printable, one line, cut */
const char *dsn_words(struct arena *a, struct str value); /* a header's value: unfolded, decoded, printable */

/* dsn_recipient.c: a recipient of that address, a new one or the one already there; NULL when full. */
struct dsn_recipient *dsn_recipient_for(struct dsn_job *j, struct str address);
struct dsn_recipient *dsn_recipient_add(struct dsn_job *j);

/* dsn_part.c */
/* Part i belongs to a message inside the mail. */
bool dsn_part_is_inside(const struct dsn_job *j, size_t i);
/* Part i is one that people read: text of that type, not a header, nor of the message inside. */
bool dsn_part_is_for_people(const struct dsn_job *j, size_t i, const char *type);
struct str dsn_part_text(struct dsn_job *j, const struct mime_part *p);
const char *dsn_said(struct dsn_job *j); /* the beginning of the text for people */

/* dsn_text.c: the text of the parts that belong to the report, as lines with their hits. */
void dsn_text_read(struct dsn_job *j);

/* dsn_status.c: RFC 3464 and 6533.  True when there was a report. */
bool dsn_status_read(struct dsn_job *j);
bool dsn_status_read_text(struct dsn_job *j); /* the same fields in the text for people */

/* dsn_spoken.c: recipients and replies out of words. */
bool dsn_spoken_read(struct dsn_job *j); /* true when the text names a recipient in words that are known */
/* A better reply out of the words where the report's own says little. */
void dsn_spoken_complete(struct dsn_job *j);

/* dsn_original.c */
void dsn_original_read(struct dsn_job *j);      /* out of the parts */
void dsn_original_read_rest(struct dsn_job *j); /* out of the text behind the report */
/* Lines from i on look like a header; fewer fields do where words introduced it. */
bool dsn_original_begins(const struct dsn_lines *l, size_t i, bool introduced);

/* dsn_kind.c */
void dsn_marks_count(struct dsn_job *j);
enum dsn_kind dsn_kind_of_parts(struct dsn_job *j);
unsigned dsn_best(const struct dsn_job *j, enum bounce_kind kind); /* bounce_ndialects: none is recognised */

/* What looked like a report without a dialect is one: its text names recipients, or the rest is sure. */
bool dsn_is_borne_out(const struct dsn_job *j, bool named);
/* dsn_signs.c: whether a mail is a report at all */
void dsn_signs_read(struct dsn_job *j);
/* Without the empty lines in front; Gmail's "Download original" begins with a line of blanks. */
struct str dsn_from_first_line(struct str message);
struct str dsn_without_prefixes(struct str subject); /* "AW: WG: Unzustellbar" -> "Unzustellbar" */
bool dsn_is_report(const struct dsn_job *j,
		   unsigned dialect); /* bounce_ndialects: by what all reports share */

/* dsn_reply.c */
struct str dsn_address(struct str s); /* without type, brackets, comments */
bool dsn_is_poor(const char *reply);  /* says no more than a status code */
bool dsn_has_status(struct str s);    /* "#5.1.1", "[5.1.1]" or the like stands in it */
size_t dsn_reply_at(struct str s);    /* where "550 ..." begins; s.len: nowhere */
void dsn_host_read(struct dsn_job *j, struct dsn_recipient *r, struct str s); /* "host NAME [IP] ..." */
void dsn_finish(struct dsn_job *j, struct dsn_recipient *r); /* status, step, host, action from the reply */

/* dsn_frame.c: says only that something was not delivered, not why. */
bool dsn_says_nothing(struct str s);

#endif
