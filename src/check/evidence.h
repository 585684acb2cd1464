/* SPDX-License-Identifier: Apache-2.0 */
/* check/evidence.h - the facts of one check, in order, and the transcript.
 *
 * Probes append; rules only read.  Saved as JSON and loaded again it is the
 * same evidence, so that the same findings follow, byte for byte. */
#ifndef CHECK_EVIDENCE_H
#define CHECK_EVIDENCE_H

#include <stdio.h>

#include "base/err.h"
#include "check/fact.h"

enum {
	EVIDENCE_FACTS_MAX = 4000,            /* further ones are counted, not kept */
	EVIDENCE_TRANSCRIPT_MAX = 20000,      /* lines */
	EVIDENCE_SECRETS_MAX = 64,            /* forms of secrets */
	EVIDENCE_TEXT_MAX = 4096,             /* bytes of one text field; longer ones are cut, with "..." */
	EVIDENCE_FILE_MAX = 32 * 1024 * 1024, /* bytes of a saved file that is read */
	EVIDENCE_VALUES_MAX = 1000000,        /* JSON values of such a file */
	EVIDENCE_LIST_MAX = 1000,             /* texts of one list field that is read */
	EVIDENCE_NUMBER_MAX = 1000000         /* highest fact or session number that is read */
};

struct transcript_line {
	long t_ms;
	unsigned session;
	char dir; /* '<' the peer, '>' us, '*' what happened (TLS, close) */
	const char *text;
};

struct evidence_form {
	struct str text;
	bool base64; /* hides the whole run of base64 around it */
};

struct evidence {
	struct arena *arena; /* owns every text */
	long long started_s; /* unix time, when the check began */
	long elapsed_ms;     /* when it ended */
	struct fact **facts;
	size_t n, room, dropped;
	struct fact *scratch; /* given out past the limit, wiped for each */
	struct transcript_line *lines;
	size_t nlines, lines_room;
	struct evidence_form hidden[EVIDENCE_SECRETS_MAX]; /* taken out of every text */
	size_t nhidden;
	struct strlist open; /* texts that are no secret, whatever a secret is */
};

struct evidence *evidence_new(long long started_s) MUST_USE;
void evidence_free(struct evidence **ev);

/* Appends a zeroed fact of the kind (texts "", lists empty) and returns it for
 * filling.  Text fields must point into ev->arena (or at static strings) and
 * be printable: ev_text().  Never NULL; past EVIDENCE_FACTS_MAX a scratch fact. */
struct fact *evidence_add(struct evidence *ev, enum fact_kind kind, unsigned session, long t_ms);

/* Copies, makes printable and cuts; "" for NULL. */
const char *ev_text(struct evidence *ev, const char *s) MUST_USE;
const char *ev_bytes(struct evidence *ev, struct str s) MUST_USE;
/* For text that may be printable already (a transcript, a loaded file): only
 * what is not is escaped, backslashes stay. */
const char *ev_keep(struct evidence *ev, struct str s) MUST_USE;

/* What was typed and is shown everywhere: server, user, addresses.  A secret that
 * stands in it ("mail", for mail.example.com) is not taken out of any text, or the
 * name that is contacted would be another one.  Call it before evidence_hide(). */
void evidence_show(struct evidence *ev, const char *text);

/* From now on every text that holds the secret, plain (in any case), percent-encoded
 * or in base64, has it replaced by [hidden].  NULL and very short ones (under 4
 * bytes) are passed over; so are, in plain, the words that refusals are made of. */
void evidence_hide(struct evidence *ev, const char *secret);

/* text: printable, secrets hidden; copied.  Past the limit the last line says so. */
void evidence_transcript(struct evidence *ev, unsigned session, long t_ms, char dir, const char *text);

/* Walks: for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_DNS, f)); ) */
const struct fact *evidence_next(const struct evidence *ev, enum fact_kind kind, const struct fact *after);
/* The same within one session. */
const struct fact *evidence_in(const struct evidence *ev, enum fact_kind kind, unsigned session,
			       const struct fact *after);
const struct fact *evidence_last(const struct evidence *ev, enum fact_kind kind, unsigned session);
/* The last session opened with that purpose, or NULL. */
const struct fact *evidence_session(const struct evidence *ev, const char *purpose);

/* File form: {"schema":1,"started":...,"elapsed_ms":...,"facts":[...],"transcript":[...]}.
 * A check's --json document holds the same and loads too.  Unknown fields and
 * unknown kinds of facts (of a newer release) are passed over, missing fields
 * are empty; a wrong type is an error that names the place.  evidence_load sets
 * *out (caller owns) only on success. */
bool evidence_save(const struct evidence *ev, FILE *f, struct err *e) MUST_USE;
bool evidence_load(FILE *f, const char *path, struct evidence **out, struct err *e) MUST_USE;

#endif
