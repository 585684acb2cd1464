/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/evidence_build.h - evidence made by hand, and what a verdict says of it.
 *
 * Texts are borrowed and must be static or live as long as the evidence. */
#ifndef TESTS_UNIT_EVIDENCE_BUILD_H
#define TESTS_UNIT_EVIDENCE_BUILD_H

#include "check/evidence.h"
#include "check/verdict.h"

/* With a target fact of that form: "domain" and "address" set the domain, "host" the host. */
struct evidence *built_for(const char *form, const char *what);
struct fact_target *built_target(struct evidence *ev);

/* answers: separated by '|', NULL for none. */
struct fact *built_dns(struct evidence *ev, const char *purpose, const char *name, const char *type,
		       const char *status, const char *answers);
/* A session with its connect fact; result as fact_kinds.def has it. */
unsigned built_session(struct evidence *ev, const char *purpose, const char *host, const char *address,
		       long port, const char *result);
struct fact *built_reply(struct evidence *ev, unsigned session, const char *step, long code,
			 const char *text);
struct fact *built_ehlo(struct evidence *ev, unsigned session, bool starttls);
struct fact *built_tls(struct evidence *ev, unsigned session, bool trusted);
void built_list(struct evidence *ev, struct strlist *list, const char *items);

/* What a person answered, how a secret looks; NULL: neither was asked for. */
void built_answer(struct evidence *ev, const char *question, const char *answer);
void built_secret(struct evidence *ev, const char *what, const char *notes);
/* A dialogue up to the login's turn; offered NULL: what most servers offer. */
unsigned built_login(struct evidence *ev, bool in_clear, const char *offered);
struct fact *built_auth(struct evidence *ev, unsigned session, const char *mech, const char *result);

/* A dialogue up to MAIL's turn, in session BUILT_MAIN; what an experiment in it came to. */
enum { BUILT_MAIN = 1 };
struct evidence *built_mailing(void);
void built_tried(struct evidence *ev, const char *experiment, const char *outcome);

/* The MX of example.net; a host's address, NULL for none; a whole dialogue with it up to TLS; two that are
 * well. */
void built_mx(struct evidence *ev, const char *status, const char *records);
void built_mx_host(struct evidence *ev, const char *name, const char *address);
unsigned built_mx_dialogue(struct evidence *ev, const char *purpose, const char *name, const char *address);
void built_two_mx(struct evidence *ev);

/* Fails the test `name` where built_findings() are others. */
void built_expect(const struct evidence *ev, const char *name, const char *want);
/* "id:severity id:severity ..." of all findings in order, severity as f, w or n. */
const char *built_findings(const struct evidence *ev, struct arena *a);
/* The title and fixes of a finding, filled; "" when it was not found. */
const char *built_texts(const struct evidence *ev, const char *id, struct arena *a);

#endif
